"""An import of generated files into a database of its own: tracks a second, CPU time, highest memory, bytes a track."""

import asyncio
import os
import resource
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from benchmarks.processes import cpu_seconds
from sonograph.catalog.importers.report import Progress, Report
from sonograph.catalog.importers.run import run_import
from sonograph.postgres.migrate import migrate

DATABASE = "sonograph_importer_benchmark_{kind}"


async def measure(server: str, kind: str, path: Path, folder: Path, tracks: int) -> None:
    """Import twice, into an empty catalog and into the same again; print what each took.

    `tracks` is what the file was made for, where the importer counts records instead.
    """
    control, database = await asyncpg.connect(server), DATABASE.format(kind=kind)
    await control.execute(f"drop database if exists {database} with (force)")
    await control.execute(f"create database {database}")
    dsn = urlunsplit(urlsplit(server)._replace(path=f"/{database}"))
    try:
        await migrate(dsn)
        for attempt in ("first import", "again, nothing changed"):
            began, sampled = _Spent.now(), _Sampled(database)
            sampling = asyncio.create_task(sampled.run(control))
            report = await run_import(dsn, "catalog", kind, [path], data_dir=folder, progress=_show)
            sampling.cancel()
            tracks = report.counts.read["tracks"] or tracks
            _tell(attempt, report, tracks, began, _Spent.now(), sampled)
        size = await control.fetchval("select pg_database_size($1)", database)
        print(f"database: {size / 1e9:.2f} GB, {size / tracks:,.0f} bytes a track read")
    finally:
        await control.execute(f"drop database if exists {database} with (force)")
        await control.close()


class _Sampled:
    """CPU time of the server process of the import, looked at every second, as it is gone at the end."""

    def __init__(self, database: str) -> None:
        self._database = database
        self.server_seconds = 0.0

    async def run(self, control: asyncpg.Connection) -> None:
        while True:
            pids = await control.fetch(
                "select pid from pg_stat_activity where datname = $1 and backend_type = 'client backend'",
                self._database,
            )
            self.server_seconds = max(self.server_seconds, cpu_seconds(row["pid"] for row in pids))
            await asyncio.sleep(1)


@dataclass(frozen=True, slots=True)
class _Spent:
    """What was used until now: the process that reads the file is counted when it has ended."""

    wall: float
    here: float  # CPU seconds
    reading: float

    @classmethod
    def now(cls) -> "_Spent":
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        return cls(time.monotonic(), time.process_time(), children.ru_utime + children.ru_stime)


def _tell(attempt: str, report: Report, tracks: int, began: _Spent, ended: _Spent, sampled: _Sampled) -> None:  # noqa: PLR0913, PLR0917
    seconds = ended.wall - began.wall
    reading, writing = (1e6 * (b - a) / tracks for a, b in ((began.reading, ended.reading), (began.here, ended.here)))
    server = 1e6 * sampled.server_seconds / tracks
    memory = [resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_CHILDREN, resource.RUSAGE_SELF)]
    print(
        f"{attempt}: {tracks:,} tracks in {seconds:.1f} s, {tracks / seconds:,.0f} tracks/s at a load of "
        f"{os.getloadavg()[1]:.1f}; CPU a track {reading:.0f} µs reading, {writing:.0f} µs writing, {server:.0f} µs in "
        f"PostgreSQL; highest memory {memory[0]:.0f} MB reading, {memory[1]:.0f} MB writing"
    )
    counts = report.counts
    print(f"  read {dict(counts.read)}, rejected {dict(counts.rejected)}, flagged {dict(counts.flagged)}")


def _show(progress: Progress) -> None:
    print(f"{progress.counts.read['tracks']:,} tracks, {progress.seconds:.0f} s", end="\r", file=sys.stderr)
