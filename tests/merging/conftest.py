"""A connection to a catalog of its own; what a test writes is rolled back."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import count
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest_asyncio

from sonograph.catalog.reference import load_reference
from sonograph.postgres.migrate import migrate

MakeDatabase = Callable[[], Awaitable[str]]
_numbers = count(1)


@pytest_asyncio.fixture(scope="session")
async def merging_template(server_url: str) -> AsyncIterator[str]:
    """URL of a migrated database with reference data."""
    name = f"merging_{os.getpid()}"
    control = await asyncpg.connect(server_url)
    await control.execute(f'create database "{name}" encoding UTF8 template template0')
    url = urlunsplit(urlsplit(server_url)._replace(path=f"/{name}"))
    try:
        await migrate(url)
        connection = await asyncpg.connect(url, server_settings={"search_path": "catalog"})
        await load_reference(connection)
        await connection.close()
        yield url
    finally:
        await control.execute(f'drop database "{name}" with (force)')
        await control.close()


@pytest_asyncio.fixture
async def make_database(server_url: str, merging_template: str) -> AsyncIterator[MakeDatabase]:
    """Makes copies of the template and drops them after the test."""
    control = await asyncpg.connect(server_url)
    template = urlsplit(merging_template).path[1:]
    names: list[str] = []

    async def make() -> str:
        name = f"{template}_{next(_numbers)}"
        await control.execute(f'create database "{name}" template "{template}"')
        names.append(name)
        return urlunsplit(urlsplit(server_url)._replace(path=f"/{name}"))

    try:
        yield make
    finally:
        for name in names:
            await control.execute(f'drop database "{name}" with (force)')
        await control.close()


@pytest_asyncio.fixture(scope="session")
async def connection(server_url: str, merging_template: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection to a database whose tests commit nothing: a copy, as a template may have no connections."""
    control = await asyncpg.connect(server_url)
    template = urlsplit(merging_template).path[1:]
    await control.execute(f'create database "{template}_shared" template "{template}"')
    opened = await asyncpg.connect(
        urlunsplit(urlsplit(server_url)._replace(path=f"/{template}_shared")),
        server_settings={"search_path": "catalog", "client_min_messages": "warning"},
    )
    try:
        yield opened
    finally:
        await opened.close()
        await control.execute(f'drop database "{template}_shared" with (force)')
        await control.close()


@pytest_asyncio.fixture
async def catalog(connection: asyncpg.Connection) -> AsyncIterator[asyncpg.Connection]:
    transaction = connection.transaction()
    await transaction.start()
    try:
        yield connection
    finally:
        await transaction.rollback()
