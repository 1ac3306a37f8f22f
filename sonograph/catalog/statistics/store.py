"""Counts, shares and sizes of a catalog: quick on a large one, because what would take minutes is estimated.

Small tables are counted. Of larger ones PostgreSQL's own estimate is told (of the last `analyze`), and shares are those
of a sample of pages, the same one each time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg
import orjson

from sonograph.catalog.vocabulary import EntityKind, OriginId, Platform, rest_name

KINDS = ("track", "artist", "label", "release", "edition", "work")
COUNTED_BYTES = 128 << 20  # a table of this size is counted in a second, from disk
SAMPLED_ROWS = 30_000  # each costs a dozen look-ups; a share is right to half a per cent
_IMPORTS = 10


@dataclass(frozen=True, slots=True)
class Number:
    value: int
    estimated: bool = False


@dataclass(frozen=True, slots=True)
class Origin:
    """Rows of one kind from one source."""

    kind: str
    origin: str
    licence: str
    rows: Number


@dataclass(frozen=True, slots=True)
class Shares:
    """How many of a hundred tracks have each; of all tracks, or of so many that were looked at."""

    looked_at: int
    sampled: bool
    percent: dict[str, float]
    popularity_of: dict[str, float]  # whose figure, of a hundred tracks
    links: dict[str, float]  # by platform


@dataclass(frozen=True, slots=True)
class Size:
    table: str
    rows: Number
    table_bytes: int
    index_bytes: int


@dataclass(frozen=True, slots=True)
class Import:
    kind: str
    path: str
    started_at: datetime
    finished_at: datetime | None  # None: interrupted, or at work
    items: int
    records: dict[str, int]


@dataclass(frozen=True, slots=True)
class Merges:
    kind: str
    rows: Number  # what is left
    members: Number  # what it was


@dataclass(frozen=True, slots=True)
class Statistics:
    kinds: dict[str, Number]
    origins: list[Origin]
    tracks: Shares
    sizes: list[Size]  # the largest first
    total_bytes: int
    bytes_a_track: int | None
    imports: list[Import]  # the newest first
    merges: list[Merges]


@dataclass(frozen=True, slots=True)
class _Table:
    name: str
    estimate: int
    table_bytes: int
    index_bytes: int

    @property
    def is_small(self) -> bool:
        return self.table_bytes <= COUNTED_BYTES or self.estimate < 0  # never analyzed: nothing to estimate by

    def sample(self, rows: int) -> tuple[str, bool]:
        """What to read instead of the table for about so many rows, and whether that is less than all."""
        if self.estimate <= rows:
            return self.name, False
        percent = 100 * rows / self.estimate
        return f"{self.name} tablesample system ({percent:.6f}) repeatable (1)", True


async def statistics(connection: asyncpg.Connection) -> Statistics:
    """Of the catalog that the connection's search_path names."""
    tables = await _tables(connection)
    numbers = {name: await _count(connection, table) for name, table in tables.items()}
    total = sum(table.table_bytes + table.index_bytes for table in tables.values())
    tracks = numbers["track"].value
    return Statistics(
        {kind: numbers[kind] for kind in KINDS},
        [origin for kind in KINDS for origin in await _origins(connection, tables[kind], numbers[kind])],
        await _shares(connection, tables["track"]),
        sorted(
            (Size(name, numbers[name], t.table_bytes, t.index_bytes) for name, t in tables.items()),
            key=lambda size: (-size.table_bytes - size.index_bytes, size.table),
        ),
        total,
        round(total / tracks) if tracks else None,
        await _imports(connection),
        await _merges(connection, tables["merged"], numbers["merged"]),
    )


async def _tables(connection: asyncpg.Connection) -> dict[str, _Table]:
    rows = await connection.fetch(
        "select c.relname, c.reltuples::bigint, pg_table_size(c.oid), pg_indexes_size(c.oid) from pg_class c "
        "where c.relnamespace = current_schema()::regnamespace and c.relkind = 'r' order by 1"
    )
    return {row[0]: _Table(*row) for row in rows}


