"""Merges that somebody looks at or takes back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations

import asyncpg

from sonograph.catalog.merging.tracks import hold
from sonograph.catalog.vocabulary import EntityKind, MergeReason, OriginId
from sonograph.catalog.writer.merged_again import dissolve_tracks
from sonograph.catalog.writer.merged_references import part_named
from sonograph.catalog.writer.merged_releases import dissolve_releases
from sonograph.catalog.writer.merged_works import part_works
from sonograph.errors import NotFound

MAX_MEMBERS = 1_000_000
KINDS = {
    "artist": EntityKind.ARTIST,
    "label": EntityKind.LABEL,
    "release": EntityKind.RELEASE,
    "track": EntityKind.TRACK,
    "work": EntityKind.WORK,
}


@dataclass(frozen=True, slots=True)
class Merged:
    """A line of `merged`."""

    id: int
    kind: str
    row: int  # what is left
    member: int  # the row it had
    source: str
    source_id: str
    reason: MergeReason
    evidence: str
    merged_at: datetime


async def merges(
    connection: asyncpg.Connection, kind: str | None = None, row: int | None = None, limit: int = 100
) -> list[Merged]:
    """The latest merges, or those of a row by any of its ids."""
    return [
        Merged(
            found["id"],
            EntityKind(found["kind"]).name.lower(),
            found["row"],
            found["member"],
            OriginId(found["origin_id"]).name.lower(),
            found["external_id"],
            MergeReason(found["reason"]),
            found["evidence"],
            found["merged_at"],
        )
        for found in await connection.fetch(
            'select * from merged m where ($1::smallint is null or kind = $1) and ($2::int is null or "row" = $2 or '
            '"row" = (select o."row" from merged o where o.member = $2 and o.kind = m.kind)) '
            'order by merged_at desc, "row", id limit $3',
            KINDS[kind] if kind else None, row, limit,
        )
    ]  # fmt: skip


async def unmerge_row(connection: asyncpg.Connection, kind: str, row: int, now: datetime) -> list[Merged]:
    """Take apart what was merged into a row (any of its ids) and keep it so. Returns what it was made of.

    Raises NotFound if nothing was.
    """
    async with connection.transaction():
        await hold(connection)
        members = await merges(connection, kind, row, limit=MAX_MEMBERS)
        if not members:
            raise NotFound(f"Nothing was merged into {kind} {row}.")
        await _part(connection, KINDS[kind], [members[0].row])
        await _ban(connection, list(combinations(members, 2)), now)
    return members


async def unmerge_one(connection: asyncpg.Connection, merge_id: int, now: datetime) -> list[Merged]:
    """Take one member out and keep it out; the next pass puts the others together again.

    Returns it, and what it was merged with. Raises NotFound if there is no such merge.
    """
    async with connection.transaction():
        await hold(connection)
        found = await connection.fetchrow('select kind, "row" from merged where id = $1', merge_id)
        if found is None:
            raise NotFound(f"There is no merge {merge_id}.")
        kind = EntityKind(found["kind"])
        members = await merges(connection, kind.name.lower(), found["row"], limit=MAX_MEMBERS)
        (one,) = (member for member in members if member.id == merge_id)
        others = [member for member in members if member is not one]
        await _part(connection, kind, [one.row])
        await _ban(connection, [(one, other) for other in others], now)
    return [one, *others]


async def _part(connection: asyncpg.Connection, kind: EntityKind, rows: Sequence[int]) -> None:
    if kind is EntityKind.ARTIST or kind is EntityKind.LABEL:
        await part_named(connection, kind, rows)
    elif kind is EntityKind.RELEASE:
        await dissolve_releases(connection, rows)
    elif kind is EntityKind.WORK:
        await part_works(connection, rows)
    else:
        await dissolve_tracks(connection, rows)


async def _ban(connection: asyncpg.Connection, pairs: Sequence[tuple[Merged, Merged]], now: datetime) -> None:
    rows = []
    for pair in pairs:
        a, b = sorted((OriginId[m.source.upper()].value, m.source_id) for m in pair)
        rows.append((KINDS[pair[0].kind], a[0], b[0], a[1], b[1], now))
    await connection.executemany(
        "insert into merge_ban (kind, origin_a, origin_b, external_a, external_b, banned_at) "
        "values ($1, $2, $3, $4, $5, $6) on conflict do nothing",
        rows,
    )
