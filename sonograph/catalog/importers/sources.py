"""The kinds of files that can be imported: how each is read, whose the rows are, how they are written."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

from sonograph.catalog.importers.acoustid import read_acoustid, reading_place
from sonograph.catalog.importers.discogs import read_discogs
from sonograph.catalog.importers.items import Reader
from sonograph.catalog.importers.jsonl import read_jsonl
from sonograph.catalog.importers.listenbrainz import read_listenbrainz
from sonograph.catalog.importers.mlc import read_mlc
from sonograph.catalog.importers.musicbrainz import read_musicbrainz, read_musicbrainz_with_tags
from sonograph.catalog.vocabulary import OriginId
from sonograph.catalog.writer import Outcome, Prepared, write_prepared
from sonograph.catalog.writer.popularity import write_counts
from sonograph.errors import Invalid

# Writes a batch inside of the caller's transaction.
Write = Callable[[asyncpg.Connection, Sequence[Prepared]], Awaitable[Outcome]]
BATCH_BYTES = 4 << 20  # decoded, a record takes about ten times its bytes


@dataclass(frozen=True, slots=True)
class Source:
    """What is imported: as what it is noted in `import_run`, how it is read and written."""

    kind: str
    read: Reader
    write: Write
    batch_size: int = 500  # items; those that are large are bounded by BATCH_BYTES
    whole_folder: bool = False  # the file names others that stand beside it
    place: Callable[[Path], Any] = lambda _: 0  # by which the files of one import are sorted

    def bytes_of(self, path: Path) -> int:
        """Of the file as it is stored, roughly: those that stand beside it included."""
        files = path.parent.iterdir() if self.whole_folder else (path,)
        return sum(file.stat().st_size for file in files if file.is_file())


def _records(origin: OriginId, genre_origin: OriginId | None = None) -> Write:
    async def write(connection: asyncpg.Connection, records: Sequence[Prepared]) -> Outcome:
        return await write_prepared(connection, origin, records, genre_origin)

    return write


async def _elsewhere(_: asyncpg.Connection, __: Sequence[Prepared]) -> Outcome:
    raise Invalid("what is read of these files is not written by the catalog", "kind")


_SOURCES = {
    source.kind: source
    for source in (
        Source("jsonl", read_jsonl, _records(OriginId.JSONL), 2_000),
        Source("discogs", read_discogs, _records(OriginId.DISCOGS)),
        Source("musicbrainz", read_musicbrainz, _records(OriginId.MUSICBRAINZ), 2_000),
        Source("mlc", read_mlc, _records(OriginId.MLC), 5_000, whole_folder=True),
        Source("acoustid", read_acoustid, _elsewhere, 20_000, place=reading_place),
        Source("listenbrainz", read_listenbrainz, write_counts, 20_000),
    )
}
KINDS = tuple(_SOURCES)
# With tags, too, on request, because those are under another licence: rows with genres made of them have their origin.
_WITH_TAGS = {
    "musicbrainz": Source(
        "musicbrainz+tags",
        read_musicbrainz_with_tags,
        _records(OriginId.MUSICBRAINZ, OriginId.MUSICBRAINZ_TAGS),
        2_000,
    )
}


def source_of(kind: str, *, with_tags: bool) -> Source:
    """Raises Invalid for a kind that there is none of, and for one that has no tags."""
    if kind not in _SOURCES:
        raise Invalid(f"there is no importer {kind!r}; there are: {', '.join(KINDS)}", "kind")
    if with_tags and kind not in _WITH_TAGS:
        raise Invalid(
            f"{kind} files have no tags that are left out; those of {', '.join(_WITH_TAGS)} have", "with_tags"
        )
    return (_WITH_TAGS if with_tags else _SOURCES)[kind]
