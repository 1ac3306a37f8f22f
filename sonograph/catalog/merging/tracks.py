# ruff: noqa: S608 - SQL is put together from numbers and columns of ours; values are parameters
"""The pass over tracks: what is new or changed, and all that is tied to it, is looked at again."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import asyncpg

from sonograph.catalog.merging.candidate import candidate, live_edition
from sonograph.catalog.merging.clustering import Bans, Related, find_clusters
from sonograph.catalog.merging.components import Components, TooCommon, batches
from sonograph.catalog.merging.report import MergeReport
from sonograph.catalog.vocabulary import EntityKind, OriginId, Platform
from sonograph.catalog.writer.merged import restate_lines
from sonograph.catalog.writer.merged_track_bodies import TrackMember, load_tracks
from sonograph.catalog.writer.merged_track_names import Names
from sonograph.catalog.writer.merged_tracks import write_track_clusters

BATCH = 2000  # rows; about 10 MB
SourceIds = Mapping[int, tuple[str, ...]]

_BEGIN = f"""
drop table if exists frontier, component, member_id;
create temp table frontier ("row" int not null);
create temp table component (root int not null, "row" int not null);
create index on component(root, "row");
insert into frontier select id from track
where id > coalesce((select looked_at from merge_state where kind = {EntityKind.TRACK:d}), 0);
insert into frontier select distinct coalesce(r.new_id, p."row") from merge_pending p
left join redirect r on r.kind = p.kind and r.old_id = p."row"
where p.kind = {EntityKind.TRACK:d}
  and exists (select from track t where t.id = coalesce(r.new_id, p."row"))
  and not exists (select from frontier f where f."row" = coalesce(r.new_id, p."row"));
"""
# source_ref has no index by row, which would cost 25 bytes a track: it is read once.
_MEMBER_IDS = f"""
create temp table member_id as
select s.entity_id as "row", array_agg(s.external_id order by length(s.external_id), s.external_id collate "C") as ids
from source_ref s where s.kind = {EntityKind.TRACK:d} and s.entity_id in (
  select "row" from component
  union select m.member from component c join merged m on m."row" = c."row" and m.kind = {EntityKind.TRACK:d})
group by 1;
create unique index on member_id("row");
analyze member_id;
"""
_END = f"""
delete from merge_pending where kind = {EntityKind.TRACK:d};
drop table frontier, component, member_id;
"""
_RELATED = f"""
with known as (select id, source, external_id from edition where id = any($1))
select a.id, b.id, s.external_id, s.target_id, s.origin_id from known a
join same_as s on s.external_id = a.external_id and s.kind = {EntityKind.RELEASE:d}
join known b on b.external_id = s.target_id
where (s.origin_id, a.source, s.target_origin, b.source) in (
  ({OriginId.MUSICBRAINZ:d}, {Platform.MUSICBRAINZ:d}, {OriginId.DISCOGS:d}, {Platform.DISCOGS:d}),
  ({OriginId.DISCOGS:d}, {Platform.DISCOGS:d}, {OriginId.MUSICBRAINZ:d}, {Platform.MUSICBRAINZ:d}))
"""


async def merge_tracks(
    connection: asyncpg.Connection,
    report: MergeReport,
    now: datetime,
    tell: Callable[[str, int, int], None] = lambda _what, _done, _all: None,
) -> None:
    """Merge what is the same. Each batch of components is a transaction; a pass that was killed begins again."""
    last = await connection.fetchval("select coalesce(max(id), 0) from track")
    await connection.execute(_BEGIN)
    components = Components(connection, last)
    total = await components.find()
    await connection.execute(_MEMBER_IDS)
    done = 0
    async for rows in batches(connection, BATCH):
        async with connection.transaction():
            await hold(connection)
            await _merge_batch(connection, rows, components.too_common, report, now)
        done += len(rows)
        report.looked_at["track"] += len(rows)
        tell("tracks", done, total)
    async with connection.transaction():
        await connection.execute(_END)
        await connection.execute(
            "insert into merge_state (kind, looked_at) values ($1, $2) "
            "on conflict (kind) do update set looked_at = excluded.looked_at",
            EntityKind.TRACK, last,
        )  # fmt: skip


async def hold(connection: asyncpg.Connection) -> None:
    """Wait for other writers of the schema, as an import does."""
    await connection.execute("select pg_advisory_xact_lock(hashtext('sonograph import ' || current_schema()))")
    await connection.execute("select pg_advisory_xact_lock(hashtext('sonograph genres ' || current_schema()))")


async def _merge_batch(
    connection: asyncpg.Connection, rows: Sequence[int], too_common: TooCommon, report: MergeReport, now: datetime
) -> None:
    members = await load_tracks(connection, rows)
    ids: dict[int, tuple[str, ...]] = {
        row: tuple(found)
        for row, found in await connection.fetch(
            'select "row", ids from member_id where "row" = any($1)', [member.row for member in members]
        )
    }
    by_row = {m.row: replace(m, source_id=ids.get(m.row, ("",))[0]) for m in members}
    names = await Names.of(connection, members)
    live = await _live_editions(connection, members)
    found = find_clusters(
        [candidate(member, ids.get(row, ("",)), names, live) for row, member in by_row.items()],
        await _related(connection, members),
        await bans(connection, EntityKind.TRACK),
        too_common.keys,
    )
    before: dict[int, set[int]] = {}
    for member in members:
        before.setdefault(member.stands, set()).add(member.row)
    standing = set(map(frozenset, before.values()))
    changed = [c for c in found.clusters if frozenset(joined.candidate.row for joined in c) not in standing]
    same = [c for c in found.clusters if len(c) > 1 and frozenset(j.candidate.row for j in c) in standing]
    await restate_lines(
        connection, EntityKind.TRACK, [(j.candidate.row, j.reason, j.evidence) for c in same for j in c]
    )
    clusters = [
        [
            replace(by_row[joined.candidate.row], reason=joined.reason, evidence=joined.evidence, merged_at=now)
            for joined in cluster
        ]
        for cluster in changed
    ]
    await write_track_clusters(connection, clusters)
    report.joined(EntityKind.TRACK, [cluster for cluster in clusters if len(cluster) > 1])
    touched = {member.stands for cluster in clusters for member in cluster}
    report.parted["track"] += sum(len(before[row]) > 1 for row in touched)
    for conflict in found.conflicts:
        report.refused(EntityKind.TRACK, conflict)


async def _related(connection: asyncpg.Connection, members: Iterable[TrackMember]) -> list[Related]:
    """Editions of these members that a source says are the same."""
    editions = {place[0] for member in members for place in member.body.editions}
    return [
        Related(one, other, f"{OriginId(origin).name.lower()} says that its release {ours} is {theirs}")
        for one, other, ours, theirs, origin in await connection.fetch(_RELATED, list(editions))
    ]


async def _live_editions(connection: asyncpg.Connection, members: Iterable[TrackMember]) -> set[int]:
    editions = {place[0] for member in members for place in member.body.editions}
    return {
        row
        for row, kind, title in await connection.fetch(
            "select id, kind, title from edition where id = any($1)", list(editions)
        )
        if live_edition(kind, title)
    }


async def bans(connection: asyncpg.Connection, kind: EntityKind) -> Bans:
    """Pairs that somebody took apart; there are few, as each is done by hand."""
    return frozenset(
        frozenset(((row[0], row[1]), (row[2], row[3])))
        for row in await connection.fetch(
            "select origin_a, external_a, origin_b, external_b from merge_ban where kind = $1", kind
        )
    )
