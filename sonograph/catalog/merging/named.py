"""The pass over artists, labels and releases: those that one source says are another's."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from typing import TypeVar

import asyncpg

from sonograph.catalog.merging.clustering import Bans, Conflict
from sonograph.catalog.merging.report import MergeReport
from sonograph.catalog.merging.tracks import bans, hold
from sonograph.catalog.vocabulary import EntityKind, MergeReason, OriginId
from sonograph.catalog.writer.merged import B, Cluster, Member, restate_lines
from sonograph.catalog.writer.merged_names import Named, load_named
from sonograph.catalog.writer.merged_references import join_named, part_named
from sonograph.catalog.writer.merged_releases import dissolve_releases, load_releases, write_release_clusters

Tell = Callable[[str, int, int], None]
T = TypeVar("T")

AT_ONCE = 200  # clusters in a transaction
# A source says of a whole group what counts for more than what it says of any number of its editions.
_GROUP_WEIGHT = 1_000_000
_GENERIC_ARTISTS = frozenset(
    ("89ad4ac3-39f7-470e-963a-56509c546377", "125ec42a-7229-4250-afc5-e057484327fe", "194", "355")
)
_PAIRS = f"""
select coalesce(ra.new_id, a.entity_id), coalesce(rb.new_id, b.entity_id), s.origin_id, s.target_origin,
  s.external_id, s.target_id, s.kind
from same_as s
cross join lateral (select entity_id from source_ref
  where external_id = s.external_id and kind = s.kind and origin_id = s.origin_id offset 0) a
cross join lateral (select entity_id from source_ref
  where external_id = s.target_id and kind = s.kind and origin_id = s.target_origin offset 0) b
-- Rows that other sources were merged with lead on as well, but are what is compared here.
left join redirect ra on ra.kind = $2 and ra.old_id = a.entity_id
  and not exists (select from merged m where m.member = a.entity_id and m.kind = $2)
left join redirect rb on rb.kind = $2 and rb.old_id = b.entity_id
  and not exists (select from merged m where m.member = b.entity_id and m.kind = $2)
