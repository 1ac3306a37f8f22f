"""`sonograph catalog stats` and `sonograph catalog estimate-popularity`."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import Annotated

import asyncpg
import orjson
import typer
from rich.console import Console

from api import logs
from api.catalog_stats import show_statistics
from sonograph.catalog.importers.run import Schema, connected
from sonograph.catalog.statistics.store import Statistics, statistics
from sonograph.catalog.writer.popularity import estimate_popularity
from sonograph.engine import open_database

Sandbox = Annotated[bool, typer.Option("--sandbox", help="The catalog that test keys read.")]


@asynccontextmanager
async def _connected(*, sandbox: bool) -> AsyncIterator[asyncpg.Connection]:
    settings = logs.configured()
    async with open_database(settings) as dsn:
        connection = await asyncpg.connect(
            dsn, server_settings={"search_path": "sandbox" if sandbox else "catalog", "jit": "off"}
        )
        try:
            yield connection
        finally:
            await connection.close()


def show_stats(
    sandbox: Sandbox = False,
    as_json: Annotated[bool, typer.Option("--json", help="As one JSON object.")] = False,
) -> None:
    """Say what the catalog holds, from where, how complete it is and how much room it takes."""

    async def job() -> Statistics:
        async with _connected(sandbox=sandbox) as connection:
            return await statistics(connection)

    found = asyncio.run(job())
    if as_json:
        typer.echo(orjson.dumps(asdict(found), option=orjson.OPT_INDENT_2).decode())
    else:
        show_statistics(found, Console())


def set_estimates(sandbox: Sandbox = False) -> None:
    """Work out how popular tracks, artists and releases are that nobody counted. What was counted stays."""
    console = Console(stderr=True)

    async def job() -> dict[str, int]:
        changed = dict[str, int]()
        settings = logs.configured()
        schema: Schema = "sandbox" if sandbox else "catalog"
        async with open_database(settings) as dsn, connected(dsn, schema) as connection:
            async for table, reached, last, rows in estimate_popularity(connection):
                changed[table] = changed.get(table, 0) + rows
                if console.is_terminal:
                    console.print(f"{table}: {reached:,} of {last:,}", end="\r", highlight=False)
        return changed

    for table, rows in asyncio.run(job()).items():
        typer.echo(f"{table}: popularity of {rows:,} rows set")
