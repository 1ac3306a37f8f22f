"""`python -m tests.monitoring_worker.process DSN DATA_DIR STATION NAME`: a monitor in a process of its own."""

import asyncio
import logging
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg

from sonograph.monitoring.leases import Pace
from sonograph.monitoring.monitor import Monitor, Setup
from sonograph.postgres.pool import Pool

PACE = Pace(beat=0.5, dead=4.0, fenced=2.0, keep=1.0)  # in tests nobody wants to wait


@asynccontextmanager
async def setup(dsn: str, data_dir: Path, station: str, name: str, capacity: int = 100) -> AsyncIterator[Setup]:
    """What a monitor on this database works with."""
    live, sandbox = (Pool(dsn, catalog, size=2, statement_timeout_ms=5000) for catalog in ("catalog", "sandbox"))
    settings = {"search_path": "accounts", "timezone": "UTC"}
    async with asyncpg.create_pool(dsn, min_size=1, max_size=4, command_timeout=10, server_settings=settings) as pool:
        try:
            yield Setup(
                accounts=pool,
                live=live,
                sandbox=sandbox,
                dsn=dsn,
                data_dir=data_dir,
                station=station,
                name=name,
                capacity=capacity,
                threads=1,
                pace=PACE,
            )
        finally:
            await live.close()
            await sandbox.close()


async def main() -> None:
    dsn, data_dir, station, name = sys.argv[1:]
    logging.basicConfig(level=logging.INFO, format=f"%(asctime)s {name} %(message)s")
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with setup(dsn, Path(data_dir), station, name) as given:
        await Monitor(given).run(stop)


if __name__ == "__main__":
    asyncio.run(main())
