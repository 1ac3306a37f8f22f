"""Everybody gets everything, once and in the order of the log, whatever commits beside and whoever comes and goes."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random

import asyncpg
import pytest

from sonograph.events import store
from sonograph.events.event import Event
from sonograph.events.hub import Hub
from sonograph.events.member import Ending, QueueMember
from sonograph.events.store import append
from sonograph.events.topic import Topic
from tests.events.conftest import ids, play, topic

pytestmark = pytest.mark.database
LIMIT = 60.0  # seconds: only bounds what hangs
WRITERS, TRANSACTIONS = 12, 15


async def named(events: Sequence[Event]) -> list[bytes]:
    return [b"%d" % event.id for event in events]


@dataclass
class Reader:
    """Comes, reads for a moment, goes, and comes back where it was."""

    hub: Hub
    topic: Topic
    begin: int
    random: Random
    seen: list[int] = field(default_factory=list)

    @property
    def cursor(self) -> int:
        return self.seen[-1] if self.seen else self.begin

    @property
    def patience(self) -> float | None:
        """Some visits end in the middle of whatever is under way, before they have seen anything."""
        return self.random.random() * 0.02 if self.random.random() < 0.3 else None

    async def subscribe(self) -> None:
        while True:
            left = self.random.randint(1, 8)
            async with self.hub.subscribe(self.topic, self.cursor) as subscription:
                with suppress(TimeoutError):
                    async with asyncio.timeout(self.patience):
                        while left:
                            self.seen.append((await anext(subscription)).id)
                            left -= 1

    async def join(self) -> None:
        while True:
            left, member = self.random.randint(1, 8), QueueMember()
            broadcast = self.hub.broadcast(self.topic, "ids", named)
            try:
                with suppress(TimeoutError):
                    async with asyncio.timeout(self.patience):
                        await broadcast.join(member, self.cursor)
                        async for payload in member:
                            self.seen.append(int(payload))
                            left -= 1
                            if not left:
                                break
            finally:
                broadcast.leave(member)
                member.end(Ending.REFUSED)


async def write(pool: asyncpg.Pool, accounts: Sequence[int], random: Random) -> None:
    """Transactions that take their time, some of which are undone."""
    for _ in range(TRANSACTIONS):
        async with pool.acquire() as connection:
            transaction = connection.transaction()
            await transaction.start()
            await connection.execute("select 1")
            if random.random() < 0.5:
                await asyncio.sleep(random.random() * 0.003)
            await append(connection, [play(random.choice(accounts), 1, random.randint(1, 3))])
            if random.random() < 0.3:
                await asyncio.sleep(random.random() * 0.003)
            await (transaction.rollback() if random.random() < 0.2 else transaction.commit())


@pytest.mark.parametrize("seed", [1, 2])
async def test_order(pool: asyncpg.Pool, account: int, hub: Hub, seed: int) -> None:
    other = await pool.fetchval(
        "insert into accounts.account (email, plan, created_at) values ($1, 'scale', now()) returning id",
        f"other{seed}@events.invalid",
    )
    begin = hub.latest()
    topics = topic(account), topic(account, streams=frozenset({2})), topic(other)
    readers = [Reader(hub, one, begin, Random(seed * 100 + n)) for n, one in enumerate(topics * 2)]
    tasks = [asyncio.create_task(reader.subscribe()) for reader in readers[:3]]
    tasks += [asyncio.create_task(reader.join()) for reader in readers[3:]]
    async with asyncio.timeout(LIMIT):
        writers = [write(pool, (account, other), Random(seed * 1000 + n)) for n in range(WRITERS)]
        await asyncio.gather(*writers)
        for reader, task in zip(readers, tasks, strict=True):
            there = ids((await store.read(pool, reader.topic, begin, hub.latest(), 1000)).events)
            while len(reader.seen) <= len(there) // 2 and not task.done():  # noqa: ASYNC110  # a reader that reads on tells nobody
                await asyncio.sleep(0.001)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    assert all(task.cancelled() for task in tasks)
    for reader in readers:
        there = ids((await store.read(pool, reader.topic, begin, hub.latest(), 1000)).events)
        rest = ids((await store.read(pool, reader.topic, reader.cursor, hub.latest(), 1000)).events)
        assert reader.seen + rest == there  # the log's beginning: nothing twice, nothing left out
    assert hub._taps == {}  # nobody is left behind
    assert hub._broadcasts == {}
