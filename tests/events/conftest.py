"""The log of a running service, an account on it, and events to write."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from itertools import count

import asyncpg
import pytest_asyncio

from sonograph import clock
from sonograph.events.event import Event, EventType, NewEvent
from sonograph.events.hub import Hub
from sonograph.events.store import append, data_time
from sonograph.events.topic import Topic
from tests.service import Service

_numbers = count(1)

Appended = Callable[..., Awaitable[list[int]]]


@pytest_asyncio.fixture(scope="session")
async def pool(service: Service, database_url: str) -> AsyncIterator[asyncpg.Pool]:
    """The pool that a running engine has for accounts."""
    assert service.url  # which has made the tables
    async with asyncpg.create_pool(database_url, min_size=1, max_size=8, server_settings={"timezone": "UTC"}) as opened:
        yield opened


@pytest_asyncio.fixture
async def account(pool: asyncpg.Pool) -> int:
    """The id of a new account."""
    number: int = await pool.fetchval(
        "insert into accounts.account (email, plan, email_verified_at, created_at) "
        "values ($1, 'scale', now(), now()) returning id",
        f"listener{next(_numbers)}@events.invalid",
    )
    return number


@pytest_asyncio.fixture
async def hub(pool: asyncpg.Pool, database_url: str) -> AsyncIterator[Hub]:
    async with Hub(pool, database_url) as running:
        yield running


def play(account_id: int, track_id: int = 1, stream_id: int = 1, *, test: bool = True) -> NewEvent:
    """A track that began to play."""
    now = clock.now()
    data = {"play_id": 1, "track_id": track_id, "started_at": data_time(now)}
    return NewEvent(account_id, test, EventType.PLAY_STARTED, stream_id, now, data)


async def written(pool: asyncpg.Pool, events: Sequence[NewEvent]) -> list[int]:
    """Append in a transaction; the ids."""
    async with pool.acquire() as connection, connection.transaction():
        return await append(connection, events)


def topic(account_id: int, *, test: bool = True, streams: frozenset[int] | None = None) -> Topic:
    return Topic(account_id, test, streams=streams)


def ids(events: Sequence[Event]) -> list[int]:
    return [event.id for event in events]
