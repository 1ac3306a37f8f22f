"""Databases for the tests of the writer and the importers: each test gets one of its own, copied from a template."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from itertools import count
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest_asyncio

from sonograph.catalog.reference import load_reference
from sonograph.postgres.migrate import migrate

MakeDatabase = Callable[[], Awaitable[str]]

_numbers = count(1)


def _at(server_url: str, name: str) -> str:
    return urlunsplit(urlsplit(server_url)._replace(path=f"/{name}"))


@pytest_asyncio.fixture(scope="session")
async def template(server_url: str) -> AsyncIterator[str]:
    """Name of a migrated database with reference data."""
    name = f"importers_{os.getpid()}"
    control = await asyncpg.connect(server_url)
    await control.execute(f'create database "{name}" encoding UTF8 template template0')
    try:
        await migrate(_at(server_url, name))
        connection = await asyncpg.connect(_at(server_url, name), server_settings={"search_path": "catalog"})
        await load_reference(connection)
        await connection.close()
        yield name
    finally:
        await control.execute(f'drop database "{name}" with (force)')
        await control.close()


@pytest_asyncio.fixture
async def make_database(server_url: str, template: str) -> AsyncIterator[MakeDatabase]:
    """Makes databases and drops them after the test."""
    control = await asyncpg.connect(server_url)
    names: list[str] = []

    async def make() -> str:
        name = f"{template}_{next(_numbers)}"
        await control.execute(f'create database "{name}" template "{template}"')
        names.append(name)
        return _at(server_url, name)

    try:
        yield make
    finally:
        for name in names:
            await control.execute(f'drop database "{name}" with (force)')
        await control.close()


@pytest_asyncio.fixture
async def dsn(make_database: MakeDatabase) -> str:
    return await make_database()


@pytest_asyncio.fixture(scope="session")
async def shared(server_url: str, template: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection to a database for tests that commit nothing."""
    control = await asyncpg.connect(server_url)
    name = f"{template}_shared"
    await control.execute(f'create database "{name}" template "{template}"')
    connection = await asyncpg.connect(_at(server_url, name), server_settings={"search_path": "catalog"})
    try:
        yield connection
    finally:
        await connection.close()
        await control.execute(f'drop database "{name}" with (force)')
        await control.close()


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
