"""Which candidates are one recording: a pure function of what they say, blind to ids of ours and to their order."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import NamedTuple, TypeVar

from sonograph.catalog.merging.candidate import (
    NAME_TOLERANCE_S,
    STRONG_TOLERANCE_S,
    TELLING_APART,
    Candidate,
    contradiction,
    seconds_apart,
)
from sonograph.catalog.vocabulary import MergeReason, OriginId, Platform, rest_name

# Recordings that share a key. "intro" by "various" has thousands: such a key says nothing, and the number of its pairs
# grows with the square.
MAX_SHARING = 200

Shared = int | str | tuple[int, str]  # a match key, an ISRC, the id of a platform
Bans = frozenset[frozenset[tuple[int, str]]]  # pairs of (source, id) that somebody took apart


K = TypeVar("K", bound=Shared)
_PLATFORMS: dict[int, Platform] = {OriginId.DISCOGS: Platform.DISCOGS, OriginId.MUSICBRAINZ: Platform.MUSICBRAINZ}


class Joined(NamedTuple):
    """A member of a cluster and what made it one."""

    candidate: Candidate
    reason: MergeReason
    evidence: str


@dataclass(frozen=True, slots=True)
class Conflict:
    """Evidence that two recordings are the same, and what spoke against it."""

    reason: MergeReason
    evidence: str
    rows: tuple[int, ...]
    ids: tuple[tuple[int, str], ...]
    why: str


class Related(NamedTuple):
    """Two editions that a source says are the same."""

    one: int
    other: int
    evidence: str


@dataclass(slots=True)
class Found:
    clusters: list[list[Joined]]  # the leader first; of one for those that stand alone
    conflicts: list[Conflict] = field(default_factory=list)


class _Edge(NamedTuple):
    reason: MergeReason
    rank: int  # of the first one's source: whoever fits a recording of MusicBrainz is not spent on one of Discogs
    apart: int
    first: tuple[int, int, str]
    second: tuple[int, int, str]
    a: int
    b: int
    evidence: str


def find_clusters(
    candidates: Iterable[Candidate],
    related: Iterable[Related] = (),
    bans: Bans = frozenset(),
    too_common: Collection[Shared] = (),
) -> Found:
    """Join candidates by the strongest evidence first; of one kind, by the nearest durations.

    `too_common` are keys, codes and ids that more rows share than are among the candidates.
    """
    return _Clustering(sorted(candidates, key=lambda c: c.order), bans, too_common).run(related)


@dataclass(slots=True)
class _Cluster:
    members: dict[int, tuple[MergeReason, str]]  # by index of the candidate, the leader's reason is not heeded

    @property
    def leader(self) -> int:
        return min(self.members)


class _Clustering:
    def __init__(self, candidates: Sequence[Candidate], bans: Bans, too_common: Collection[Shared]) -> None:
        self._all = candidates
        self._bans = bans
        self._too_common = too_common
        self._clusters = [_Cluster({n: (MergeReason.LEADER, "")}) for n in range(len(candidates))]
        self._conflicts: dict[tuple[MergeReason, int, int], Conflict] = {}

    def run(self, related: Iterable[Related]) -> Found:
        for edge in sorted({*self._shared(), *self._relations(related), *self._names()}):
            self._join(edge)
        found = {id(cluster): cluster for cluster in self._clusters}
        clusters = [
            [
                Joined(self._all[n], *(cluster.members[n] if n != cluster.leader else (MergeReason.LEADER, "")))
                for n in sorted(cluster.members)
            ]
            for cluster in found.values()
        ]
        return Found(clusters, [self._conflicts[key] for key in sorted(self._conflicts)])

    def _shared(self) -> Iterator[_Edge]:
        """Pairs that share an ISRC or the id of a platform."""
        yield from self._sharing(MergeReason.ISRC, lambda c: c.isrcs, lambda code: f"ISRC {code}")
        yield from self._sharing(MergeReason.PLATFORM_ID, lambda c: c.links, _link)

    def _sharing(
        self,
        reason: MergeReason,
        keys: Callable[[Candidate], Iterable[K]],
        say: Callable[[K], str],
    ) -> Iterator[_Edge]:
        groups: dict[K, list[int]] = defaultdict(list)
        for n, candidate in enumerate(self._all):
            for key in dict.fromkeys(keys(candidate)):
                groups[key].append(n)
        for key, group in groups.items():
            if len(group) < 2:  # noqa: PLR2004 - a pair
                continue
            if len(group) > MAX_SHARING or key in self._too_common:
                self._refuse(reason, say(key), group[:2], f"more than {MAX_SHARING} recordings share it")
                continue
            for a, b in combinations(group, 2):
                if self._own_id(key, self._all[a], self._all[b]):
                    continue
                yield from self._strong(reason, a, b, say(key))

    @staticmethod
    def _own_id(key: Shared, a: Candidate, b: Candidate) -> bool:
        """Whether it is an id by which the source of both tells them apart: a position printed twice on a release."""
        return isinstance(key, tuple) and a.source == b.source and key[0] == _PLATFORMS.get(a.source)

    def _strong(self, reason: MergeReason, a: int, b: int, evidence: str) -> Iterator[_Edge]:
        one, other = self._all[a], self._all[b]
        if self._same_telling_source(one, other):
            why = f"{_source(one)} has them as two recordings"
        elif (said := contradiction(one, other, STRONG_TOLERANCE_S)) is None:
            yield self._edge(reason, a, b, evidence)
            return
        else:
            why = said
        self._refuse(reason, evidence, (a, b), why)

    def _relations(self, related: Iterable[Related]) -> Iterator[_Edge]:
        """Pairs with one title on editions that are the same: in one place, or of one duration."""
        on: dict[int, list[tuple[int, int | None, int | None]]] = defaultdict(list)
        for n, candidate in enumerate(self._all):
            for edition, disc, number in candidate.editions:
                on[edition].append((n, disc, number))
        for one, other, evidence in related:
            for a, *place in on.get(one, ()):
                for b, *other_place in on.get(other, ()):
                    first, second = sorted((a, b))
                    if a == b or self._all[a].recording != self._all[b].recording:
                        continue
                    apart = seconds_apart(self._all[a], self._all[b])
                    in_place = place == other_place and place[1] is not None
                    if in_place or (apart is not None and apart <= NAME_TOLERANCE_S):
                        yield from self._strong(MergeReason.RELATION, first, second, evidence)

    def _names(self) -> Iterator[_Edge]:
        """Pairs of one name and version within 3 s."""
        groups: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for n, candidate in enumerate(self._all):
            if candidate.duration is not None and not candidate.generic:
                for key in candidate.keys:
                    groups[key].append((candidate.duration, n))
        for key, group in groups.items():
            if key in self._too_common or len(group) > MAX_SHARING:
                continue
            group.sort()
            for place, (duration, n) in enumerate(group):
                for _, other in group[place + 1 : bisect_right(group, (duration + NAME_TOLERANCE_S, len(self._all)))]:
                    a, b = sorted((n, other))
                    one, two = self._all[a], self._all[b]
                    same = one.version == two.version and one.live == two.live
                    if same and not self._same_telling_source(one, two):
                        yield self._edge(MergeReason.NAME, a, b, f"{one.shown}, {one.duration} s and {two.duration} s")

    def _edge(self, reason: MergeReason, a: int, b: int, evidence: str) -> _Edge:
        one, other = self._all[a], self._all[b]
        apart = seconds_apart(one, other)
        return _Edge(reason, one.order[0], 0 if apart is None else apart, one.order, other.order, a, b, evidence)

    @staticmethod
    def _same_telling_source(a: Candidate, b: Candidate) -> bool:
        return a.source == b.source and a.source in TELLING_APART

    def _join(self, edge: _Edge) -> None:
        into, other = self._clusters[edge.a], self._clusters[edge.b]
        if into is other:
            return
        if other.leader < into.leader:
            into, other = other, into
        members = {**into.members, **other.members, other.leader: (edge.reason, edge.evidence)}
        if why := self._objection(edge.reason, into, other, members):
            if edge.reason is not MergeReason.NAME:
                self._refuse(edge.reason, edge.evidence, (edge.a, edge.b), why)
            return
        joined = _Cluster(members)
        for n in members:
            self._clusters[n] = joined

    def _objection(
        self, reason: MergeReason, into: _Cluster, other: _Cluster, members: Mapping[int, tuple[MergeReason, str]]
    ) -> str | None:
        for a in into.members:
            for b in other.members:
                one, two = self._all[a], self._all[b]
                if self._same_telling_source(one, two):
                    return f"{_source(one)} has {one.ids[0]} and {two.ids[0]} as two recordings"
                if self._banned(one, two):
                    return "taken apart by hand"
                # What one source lists twice on a release is told apart by it.
                if reason is MergeReason.NAME and one.source == two.source and one.releases & two.releases:
                    return "on one release"
        timed = [n for n in sorted(members) if self._all[n].duration is not None]
        for n in timed[1:]:
            tolerance = NAME_TOLERANCE_S if members[n][0] is MergeReason.NAME else STRONG_TOLERANCE_S
            apart = seconds_apart(self._all[timed[0]], self._all[n]) or 0
            if apart > tolerance:
                return f"durations differ: {self._all[timed[0]].duration} s and {self._all[n].duration} s"
        return None

    def _banned(self, a: Candidate, b: Candidate) -> bool:
        if not self._bans:
            return False
        return any(frozenset(((a.source, i), (b.source, j))) in self._bans for i in a.ids for j in b.ids)

    def _refuse(self, reason: MergeReason, evidence: str, pair: Sequence[int], why: str) -> None:
        a, b = self._all[pair[0]], self._all[pair[1]]
        self._conflicts.setdefault(
            (reason, pair[0], pair[1]),
            Conflict(reason, evidence, (a.row, b.row), ((a.source, a.ids[0]), (b.source, b.ids[0])), why),
        )


def _link(link: tuple[int, str]) -> str:
    return f"{rest_name(Platform(link[0]))} {link[1]}"


def _source(candidate: Candidate) -> str:
    return OriginId(candidate.source).name.lower()
