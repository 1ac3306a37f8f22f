"""A connection to a catalog of its own; what a test writes is rolled back."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from itertools import count

import asyncpg
import pytest_asyncio

from tests.databases import database, migrated, name_of

MakeDatabase = Callable[[], Awaitable[str]]
_numbers = count(1)


@pytest_asyncio.fixture(scope="session")
async def merging_template(server_url: str) -> AsyncIterator[str]:
    """URL of a database that is only copied; nobody writes to it."""
    async with migrated(server_url, "merging") as url:
        yield url


@pytest_asyncio.fixture
async def make_database(server_url: str, merging_template: str) -> AsyncIterator[MakeDatabase]:
    """Makes copies of the template and drops them after the test."""
    template = name_of(merging_template)
    async with AsyncExitStack() as made:

        async def make() -> str:
            return await made.enter_async_context(database(server_url, f"{template}_{next(_numbers)}", template))

        yield make


@pytest_asyncio.fixture(scope="session")
async def connection(server_url: str, merging_template: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection to a database whose tests commit nothing: a copy, as a template may have no connections."""
    template = name_of(merging_template)
    async with database(server_url, f"{template}_shared", template) as url:
        opened = await asyncpg.connect(
            url, server_settings={"search_path": "catalog", "client_min_messages": "warning"}
        )
        try:
            yield opened
        finally:
            await opened.close()


@pytest_asyncio.fixture
async def catalog(connection: asyncpg.Connection) -> AsyncIterator[asyncpg.Connection]:
    transaction = connection.transaction()
    await transaction.start()
    try:
        yield connection
    finally:
        await transaction.rollback()
