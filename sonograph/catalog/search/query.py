"""What a search for a recording asks for: artist and title as somebody wrote them, read in every way that counts."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from sonograph.catalog.folding import repaired
from sonograph.catalog.names import artist_parts, query_keys, transliterated
from sonograph.catalog.title_words import MIXES, NAMED, STATES
from sonograph.catalog.titles import TitleForms, title_forms, title_parts
from sonograph.catalog.typos import MIN_LETTERS, title_signature, typo_hashes

# Between artist and title in one field, as stations and file names have it.
_DASH = re.compile(r"\s+[-\u2013\u2014\u2015~|]+\s+|\s*\t\s*")
MAX_NAMES = 6  # of one reading that are looked up among artists
LOST_VERSION = 30  # the score of a song that is not in the version asked for
# What kind of version it is tells less than whose: "X mix" is asked for where "X remix" is meant.
KINDS = (NAMED | MIXES) - STATES
MAX_COMPARED = 200  # characters of a key that are compared letter by letter; the function takes 255


class MatchTier(IntEnum):
    """What a search had to see through, the best match first."""

    EXACT = 0  # artist and title, with the version that was asked for
    RECORDING = 1  # the same at another length: without "radio edit", "extended mix"
    SONG = 2  # the song, though not in the version that was asked for: the most alike first
    SPLIT = 3  # artist and title stood in one field
    SIMILAR = 4  # typing errors in either
    SWAPPED = 6  # artist and title in each other's place
    WORDS = 10  # all words of both, anywhere
    SWAPPED_SIMILAR = 12  # in each other's place, with typing errors


class Reading(IntEnum):
    """How the two fields are read."""

    AS_GIVEN = 0
    SPLIT = 1
    SWAPPED = 2


@dataclass(slots=True)
class Asked:
    """Parameters of the cascade, as columns. Each row belongs to a line: a search has one, a bulk resolve up to 100."""

    # line, tier, match key, title key, whether a version is lost
    keys: list[tuple[int, int, int, str, bool]] = field(default_factory=list)
    swapped: list[tuple[int, int, str]] = field(default_factory=list)  # line, match key, title key
    names: list[tuple[int, int, str, str]] = field(default_factory=list)  # line, reading, artist key, its typo hashes
    titles: list[tuple[int, int, str, int, int]] = field(default_factory=list)  # line, reading, key, signature, score
    # line, reading, base, its signature, that of what was asked for, words of the version
    songs: list[tuple[int, int, str, int, int, str]] = field(default_factory=list)

    def add(self, line: int, artist: str, title: str) -> None:
        """What one line asks for."""
        artist, title = repaired(artist), repaired(title)
        levels = query_keys(artist, title)
        forms = title_forms(title)
        named = dict.fromkeys((forms.exact, forms.recording, forms.base))
        # A level that adds no key of its own is left out by query_keys: tiers are those of the forms that differ.
        tiers = [MatchTier.EXACT, *([MatchTier.RECORDING] if forms.recording != forms.exact else []), MatchTier.SONG]
        self.keys += [
            (line, tier := tiers[min(level, len(named) - 1)], key, *_compared(forms, lost=tier is MatchTier.SONG))
            for level, keys in enumerate(levels)
            for key in keys
        ]
        self._reading(line, Reading.AS_GIVEN, artist, title)
        for split_artist, split_title in _splits(artist, title):
            forms = title_forms(split_title)
            levels = query_keys(split_artist, split_title)
            self.keys += [
                (line, MatchTier.SPLIT, key, *_compared(forms, lost=0 < level == len(levels) - 1 and _lost(forms)))
                for level, keys in enumerate(levels)
                for key in keys
            ]
            self._reading(line, Reading.SPLIT, split_artist, split_title)
        wanted = title_forms(artist).exact[:MAX_COMPARED]
        self.swapped += [(line, key, wanted) for keys in query_keys(title, artist)[:2] for key in keys]
        self._reading(line, Reading.SWAPPED, title, artist)

    def _reading(self, line: int, reading: Reading, artist: str, title: str) -> None:
        forms = title_forms(title)
        parts = artist_parts(artist)[:MAX_NAMES]
        parts = list(dict.fromkeys(name for part in parts for name in spellings(part)))
        self.names += [(line, reading, part, _hashes(part)) for part in parts]
        # The version that was asked for comes before the song alone, and before what a display has left of a version.
        scored = {forms.exact: (forms.recording, 0), forms.recording: (forms.recording, 0)}
        scored.setdefault(forms.base, (forms.base, LOST_VERSION))
        if (closed := _closed(title)) != title:
            scored.setdefault(form := title_forms(closed).recording, (form, LOST_VERSION))
        self.titles += [
            (line, reading, form[:MAX_COMPARED], title_signature(signed), score)
            for form, (signed, score) in scored.items()
            if form
        ]
        if reading is not Reading.SWAPPED and forms.base:
            version = title_parts(title).version[:MAX_COMPARED]
            base = forms.base[:MAX_COMPARED]
            self.songs.append((line, reading, base, title_signature(base), title_signature(forms.recording), version))

    @property
    def values(self) -> tuple[Any, ...]:
        """Parameters $1 to $23 of the statement."""
        return (
            *_columns(self.keys, 5),
            *_columns(self.swapped, 3),
            *_columns(self.names, 4),
            *_columns(self.titles, 5),
            *_columns(self.songs, 6),
        )


def _lost(forms: TitleForms) -> bool:
    """Whether the song alone is another recording than the one asked for."""
    return forms.base != forms.recording


def _compared(forms: TitleForms, *, lost: bool) -> tuple[str, bool]:
    """What a track of a match key is compared with: a song that lost its version, with the song alone."""
    return (forms.base if lost else forms.exact)[:MAX_COMPARED], lost


def _hashes(key: str) -> str:
    """The typo hashes of a key as the text of an array: see `cascade`."""
    return f"{{{','.join(map(str, typo_hashes(key)))}}}" if len(key) >= MIN_LETTERS else "{}"


def _splits(artist: str, title: str) -> Iterator[tuple[str, str]]:
    """Artist and title out of one field, where a dash stands between them."""
    for text in dict.fromkeys((title, artist)):
        left, *right = _DASH.split(text.strip(), maxsplit=1)
        if right and left and right[0]:
            yield left, right[0]


def _closed(title: str) -> str:
    """The title without a bracket that is left open at its end, as where a display cut it off."""
    for opening, closing in ("()", "[]", "{}"):
        place = title.rfind(opening)
        if place > 0 and closing not in title[place:] and title[:place].strip():
            title = title[:place]
    return title


def spellings(key: str) -> list[str]:
    """A key as it is, in Latin letters, and without a wrong article in front."""
    return list(dict.fromkeys(name for name in (key, transliterated(key), _without_article(key)) if name))


def _without_article(key: str) -> str | None:
    """What is left of "te beatles", "thebeatles" and "beatles the": the article has no part in keys."""
    if key.endswith(" the"):
        return key[:-4]
    first, _, rest = key.partition(" ")
    if rest and first in _ARTICLES:
        return rest
    return key[3:].lstrip() if key.startswith("the") and len(key) >= MIN_LETTERS + 3 else None


def _slips(word: str) -> Iterator[str]:
    """All that a word of Latin letters becomes by one typing error."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    for place in range(len(word) + 1):
        before, after = word[:place], word[place:]
        yield from (before + letter + after for letter in letters)
        if after:
            yield before + after[1:]
            yield from (before + letter + after[1:] for letter in letters)
        if len(after) > 1:
            yield before + after[1] + after[0] + after[2:]


_ARTICLES = frozenset(_slips("the")) | {"the"}


def _columns(rows: Sequence[tuple[Any, ...]], width: int) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)] or [[] for _ in range(width)]
