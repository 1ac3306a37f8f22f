"""A database with a small catalog of well-known names, written as importers write it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import asyncpg
import orjson
import pytest_asyncio

from schema.build import build
from schema.projection.lanes import compiled
from schema.projection.plans import Plans
from sonograph.catalog.vocabulary import OriginId
from sonograph.catalog.writer import write_records
from sonograph.postgres.pool import Pool
from tests.databases import migrated
from tests.search.recordings import RECORDS

Ask = Callable[..., Awaitable[Any]]


@pytest_asyncio.fixture(scope="session")
async def search_dsn(server_url: str) -> AsyncIterator[str]:
    """URL of a migrated database whose live catalog holds `RECORDS`."""
    async with migrated(server_url, "search") as url:
        connection = await asyncpg.connect(url, server_settings={"search_path": "catalog"})
        outcome = await write_records(connection, OriginId.JSONL, RECORDS, 100)
        assert not outcome.problems
        await connection.execute("analyze")
        await connection.close()
        yield url


@pytest_asyncio.fixture(scope="session")
async def pool(search_dsn: str) -> AsyncIterator[Pool]:
    opened = await Pool(search_dsn, "catalog", size=2, statement_timeout_ms=20_000).open()
    yield opened
    await opened.close()


@pytest_asyncio.fixture(scope="session")
async def ask(pool: Pool) -> Ask:
    """The data of a GraphQL read, through the compiled lane."""
    plans = Plans(build())

    async def answer(text: str, **variables: Any) -> Any:
        plan = plans.get(text)
        assert not plan.errors, plan.errors
        body = await compiled(plan, pool.value, variables)
        assert body is not None, variables
        return orjson.loads(body)["data"]

    return answer


@pytest_asyncio.fixture
async def catalog(search_dsn: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection whose changes are taken back."""
    connection = await asyncpg.connect(search_dsn, server_settings={"search_path": "catalog"})
    transaction = connection.transaction()
    await transaction.start()
    try:
        yield connection
    finally:
        await transaction.rollback()
        await connection.close()
