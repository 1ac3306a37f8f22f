"""Databases for the tests of the writer and the importers: each test gets one of its own, copied from a template."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import count

import asyncpg
import pytest_asyncio

from tests.databases import database, migrated, name_of

MakeDatabase = Callable[[], Awaitable[str]]

_numbers = count(1)


@pytest_asyncio.fixture(scope="session")
async def template(server_url: str) -> AsyncIterator[str]:
    """Name of a database that is only copied; nobody writes to it."""
    async with migrated(server_url, "importers") as url:
        yield name_of(url)


@pytest_asyncio.fixture
async def make_database(server_url: str, template: str) -> AsyncIterator[MakeDatabase]:
    """Makes databases and drops them after the test."""
    async with AsyncExitStack() as made:

        async def make() -> str:
            return await made.enter_async_context(database(server_url, f"{template}_{next(_numbers)}", template))

        yield make


@pytest_asyncio.fixture
async def dsn(make_database: MakeDatabase) -> str:
    return await make_database()


@pytest_asyncio.fixture(scope="session")
async def shared(server_url: str, template: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection to a database for tests that commit nothing."""
    async with database(server_url, f"{template}_shared", template) as url:
        connection = await asyncpg.connect(url, server_settings={"search_path": "catalog"})
        try:
            yield connection
        finally:
            await connection.close()


@pytest_asyncio.fixture
async def catalog(shared: asyncpg.Connection) -> AsyncIterator[asyncpg.Connection]:
    """A connection to an empty live catalog; what a test writes is rolled back."""
    async with rolled_back(shared):
        yield shared


@asynccontextmanager
async def rolled_back(connection: asyncpg.Connection) -> AsyncIterator[None]:
    """Takes back what is written inside: making and dropping a database takes 3 s, a rollback 1 ms."""
    transaction = connection.transaction()
    await transaction.start()
    try:
        yield
    finally:
        await transaction.rollback()
