"""Works and their ISWCs."""

from collections.abc import Sequence

import asyncpg

from sonograph.catalog.records import WorkRecord
from sonograph.catalog.vocabulary import EntityKind
from sonograph.catalog.writer.merged import touch
from sonograph.catalog.writer.rows import copy, delete


async def write_works(connection: asyncpg.Connection, origin: int, works: Sequence[tuple[int, WorkRecord]]) -> None:
    """Write or replace the rows of these works."""
    rows = [row for row, _ in works]
    await delete(connection, "work", rows)
    await touch(connection, rows, EntityKind.WORK)
    await copy(connection, "work", [(row, origin, record.title) for row, record in works])
    await copy(connection, "iswc", [(row, code) for row, record in works for code in record.iswcs])
