"""Tables of a BWARM feed and their columns, under the names of each version of the standard.

DDEX "Bulk Communication of Work and Recording Metadata": 1.0 (FeedProviders…Id), 2.0 and 2.1 (…RecordId), see
https://bwarm.ddex.net/. A further version is a further name in `Column.names`. Where a file has no headings, which the
standard recommends but does not demand, the cells stand in the order of `ORDERS`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from sonograph.catalog.codes import parse_isrc


class Table(Enum):
    """What we read of the fifteen or so tables; values are the file's name without its ending, per version."""

    WORKS = ("musicalworks", "works")
    RESOURCES = ("resources", "recordings")
    LINKS = ("workresourcelinks", "workrecordings")


@dataclass(frozen=True, slots=True)
class Column:
    names: tuple[str, ...]
    needed: bool = False


_WORK_ID = Column(("MusicalWorkRecordId", "MusicalWorkId", "FeedProvidersWorkId"), needed=True)
_RESOURCE_ID = Column(("ResourceRecordId", "FeedProvidersRecordingId"), needed=True)
COLUMNS: Mapping[Table, Mapping[str, Column]] = {
    Table.WORKS: {
        "id": _WORK_ID,
        "iswc": Column(("ISWC",), needed=True),
        "title": Column(("MusicalWorkTitle", "WorkTitle"), needed=True),
    },
    Table.RESOURCES: {
        "id": _RESOURCE_ID,
        "type": Column(("ResourceType",)),
        "isrc": Column(("ISRC",), needed=True),
        "title": Column(("Title", "ResourceTitle", "RecordingTitle"), needed=True),
        "subtitle": Column(("SubTitle", "ResourceSubTitle", "RecordingSubTitle")),
        "artist": Column(("DisplayArtistName",)),
        "isni": Column(("DisplayArtistISNI",)),
        "duration": Column(("Duration",)),
    },
    Table.LINKS: {"work": _WORK_ID, "resource": _RESOURCE_ID},
}
# Resources of 1.0 have no type: their second cell is an ISRC or empty. In 2.0 the duration stands behind the P line.
_RESOURCES_1 = ("id", "isrc", "title", "subtitle", "artist", "isni", "", "duration")
_RESOURCES_2 = ("id", "type", "isrc", "title", "", "subtitle", "artist", "isni", "", "duration")
ORDERS: Mapping[Table, tuple[str, ...]] = {
    Table.WORKS: ("id", "iswc", "title"),
    Table.LINKS: ("", "work", "resource"),
}
_NOT_LETTERS = re.compile(r"[^a-z0-9]")
_WORD = re.compile(r"[A-Za-z _-]+")
_HEADING = re.compile(r"[A-Za-z _-]*(?:I[dD]|_id| id|Name|Title)|id")


def table_of(name: str) -> Table | None:
    """The table by its file name or the manifest's TableType ("MusicalWorks", "musicalworks.tsv.gz")."""
    plain = _plain(name.partition(".")[0])
    return next((table for table in Table if plain in table.value), None)


def by_headings(table: Table, headings: Sequence[str]) -> dict[str, int] | None:
    """The place of each column that is there; None when one that is needed is not."""
    places = {_plain(heading): place for place, heading in reversed(list(enumerate(headings)))}
    found: dict[str, int] = {}
    for name, column in COLUMNS[table].items():
        place = next((places[_plain(n)] for n in column.names if _plain(n) in places), None)
        if place is not None:
            found[name] = place
        elif column.needed:
            return None
    return found


def looks_like_headings(cells: Sequence[str]) -> bool:
    """Whether a first line holds names of columns, known or not. It need not start with the # of the standard.

    A record starts with an id: a word without a digit is none, if it or another cell is named like a column.
    """
    if cells[0].startswith("#"):
        return True
    if not _WORD.fullmatch(cells[0].strip()):
        return False
    return any(_plain(cell) in _NAMES or _HEADING.fullmatch(cell.strip()) for cell in cells)


def by_order(table: Table, cells: Sequence[str]) -> dict[str, int]:
    """The place of each column in a file without headings whose first record has these cells."""
    order = ORDERS.get(table)
    if order is None:
        first = len(cells) > 1 and (not cells[1].strip() or parse_isrc(cells[1]) is not None)
        order = _RESOURCES_1 if first else _RESOURCES_2
    return {name: place for place, name in enumerate(order) if name}


def _plain(name: str) -> str:
    return _NOT_LETTERS.sub("", name.lower())


_NAMES = {_plain(name) for columns in COLUMNS.values() for column in columns.values() for name in column.names}
