"""A database for the tests of the projection: an embedded server, or the one at SONOGRAPH_TEST_DATABASE_URL."""

import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
import pytest_asyncio

from schema.build import build
from schema.projection.plans import Plans
from sonograph.postgres.embedded import EmbeddedPostgres
from sonograph.postgres.migrate import migrate
from sonograph.postgres.pool import Pool
from tests.projection import data
from tests.projection.oracle import Oracle
from tests.projection.world import World


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """URL of a server on which databases may be made."""
    with ExitStack() as stack:
        given = os.environ.get("SONOGRAPH_TEST_DATABASE_URL")
        if given:
            yield given
            return
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sonograph-projection-")))
        folder.chmod(0o755)  # the server's own user must reach it when we are root
        yield stack.enter_context(EmbeddedPostgres(folder / "postgres")).dsn


@pytest_asyncio.fixture(scope="session")
async def dsn(server: str) -> AsyncIterator[str]:
    """URL of a fresh database, migrated."""
    name = f"projection_{os.getpid()}"
    control = await asyncpg.connect(server)
    await control.execute(f'create database "{name}" encoding UTF8 template template0')
    url = urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
    try:
        await migrate(url)
        yield url
    finally:
        await control.execute(f'drop database "{name}" with (force)')
        await control.close()


@pytest_asyncio.fixture(scope="session")
async def world(dsn: str) -> AsyncIterator[World]:
    rows = data.catalog(seed=7)
    connection = await asyncpg.connect(dsn)
    await data.fill(connection, "catalog", rows)
    await data.fill(connection, "sandbox", data.catalog(seed=8))
    await connection.close()
    pool = await Pool(dsn, "catalog", size=4, statement_timeout_ms=20_000, plan_cache_mode="auto").open()
    sandbox = await Pool(dsn, "sandbox", size=2, statement_timeout_ms=20_000).open()
    yield World(dsn, rows, pool, sandbox, Plans(build()), Oracle(rows))
    await pool.close()
    await sandbox.close()


@pytest_asyncio.fixture(scope="session")
async def link(world: World) -> AsyncIterator[asyncpg.Connection]:
    """A connection of its own, for a look at the database."""
    connection = await asyncpg.connect(world.dsn)
    yield connection
    await connection.close()
