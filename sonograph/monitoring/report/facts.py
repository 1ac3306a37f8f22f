"""What a report tells of a track."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

REMIXER, PRIMARY = 2, 0  # roles: sonograph/catalog/vocabulary.py


@dataclass(frozen=True, slots=True)
class Credit:
    """An artist whom a listener would name."""

    id: int
    name: str
    is_primary: bool
    is_remixer: bool


@dataclass(frozen=True, slots=True)
class TrackFacts:
    """A track; `release` and `label` are where it came out."""

    id: int
    title: str
    artists: tuple[Credit, ...]
    isrc: str | None
    label: str | None
    release: str | None
    catalog_no: str | None
    duration: int | None = None  # seconds
    released: date | None = None
    composers: tuple[str, ...] = ()

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "TrackFacts":
        return cls(
            row["id"],
            row["title"],
            _credits(row),
            row["isrc"],
            row["label"],
            row["release"],
            row["catalog_no"],
            row["duration"],
            row["released"],
            tuple(row["composers"] or ()),
        )

    @property
    def artist_line(self) -> str:
        """Their names in one line."""
        return ", ".join(artist.name for artist in self.artists)


def missing(number: int) -> TrackFacts:
    """A track that is in the catalog no longer: its airings count all the same."""
    return TrackFacts(number, "", (), None, None, None, None)


def _credits(row: Mapping[str, Any]) -> tuple[Credit, ...]:
    """Each artist once, in the order of the credit, as primary where that is one of the roles."""
    remixers, found = set(row["remixers"] or ()), dict[int, Credit]()
    for number, name, role in zip(
        row["artist_ids"] or (), row["artist_names"] or (), row["artist_roles"] or (), strict=True
    ):
        known = found.get(number)
        is_primary = role == PRIMARY or (known is not None and known.is_primary)
        found[number] = Credit(number, name, is_primary, number in remixers)
    return tuple(found.values())
