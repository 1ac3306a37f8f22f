# ruff: noqa: S608 - SQL is put together from numbers of ours; values are parameters
"""Merged tracks are written anew because something under them changed, or come apart."""

from collections.abc import Collection

import asyncpg

from sonograph.catalog.vocabulary import EntityKind
from sonograph.catalog.writer.merged import load_lines, touch
from sonograph.catalog.writer.merged_track_bodies import TrackBody, TrackMember, load_tracks
from sonograph.catalog.writer.merged_tracks import write_track_clusters
from sonograph.catalog.writer.tracks import rekey_tracks_of


async def dissolve_tracks(connection: asyncpg.Connection, rows: Collection[int]) -> list[int]:
    """Take the clusters among these rows apart. Returns the rows that were left of them, which their members follow."""
    clusters = await load_lines(connection, EntityKind.TRACK, rows, TrackBody)
    if not clusters:
        return []
    members = await load_tracks(connection, clusters)
    await write_track_clusters(connection, [[member] for member in members])
    await touch(connection, [member.row for member in members])
    return list(clusters)


async def rewrite_tracks(connection: asyncpg.Connection, rows: Collection[int]) -> None:
    """Write the clusters among these rows anew, because names of their artists changed."""
    clusters: dict[int, list[TrackMember]] = {}
    for member in await load_tracks(connection, list(await load_lines(connection, EntityKind.TRACK, rows, TrackBody))):
        clusters.setdefault(member.stands, []).append(member)
    if clusters:
        await write_track_clusters(connection, list(clusters.values()))


_REWRITTEN_AT_ONCE = 2000
_OWN = f"""(
  select unnest($1::int[]) union
  select member from merged where "row" = any($1) and kind = {EntityKind.ARTIST:d})"""
_MERGED_OF = f"""
select distinct m."row" from track_artist ta join merged m on m."row" = ta.track_id and m.kind = {EntityKind.TRACK:d}
where ta.artist_id = any($1)
union select "row" from merged where hidden && array{_OWN} and kind = {EntityKind.TRACK:d} order by 1
"""
_TOUCH_OF = f"""
insert into merge_pending ("row", kind)
select distinct ta.track_id, {EntityKind.TRACK:d} from track_artist ta where ta.artist_id = any($1)
and ta.track_id <= (select looked_at from merge_state where kind = {EntityKind.TRACK:d})
"""


async def rekey(connection: asyncpg.Connection, artists: Collection[int]) -> None:
    """Work out how tracks are found, because these artists have other names now."""
    if not artists:
        return
    await rekey_tracks_of(connection, artists)
    merged = [row["row"] for row in await connection.fetch(_MERGED_OF, list(artists))]
    await connection.execute(_TOUCH_OF, list(artists))
    await touch(connection, merged)
    for start in range(0, len(merged), _REWRITTEN_AT_ONCE):
        await rewrite_tracks(connection, merged[start : start + _REWRITTEN_AT_ONCE])
