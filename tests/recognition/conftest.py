"""Databases of the tests of references: migrated, with reference data, and both catalogs empty."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from itertools import count

import asyncpg
import pytest_asyncio

from tests.databases import database, migrated, name_of

MakeDatabase = Callable[[], Awaitable[str]]
_numbers = count(1)


@pytest_asyncio.fixture(scope="session")
async def recognition_template(server_url: str) -> AsyncIterator[str]:
    """URL of a database that is only copied; nobody writes to it."""
    async with migrated(server_url, "recognition") as url:
        yield url


@pytest_asyncio.fixture
async def make_database(server_url: str, recognition_template: str) -> AsyncIterator[MakeDatabase]:
    """Makes copies of the template and drops them after the test."""
    template = name_of(recognition_template)
    async with AsyncExitStack() as made:

        async def make() -> str:
            return await made.enter_async_context(database(server_url, f"{template}_{next(_numbers)}", template))

        yield make


@pytest_asyncio.fixture
async def dsn(make_database: MakeDatabase) -> str:
    """URL of a database of the test's own."""
    return await make_database()


@pytest_asyncio.fixture(scope="session")
async def _shared(server_url: str, recognition_template: str) -> AsyncIterator[asyncpg.Connection]:
    template = name_of(recognition_template)
    async with database(server_url, f"{template}_shared", template) as url:
        connection = await asyncpg.connect(url, server_settings={"search_path": "catalog"})
        try:
            yield connection
        finally:
            await connection.close()


@pytest_asyncio.fixture
async def catalog(_shared: asyncpg.Connection) -> AsyncIterator[asyncpg.Connection]:
    """A connection to an empty live catalog; what a test writes is rolled back."""
    transaction = _shared.transaction()
    await transaction.start()
    try:
        yield _shared
    finally:
        await transaction.rollback()
