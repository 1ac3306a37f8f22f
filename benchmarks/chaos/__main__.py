"""`python -m benchmarks.chaos --kills 50`: every airing of a show exactly one event, whatever is killed.

Three monitors watch a number of streams of one show; one API serves a listener that reconnects. Every few seconds one
of them, or PostgreSQL, is killed with SIGKILL: only what is ready again since it was killed last, and monitors only
while two live. At the end the plays are compared with what was on air, and what the listener was told with the log of
events.
"""

import asyncio
import tempfile
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

import asyncpg
import typer

from benchmarks.chaos.listening import Listener
from benchmarks.chaos.readiness import living, serves
from benchmarks.chaos.show import Song, show_of
from benchmarks.chaos.station import Station
from benchmarks.chaos.victims import Database, Part, Victim
from sonograph.accounts.store import create_key
from sonograph.catalog.vocabulary import EntityKind
from sonograph.monitoring.streams import STATION_PATH
from sonograph.postgres.embedded import EmbeddedPostgres
from tests.service import free_port

PAUSES = (6.0, 12.0)  # seconds between two kills
PATIENCE = 6.0  # seconds that are waited for a part to be ready to be killed
DOWN = (0.5, 4.0)  # seconds until what was killed is started again
TRACK = EntityKind.TRACK.value
FEWEST = 2  # monitors that live before one is killed: what nobody listens to, nobody can recognise
SETTLE_SECONDS = 40.0  # after the last kill: the last airing ends, and the listener hears of it
EMAIL = "chaos@sonograph.internal"
_STREAM = """
insert into accounts.stream (account_id, test, url, detection_mode, outage_notifications, created_at, runtime_status,
  status_at) select id, true, $2, 2, false, now(), 1, now() from accounts.account where email = $1 returning id
"""
_PLAYS = """
select p.stream_id, r.external_id as key, extract(epoch from p.started_at)::float8 as started,
  extract(epoch from p.ended_at)::float8 as ended,
  (select count(*) from accounts.event e where e.type = 1 and (e.data->>'play_id')::bigint = p.id) as events
from accounts.play p
left join sandbox.source_ref r on r.entity_id = p.track_id and r.kind = $2 and r.external_id = any($1::text[])
order by p.started_at
"""


