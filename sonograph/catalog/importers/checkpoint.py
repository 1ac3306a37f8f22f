"""How far the import of a file came: a row of `import_run`, written in the transaction of each batch."""

from dataclasses import dataclass

import asyncpg
import orjson

from sonograph.catalog.importers.counts import Counts
from sonograph.clock import Clock


@dataclass(frozen=True, slots=True)
class Checkpoint:
    run: int
    position: int  # items read and committed
    rejects_length: int
    counts: Counts


async def resume_or_start(
    connection: asyncpg.Connection, kind: str, path: str, digest: str, clock: Clock
) -> Checkpoint:
    """Where the last import of this very file stopped, if it did not finish; otherwise a new one."""
    row = await connection.fetchrow(
        "select id, position, counts from import_run where kind = $1 and digest = $2 and finished_at is null "
        "order by id desc limit 1",
        kind, digest,
    )  # fmt: skip
    if row:
        said = orjson.loads(row["counts"])
        return Checkpoint(row["id"], row["position"], said.get("rejects_length", 0), Counts.from_json(said))
    now = clock()
    run = await connection.fetchval(
        "insert into import_run (kind, path, digest, position, counts, started_at, updated_at) "
        "values ($1, $2, $3, 0, '{}', $4, $4) returning id",
        kind, path, digest, now,
    )  # fmt: skip
    return Checkpoint(run, 0, 0, Counts())


async def save(connection: asyncpg.Connection, checkpoint: Checkpoint, clock: Clock, *, finished: bool) -> None:
    counts = orjson.dumps({**checkpoint.counts.to_json(), "rejects_length": checkpoint.rejects_length}).decode()
    await connection.execute(
        "update import_run set position = $2, counts = $3, updated_at = $4, "
        "finished_at = case when $5 then $4::timestamptz end where id = $1",
        checkpoint.run, checkpoint.position, counts, clock(), finished,
    )  # fmt: skip
