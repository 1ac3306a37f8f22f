"""Cost and recall of searches, cost of all lists: `python -m benchmarks.search --url postgresql://…`."""

import asyncio
import json
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
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
from benchmarks.search.trigram import trigram
from sonograph.postgres.pool import Pool

APPLICATION = "benchmark search"
LIMIT = 100.0  # ms of database CPU that no read may exceed
TIMEOUT_MS = 20_000
PAGES = 5  # turned of each list
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
    TRIGRAM = "trigram"


def main(
    *,
    url: str | None = Url,
    data_dir: Path | None = DataDir,
    sample: Annotated[int, typer.Option(min=1, help="Recordings that are searched in each kind of mess.")] = 300,
    seed: int = 1,
    part: Annotated[list[Part] | None, typer.Option(help="Only these; all but trigram if none is named.")] = None,
) -> None:
    """Time searches and lists at their worst; ends with status 1 if one takes over 100 ms of database CPU."""
    with opened(url, data_dir) as dsn:
        bounded = asyncio.run(_run(dsn, sample, Random(seed), part or [p for p in Part if p is not Part.TRIGRAM]))
    raise typer.Exit(0 if bounded else 1)


async def _run(dsn: str, sample: int, random: Random, parts: Sequence[Part]) -> bool:
    tracks = await catalog_size(dsn)
    typer.echo(f"{tracks:,} tracks; ms of the database's CPU, and wall time of one client on its own")
    pool = await Pool(dsn, "catalog", size=1, statement_timeout_ms=TIMEOUT_MS, application_name=APPLICATION).open()
    connection = await connected(dsn)
    try:
        clock = Clock(Reader(pool), (await backends(connection, APPLICATION))[0])
        known = await _known(connection, tracks, sample, random)
        # In this order whatever was named, so that the random numbers of each are the same.
        measures: dict[Part, Callable[[], Awaitable[bool]]] = {
            Part.RECALL: lambda: _recall(clock, known, random),
            Part.ABSENT: lambda: _absent(clock, connection, tracks, sample, random),
            Part.RESOLVE: lambda: _resolve(clock, connection, tracks, random),
            Part.HOSTILE: lambda: _hostile(clock),
            Part.LISTS: lambda: _lists(clock, connection),
            Part.TRIGRAM: lambda: _trigram(connection, known, random),
        }
        results = [await measure() for part, measure in measures.items() if part in parts]
    finally:
        await connection.close()
        await pool.close()
    return all(results)


async def _known(connection: asyncpg.Connection, tracks: int, sample: int, random: Random) -> list[Known]:
    ids = random.sample(range(1, tracks + 1), min(sample, tracks))
    known = []
    for row in await connection.fetch(SAMPLE, ids):
        same = await connection.fetch(SAME, row["artist_id"], row["title_key"])
        known.append(Known(row["id"], row["name"], row["title"], frozenset(r["track_id"] for r in same)))
    return known


async def _recall(clock: Clock, known: list[Known], random: Random) -> bool:
    groups, first, among = dict[str, list[Timed]](), dict[str, str](), dict[str, str]()
    missed = list[str]()
    for kind, write in MESS.items():
        timed, at_1, at_20 = list[Timed](), 0, 0
        for recording in known:
            artist, title = write(recording, random)
            ask = Ask(documents.TRACKS, {"artist": artist, "title": title})
            figures, body = await clock.time(f"{artist} / {title}", ask, times=1)
            timed.append(figures)
            found = [node["databaseId"] for node in json.loads(body)["data"]["searchTracks"]["nodes"]]
            at_1 += found[:1] != [] and found[0] in recording.same
            at_20 += not recording.same.isdisjoint(found)
            if recording.same.isdisjoint(found[:1]):
                missed.append(f"{kind}: {artist!r} / {title!r} for {recording.artist!r} / {recording.title!r}")
        groups[kind], first[kind], among[kind] = timed, f"{at_1 / len(known):.3f}", f"{at_20 / len(known):.3f}"
    text, bounded = report(groups, LIMIT, **{"recall@1": first, "recall@20": among})
    reads = [timed.cpu for group in groups.values() for timed in group]
    typer.echo(
        f"\nin all: recall@1 {sum(map(float, first.values())) / len(first):.4f}, CPU mean {fmean(reads):.2f} ms, "
        f"p99 {percentile(reads, 0.99):.2f} ms, max {max(reads):.1f} ms, {len(reads):,} searches"
    )
    typer.echo(f"\nRecordings of the catalog, written in other ways\n\n{text}\n")
    typer.echo("\n".join(f"not first: {line}" for line in missed[:20]))
    return bounded


async def _absent(clock: Clock, connection: asyncpg.Connection, tracks: int, sample: int, random: Random) -> bool:
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
    text, bounded = report({"absent artists": timed}, LIMIT)
    typer.echo(f"\nArtists that the catalog does not have\n\n{text}\n")
    share, lines_share = 1 - len(wrong) / len(asked), 1 - matched / len(asked)
    typer.echo(f"nothing found, as it should be: search {share:.4f}, bulk resolve {lines_share:.4f} of {len(asked):,}")
    typer.echo("\n".join(f"found: {line}" for line in wrong[:10]))
    return bounded


async def _resolve(clock: Clock, connection: asyncpg.Connection, tracks: int, random: Random) -> bool:
    """Lines of 100; typing errors are reported, and not bounded by the limit of a single read."""
    groups, found = dict[str, list[Timed]](), dict[str, str]()
    known = await _known(connection, tracks, 3000, random)
    for kind in ("clean", "word order", "swapped", "both typo"):
        timed, right = list[Timed](), 0
        for start in range(0, len(known), 100):
            some = known[start : start + 100]
            lines = [dict(zip(("artist", "title"), MESS[kind](recording, random), strict=True)) for recording in some]
            figures, body = await clock.time(kind, Ask(documents.RESOLVE, {"items": lines}))
            timed.append(figures)
            rows = json.loads(body)["data"]["resolveTracks"]
            right += sum(
                (row["track"] or {}).get("databaseId") in recording.same
                for row, recording in zip(rows, some, strict=True)
            )
        groups[kind], found[kind] = timed, f"{right / len(known):.3f}"
    text, _ = report(groups, LIMIT, found=found)
    typer.echo(f"\nBulk resolve of 100 lines by name, with codes and links in the answer\n\n{text}")
    return True


async def _trigram(connection: asyncpg.Connection, known: list[Known], random: Random) -> bool:
    asked = [
        (*write(recording, random), recording.same) for write in MESS.values() for recording in known[:: len(MESS)]
    ]
    right, cpu, size = await trigram(connection, asked)
    typer.echo(
        f"\npg_trgm over artist and title, {len(asked):,} queries of all kinds: recall@1 {right:.3f}, CPU mean "
        f"{fmean(cpu):.1f} ms, p99 {percentile(cpu, 0.99):.1f} ms, max {max(cpu):.1f} ms; its index {size / 1e6:.0f} MB"
    )
    return True


async def _hostile(clock: Clock) -> bool:
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
    text, bounded = report(dict(groups), LIMIT)
    typer.echo(f"\nHostile and very common queries, first and second page\n\n{text}")
    return bounded


async def _lists(clock: Clock, connection: asyncpg.Connection) -> bool:
    groups = {}
    for name, ask in (await lists(connection)).items():
        groups[name] = await _pages(clock, name, ask, PAGES if turns_pages(ask) else 1)
    text, bounded = report(groups, LIMIT)
    typer.echo(f"\nThe longest list of each kind, {PAGES} pages of 100\n\n{text}")
    return bounded


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
