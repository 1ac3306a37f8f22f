"""Two processes share streams; one is killed, and the other goes on with what was on air: nobody is told twice."""

import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import asyncpg

from benchmarks.chaos.station import Station, encoded, song
from sonograph.events.event import EventType
from tests.monitoring_worker import rows

STREAMS = 2


@contextmanager
def monitor(dsn: str, data_dir: Path, station: str, name: str, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "tests.monitoring_worker.process", dsn, str(data_dir), station, name]
    with log.open("ab") as file:
        process = subprocess.Popen(command, stdout=file, stderr=file, cwd=Path(__file__).parents[2])
    try:
        yield process
    finally:
        process.kill()
        process.wait()


async def shares(accounts: asyncpg.Pool) -> dict[str, int]:
    found = await accounts.fetch(
        "select m.name, count(*) as streams from stream s join monitor m on m.id = s.monitor_id group by m.name"
    )
    return {row["name"]: row["streams"] for row in found}


async def test_a_killed_monitor_is_followed_by_another_that_tells_nothing_twice(
    dsn: str, accounts: asyncpg.Pool, index_dir: Path, tmp_path: Path
) -> None:
    owner, log = await rows.account(accounts), tmp_path / "log"
    frames = encoded([song(3)])  # a minute of it

    async def evenly() -> bool:
        return await shares(accounts) == {"one": STREAMS // 2, "two": STREAMS // 2}

    async def started() -> list[dict[str, Any]] | None:
        found = await rows.events(accounts, EventType.PLAY_STARTED)
        return found if len(found) >= STREAMS else None

    async def all_with_two() -> bool:
        return await shares(accounts) == {"two": STREAMS}

    async def still_heard(after: datetime) -> bool:
        going_on = "select count(*) from play where heard_until > $1 and ended_at is null"
        return bool(await accounts.fetchval(going_on, after) == STREAMS)

    # Ten seconds were on air before anybody listens.
    async with Station(frames, into=10.0).on_air() as station:
        streams = [await rows.stream(accounts, owner, station.url) for _ in range(STREAMS)]
        with (
            monitor(dsn, index_dir, station.url, "one", log) as one,
            monitor(dsn, index_dir, station.url, "two", log) as two,
        ):
            await rows.until(evenly, "the streams are shared evenly", log.read_text)
            told = await rows.until(started, "plays start", log.read_text)
            assert Counter(event["stream_id"] for event in told) == Counter(streams)

            one.send_signal(signal.SIGKILL)
            killed = await accounts.fetchval("select clock_timestamp()")
            await rows.until(all_with_two, "the streams are taken over", log.read_text)
            await rows.until(lambda: still_heard(killed), "the same plays go on", log.read_text)
            assert len(await rows.events(accounts)) == STREAMS, log.read_text()
            assert await accounts.fetchval("select count(*) from play") == STREAMS
            assert await accounts.fetchval("select count(*) from stream_gap") == 0

            two.send_signal(signal.SIGTERM)
            assert two.wait(rows.PATIENCE) == 0, log.read_text()
            assert await shares(accounts) == {}
