"""Writes over a connection that all schemas share: the one of accounts, as reads go to replicas."""

import asyncpg

from sonograph.catalog.vocabulary import EntityKind
from sonograph.errors import NotFound
from sonograph.postgres.migrate import CATALOGS
from sonograph.recognition.references import Reference, Stored
from sonograph.recognition.store import references_of, remove_references, write_references

_TRACK = (
    "select t.id from track t where t.id = coalesce((select new_id from redirect "
    f"where kind = {EntityKind.TRACK.value} and old_id = $1), $1) for key share"
)


async def write_one(pool: asyncpg.Pool, reference: Reference, *, test: bool) -> tuple[Stored, bool]:
    """The reference as it stands then, and whether it is a new one; raises `NotFound` for a track that is none."""
    async with pool.acquire() as connection, connection.transaction():
        await _use_catalog(connection, test=test)
        if await connection.fetchval(_TRACK, reference.track_id) is None:
            raise NotFound("There is no such track.")
        written = await write_references(connection, [reference])
        (stored,) = await references_of(connection, written.ids)
        return stored, bool(written.added)


async def remove_one(pool: asyncpg.Pool, number: int, *, test: bool) -> bool:
    """Whether there was such a reference until now."""
    async with pool.acquire() as connection, connection.transaction():
        await _use_catalog(connection, test=test)
        return bool(await remove_references(connection, [number]))


async def _use_catalog(connection: asyncpg.Connection, *, test: bool) -> None:
    """For as long as the transaction."""
    await connection.execute(f"set local search_path to {CATALOGS[1 if test else 0]}")
