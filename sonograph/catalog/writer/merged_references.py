# ruff: noqa: S608 - SQL is put together from numbers and columns of ours; values are parameters
"""Artists and labels of several sources become one row or come apart, and what names them follows."""

from collections.abc import Collection, Sequence

import asyncpg

from sonograph.catalog.vocabulary import EntityKind, OriginId
from sonograph.catalog.writer.merged import Cluster, load_lines, survivor, touch
from sonograph.catalog.writer.merged_again import rekey, rewrite_tracks
from sonograph.catalog.writer.merged_names import (
    Named,
    NamedBody,
    write_named_clusters,
)
from sonograph.catalog.writer.merged_releases import ReleaseMember, load_releases, write_release_clusters

_SOURCE = f"(case when origin_id = {OriginId.MUSICBRAINZ_TAGS:d} then {OriginId.MUSICBRAINZ:d} else origin_id end)"
# Rows that stand alone: of which source they are tells whose artist they name. Merged ones are written anew.
_PART_TRACKS = f"""
update track_artist ta set artist_id = d.new
from unnest($1::int[], $2::int[], $3::smallint[]) d(old, new, source), track t
where ta.artist_id = d.old and t.id = ta.track_id and {_SOURCE} = d.source
  and not exists (select from merged m where m."row" = ta.track_id and m.kind = {EntityKind.TRACK:d})
"""
_PART_RELEASES = """
update release r set {column} = d.new from unnest($1::int[], $2::int[], $3::smallint[]) d(old, new, source)
where r.{column} = d.old and {source} = d.source
  and not exists (select from merged m where m."row" = r.id and m.kind = {kind})
"""
_JOIN = "update {table} r set {column} = d.new from unnest($1::int[], $2::int[]) d(old, new) where r.{column} = d.old"
_COLUMNS: dict[Named, str] = {EntityKind.ARTIST: "artist_id", EntityKind.LABEL: "label_id"}


async def part_named(connection: asyncpg.Connection, kind: Named, rows: Collection[int]) -> list[int]:
    """Take the clusters among these artists or labels apart. Returns the rows that were left of them."""
    clusters = await load_lines(connection, kind, rows, NamedBody)
    if not clusters:
        return []
    column = _COLUMNS[kind]
    members = [member for cluster in clusters.values() for member in cluster]
    leaving = [member for member in members if member.row != member.stands]
    moves = [m.stands for m in leaving], [m.row for m in leaving], [m.source for m in leaving]
    releases = [
        row["id"]
        for row in await connection.fetch(
            f"""select r.id from release r where {column} = any($1) and exists (
            select from merged m where m."row" = r.id and m.kind = $2)""",
            list(clusters), EntityKind.RELEASE,
        )
    ]  # fmt: skip
    tracks = list[int]()
    if kind is EntityKind.ARTIST:
        # Where an artist stands in merged tracks, shown or not.
        tracks = [
            row["row"]
            for row in await connection.fetch(
                _MERGED_TRACKS, list(clusters), [member.row for member in members], EntityKind.TRACK
            )
        ]
        await connection.execute(_PART_TRACKS, *moves)
    await connection.execute(_PART_RELEASES.format(column=column, source=_SOURCE, kind=int(EntityKind.RELEASE)), *moves)
    await write_named_clusters(connection, kind, [[member] for member in members])
    whole: dict[int, list[ReleaseMember]] = {}
    for release in await load_releases(connection, releases):
        whole.setdefault(release.stands, []).append(release)
    if whole:
        await write_release_clusters(connection, list(whole.values()))
    if kind is EntityKind.ARTIST:
        await rewrite_tracks(connection, tracks)
        await touch(connection, tracks)
        await rekey(connection, [member.row for member in members if _named_otherwise(clusters[member.stands])])
    return list(clusters)


_MERGED_TRACKS = """
select distinct m."row" from track_artist ta join merged m on m."row" = ta.track_id and m.kind = $3
where ta.artist_id = any($1)
union select "row" from merged where hidden && $2::int[] and kind = $3 order by 1
"""


async def join_named(connection: asyncpg.Connection, kind: Named, clusters: Sequence[Cluster[NamedBody]]) -> None:
    """Make these artists or labels, all of which stand alone, one row each cluster."""
    moves = [(m.row, survivor(cluster)) for cluster in clusters for m in cluster if m.row != survivor(cluster)]
    old, new = [old for old, _ in moves], [new for _, new in moves]
    tables = ("track_artist", "release") if kind is EntityKind.ARTIST else ("release",)
    for table in tables:
        await connection.execute(_JOIN.format(table=table, column=_COLUMNS[kind]), old, new)
    await write_named_clusters(connection, kind, clusters)
    if kind is EntityKind.ARTIST:
        await rekey(connection, [survivor(cluster) for cluster in clusters if _named_otherwise(cluster)])


def _named_otherwise(cluster: Cluster[NamedBody]) -> bool:
    """Whether some member has another name than the whole has."""
    return len({member.body.named["name"] for member in cluster}) > 1
