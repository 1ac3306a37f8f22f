"""What is compared of two recordings, and what speaks against their being the same."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher

from sonograph.catalog.names import artist_parts, fold, match_keys, transliterated
from sonograph.catalog.titles import title_forms
from sonograph.catalog.vocabulary import EditionKind, OriginId
from sonograph.catalog.writer.merged import Member
from sonograph.catalog.writer.merged_track_bodies import TrackBody
from sonograph.catalog.writer.merged_track_names import Names

# Editions of one recording are timed by hand, by machine, with and without the gap: 3 s is what they differ by.
NAME_TOLERANCE_S = 3
# Where a code or an id says that two are the same, a fade or an applause more is no contradiction.
STRONG_TOLERANCE_S = 10
# Sources that say themselves which recordings are the same: two of theirs are never one.
TELLING_APART = frozenset((OriginId.MUSICBRAINZ, OriginId.JSONL, OriginId.SANDBOX))
# Titles that an artist gives to many recordings, some of one length.
GENERIC = frozenset(
    (
        "", "intro", "outro", "interlude", "skit", "untitled", "unknown", "no title", "hidden track", "bonus track",
        "introduction", "prelude", "overture", "reprise", "silence", "id", "medley", "instrumental", "untitled track",
    )
)  # fmt: skip
_LIVE = re.compile(r"^live\b|\blive (at|from|in|on)\b|\blive$|\bunplugged\b|\bin concert\b")
_LIKE = 0.85  # of 1.0: how alike names are that differ by a slip or a spelling
_NUMBERED = 2  # words of "track 1"

PlaceKey = tuple[int, int | None, int | None]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A recording as one source gives it."""

    row: int
    source: int
    ids: tuple[str, ...]  # all of its ids at the source, the least first
    order: tuple[int, int, str]
    shown: str  # artist and title, for people
    base: str
    recording: str  # title key without versions that are but another length
    duration: int | None
    artists: frozenset[str]
    keys: frozenset[int]
    isrcs: tuple[str, ...]
    links: tuple[tuple[int, str], ...]
    releases: frozenset[int]
    editions: tuple[PlaceKey, ...]
    live: bool = False  # by its version, or by all editions that list it

    @property
    def version(self) -> str:
        """Words of the version: "" for the original, whatever its length."""
        return self.recording[len(self.base) :].strip()

    @property
    def generic(self) -> bool:
        words = self.base.split()
        return self.base in GENERIC or (
            len(words) == _NUMBERED and words[0] in ("track", "part", "interlude", "skit") and words[1].isdecimal()
        )


def live_edition(kind: int | None, title: str) -> bool:
    """Whether an edition holds live recordings, whose titles seldom say so themselves."""
    return kind == EditionKind.LIVE or bool(_LIVE.search(fold(title)))


def candidate(
    member: Member[TrackBody], ids: tuple[str, ...], names: Names, live_editions: Collection[int] = ()
) -> Candidate:
    body = member.body
    title = str(body.track["title"])
    forms = title_forms(title)
    searched = names.searched(member)
    artists = {key for name in searched for key in artist_parts(name)} | set(forms.featured)
    artists |= {latin for key in artists if (latin := transliterated(key))}
    return Candidate(
        member.row,
        member.source,
        ids,
        member.order,
        f"{searched[0] if searched else ''} - {title}",
        forms.base,
        forms.recording,
        body.track["duration"],
        frozenset(artists),
        frozenset(match_keys(searched, title)),
        tuple(code for _, code in body.isrcs),
        tuple(body.links),
        frozenset(place[0] for place in body.releases),
        tuple(body.editions),
        "live" in forms.recording[len(forms.base) :].split()
        or (bool(body.editions) and all(place[0] in live_editions for place in body.editions)),
    )


def contradiction(a: Candidate, b: Candidate, tolerance: int) -> str | None:
    """Why two recordings cannot be the same whatever codes they share; None when nothing speaks against it."""
    if a.version != b.version:
        return f"versions differ: {a.version or 'the original'} and {b.version or 'the original'}"
    apart = seconds_apart(a, b)
    if apart is not None and apart > tolerance:
        return f"durations differ: {a.duration} s and {b.duration} s"
    if a.keys & b.keys:
        return None
    if not _alike_any(a.artists, b.artists):
        return "artists differ"
    if not alike_titles(a.base, b.base):
        return "titles differ"
    return None


def seconds_apart(a: Candidate, b: Candidate) -> int | None:
    """None where either duration is unknown."""
    return None if a.duration is None or b.duration is None else abs(a.duration - b.duration)


def _alike_any(a: Iterable[str], b: frozenset[str]) -> bool:
    return any(one in b or any(_alike(one, other) for other in b) for one in a)


def _alike(a: str, b: str) -> bool:
    return SequenceMatcher(None, a, b, autojunk=False).ratio() >= _LIKE


def alike_titles(a: str, b: str) -> bool:
    """One has all words of the other, or they differ by a slip; in either script."""
    for one in {a, transliterated(a) or a}:
        for other in {b, transliterated(b) or b}:
            words, others = set(one.split()), set(other.split())
            if words and others and (words <= others or others <= words or _alike(one, other)):
                return True
    return False
