"""Titles taken apart: the song, the version, the guests, and the noise that shops and broadcasters add.

What stands in brackets or after a dash ("aside") is read word by word against the vocabulary of `title_words`.
A wrong guess is cheap: the words of a version are part of the key, in any order, so "Song (Rub a Dub)", read as a
version of its own, is found by a plain "Song Rub a Dub".
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from sonograph.catalog.credits import featured_names, lowered, split_featured
from sonograph.catalog.folding import cut, fold, name_key
from sonograph.catalog.title_words import (
    AFTER_STATE,
    CANONICAL,
    DROPPED,
    MIXES,
    NAMED,
    NOISE,
    NOISE_ANYWHERE,
    NOISE_FILLER,
    PHRASES,
    REMASTERS,
    SOUNDTRACKS,
    STATES,
    SYNONYMS,
    TAILS,
    WEAK,
)

MAX_TITLE_KEY = 200

# A title without any of these is a base alone (and perhaps a tail): most titles, and three times as fast.
_DASHES = "-\u2013\u2014\u2015"
_MARKS = ("(", "[", "{", "【", *(f" {dash} " for dash in _DASHES), " feat", " ft")
_PIECES = re.compile(rf"([(\[{{【]|[)\]}}】]| [{_DASHES}](?: |$))")
_OPENING = frozenset("([{【")
_CLOSING = frozenset(")]}】")
# "(with Ty Dolla $ign)" is a guest, "(With You)" and "(With a Kiss)" are words of the title.
_WITH = re.compile(r"with (?!(?:you|me|u|us|my|your|him|her|them|myself|yourself|a|love|no|out)\b)|w/ ?")
_QUOTES = frozenset("\"'\u201c\u201d\u201e\u00ab\u00bb\u2018\u2019")
_STATE_WORDS = STATES | AFTER_STATE
_MIN_AUTHORED = 3  # words of "remix by X"


@dataclass(frozen=True, slots=True)
class Title:
    """A title's parts, all folded: `version` is "" for the original, `featured` are the guests it names."""

    base: str
    version: str
    featured: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TitleForms:
    """Keys of a title from exact to loose, "" for all when there is none; and the guests.

    "Song (X Remix) [Radio Edit]": exact "song x remix radio edit", recording "song x remix" (what is left when weak
    versions are: the same recording at another length), base "song".
    """

    exact: str
    recording: str
    base: str
    featured: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Reading:
    base: str
    versions: tuple[str, ...]
    featured: tuple[str, ...]


def title_parts(title: str) -> Title:
    reading = _read(title)
    return Title(reading.base, cut(" ".join(reading.versions), MAX_TITLE_KEY), reading.featured)


def title_key(title: str) -> str:
    """The base and the version of a title, at most `MAX_TITLE_KEY` characters."""
    reading = _read(title)
    return _key(reading.base, reading.versions)


def title_forms(title: str) -> TitleForms:
    reading = _read(title)
    exact = _key(reading.base, reading.versions)
    strong = [version for version in reading.versions if not is_weak(version)]
    return TitleForms(exact, _key(reading.base, strong), reading.base, reading.featured)


def is_weak(version: str) -> bool:
    """Whether a version is the original at another length: radio edit, extended mix, club mix."""
    return WEAK.issuperset(version.split())


def is_noise(word: str) -> bool:
    """Whether a word is noise wherever it stands in a title ("remastered"), not only in brackets ("video")."""
    return word in NOISE_ANYWHERE


def _key(base: str, versions: Sequence[str]) -> str:
    return cut(" ".join((base, *versions)), MAX_TITLE_KEY) if versions else base


def _read(title: str) -> _Reading:
    return _read_lowered(lowered(title))


