"""Databases of a test server: made, and dropped at the end."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from sonograph.catalog.reference import load_reference
from sonograph.postgres.migrate import migrate


@asynccontextmanager
async def database(server_url: str, name: str, template: str = "template0") -> AsyncIterator[str]:
    """URL of a new database: an empty one, or a copy of the one named `template`, which nobody may be connected to."""
    control = await asyncpg.connect(server_url)
    try:
        await control.execute(f'create database "{name}" encoding UTF8 template "{template}"')
        try:
            yield urlunsplit(urlsplit(server_url)._replace(path=f"/{name}"))
        finally:
            await control.execute(f'drop database "{name}" with (force)')
    finally:
        await control.close()


@asynccontextmanager
async def migrated(server_url: str, area: str) -> AsyncIterator[str]:
    """URL of a database for the tests of an area in this process: migrated, with reference data."""
    async with database(server_url, f"{area}_{os.getpid()}") as url:
        await migrate(url)
        connection = await asyncpg.connect(url, server_settings={"search_path": "catalog"})
        await load_reference(connection)
        await connection.close()
        yield url


def name_of(url: str) -> str:
    return urlsplit(url).path[1:]