where s.kind = any($1)
"""  # noqa: F541 - as the others here


@dataclass(slots=True)
class _Row:
    """A row as the pairs know it."""

    source: int
    ids: tuple[str, ...] = ()  # nearly always one: 150 bytes less than a set

    @property
    def key(self) -> tuple[int, int, str]:
        least = self.least
        return self.source, len(least), least

    @property
    def least(self) -> str:
        return min(self.ids, key=lambda source_id: (len(source_id), source_id))


@dataclass(slots=True)
class Pairs:
    """What sources say of each other, and what follows."""

    rows: dict[int, _Row] = field(default_factory=dict)
    weights: dict[tuple[int, int], int] = field(default_factory=dict)
    evidence: dict[tuple[int, int], str] = field(default_factory=dict)

    def add(self, one: tuple[int, int, str], other: tuple[int, int, str], weight: int, evidence: str) -> None:
        """(row, source, its id) of both."""
        for row, source, source_id in (one, other):
            known = self.rows.setdefault(row, _Row(source))
            if source_id not in known.ids:
                known.ids = (*known.ids, source_id)
        pair = min(one[0], other[0]), max(one[0], other[0])
        self.weights[pair] = self.weights.get(pair, 0) + weight
        self.evidence[pair] = min(evidence, self.evidence.get(pair, evidence))

    def clusters(self, banned: Bans) -> tuple[list[dict[int, str]], list[Conflict]]:
        """({row: evidence} of each, conflicts). A pair holds if neither side is tied as firmly to another one."""
        firm = self._firm()
        clusters: dict[int, dict[int, str]] = {}
        conflicts = []
        for pair in sorted(self.weights, key=lambda p: sorted((self.rows[p[0]].key, self.rows[p[1]].key))):
            a, b = pair
            if firm[a, self.rows[b].source][1] != b or firm[b, self.rows[a].source][1] != a:
                conflicts.append(self._conflict(pair, "another one is meant at least as often"))
                continue
            into: dict[int, str] = clusters.get(a, {a: ""})
            joining: dict[int, str] = clusters.get(b, {b: ""})
            sources = [self.rows[row].source for row in (*into, *joining)]
            if into is joining:
                continue
            if len(set(sources)) < len(sources):
                conflicts.append(self._conflict(pair, "two of one source would become one"))
            elif any(self._banned(one, two, banned) for one in into for two in joining):
                conflicts.append(self._conflict(pair, "taken apart by hand"))
            else:
                joined = {row: said or self.evidence[pair] for row, said in (*into.items(), *joining.items())}
                for row in joined:
                    clusters[row] = joined
        return list({id(cluster): cluster for cluster in clusters.values()}.values()), conflicts

    def _firm(self) -> dict[tuple[int, int], tuple[int, int | None]]:
        """(row, source): weight of its firmest tie to a row there, and that row, None where two are tied as firmly."""
        firm: dict[tuple[int, int], tuple[int, int | None]] = {}
        for pair, weight in self.weights.items():
            for row, other in (pair, pair[::-1]):
                key = row, self.rows[other].source
                most = firm[key][0] if key in firm else 0
                if weight >= most:
                    firm[key] = weight, None if weight == most else other
        return firm

    def _banned(self, a: int, b: int, banned: Bans) -> bool:
        one, two = self.rows[a], self.rows[b]
        return bool(banned) and any(
            frozenset(((one.source, i), (two.source, j))) in banned for i in one.ids for j in two.ids
        )

    def _conflict(self, pair: tuple[int, int], why: str) -> Conflict:
        ids = tuple((self.rows[row].source, self.rows[row].least) for row in pair)
        return Conflict(MergeReason.RELATION, self.evidence[pair], pair, ids, why)


async def read_pairs(connection: asyncpg.Connection, kind: EntityKind) -> Pairs:
    kinds = [EntityKind.RELEASE, EntityKind.RELEASE_GROUP] if kind is EntityKind.RELEASE else [kind]
    pairs = Pairs()
    async with connection.transaction():
        async for a, b, source, target, ours, theirs, said_of in connection.cursor(_PAIRS, kinds, kind, prefetch=5000):
            if (
                kind is EntityKind.ARTIST
                and {ours, theirs} & _GENERIC_ARTISTS
                and not {ours, theirs} <= _GENERIC_ARTISTS
            ):
                continue  # "Various Artists" is nobody
            weight = _GROUP_WEIGHT if said_of == EntityKind.RELEASE_GROUP else 1
            name, other = OriginId(source).name.lower(), OriginId(target).name.lower()
            what = EntityKind(said_of).name.lower().replace("_", " ")
            pairs.add(
                (a, source, ours),
                (b, target, theirs),
                weight,
                f"{name} says that its {what} {ours} is {other} {theirs}",
            )
    return pairs


async def merge_named(
    connection: asyncpg.Connection, kind: Named, report: MergeReport, now: datetime, tell: Tell
) -> None:
    """Merge artists or labels."""

    async def join(rows: Sequence[Mapping[int, str]], pairs: Pairs) -> None:
        members = await load_named(connection, kind, [row for cluster in rows for row in cluster])
        clusters = _clusters(members, rows, pairs, now)
        await join_named(connection, kind, clusters)
        report.joined(kind, clusters)

    async def part(rows: Sequence[int]) -> None:
        await part_named(connection, kind, rows)

    await _pass(connection, kind, report, tell, join, part)


async def merge_releases(connection: asyncpg.Connection, report: MergeReport, now: datetime, tell: Tell) -> None:
    async def join(rows: Sequence[Mapping[int, str]], pairs: Pairs) -> None:
        members = await load_releases(connection, [row for cluster in rows for row in cluster])
        clusters = _clusters(members, rows, pairs, now)
        await write_release_clusters(connection, clusters)
        report.joined(EntityKind.RELEASE, clusters)

    async def part(rows: Sequence[int]) -> None:
        await dissolve_releases(connection, rows)

    await _pass(connection, EntityKind.RELEASE, report, tell, join, part)


async def _pass(  # noqa: PLR0913, PLR0917 - what, where to tell, and the two things that differ by kind
    connection: asyncpg.Connection,
    kind: EntityKind,
    report: MergeReport,
    tell: Tell,
    join: Callable[[Sequence[Mapping[int, str]], Pairs], Awaitable[None]],
    part: Callable[[Sequence[int]], Awaitable[None]],
) -> None:
    """All that is said is compared with all that is merged: what differs is taken apart, then put together."""
    pairs = await read_pairs(connection, kind)
    report.looked_at[kind.name.lower()] += len(pairs.rows)
    wanted, conflicts = pairs.clusters(await bans(connection, kind))
    for conflict in conflicts:
        report.refused(kind, conflict)
    there: dict[int, set[int]] = defaultdict(set)
    said: dict[int, str] = {}  # but of leaders
    for row, member, evidence in await connection.fetch(
        'select "row", member, evidence from merged where kind = $1', kind
    ):
        there[row].add(member)
        if evidence:
            said[member] = evidence
    standing = {frozenset(members) for members in there.values()}
    desired = {frozenset(cluster): cluster for cluster in wanted}
    stale = [row for row, members in there.items() if frozenset(members) not in desired]
    new = [cluster for rows, cluster in desired.items() if rows not in standing]
    await restate_lines(
        connection,
        kind,
        [
            (row, MergeReason.RELATION, evidence)
            for rows, cluster in desired.items()
            if rows in standing
            for row, evidence in cluster.items()
            if said.get(row, evidence) != evidence
        ],
    )
    total, done = len(stale) + len(new), 0
    for chunk in _chunks(sorted(stale)):
        async with connection.transaction():
            await hold(connection)
            await part(chunk)
        report.parted[kind.name.lower()] += len(chunk)
        done += len(chunk)
        tell(f"{kind.name.lower()}s", done, total)
    for joined in _chunks(new):
        async with connection.transaction():
            await hold(connection)
            await join(joined, pairs)
        done += len(joined)
        tell(f"{kind.name.lower()}s", done, total)


def _chunks(items: Iterable[T]) -> Iterator[list[T]]:
    left = iter(items)
    while chunk := list(islice(left, AT_ONCE)):
        yield chunk


def _clusters(
    members: Iterable[Member[B]], rows: Iterable[Mapping[int, str]], pairs: Pairs, now: datetime
) -> list[Cluster[B]]:
    by_row = {member.row: member for member in members}
    clusters = list[Cluster[B]]()
    for wanted in rows:
        found = [
            replace(
                by_row[row],
                source_id=pairs.rows[row].least,
                reason=MergeReason.RELATION,
                evidence=evidence,
                merged_at=now,
            )
            for row, evidence in wanted.items()
            if row in by_row  # a group that no release is in yet
        ]
        if len(found) > 1:
            found.sort(key=lambda member: member.order)
            found[0] = replace(found[0], reason=MergeReason.LEADER, evidence="")
            clusters.append(found)
    return clusters
