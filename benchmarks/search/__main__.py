"""Cost and recall of searches, cost of all lists: `python -m benchmarks.search --url postgresql://…`."""

import asyncio
import json
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from enum import StrEnum
from pathlib import Path
from random import Random
from statistics import fmean
from typing import Annotated

import asyncpg
import typer

from benchmarks.database import DataDir, Url, catalog_size, connected, opened
from benchmarks.figures import percentile
from benchmarks.processes import backends
from benchmarks.search import documents, hostile
from benchmarks.search.absent import absent
from benchmarks.search.clock import Clock, Timed, report
from benchmarks.search.documents import Ask, Reader, Refused
from benchmarks.search.lists import lists, next_cursor, turns_pages
from benchmarks.search.mess import MESS, Known
from benchmarks.search.recall import Searched, recall
from benchmarks.search.resolving import resolving
from benchmarks.search.targets import Target, room, verdicts
from benchmarks.search.trigram import trigram
from sonograph.postgres.pool import Pool

APPLICATION = "benchmark search"
LIMIT = 100.0  # ms of database CPU that no read may exceed
TIMEOUT_MS = 20_000
PAGES = 5  # turned of each list
RESOLVED = 10_000  # recordings that bulk resolves ask for: a hundred requests, so that there is a p99
SAMPLE = """
select t.id, t.title, t.title_key, a.id as artist_id, a.name from track t
join track_artist ta on ta.track_id = t.id and ta.position = 0 join artist a on a.id = ta.artist_id
where t.id = any($1::int[]) order by t.id
"""
SAME = """
select ta.track_id from track_artist ta join track t on t.id = ta.track_id where ta.artist_id = $1 and t.title_key = $2
"""


class Part(StrEnum):
    """What is measured."""

    RECALL = "recall"
    ABSENT = "absent"
    RESOLVE = "resolve"
    HOSTILE = "hostile"
    LISTS = "lists"
    ROOM = "room"
    TRIGRAM = "trigram"


def main(  # noqa: PLR0913  # options of the command
    *,
    url: str | None = Url,
    data_dir: Path | None = DataDir,
    beside: Annotated[str | None, typer.Option(help="URL of a smaller catalog that is searched by turns.")] = None,
    sample: Annotated[int, typer.Option(min=1, help="Recordings that are searched in each kind of mess.")] = 300,
    seed: int = 1,
    part: Annotated[list[Part] | None, typer.Option(help="Only these; all but trigram if none is named.")] = None,
) -> None:
    """Time searches and lists at their worst. Ends with status 1 if a target, meant for 5 million tracks, is missed."""
    parts = part or [p for p in Part if p is not Part.TRIGRAM]
    with opened(url, data_dir) as dsn:
        targets = asyncio.run(_run(dsn, beside, sample, seed, parts))
    typer.echo(f"\n{verdicts(targets)}")
    raise typer.Exit(0 if all(target.met for target in targets) else 1)


async def _run(dsn: str, beside: str | None, sample: int, seed: int, parts: Sequence[Part]) -> list[Target]:
    typer.echo("ms of the database's CPU, and wall time of one client on its own")
    random = Random(seed)
    async with AsyncExitStack() as stack:
        connection, catalog = await _searched(stack, dsn, APPLICATION, sample, random)
        smaller = None
        if beside:
            _, smaller = await _searched(stack, beside, f"{APPLICATION} beside", sample, Random(seed))
        clock, tracks = catalog.clock, catalog.tracks
        # In this order whatever was named, so that the random numbers of each are the same.
        measures: dict[Part, Callable[[], Awaitable[list[Target]]]] = {
            Part.RECALL: lambda: recall(catalog, smaller, LIMIT),
            Part.ABSENT: lambda: _absent(clock, connection, tracks, sample, random),
            Part.RESOLVE: lambda: _resolve(clock, connection, tracks, random),
            Part.HOSTILE: lambda: _hostile(clock),
            Part.LISTS: lambda: _lists(clock, connection),
            Part.ROOM: lambda: room(connection, tracks),
            Part.TRIGRAM: lambda: _trigram(connection, catalog.known, random),
        }
        return [target for part, measure in measures.items() if part in parts for target in await measure()]


async def _searched(
    stack: AsyncExitStack, dsn: str, application: str, sample: int, random: Random
) -> tuple[asyncpg.Connection, Searched]:
    """A connection to a catalog, and what is asked of it; both closed with the stack."""
    tracks = await catalog_size(dsn)
    pool = await Pool(dsn, "catalog", size=1, statement_timeout_ms=TIMEOUT_MS, application_name=application).open()
    stack.push_async_callback(pool.close)
    connection = await connected(dsn)
    stack.push_async_callback(connection.close)
    clock = Clock(Reader(pool), (await backends(connection, application))[0])
    return connection, Searched(tracks, clock, await _known(connection, tracks, sample, random), random)


async def _known(connection: asyncpg.Connection, tracks: int, sample: int, random: Random) -> list[Known]:
    ids = random.sample(range(1, tracks + 1), min(sample, tracks))
    known = []
    for row in await connection.fetch(SAMPLE, ids):
        same = await connection.fetch(SAME, row["artist_id"], row["title_key"])
        known.append(Known(row["id"], row["name"], row["title"], frozenset(r["track_id"] for r in same)))
    return known


