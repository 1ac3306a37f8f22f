"""One client through many disconnects."""

import asyncio
import json
import shutil
from collections import Counter
from dataclasses import dataclass
from random import Random

import asyncpg

from benchmarks.resume.clients import Client
from benchmarks.resume.cutting import Cutter
from sonograph import clock
from sonograph.events.event import EventType, NewEvent, event_id
from sonograph.events.store import append, data_time

PAUSE_SECONDS = 0.012  # between two transactions that append
LIMIT_SECONDS = 600.0  # only bounds what hangs
TRACKS = 30  # of the sandbox


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the events."""

    told: int
    lost: list[str]
    doubled: list[str]
    in_order: bool
    cuts: int
    opens: int

    @property
    def is_right(self) -> bool:
        return not self.lost and not self.doubled and self.in_order


@dataclass(frozen=True, slots=True)
class Listening:
    """A service, and an account there with a test key."""

    port: int
    pool: asyncpg.Pool
    account_id: int
    key: str


async def measure(program: Client, where: Listening, disconnects: int, seed: int = 1) -> Outcome:
    """Let a client listen while its connections are cut so many times, and count what it got."""
    random = Random(seed)
    node = shutil.which("node") or "node"
    begun = await where.pool.fetchval("select coalesce(max(id), 0) from accounts.event")
    async with Cutter(where.port, seed) as cutter, asyncio.timeout(LIMIT_SECONDS):
        url = f"http://127.0.0.1:{cutter.port}"
        client = await asyncio.create_subprocess_exec(
            node,
            str(program.script),
            url,
            where.key,
            event_id(begun),
            *program.mode,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=64 * 1024 * 1024,
        )
        try:
            told = []
            while cutter.cuts < disconnects and client.returncode is None:
                told += await _append(where, random.randint(1, 4), random)
                await asyncio.sleep(random.random() * 2 * PAUSE_SECONDS)
            cutter.cutting = False
            told += await _append(where, 3, random)
            output, errors = await client.communicate(f"{event_id(told[-1])}\n".encode())
        finally:
            if client.returncode is None:
                client.kill()
                await client.wait()
        if client.returncode:
            raise RuntimeError(errors.decode(errors="replace"))
        answer = json.loads(output)
        return _compared([event_id(number) for number in told], answer["ids"], cutter.cuts, answer["opens"])


def _compared(told: list[str], got: list[str], cuts: int, opens: int) -> Outcome:
    counted = Counter(got)
    return Outcome(
        len(told),
        [one for one in told if one not in counted],
        [one for one, count in counted.items() if count > 1],
        got == sorted(got),
        cuts,
        opens,
    )


async def _append(where: Listening, count: int, random: Random) -> list[int]:
    """A transaction with some plays of the account."""
    now = clock.now()
    events = [
        NewEvent(
            where.account_id,
            test=True,
            type=EventType.PLAY_STARTED,
            stream_id=random.randint(1, 5),
            created_at=now,
            data={"play_id": 1, "track_id": random.randint(1, TRACKS), "started_at": data_time(now)},
        )
        for _ in range(count)
    ]
    async with where.pool.acquire() as connection, connection.transaction():
        return await append(connection, events)
