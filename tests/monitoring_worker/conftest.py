"""Databases with the sandbox's songs, the index of them, and accounts with streams."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from itertools import count
from pathlib import Path

import asyncpg
import pytest_asyncio

from sonograph import clock
from sonograph.catalog.sandbox.load import load_sandbox
from sonograph.monitoring.partitions import ensure_partitions
from sonograph.recognition.index.kinds import KINDS
from sonograph.recognition.sandbox.load import load_sandbox_references
from sonograph.recognition.segments.manifest import Manifest
from tests.databases import database, migrated, name_of
from tests.recognition.indexes import followed, until

MakeDatabase = Callable[[], Awaitable[str]]
_numbers = count(1)


@pytest_asyncio.fixture(scope="session")
async def monitoring_template(server_url: str) -> AsyncIterator[str]:
    """URL of a database that is only copied: the sandbox is in it, and this month's plays have a place."""
    async with migrated(server_url, "monitoring") as url:
        connection = await asyncpg.connect(url, server_settings={"search_path": "sandbox"})
        await load_sandbox(connection)
        await load_sandbox_references(connection)
        await ensure_partitions(connection, clock.now())
        await connection.close()
        yield url


@pytest_asyncio.fixture(scope="session")
async def index_dir(server_url: str, monitoring_template: str, open_folder: Path) -> AsyncIterator[Path]:
    """A data folder with the index of the sandbox."""
    folder = open_folder / "monitoring"
    async with database(server_url, f"{name_of(monitoring_template)}_index", name_of(monitoring_template)) as url:
        async with followed(url, folder, "sandbox"):
            place = folder / "index" / "sandbox"
            await until(lambda: all(Manifest.read(place / kind.name).entries for kind in KINDS), "the index")
        yield folder


@pytest_asyncio.fixture
async def dsn(server_url: str, monitoring_template: str) -> AsyncIterator[str]:
    """URL of a database of the test's own."""
    template = name_of(monitoring_template)
    async with AsyncExitStack() as made:
        yield await made.enter_async_context(database(server_url, f"{template}_{next(_numbers)}", template))


@pytest_asyncio.fixture
async def accounts(dsn: str) -> AsyncIterator[asyncpg.Pool]:
    """What `Engine.accounts` is."""
    settings = {"search_path": "accounts", "timezone": "UTC"}
    async with asyncpg.create_pool(dsn, min_size=1, max_size=8, command_timeout=10, server_settings=settings) as pool:
        yield pool
