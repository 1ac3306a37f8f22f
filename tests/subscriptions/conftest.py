"""An account with streams, and airings on them, told as a watcher tells them."""

import os
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import asyncpg
import pytest_asyncio

from sonograph import clock
from sonograph.accounts.store import create_key
from sonograph.events.event import EventType, NewEvent
from sonograph.events.store import append, data_time
from sonograph.ids import global_id
from sonograph.monitoring.partitions import ensure_partitions
from tests.service import Service

_numbers = count(1)

STREAM = """insert into accounts.stream (account_id, test, url, name, detection_mode, outage_notifications, created_at,
  runtime_status, status_at) values ($1, $2, 'https://radio.example.net/live', $3, 2, false, now(), 1, now())
  returning id"""
PLAY = """insert into accounts.play (account_id, stream_id, test, track_id, started_at, heard_until, confidence)
  values ($1, $2, $3, $4, $5, $5, 0.9) returning id"""
END = "update accounts.play set ended_at = $2, heard_until = $2, played_ms = 200000 where id = $1"


@dataclass(slots=True)
class Radio:
    """An account with a stream, on which what the test says is heard."""

    pool: asyncpg.Pool
    account_id: int
    email: str
    key: str
    test: bool = True
    stream_ids: list[int] = field(default_factory=list)

    @property
    def stream(self) -> str:
        """The global id of its first stream."""
        return global_id("Stream", self.stream_ids[0])

    async def add_stream(self) -> int:
        number: int = await self.pool.fetchval(STREAM, self.account_id, self.test, f"Radio {next(_numbers)}")
        self.stream_ids.append(number)
        return number

    async def airs(self, *tracks: int, stream: int = 0) -> list[int]:
        """Tracks begin, one after the other, in one transaction; ids of their events."""
        events = []
        number = self.stream_ids[stream]
        async with self.pool.acquire() as connection, connection.transaction():
            for track in tracks:
                started = clock.now()
                play = await connection.fetchval(PLAY, self.account_id, number, self.test, track, started)
                data = {"play_id": play, "track_id": track, "started_at": data_time(started)}
                events.append(NewEvent(self.account_id, self.test, EventType.PLAY_STARTED, number, started, data))
            return await append(connection, events)

    async def ends(self, stream: int = 0) -> int:
        """The airing that goes on ends; the id of the event."""
        number = self.stream_ids[stream]
        async with self.pool.acquire() as connection, connection.transaction():
            play = await connection.fetchrow(
                "select id, track_id, started_at from accounts.play where stream_id = $1 and ended_at is null "
                "order by started_at desc limit 1",
                number,
            )
            ended: datetime = play["started_at"] + timedelta(seconds=200)
            await connection.execute(END, play["id"], ended)
            data = {
                "play_id": play["id"],
                "track_id": play["track_id"],
                "started_at": data_time(play["started_at"]),
                "ended_at": data_time(ended),
                "played_ms": 200_000,
            }
            event = NewEvent(self.account_id, self.test, EventType.PLAY_ENDED, number, clock.now(), data)
            (told,) = await append(connection, [event])
            return told


Tune = Callable[..., Coroutine[Any, Any, Radio]]


@pytest_asyncio.fixture(scope="session")
async def pool(service: Service, database_url: str) -> AsyncIterator[asyncpg.Pool]:
    """The pool that a running engine has for accounts."""
    assert service.url  # which has made the tables
    settings = {"search_path": "accounts", "timezone": "UTC"}
    async with asyncpg.create_pool(database_url, min_size=1, max_size=8, server_settings=settings) as opened:
        async with opened.acquire() as connection:
            await ensure_partitions(connection, clock.now())
        yield opened


@pytest_asyncio.fixture
async def tune(pool: asyncpg.Pool, database_url: str) -> Tune:
    """Makes an account with a stream: `tune(plan, test=True)`."""

    async def make(plan: str = "scale", *, test: bool = True) -> Radio:
        email = f"radio{next(_numbers)}-{os.getpid()}@subscriptions.invalid"
        key = await create_key(database_url, email, plan, test=test)
        number = await pool.fetchval("select id from accounts.account where email = $1", email)
        radio = Radio(pool, number, email, key, test)
        await radio.add_stream()
        return radio

    return make
