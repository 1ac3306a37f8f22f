"""The database that a benchmark works on: a server by URL, or an embedded one in a folder."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import typer

from sonograph.postgres.embedded import EmbeddedPostgres

Url = typer.Option(None, help="postgresql:// URL of a database for benchmarks alone.")
DataDir = typer.Option(None, help="Folder of an embedded database instead of a URL.")


@contextmanager
def opened(url: str | None, data_dir: Path | None) -> Iterator[str]:
    """The DSN of the database meant; an embedded one runs for as long as the context."""
    if (url is None) == (data_dir is None):
        raise typer.BadParameter("name the database by either --url or --data-dir")
    if url is not None:
        yield url
    elif data_dir is not None:
        with EmbeddedPostgres(data_dir) as server:
            yield server.dsn


async def connected(dsn: str, **settings: str) -> asyncpg.Connection:
    """A connection to the live catalog, for what a benchmark asks besides what it measures."""
    return await asyncpg.connect(dsn, server_settings={"search_path": "catalog", "jit": "off", **settings})


async def catalog_size(dsn: str) -> int:
    """How many tracks there are; refuses an empty catalog, of which every query is fast."""
    connection = await connected(dsn)
    try:
        tracks: int = await connection.fetchval("select count(*) from track")
    finally:
        await connection.close()
    if not tracks:
        raise typer.BadParameter("the catalog is empty: fill it with `python -m benchmarks.catalog`")
    return tracks
