# ruff: noqa: S608 - SQL is put together from numbers of ours; values are parameters
"""Works of several sources as one row: read as their sources gave them, written together or apart."""

from collections.abc import Collection, Sequence

import asyncpg
from msgspec import Struct

from sonograph.catalog.vocabulary import EntityKind, OriginId
from sonograph.catalog.writer.merged import (
    Cells,
    Cluster,
    Member,
    forget_lines,
    load_lines,
    load_redirects,
    read_cells,
    source_of,
    survivor,
    touch,
    write_lines,
)
from sonograph.catalog.writer.merged_again import rewrite_tracks
from sonograph.catalog.writer.rows import COLUMNS, copy, delete

_SOURCE = f"(case when origin_id = {OriginId.MUSICBRAINZ_TAGS:d} then {OriginId.MUSICBRAINZ:d} else origin_id end)"
# Of which source a recording is tells whose work it is one of. Merged recordings are written anew.
_PART_RECORDINGS = f"""
update work_recording w set work_id = d.new
from unnest($1::int[], $2::int[], $3::smallint[]) d(old, new, source), track t
where w.work_id = d.old and t.id = w.track_id and {_SOURCE.replace("origin_id", "t.origin_id")} = d.source
  and not exists (select from merged m where m."row" = w.track_id and m.kind = {EntityKind.TRACK:d})
"""
_MERGED_RECORDINGS = f"""
select distinct w.track_id from work_recording w join merged m on m."row" = w.track_id and m.kind = {EntityKind.TRACK:d}
where w.work_id = any($1) order by 1
"""


class WorkBody(Struct, frozen=True, array_like=True):
    """A work as its source gave it."""

    work: Cells
    iswcs: list[str]
    redirects: list[int]


WorkMember = Member[WorkBody]


async def load_works(connection: asyncpg.Connection, rows: Collection[int]) -> list[WorkMember]:
    """The members of these rows, whether they are clusters or stand alone (`source_id` is "" then)."""
    clusters = await load_lines(connection, EntityKind.WORK, rows, WorkBody)
    alone = [row for row in dict.fromkeys(rows) if row not in clusters]
    cells = await read_cells(connection, "work", alone, ("id",))
    codes: dict[int, list[str]] = {}
    for row, code in await connection.fetch("select work_id, code from iswc where work_id = any($1) order by 2", alone):
        codes.setdefault(row, []).append(code)
    redirects = await load_redirects(connection, EntityKind.WORK, alone)
    return [
        *(member for members in clusters.values() for member in members),
        *(
            Member(
                row, row, source_of(work["origin_id"]), "", WorkBody(work, codes.get(row, []), redirects.get(row, []))
            )
            for row, work in cells.items()
        ),
    ]


async def join_works(connection: asyncpg.Connection, clusters: Sequence[Cluster[WorkBody]]) -> None:
    """Make these works, all of which stand alone, one row each cluster."""
    moves = [(m.row, survivor(cluster)) for cluster in clusters for m in cluster if m.row != survivor(cluster)]
    old, new = [old for old, _ in moves], [new for _, new in moves]
    await connection.execute(
        "insert into work_recording select d.new, w.track_id from unnest($1::int[], $2::int[]) d(old, new) "
        "join work_recording w on w.work_id = d.old on conflict do nothing",
        old, new,
    )  # fmt: skip
    await connection.execute("delete from work_recording where work_id = any($1)", old)
    await _write(connection, clusters)


async def part_works(connection: asyncpg.Connection, rows: Collection[int]) -> list[int]:
    """Take the clusters among these works apart. Returns the rows that were left of them."""
    clusters = await load_lines(connection, EntityKind.WORK, rows, WorkBody)
    if not clusters:
        return []
    members = [member for cluster in clusters.values() for member in cluster]
    leaving = [member for member in members if member.row != member.stands]
    tracks = [row["track_id"] for row in await connection.fetch(_MERGED_RECORDINGS, list(clusters))]
    await connection.execute(
        _PART_RECORDINGS, [m.stands for m in leaving], [m.row for m in leaving], [m.source for m in leaving]
    )
    await _write(connection, [[member] for member in members])
    await rewrite_tracks(connection, tracks)
    await touch(connection, [member.row for member in members], EntityKind.WORK)
    return list(clusters)


async def _write(connection: asyncpg.Connection, clusters: Sequence[Cluster[WorkBody]]) -> None:
    members = [member for cluster in clusters for member in cluster]
    await delete(connection, "work", list({member.stands for member in members}))
    await forget_lines(connection, EntityKind.WORK, members)
    rows = {survivor(cluster): cluster for cluster in clusters}
    await copy(
        connection,
        "work",
        [
            tuple({**cluster[0].body.work, "id": row}[column] for column in COLUMNS["work"])
            for row, cluster in rows.items()
        ],
    )
    codes = {row: sorted({code for m in cluster for code in m.body.iswcs}) for row, cluster in rows.items()}
    await copy(connection, "iswc", [(row, code) for row, found in codes.items() for code in found])
    await write_lines(connection, EntityKind.WORK, clusters)
