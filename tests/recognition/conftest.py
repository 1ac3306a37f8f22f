"""Databases of the tests of references: migrated, with reference data, and both catalogs empty."""

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
async def recognition_template(server_url: str) -> AsyncIterator[str]:
    """URL of a migrated database with reference data; nobody writes to it."""
    name = f"recognition_{os.getpid()}"
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
async def make_database(server_url: str, recognition_template: str) -> AsyncIterator[MakeDatabase]:
    """Makes copies of the template and drops them after the test."""
    control = await asyncpg.connect(server_url)
    template = urlsplit(recognition_template).path[1:]
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


@pytest_asyncio.fixture
async def dsn(make_database: MakeDatabase) -> str:
    """URL of a database of the test's own."""
    return await make_database()


@pytest_asyncio.fixture(scope="session")
async def _shared(server_url: str, recognition_template: str) -> AsyncIterator[asyncpg.Connection]:
    control = await asyncpg.connect(server_url)
    name = f"{urlsplit(recognition_template).path[1:]}_shared"
    await control.execute(f'create database "{name}" template "{urlsplit(recognition_template).path[1:]}"')
    url = urlunsplit(urlsplit(server_url)._replace(path=f"/{name}"))
    connection = await asyncpg.connect(url, server_settings={"search_path": "catalog"})
    try:
        yield connection
    finally:
        await connection.close()
        await control.execute(f'drop database "{name}" with (force)')
        await control.close()


@pytest_asyncio.fixture
async def catalog(_shared: asyncpg.Connection) -> AsyncIterator[asyncpg.Connection]:
    """A connection to an empty live catalog; what a test writes is rolled back."""
    transaction = _shared.transaction()
    await transaction.start()
    try:
        yield _shared
    finally:
        await transaction.rollback()
