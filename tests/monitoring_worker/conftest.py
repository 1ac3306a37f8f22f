"""A database with the sandbox's songs, emptied of streams for each test, and the index of them."""

from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest_asyncio

from sonograph import clock
from sonograph.catalog.sandbox.load import load_sandbox
from sonograph.monitoring.partitions import ensure_partitions
from sonograph.recognition.index.kinds import KINDS
from sonograph.recognition.sandbox.load import load_sandbox_references
from sonograph.recognition.segments.manifest import Manifest
from tests.databases import migrated
from tests.recognition.indexes import followed, until


@pytest_asyncio.fixture(scope="session")
async def dsn(server_url: str) -> AsyncIterator[str]:
    """URL of a database with the sandbox, and with a place for this month's plays."""
    async with migrated(server_url, "monitoring") as url:
        connection = await asyncpg.connect(url, server_settings={"search_path": "sandbox"})
        await load_sandbox(connection)
        await load_sandbox_references(connection)
        await ensure_partitions(connection, clock.now())
        await connection.close()
        yield url


@pytest_asyncio.fixture(scope="session")
async def index_dir(dsn: str, open_folder: Path) -> Path:
    """A data folder with the index of the sandbox."""
    folder = open_folder / "monitoring"
    async with followed(dsn, folder, "sandbox"):
        place = folder / "index" / "sandbox"
        await until(lambda: all(Manifest.read(place / kind.name).entries for kind in KINDS), "the index")
    return folder


@pytest_asyncio.fixture
async def accounts(dsn: str) -> AsyncIterator[asyncpg.Pool]:
    """What `Engine.accounts` is; there is no account, and no monitor."""
    settings = {"search_path": "accounts", "timezone": "UTC"}
    async with asyncpg.create_pool(dsn, min_size=1, max_size=8, command_timeout=10, server_settings=settings) as pool:
        await pool.execute("truncate account, monitor restart identity cascade")
        yield pool
