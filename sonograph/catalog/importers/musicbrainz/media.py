"""What a release came out on, what sort of release it is, whether it is official."""

import re
from collections.abc import Iterable

from sonograph.catalog.importers.musicbrainz.documents import ReleaseGroup
from sonograph.catalog.records import Format, Kind

# By words of the name, as it has 100 formats and counting: "12\" Vinyl", "8cm CD", "Hybrid SACD (CD layer)". The first
# that fits; video CDs and the two sides of a DualDisc are neither CD nor DVD.
_FORMATS: tuple[tuple[re.Pattern[str], Format], ...] = (
    (re.compile(r"\bS?VCD\b|DualDisc|DVDplus|\bCED\b|LaserDisc|Blu-ray"), "other"),
    (re.compile(r"\bS?HM-(?:CD|SACD)\b|\bS?A?CD(?:V|-R|\+G)?\b|\bHD?CD\b|\bHDCD\b|\bHQCD\b|\bBlu-spec CD\b"), "cd"),
    (re.compile(r"Vinyl|Flexi-disc|Acetate|Lathe Cut"), "vinyl"),
    (re.compile(r"[Cc]assette|\bDCC\b"), "cassette"),
    (re.compile(r"Digital Media|Download Card|USB Flash Drive|\bslotMusic\b"), "digital"),
    (re.compile(r"\bDVD\b|\bHD-DVD\b|\bDVD-"), "dvd"),
)
_SECONDARY_KINDS: tuple[tuple[str, Kind], ...] = (
    ("Soundtrack", "soundtrack"),
    ("Live", "live"),
    ("Remix", "remix"),
    ("Compilation", "compilation"),
    ("DJ-mix", "compilation"),
)
_KINDS: dict[str, Kind] = {"Album": "album", "Single": "single", "EP": "ep", "Broadcast": "other", "Other": "other"}
# Pseudo-releases list a release in another script or language; withdrawn ones were official once.
_OFFICIAL = {"Official": True, "Bootleg": False, "Pseudo-Release": False}


def medium_format(names: Iterable[str | None]) -> Format | None:
    """Of all media together; None when none is known."""
    found = {_format(name) for name in names if name}
    return None if not found else "mixed" if len(found) > 1 else next(iter(found))


def _format(name: str) -> Format:
    return next((known for pattern, known in _FORMATS if pattern.search(name)), "other")


def release_kind(group: ReleaseGroup | None) -> Kind | None:
    if group is None:
        return None
    secondary = group.secondary_types or ()
    found = next((kind for name, kind in _SECONDARY_KINDS if name in secondary), None)
    return found or _KINDS.get(group.primary_type or "")


def is_official(status: str | None) -> bool | None:
    """None for promotions and what is not known, as with the promotional releases of Discogs."""
    return _OFFICIAL.get(status or "")