async def _count(connection: asyncpg.Connection, table: _Table) -> Number:
    if not table.is_small:
        return Number(table.estimate, estimated=True)
    return Number(await connection.fetchval(f'select count(*) from "{table.name}"'))


async def _origins(connection: asyncpg.Connection, table: _Table, rows: Number) -> list[Origin]:
    source, sampled = table.sample(10 * SAMPLED_ROWS)
    found = await connection.fetch(
        f"select o.name, o.licence, n.rows from (select origin_id, count(*) as rows from {source} group by 1) n "
        "join origin o on o.id = n.origin_id order by n.rows desc, o.name"
    )
    looked_at = sum(row["rows"] for row in found)
    return [
        Origin(
            table.name,
            row["name"],
            row["licence"],
            Number(round(row["rows"] * rows.value / looked_at), estimated=True) if sampled else Number(row["rows"]),
        )
        for row in found
    ]


_HAS = {
    "isrc": "exists (select from isrc where track_id = t.id)",
    "mbid": f"exists (select from platform_link where track_id = t.id and source = {Platform.MUSICBRAINZ:d})",
    "duration": "t.duration is not null",
    "release date": "t.released is not null",
    "release": "exists (select from release_track where track_id = t.id)",
    "work": "exists (select from work_recording where track_id = t.id)",
    "genre": "exists (select from track_genre where track_id = t.id)",
    "tempo": "t.bpm is not null",
    "musical key": "t.camelot is not null",
    "popularity": "t.popularity > 0",
}
_WHOSE = {"listenbrainz": f"= {OriginId.LISTENBRAINZ:d}", "estimate": f"= {OriginId.ESTIMATE:d}"}
_WHOSE["its source"] = f"not in ({OriginId.LISTENBRAINZ:d}, {OriginId.ESTIMATE:d})"
_LINKS = {
    rest_name(platform): f"exists (select from platform_link where track_id = t.id and source = {platform:d})"
    for platform in Platform
}


async def _shares(connection: asyncpg.Connection, table: _Table) -> Shares:
    source, sampled = table.sample(SAMPLED_ROWS)
    asked = [*_HAS.values(), *(f"t.popularity_origin {whose}" for whose in _WHOSE.values()), *_LINKS.values()]
    counts = ", ".join(f"count(*) filter (where {condition})" for condition in asked)
    alias = source.replace(table.name, f"{table.name} t", 1)
    row: Sequence[int] = tuple(await connection.fetchrow(f"select count(*), {counts} from {alias}"))
    percent = [round(100 * number / row[0], 1) if row[0] else 0.0 for number in row[1:]]
    has, whose = len(_HAS), len(_HAS) + len(_WHOSE)
    return Shares(
        row[0],
        sampled,
        dict(zip(_HAS, percent[:has], strict=True)),
        dict(zip(_WHOSE, percent[has:whose], strict=True)),
        dict(zip(_LINKS, percent[whose:], strict=True)),
    )


async def _imports(connection: asyncpg.Connection) -> list[Import]:
    rows = await connection.fetch(
        "select kind, path, started_at, finished_at, position, counts from import_run order by id desc limit $1",
        _IMPORTS,
    )
    return [
        Import(
            row["kind"], row["path"], row["started_at"], row["finished_at"], row["position"], _records(row["counts"])
        )
        for row in rows
    ]


def _records(counts: str) -> dict[str, int]:
    told: dict[str, Any] = orjson.loads(counts)
    return dict(told.get("records", {}))


async def _merges(connection: asyncpg.Connection, table: _Table, members: Number) -> list[Merges]:
    """By a sample, if the table is large. One member of what is left is the row itself, which is how rows are told."""
    source, sampled = table.sample(10 * SAMPLED_ROWS)
    found = await connection.fetch(
        f'select kind, count(*) filter (where "row" = member) as rows, count(*) as members from {source} '
        "group by 1 order by 1"
    )
    looked_at = sum(row["members"] for row in found)

    def number(counted: int) -> Number:
        return Number(round(counted * members.value / looked_at), estimated=True) if sampled else Number(counted)

    return [Merges(EntityKind(row["kind"]).name.lower(), number(row["rows"]), number(row["members"])) for row in found]
