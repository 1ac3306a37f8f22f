"""A database with a small catalog of well-known names, written as importers write it."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import orjson
import pytest_asyncio

from schema.build import build
from schema.projection.lanes import compiled
from schema.projection.plans import Plans
from sonograph.catalog.reference import load_reference
from sonograph.catalog.vocabulary import OriginId
from sonograph.catalog.writer import write_records
from sonograph.postgres.migrate import migrate
from sonograph.postgres.pool import Pool
from tests.search.recordings import RECORDS

Ask = Callable[..., Awaitable[Any]]


@pytest_asyncio.fixture(scope="session")
async def search_dsn(server_url: str) -> AsyncIterator[str]:
    """URL of a migrated database whose live catalog holds `RECORDS`."""
    name = f"search_{os.getpid()}"
    control = await asyncpg.connect(server_url)
    await control.execute(f'create database "{name}" encoding UTF8 template template0')
    url = urlunsplit(urlsplit(server_url)._replace(path=f"/{name}"))
    try:
        await migrate(url)
        connection = await asyncpg.connect(url, server_settings={"search_path": "catalog"})
        await load_reference(connection)
        outcome = await write_records(connection, OriginId.JSONL, RECORDS, 100)
        assert not outcome.problems
        await connection.execute("analyze")
        await connection.close()
        yield url
    finally:
        await control.execute(f'drop database "{name}" with (force)')
        await control.close()


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
