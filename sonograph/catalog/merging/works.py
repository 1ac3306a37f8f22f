# ruff: noqa: S608 - SQL is put together from numbers of ours; values are parameters
"""The pass over works: those of different sources that share an ISWC and have one title."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import combinations

import asyncpg

from sonograph.catalog.merging.candidate import alike_titles
from sonograph.catalog.merging.clustering import MAX_SHARING, Bans, Conflict
from sonograph.catalog.merging.named import Tell
from sonograph.catalog.merging.report import MergeReport
from sonograph.catalog.merging.tracks import bans, hold
from sonograph.catalog.titles import title_parts
from sonograph.catalog.vocabulary import EntityKind, MergeReason
from sonograph.catalog.writer.merged import restate_lines
from sonograph.catalog.writer.merged_works import WorkMember, join_works, load_works, part_works

AT_ONCE = 500  # works in a transaction
_WORK = f"{EntityKind.WORK:d}"
# Works that are new or changed, and all that codes tie to them, however loosely.
_TIED = f"""
create temp table tied_work as
with recursive tied(id) as (
  (select id from work where id > coalesce((select looked_at from merge_state where kind = {_WORK}), 0)
  union
  select coalesce(r.new_id, p."row") from merge_pending p
  left join redirect r on r.kind = p.kind and r.old_id = p."row" where p.kind = {_WORK})
  union
  select other.work_id from tied t join iswc i on i.work_id = t.id join iswc other on other.code = i.code
)
select id from tied
"""
_SHARING = f"""
select array_agg(i.work_id order by i.work_id) from tied_work t join iswc i on i.work_id = t.id
group by i.code having count(*) between 2 and {MAX_SHARING}
"""
_IDS = f"""
select entity_id, array_agg(external_id order by length(external_id), external_id collate "C") from source_ref
where kind = {_WORK} and entity_id = any($1) group by 1
"""


async def merge_works(connection: asyncpg.Connection, report: MergeReport, now: datetime, tell: Tell) -> None:
    """Merge works. The components are held in memory, about 200 bytes for each work that shares a code."""
    last = await connection.fetchval("select coalesce(max(id), 0) from work")
    await connection.execute("drop table if exists tied_work")
    await connection.execute(_TIED)
    components = _components([row[0] for row in await connection.fetch(_SHARING)])
    total, done = sum(map(len, components)), 0
    for rows in _chunks(components):
        async with connection.transaction():
            await hold(connection)
            await _merge_chunk(connection, rows, report, now)
        done += len(rows)
        report.looked_at["work"] += len(rows)
        tell("works", done, total)
    async with connection.transaction():
        await connection.execute(f"delete from merge_pending where kind = {_WORK}")
        await connection.execute("drop table tied_work")
        await connection.execute(
            "insert into merge_state (kind, looked_at) values ($1, $2) "
            "on conflict (kind) do update set looked_at = excluded.looked_at",
            EntityKind.WORK, last,
        )  # fmt: skip


def _components(groups: Iterable[Sequence[int]]) -> list[list[int]]:
    """Works that codes tie together."""
    parents: dict[int, int] = {}

    def find(row: int) -> int:
        while (parent := parents.setdefault(row, row)) != row:
            parents[row] = row = parents[parent]
        return row

    for first, *others in groups:
        for other in others:
            a, b = sorted((find(first), find(other)))
            parents[b] = a
    found: dict[int, list[int]] = defaultdict(list)
    for row in sorted(parents):
        found[find(row)].append(row)
    return list(found.values())


def _chunks(components: Iterable[Sequence[int]]) -> Iterator[list[int]]:
    chunk = list[int]()
    for component in components:
        chunk += component
        if len(chunk) >= AT_ONCE:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


async def _merge_chunk(connection: asyncpg.Connection, rows: Sequence[int], report: MergeReport, now: datetime) -> None:
    loaded = await load_works(connection, rows)
    ids: dict[int, tuple[str, ...]] = {
        row: tuple(found) for row, found in await connection.fetch(_IDS, [member.row for member in loaded])
    }
    members = [replace(member, source_id=ids.get(member.row, ("",))[0]) for member in loaded]
    clusters, conflicts = find_works(members, ids, await bans(connection, EntityKind.WORK))
    before: dict[int, set[int]] = defaultdict(set)
    for member in members:
        before[member.stands].add(member.row)
    standing = set(map(frozenset, before.values()))
    changed = [cluster for cluster in clusters if frozenset(member.row for member in cluster) not in standing]
    same = [c for c in clusters if len(c) > 1 and frozenset(member.row for member in c) in standing]
    await restate_lines(connection, EntityKind.WORK, [(m.row, m.reason, m.evidence) for c in same for m in c])
    parting = sorted({m.stands for cluster in changed for m in cluster if len(before[m.stands]) > 1})
    await part_works(connection, parting)
    joined = [
        [replace(member, stands=member.row, merged_at=now) for member in cluster]
        for cluster in changed
        if len(cluster) > 1
    ]
    await join_works(connection, joined)
    report.parted["work"] += len(parting)
    report.joined(EntityKind.WORK, joined)
    for conflict in conflicts:
        report.refused(EntityKind.WORK, conflict)


def find_works(
    members: Iterable[WorkMember], ids: Mapping[int, Sequence[str]], banned: Bans
) -> tuple[list[list[WorkMember]], list[Conflict]]:
    """Clusters, the leader first, with at most one work of a source: sources tell their works apart."""
    ordered = sorted(members, key=lambda member: member.order)
    sharing: dict[str, list[int]] = defaultdict(list)
    for n, member in enumerate(ordered):
        for code in member.body.iswcs:
            sharing[code].append(n)
    pairs: dict[tuple[int, int], str] = {}
    for code in sorted(sharing):
        for pair in combinations(sharing[code], 2):
            pairs.setdefault(pair, code)
    clusters = [{n: ordered[n]} for n in range(len(ordered))]
    conflicts = []
    for (a, b), code in sorted(pairs.items()):
        one, other, into, joining = ordered[a], ordered[b], clusters[a], clusters[b]
        if into is joining or one.source == other.source:
            continue
        why = _objection(one, other, into, joining, ids, banned)
        if why:
            told = tuple((m.source, m.source_id) for m in (one, other))
            conflicts.append(Conflict(MergeReason.ISWC, f"ISWC {code}", (one.row, other.row), told, why))
            continue
        if min(joining) < min(into):
            into, joining = joining, into
        joined = {**into, **joining}
        first = min(joining)
        joined[first] = replace(joining[first], reason=MergeReason.ISWC, evidence=f"ISWC {code}")
        for n in joined:
            clusters[n] = joined
    found = {id(cluster): cluster for cluster in clusters}.values()
    return [_led([cluster[n] for n in sorted(cluster)]) for cluster in found], conflicts


def _led(cluster: list[WorkMember]) -> list[WorkMember]:
    return [replace(cluster[0], reason=MergeReason.LEADER, evidence=""), *cluster[1:]]


def _objection(  # noqa: PLR0913, PLR0917 - two works, what they are in already, and what is known of all
    one: WorkMember,
    other: WorkMember,
    into: Mapping[int, WorkMember],
    joining: Mapping[int, WorkMember],
    ids: Mapping[int, Sequence[str]],
    banned: Bans,
) -> str | None:
    if not alike_titles(title_parts(one.body.work["title"]).base, title_parts(other.body.work["title"]).base):
        return "titles differ"
    if {m.source for m in into.values()} & {m.source for m in joining.values()}:
        return "two of one source would become one"
    for a in into.values() if banned else ():
        for b in joining.values():
            if any(frozenset(((a.source, i), (b.source, j))) in banned for i in ids[a.row] for j in ids[b.row]):
                return "taken apart by hand"
    return None
