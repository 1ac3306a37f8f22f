"""Whether messy searches find what is meant, and what they cost: in one catalog, or by turns in two of two sizes."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from statistics import fmean

import typer

from benchmarks.figures import percentile
from benchmarks.search import documents
from benchmarks.search.clock import Clock, Timed, report
from benchmarks.search.documents import Ask
from benchmarks.search.mess import MESS, Known
from benchmarks.search.targets import Target


@dataclass(frozen=True, slots=True)
class Searched:
    """A catalog that is searched: its clock, and recordings that it has."""

    tracks: int
    clock: Clock
    known: Sequence[Known]
    random: Random
    groups: dict[str, list[Timed]] = field(default_factory=dict)
    first: dict[str, float] = field(default_factory=dict)  # kind: share of searches whose first hit is right
    among: dict[str, float] = field(default_factory=dict)  # of those that have it among the first twenty
    missed: list[str] = field(default_factory=list)

    async def search(self, kind: str) -> None:
        timed, at_1, at_20 = list[Timed](), 0, 0
        for recording in self.known:
            artist, title = MESS[kind](recording, self.random)
            ask = Ask(documents.TRACKS, {"artist": artist, "title": title})
            figures, body = await self.clock.time(f"{artist} / {title}", ask, times=1)
            timed.append(figures)
            found = [node["databaseId"] for node in json.loads(body)["data"]["searchTracks"]["nodes"]]
            at_1 += found[:1] != [] and found[0] in recording.same
            at_20 += not recording.same.isdisjoint(found)
            if recording.same.isdisjoint(found[:1]):
                self.missed.append(f"{kind}: {artist!r} / {title!r} for {recording.artist!r} / {recording.title!r}")
        self.groups[kind] = timed
        self.first[kind], self.among[kind] = at_1 / len(self.known), at_20 / len(self.known)

    @property
    def cpu(self) -> list[float]:
        return [timed.cpu for group in self.groups.values() for timed in group]

    def print(self, limit: float) -> None:
        columns = {"recall@1": self.first, "recall@20": self.among}
        text, _ = report(
            self.groups, limit, **{name: {k: f"{v:.3f}" for k, v in column.items()} for name, column in columns.items()}
        )
        typer.echo(
            f"\n{self.tracks:,} tracks: recall@1 {fmean(self.first.values()):.4f}, CPU mean {fmean(self.cpu):.2f} ms, "
            f"p99 {percentile(self.cpu, 0.99):.2f} ms, max {max(self.cpu):.1f} ms, {len(self.cpu):,} searches"
        )
        typer.echo(f"\nRecordings of the catalog, written in other ways\n\n{text}\n")
        typer.echo("\n".join(f"not first: {line}" for line in self.missed[:20]))


async def recall(catalog: Searched, smaller: Searched | None, limit: float) -> list[Target]:
    """The two are searched by turns, kind by kind, so that whatever else uses the machine meets both."""
    catalogs = [catalog, smaller] if smaller else [catalog]
    for kind in MESS:
        for each in catalogs:
            await each.search(kind)
    for each in catalogs:
        each.print(limit)
    targets = [
        Target("recall@1", fmean(catalog.first.values()), 0.985, at_least=True, digits=4),
        Target("search, CPU mean, ms", fmean(catalog.cpu), 2.0),
        Target("search, CPU p99, ms", percentile(catalog.cpu, 0.99), 20.0),
    ]
    if smaller:
        ratio = fmean(catalog.cpu) / fmean(smaller.cpu)
        targets.append(Target(f"search, CPU mean of {smaller.tracks:,} tracks times", ratio, 1.3))
    return targets
