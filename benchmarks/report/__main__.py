"""The report of 92 days of 100 streams: `python -m benchmarks.report --data-dir FOLDER`.

Printed: what the database alone takes to hand over the rows, the report as JSON to its first and its last byte, what
other work on the event loop waits for meanwhile, the summary alone, and rows by templates. CPU of this process and of
the database's.
"""

import asyncio
import resource
import sys
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter, process_time
from zoneinfo import ZoneInfo

import asyncpg
import typer

from benchmarks.database import DataDir, Url, opened
from benchmarks.figures import percentile, table
from benchmarks.report.data import SINCE, UNTIL, filled
from sonograph.catalog.sandbox.load import load_sandbox
from sonograph.monitoring.report import json_text, report, report_store
from sonograph.monitoring.report.gathering import heard_on
from sonograph.monitoring.report.sheet import Sheet
from sonograph.monitoring.report.span import span_of
from sonograph.monitoring.report.template import templates
from sonograph.postgres.migrate import migrate

TICK = 0.002  # seconds


@dataclass(slots=True)
class Lag:
    """How late a task that wants to run every 2 ms does run."""

    waits: list[float] = field(default_factory=list)

    async def run(self) -> None:
        while True:
            at = perf_counter()
            await asyncio.sleep(TICK)
            self.waits.append(perf_counter() - at - TICK)


def main(
    url: str | None = Url,
    data_dir: Path | None = DataDir,
    streams: int = typer.Option(100, help="Streams."),
    plays: int = typer.Option(30_000, help="Airings of each."),
    rounds: int = typer.Option(3, help="How often; the best of them is shown."),
) -> None:
    """Measure the report."""
    with opened(url, data_dir) as dsn:
        asyncio.run(_measure(dsn, streams, plays, rounds))


async def _measure(dsn: str, streams: int, plays: int, rounds: int) -> None:
    await migrate(dsn)
    sandbox = await asyncpg.connect(dsn, server_settings={"search_path": "sandbox"})
    await load_sandbox(sandbox)
    await sandbox.close()
    settings = {"search_path": "accounts", "timezone": "UTC", "jit": "off"}
    async with asyncpg.create_pool(dsn, min_size=4, max_size=4, server_settings=settings) as pool:
        async with pool.acquire() as connection:
            account = await filled(connection, streams, plays)
        span = span_of(SINCE, UNTIL, ZoneInfo("UTC"))
        watched = await report.streams_of(pool, account, span, None, test=False)
        known = templates(None)

        async def database() -> AsyncGenerator[bytes]:
            async with pool.acquire() as connection:
                for stream in watched:
                    airings = await report_store.fetch_airings(connection, stream.id, span)
                    yield bytes(12 * len(airings))

        async def summaries() -> AsyncGenerator[bytes]:
            texts = json_text.Texts()
            async for heard in heard_on(pool, watched, span, test=False):
                await asyncio.to_thread(texts.learn, heard.airings, heard.facts)
                yield await asyncio.to_thread(json_text.summary, heard.airings, texts)

        def sheet(name: str) -> Callable[[], AsyncGenerator[bytes]]:
            return lambda: report.as_rows(
                pool, watched, span, Sheet(known[name], ZoneInfo("Europe/Zurich")), test=False
            )

        asked: list[tuple[str, Callable[[], AsyncGenerator[bytes]]]] = [
            ("rows out of the database", database),
            ("summary alone", summaries),
            ("report as JSON", lambda: report.as_json(pool, watched, span, test=False)),
            ("tracks.csv", sheet("tracks")),
            ("airings.csv", sheet("airings")),
            ("suisa.csv", sheet("suisa")),
        ]
        lines = []
        for name, make in asked:
            typer.echo(name, err=True)
            found = [await _once(pool, make) for _ in range(rounds if "csv" not in name else 1)]
            lines.append((name, *min(found, key=lambda one: float(one[2]))))
        heads = ("", "bytes", "first, s", "all, s", "CPU here, s", "CPU server, s", "late p99, ms", "late max, ms")
        typer.echo(f"{len(watched)} streams, {len(watched) * plays:,} airings\n\n{table(heads, lines)}")
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (1024 if sys.platform != "darwin" else 2**20)
        typer.echo(f"\nMost memory of this process: {peak:,} MB")


async def _once(pool: asyncpg.Pool, make: Callable[[], AsyncGenerator[bytes]]) -> tuple[str, ...]:
    lag, size, first = Lag(), 0, 0.0
    beside = asyncio.create_task(lag.run())
    server, here, at = await _server_cpu(pool), process_time(), perf_counter()
    async for piece in make():
        first = first or perf_counter() - at
        size += len(piece)
    took, cpu, server = perf_counter() - at, process_time() - here, await _server_cpu(pool) - server
    beside.cancel()
    late = (percentile(lag.waits, 0.99), max(lag.waits))
    return (
        f"{size:,}",
        f"{first:.3f}",
        f"{took:.2f}",
        f"{cpu:.2f}",
        f"{server:.2f}",
        *(f"{1000 * wait:.1f}" for wait in late),
    )


async def _server_cpu(pool: asyncpg.Pool) -> float:
    """Seconds of the pool's backends so far; 0 where the server is on another machine."""
    held = [await pool.acquire() for _ in range(pool.get_max_size())]
    try:
        pids = [await connection.fetchval("select pg_backend_pid()") for connection in held]
    finally:
        for connection in held:
            await pool.release(connection)
    return await asyncio.to_thread(_cpu_of, pids)


def _cpu_of(pids: list[int]) -> float:
    total = 0
    for pid in pids:
        stat = Path(f"/proc/{pid}/stat")
        if stat.exists():
            parts = stat.read_text(encoding="ascii").rsplit(")", 1)[1].split()
            total += int(parts[11]) + int(parts[12])
    return total / 100  # ticks


if __name__ == "__main__":
    typer.run(main)
