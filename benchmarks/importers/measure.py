"""An import of generated files into a database of its own: tracks a second, CPU time, highest memory, bytes a track."""

import asyncio
import resource
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from benchmarks.processes import cpu_seconds
from sonograph.catalog.importers.report import Progress, Report
from sonograph.catalog.importers.run import run_import
from sonograph.postgres.migrate import migrate

DATABASE = "sonograph_importer_benchmark"


async def measure(server: str, kind: str, paths: Sequence[Path], folder: Path, *, with_tags: bool = False) -> None:
    """Import twice, into an empty catalog and into the same again; print what each took."""
    control = await asyncpg.connect(server)
    await control.execute(f"drop database if exists {DATABASE} with (force)")
    await control.execute(f"create database {DATABASE}")
    dsn = urlunsplit(urlsplit(server)._replace(path=f"/{DATABASE}"))
    try:
        await migrate(dsn)
        for attempt in ("first import", "again, nothing changed"):
            started, cpu, sampled = time.monotonic(), time.process_time(), _Sampled()
            sampling = asyncio.create_task(sampled.run(control))
            report = await run_import(dsn, "catalog", kind, paths, data_dir=folder, progress=_show, with_tags=with_tags)
            sampling.cancel()
            _tell(attempt, report, time.monotonic() - started, time.process_time() - cpu, sampled)
        size = await control.fetchval("select pg_database_size($1)", DATABASE)
        tracks = max(report.counts.read["tracks"], 1)
        print(f"database: {size / 1e9:.2f} GB, {size / tracks:,.0f} bytes a track read")
    finally:
        await control.execute(f"drop database if exists {DATABASE} with (force)")
        await control.close()


class _Sampled:
    """CPU time of the server process of the import, looked at every second, as it is gone at the end."""

    def __init__(self) -> None:
        self.server_seconds = 0.0

    async def run(self, control: asyncpg.Connection) -> None:
        while True:
            pids = await control.fetch(
                "select pid from pg_stat_activity where datname = $1 and backend_type = 'client backend'", DATABASE
            )
            self.server_seconds = max(self.server_seconds, cpu_seconds(row["pid"] for row in pids))
            await asyncio.sleep(1)


def _tell(attempt: str, report: Report, seconds: float, cpu: float, sampled: _Sampled) -> None:
    tracks = report.counts.read["tracks"]
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{attempt}: {tracks:,} tracks in {seconds:.1f} s, {tracks / seconds:,.0f} tracks/s; CPU {cpu:.1f} s here and "
        f"{sampled.server_seconds:.1f} s in PostgreSQL; highest memory {memory:.0f} MB"
    )
    counts = report.counts
    print(f"  read {dict(counts.read)}, rejected {dict(counts.rejected)}, flagged {dict(counts.flagged)}")


def _show(progress: Progress) -> None:
    print(f"{progress.counts.read['tracks']:,} tracks, {progress.seconds:.0f} s", end="\r", file=sys.stderr)
