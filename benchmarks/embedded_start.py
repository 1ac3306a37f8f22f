"""How long the embedded PostgreSQL takes to start: python -m benchmarks.embedded_start

First start (initdb), later starts, reuse of a running server, and starts after kill -9 with a million rows (60 MB of
write-ahead log) to replay. Medians of 5 and the range, wall clock.
"""

import asyncio
import os
import signal
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import asyncpg

from sonograph.postgres.embedded import EmbeddedPostgres

TIMES = 5


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        firsts = [EmbeddedPostgres(Path(name) / str(i)) for i in range(TIMES)]
        report("first start", [measured(postgres.start) for postgres in firsts])
        report("stop", [measured(postgres.stop) for postgres in firsts])
        report("warm start", [measured(postgres.start) for postgres in firsts])
        for postgres in firsts[1:]:
            postgres.stop()
        with firsts[0] as postgres:
            report("running already", [measured(postgres.start) for _ in range(TIMES)])
            report("after kill -9", [killed(postgres, Path(name) / "0") for _ in range(TIMES)])


def measured(call: Callable[[], None]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def report(what: str, seconds: list[float]) -> None:
    print(f"{what:16} {statistics.median(seconds):6.3f} s  ({min(seconds):.3f}-{max(seconds):.3f})")


def killed(postgres: EmbeddedPostgres, folder: Path) -> float:
    asyncio.run(write(postgres.dsn))
    os.kill(int((folder / "data" / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
    return measured(postgres.start)


async def write(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    await connection.execute("checkpoint")
    await connection.execute("drop table if exists written")
    await connection.execute("create table written as select i, 'some text' as text from generate_series(1, 1000000) i")
    await connection.close()


if __name__ == "__main__":
    main()
