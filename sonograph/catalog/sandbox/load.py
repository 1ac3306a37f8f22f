"""Fill the sandbox: in one transaction, so that readers see the old catalog or the new one."""

from itertools import groupby

import asyncpg

from sonograph import clock
from sonograph.catalog.reference import load_reference
from sonograph.catalog.sandbox import VERSION, records
from sonograph.catalog.vocabulary import OriginId
from sonograph.catalog.writer.writer import write_records
from sonograph.errors import SonographError

KIND = "sandbox"


async def load_sandbox(connection: asyncpg.Connection) -> bool:
    """Bring the sandbox of the connection's search_path to this version; whether there was something to do.

    Another version's rows are thrown away first, so that ids are what a fresh load would give.
    """
    current = "select exists (select from import_run where kind = $1 and digest = $2)"
    if await connection.fetchval(current, KIND, VERSION):
        return False
    async with connection.transaction():
        await connection.execute("select pg_advisory_xact_lock(hashtext('sonograph sandbox'))")
        if await connection.fetchval(current, KIND, VERSION):
            return False  # another process was faster
        await _empty(connection)
        await load_reference(connection)
        for _, run in groupby(records(), key=type):  # one type at a time: ids are given in the order of the records
            outcome = await write_records(connection, OriginId.SANDBOX, run)
            if rejected := [problem.message for problem in outcome.problems if problem.rejected]:
                raise SonographError(f"The sandbox catalog has records that cannot be written: {rejected[0]}")
        await connection.execute(
            "insert into import_run (kind, path, digest, position, counts, started_at, updated_at, finished_at) "
            "values ($1, '', $2, 0, '{}', $3, $3, $3)",
            KIND,
            VERSION,
            clock.now(),
        )
    await connection.execute("analyze")
    return True


async def _empty(connection: asyncpg.Connection) -> None:
    tables = await connection.fetchval(
        "select string_agg(quote_ident(tablename), ', ') from pg_tables where schemaname = current_schema() "
        "and tablename not in ('tortoise_migrations', 'audio_reference')"
    )
    await connection.execute(f"truncate {tables} restart identity")
    # Of tracks that are no more: rows stay without their fingerprints, so that indexes hear of it.
    await connection.execute(
        "update audio_reference set gone = true, chromaprint = null, landmarks = null, "
        "changed_in = pg_current_xact_id() where not gone"
    )