async def _absent(
    clock: Clock, connection: asyncpg.Connection, tracks: int, sample: int, random: Random
) -> list[Target]:
    asked = await absent(connection, tracks, sample * 4, random)
    timed, wrong = list[Timed](), list[str]()
    for artist, title in asked:
        figures, body = await clock.time(
            f"{artist} / {title}", Ask(documents.TRACKS, {"artist": artist, "title": title}), times=1
        )
        timed.append(figures)
        if nodes := json.loads(body)["data"]["searchTracks"]["nodes"]:
            wrong.append(f"{artist!r} / {title!r}: {nodes[0]['artistCredit']!r} / {nodes[0]['title']!r}")
    lines = [{"artist": artist, "title": title} for artist, title in asked]
    matched = 0
    for start in range(0, len(lines), 100):
        _, body = await clock.time("", Ask(documents.RESOLVE, {"items": lines[start : start + 100]}), times=1)
        matched += sum(row["status"] == "MATCHED" for row in json.loads(body)["data"]["resolveTracks"])
    text, _ = report({"absent artists": timed}, LIMIT)
    typer.echo(f"\nArtists that the catalog does not have\n\n{text}\n")
    share, lines_share = 1 - len(wrong) / len(asked), 1 - matched / len(asked)
    typer.echo(f"nothing found, as it should be: search {share:.4f}, bulk resolve {lines_share:.4f} of {len(asked):,}")
    typer.echo("\n".join(f"found: {line}" for line in wrong[:10]))
    return [
        Target("absent artists, nothing found by a search", share, 0.98, at_least=True, digits=4),
        Target("absent artists, nothing found by a bulk resolve", lines_share, 0.98, at_least=True, digits=4),
    ]


async def _resolve(clock: Clock, connection: asyncpg.Connection, tracks: int, random: Random) -> list[Target]:
    return await resolving(clock, connection, await _known(connection, tracks, RESOLVED, random), random, LIMIT)


async def _trigram(connection: asyncpg.Connection, known: Sequence[Known], random: Random) -> list[Target]:
    asked = [
        (*write(recording, random), recording.same) for write in MESS.values() for recording in known[:: len(MESS)]
    ]
    right, cpu, size = await trigram(connection, asked)
    typer.echo(
        f"\npg_trgm over artist and title, {len(asked):,} queries of all kinds: recall@1 {right:.3f}, CPU mean "
        f"{fmean(cpu):.1f} ms, p99 {percentile(cpu, 0.99):.1f} ms, max {max(cpu):.1f} ms; its index {size / 1e6:.0f} MB"
    )
    return []


async def _hostile(clock: Clock) -> list[Target]:
    asks = {
        "tracks": [
            (f"{artist[:25]!a} / {title[:25]!a}", documents.TRACKS, {"artist": artist, "title": title})
            for artist, title in hostile.pairs(1000)
        ],
        "artists": [(ascii(name), documents.ARTISTS, {"name": name}) for name in hostile.names()],
        "labels": [(ascii(name), documents.LABELS, {"name": name}) for name in hostile.names()],
        "releases": [(ascii(name), documents.RELEASES, {"title": name}) for name in hostile.names()],
        "releases of artist": [
            (f"{artist[:25]!a} / {title[:25]!a}", documents.RELEASES, {"artist": artist, "title": title})
            for artist, title in hostile.pairs()
        ],
    }
    groups = defaultdict[str, list[Timed]](list)
    for kind, reads in asks.items():
        for name, text, variables in reads:
            for timed in await _pages(clock, name, Ask(text, variables), 2):
                groups[kind].append(timed)
    text, _ = report(dict(groups), LIMIT)
    typer.echo(f"\nHostile and very common queries, first and second page\n\n{text}")
    return [_dearest("hostile search", groups)]


async def _lists(clock: Clock, connection: asyncpg.Connection) -> list[Target]:
    groups = {}
    for name, ask in (await lists(connection)).items():
        groups[name] = await _pages(clock, name, ask, PAGES if turns_pages(ask) else 1)
    text, _ = report(groups, LIMIT)
    typer.echo(f"\nThe longest list of each kind, {PAGES} pages of 100\n\n{text}")
    return [_dearest("list", groups)]


def _dearest(kind: str, groups: Mapping[str, Sequence[Timed]]) -> Target:
    return Target(f"dearest {kind}, CPU, ms", max(timed.cpu for group in groups.values() for timed in group), LIMIT)


async def _pages(clock: Clock, name: str, ask: Ask, pages: int) -> list[Timed]:
    """Times of the first pages, each behind the one before."""
    timed = list[Timed]()
    for number in range(1, pages + 1):
        try:
            figures, body = await clock.time(name if number == 1 else f"{name}, page {number}", ask)
        except Refused:
            break
        timed.append(figures)
        after = next_cursor(json.loads(body))
        if after is None:
            break
        ask = Ask(ask.text, {**ask.variables, "after": after})
    return timed


if __name__ == "__main__":
    typer.run(main)
