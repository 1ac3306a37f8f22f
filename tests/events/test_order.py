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

    async def subscribe(self, is_over: asyncio.Event) -> None:
        while not is_over.is_set():
            async with self.hub.subscribe(self.topic, self.cursor) as subscription:
                with suppress(TimeoutError):
                    async with asyncio.timeout(self.random.random() * 0.1):
                        async for event in subscription:
                            self.seen.append(event.id)  # cut short at any moment

    async def join(self, is_over: asyncio.Event) -> None:
        while not is_over.is_set():
            member = QueueMember()
            broadcast = self.hub.broadcast(self.topic, "ids", named)
            with suppress(TimeoutError):
                async with asyncio.timeout(self.random.random() * 0.1):
                    await broadcast.join(member, self.cursor)
                    await is_over.wait()
            broadcast.leave(member)
            member.end(Ending.REFUSED)
            self.seen += [int(payload) async for payload in member]


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
    begin, is_over = hub.latest(), asyncio.Event()
    topics = topic(account), topic(account, streams=frozenset({2})), topic(other)
    readers = [Reader(hub, one, begin, Random(seed * 100 + n)) for n, one in enumerate(topics * 2)]
    tasks = [asyncio.create_task(reader.subscribe(is_over)) for reader in readers[:3]]
    tasks += [asyncio.create_task(reader.join(is_over)) for reader in readers[3:]]
    async with asyncio.timeout(LIMIT):
        writers = [write(pool, (account, other), Random(seed * 1000 + n)) for n in range(WRITERS)]
        await asyncio.gather(*writers)
        await hub.refresh()
        is_over.set()
        await written_now(pool, account, other)  # wakes who still waits for an event
        await asyncio.gather(*tasks)
    for reader in readers:
        there = ids((await store.read(pool, reader.topic, begin, hub.latest(), 1000)).events)
        rest = ids((await store.read(pool, reader.topic, reader.cursor, hub.latest(), 1000)).events)
        assert reader.seen + rest == there  # the log's beginning: nothing twice, nothing left out
        assert len(reader.seen) > len(there) // 3
    assert hub._taps == {}  # nobody is left behind
    assert hub._broadcasts == {}


async def written_now(pool: asyncpg.Pool, *accounts: int) -> None:
    async with pool.acquire() as connection, connection.transaction():
        await append(connection, [play(number) for number in accounts])