@lru_cache(1024)  # one row or query asks for the key, the forms and the words of its title, one after the other
def _read_lowered(text: str) -> _Reading:
    if not any(mark in text for mark in _MARKS):
        return _with_tail(name_key(text, MAX_TITLE_KEY), [], ())
    base: list[str] = []
    versions: list[str] = []
    featured: list[str] = []
    for piece, aside in _pieces(text):
        song, *guests = split_featured(f" {piece}" if aside else piece)
        if not aside and not fold(song):  # "feat. X" in front of nothing is a title
            song, guests = piece, []
        for guest in guests:
            featured += featured_names(guest)
        if not aside:
            base.append(song)
        elif with_guest := _WITH.match(song.lstrip()):
            featured += featured_names(song.lstrip()[with_guest.end() :])
        elif (version := _aside(song)) is None:
            base.append(song)
        elif version:
            versions.append(version)
    if not (key := fold(" ".join(base))):
        return _Reading(name_key(text, MAX_TITLE_KEY), (), ())
    return _with_tail(cut(key, MAX_TITLE_KEY), versions, tuple(dict.fromkeys(featured)))


def _pieces(text: str) -> Iterator[tuple[str, bool]]:
    """(text, whether it stands aside: in brackets, closed or not, or after a dash) in order."""
    depth, dashed, written = 0, False, ""
    for piece in _PIECES.split(text):
        if piece in _OPENING or piece in _CLOSING:
            if written.strip():
                yield written, depth > 0 or dashed
            written = ""
            depth = max(depth + (1 if piece in _OPENING else -1), 0)
        elif not depth and _PIECES.fullmatch(piece):
            if written.strip():
                yield written, dashed
                dashed = True
            written = ""
        else:
            written += piece
    if written.strip():
        yield written, depth > 0 or dashed


def _aside(text: str) -> str | None:
    """The version that an aside names in canonical form, "" for noise, None for words of the title."""
    words = fold(text).split()
    if not words or _is_noise(words):
        return ""
    if words[0] == "prod" or words[:2] == ["produced", "by"]:
        return ""
    if words[0] == "from" and (not _QUOTES.isdisjoint(text) or not SOUNDTRACKS.isdisjoint(words)):
        return ""
    return _version(words)


def _is_year(word: str) -> bool:
    return len(word) == len("1999") and word.isdecimal() and word[:2] in ("19", "20")


def _is_ordinal(word: str) -> bool:
    return word[:-2].isdecimal() and word[-2:] in ("st", "nd", "rd", "th")


def _is_noise(words: list[str]) -> bool:
    return all(w in NOISE or w in NOISE_FILLER or _is_year(w) or _is_ordinal(w) for w in words) and (
        not NOISE.isdisjoint(words) or all(map(_is_year, words))
    )


def _version(words: list[str]) -> str | None:
    said = _said(words)
    if not said:
        return ""
    text, states = " ".join(said), " ".join(dict.fromkeys(word for word in said if word in STATES))
    if said[-1] in NAMED or (said[0] in ("take", "alternate") and said[-1].isdecimal()):
        return text
    if states and (_STATE_WORDS.issuperset(said) or (said[0] in STATES and said[1] in _STATE_WORDS)):
        return states
    if said[-1] in MIXES:
        return CANONICAL.get(text) or states or text
    return CANONICAL.get(text)


def _said(words: list[str]) -> list[str]:
    """The words without noise and years at either end, in canonical spelling, "remix by X" as "X remix"."""
    text = f" {' '.join(words)} "
    for phrase, canonical in PHRASES:
        text = text.replace(f" {phrase} ", f" {canonical} ")
    said = [SYNONYMS.get(word, word) for word in text.split() if word not in DROPPED]
    while len(said) > 1 and _is_year(said[-1]):
        said.pop()
    while len(said) > 1 and _is_year(said[0]):
        del said[0]
    if len(said) >= _MIN_AUTHORED and said[1] == "by" and said[0] in NAMED | MIXES:
        said = [*said[2:], said[0]]
    return said


def _with_tail(base: str, versions: list[str], featured: tuple[str, ...]) -> _Reading:
    """The reading with a version or noise taken from the end of the base, if one stands there without brackets."""
    song, *tail = base.rsplit(" ", 2)
    if len(tail) == 2:  # noqa: PLR2004 - a title of one word or two stays as it is
        first, second = tail
        version = TAILS.get((first, second))
        if version is not None:
            base = song
            versions = [version, *versions] if version else versions
        elif (first in REMASTERS and _is_year(second)) or (second in REMASTERS and _is_year(first)):
            base = song
    return _Reading(base, tuple(dict.fromkeys(versions)), featured)