def main(kills: int = 50, streams: int = 6, seed: int = 1, warm_up: float = 20.0, logs: Path | None = None) -> None:
    """Runs for about twelve seconds a kill; `logs` is a folder for those of the processes."""
    random = Random(seed)
    with tempfile.TemporaryDirectory(prefix="sonograph-chaos-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # run as root, the embedded server is another user
        with EmbeddedPostgres(folder / "postgres") as server:
            try:
                asyncio.run(_run(server.dsn, folder, random, kills, streams, warm_up))
            finally:
                for log in folder.glob("*.log"):
                    if logs is not None:
                        (logs / log.name).write_bytes(log.read_bytes())


async def _run(dsn: str, folder: Path, random: Random, kills: int, streams: int, warm_up: float) -> None:  # noqa: PLR0913, PLR0917  # the command's
    frames, songs = show_of(kills * sum(PAUSES) / 2 + warm_up + SETTLE_SECONDS + 120, random)
    async with Station(frames).on_air() as station:
        base = station.url.removesuffix("/live.mp3")
        settings = {
            "data_dir": str(folder / "data"),
            "database_url": dsn,
            "public_url": base,  # so that the show is our own station, which test streams are really read from
            "port": str(free_port()),
        }
        url = f"http://127.0.0.1:{settings['port']}"
        api = Victim("api", ["serve"], settings, folder, lambda _: serves(url))
        monitors = [
            Victim(f"monitor-{number}", ["worker", "monitor"], settings, folder, lambda one: _lives(dsn, one.pid))
            for number in range(1, 4)
        ]
        database = Database(folder / "postgres", lambda _: _lives(dsn, None))
        api.start()
        try:
            await api.up()
            key = await create_key(dsn, EMAIL, "scale", test=True)
            await _with(dsn, lambda connection: _make(connection, streams, base + STATION_PATH))
            for monitor in monitors:
                monitor.start()
            listener = Listener(url, key)
            listening = asyncio.create_task(listener.run())
            await asyncio.sleep(warm_up)
            watching = [asyncio.create_task(part.watch()) for part in (api, *monitors, database)]
            await _kill(kills, random, dsn, api, monitors, database)
            await asyncio.sleep(SETTLE_SECONDS)
            until = time.time()
            for monitor in monitors:
                monitor.stop()
            await asyncio.sleep(3)
            for task in watching:
                task.cancel()
            for part in (api, *monitors, database):
                took = sorted(part.returned) or [0.0]
                print(
                    f"{part.name}: killed {part.kills} times, ready again after {took[len(took) // 2]:.1f} s (median), "
                    f"{took[-1]:.1f} s (most); ended by itself {part.ends if isinstance(part, Victim) else 0} times"
                )
            await _with(dsn, lambda connection: _report(connection, songs, station.began, until, streams, listener))
            listening.cancel()
            with suppress(asyncio.CancelledError):
                await listening
        finally:
            for one in (api, *monitors):
                one.stop()


async def _kill(  # noqa: PLR0913, PLR0917  # whom
    kills: int, random: Random, dsn: str, api: Victim, monitors: list[Victim], database: Database
) -> None:
    """One part after the other, each only when it is ready again."""
    began = time.monotonic()
    for number in range(kills):
        victim = await _chosen(random, dsn, api, monitors, database)
        await victim.kill(random.uniform(*DOWN))
        if number % 10 == 9:
            print(f"{number + 1} kills after {time.monotonic() - began:.0f} s", flush=True)
        await asyncio.sleep(random.uniform(*PAUSES))


async def _chosen(random: Random, dsn: str, api: Victim, monitors: list[Victim], database: Database) -> Part:
    """The API, a monitor, or PostgreSQL; another one where that takes long to be ready."""
    while True:
        victim: Part = random.choice([api, database, random.choice(monitors)])
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:  # of other processes
            if victim.ready and (victim not in monitors or await living(dsn) >= FEWEST):
                return victim
            await asyncio.sleep(0.5)


async def _lives(dsn: str, pid: int | None) -> bool:
    return await living(dsn, pid) > 0


async def _make(connection: asyncpg.Connection, streams: int, url: str) -> None:
    for _ in range(streams):
        await connection.execute(_STREAM, EMAIL, url)


async def _report(  # noqa: PLR0913, PLR0917  # what was on air, and what was said
    connection: asyncpg.Connection, songs: list[Song], began: float, until: float, streams: int, listener: Listener
) -> None:
    plays = [dict(row) for row in await connection.fetch(_PLAYS, sorted({song.key for song in songs}), TRACK)]
    heard = [song for song in songs if began + song.start > began + 1 and began + song.end < until - 30]
    wanted = {(stream, song.start) for stream in range(1, streams + 1) for song in heard}
    found: Counter[tuple[int, float]] = Counter()
    strangers, start_errors = 0, []
    for play in plays:
        song = _song_of(play, songs, began)
        if song is None:
            strangers += 1
        elif (play["stream_id"], song.start) in wanted:
            found[play["stream_id"], song.start] += 1
            start_errors.append(abs(play["started"] - began - song.start))
    once = sum(found[one] == 1 for one in wanted)
    twice = sorted(one for one in wanted if found[one] > 1)
    missed = sorted(one for one in wanted if not found[one])
    print(f"airings on air: {len(wanted)} ({len(heard)} songs on {streams} streams)")
    print(f"with exactly one play: {once}; with more: {len(twice)} {twice}; with none: {len(missed)} {missed}")
    print(f"plays of what was not on air: {strangers}; left open: {sum(play['ended'] is None for play in plays)}")
    print(f"plays without exactly one event: {sum(play['events'] != 1 for play in plays)} of {len(plays)}")
    start_errors.sort()
    if start_errors:
        print(f"start error: median {start_errors[len(start_errors) // 2]:.2f} s, most {start_errors[-1]:.2f} s")
    log = [row["id"] for row in await connection.fetch("select id from accounts.event where type <> 2 order by id")]
    told = Counter(listener.ids)
    print(
        f"events in the log: {len(log)}; told in {listener.connections} connections: lost {len(set(log) - set(told))}, "
        f"doubled {sum(count > 1 for count in told.values())}, out of order {listener.ids != sorted(listener.ids)}, "
        f"unknown {len(set(told) - set(log))}"
    )


def _song_of(play: Any, songs: list[Song], began: float) -> Song | None:
    """The song of the show that a play is of."""
    for song in songs:
        if song.key == play["key"] and began + song.start - 5 <= play["started"] <= began + song.end:
            return song
    return None


async def _with(dsn: str, job: Any) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await job(connection)
    finally:
        await connection.close()


if __name__ == "__main__":
    typer.run(main)
