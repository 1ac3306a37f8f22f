"""Formats of a release: what it came out on, what sort of release it is, whether it is official."""

from collections.abc import Sequence
from dataclasses import dataclass

from lxml import etree

from sonograph.catalog.records import Format, Kind

_MAX_MEDIA = 32767
_FORMATS: dict[str, Format] = {
    **dict.fromkeys(("CD", "CDr", "SACD", "Hybrid", "CDV", "HDCD"), "cd"),
    **dict.fromkeys(("Vinyl", "Acetate", "Flexi-disc", "Lathe Cut"), "vinyl"),
    **dict.fromkeys(("Cassette", "DCC", "Microcassette"), "cassette"),
    **dict.fromkeys(("File", "Memory Stick"), "digital"),
    **dict.fromkeys(("DVD", "DVDr", "HD DVD", "HD DVD-R"), "dvd"),
}
_PACKAGING = frozenset(("Box Set", "All Media"))  # no medium of its own
# The first that stands in the descriptions.
_KINDS: tuple[tuple[frozenset[str], Kind], ...] = (
    (frozenset(("Compilation", "Sampler")), "compilation"),
    (frozenset(("EP",)), "ep"),
    (frozenset(("Single", "Maxi-Single")), "single"),
    (frozenset(("Album", "LP", "Mini-Album", "Mixtape")), "album"),
)
_UNOFFICIAL = frozenset(("Unofficial Release", "Partially Unofficial", "Counterfeit"))
_NOT_FOR_SALE = frozenset(("Promo", "Test Pressing", "White Label", "Transcription"))


@dataclass(frozen=True, slots=True)
class Formats:
    format: Format | None
    kind: Kind | None
    official: bool | None  # None for what was pressed but not for sale: promos, test pressings
    medium_count: int | None


def read_formats(elements: Sequence[etree._Element], styles: Sequence[str]) -> Formats:
    media = [element for element in elements if element.get("name") not in _PACKAGING]
    found = {_FORMATS.get(element.get("name") or "", "other") for element in media}
    descriptions = {(d.text or "").strip() for element in elements for d in element.iter("description")}
    return Formats(
        format=None if not found else "mixed" if len(found) > 1 else next(iter(found)),
        kind=_kind(descriptions, styles),
        official=_official(descriptions) if elements else None,
        medium_count=_medium_count(media),
    )


def _kind(descriptions: set[str], styles: Sequence[str]) -> Kind | None:
    if "Soundtrack" in styles:
        return "soundtrack"
    return next((kind for words, kind in _KINDS if words & descriptions), None)


def _official(descriptions: set[str]) -> bool | None:
    if descriptions & _UNOFFICIAL:
        return False
    return None if descriptions & _NOT_FOR_SALE else True


def _medium_count(media: Sequence[etree._Element]) -> int | None:
    """Discs, tapes and so on; files are one medium, whatever their number."""
    count, files = 0, False
    for element in media:
        if element.get("name") == "File":
            files = True
            continue
        quantity = (element.get("qty") or "").strip()
        count += int(quantity) if quantity.isascii() and quantity.isdecimal() and len(quantity) < len("100000") else 1
    count += files
    return min(count, _MAX_MEDIA) or None
