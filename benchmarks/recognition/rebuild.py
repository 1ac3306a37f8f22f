"""From stored fingerprints to an index: `python -m benchmarks.recognition.rebuild FOLDER`.

Writes made-up references of 30 s to an embedded database in FOLDER (1.1 GB for a million), and builds the index of them
as `sonograph index rebuild` does. Prints CPU time, that of the database's servant included. At the same time a task
sleeps for a millisecond again and again, and says how late it was: what a service would feel that follows.
"""

import argparse
import asyncio
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import asyncpg
import numpy as np
import psutil

from benchmarks.database import connected, opened
from benchmarks.figures import percentile, table
from benchmarks.processes import backends, cpu_seconds
from sonograph.catalog.vocabulary import OriginId
from sonograph.postgres.migrate import migrate
from sonograph.recognition.index.rebuilding import Step, rebuild
from sonograph.recognition.index.status import status
from sonograph.recognition.references import Reference
from sonograph.recognition.store import write_references

ITEMS = 242  # of 30 s
AT_ONCE = 5000
IDLE_SECONDS = 5.0


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.recognition.rebuild", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--references", type=int, default=200_000)
    asked = parser.parse_args()
    with opened(None, asked.folder / "postgres") as dsn:
        asyncio.run(_run(dsn, asked.folder, asked.references))


async def _run(dsn: str, folder: Path, references: int) -> None:
    await migrate(dsn)
    connection = await connected(dsn, application_name="benchmark")
    missing = references - await connection.fetchval("select count(*) from audio_reference")
    if missing > 0:
        await _fill(connection, missing)
    idle: list[float] = []
    lateness: list[float] = []
    with suppress(TimeoutError):
        await asyncio.wait_for(_feel(idle), IDLE_SECONDS)
    feel = asyncio.create_task(_feel(lateness))
    servants: dict[int, float] = {}
    asking: list[int] = []

    def tell(_: Step) -> None:
        servants.update({pid: cpu_seconds([pid]) for pid in asking})

    began, cpu = time.monotonic(), time.process_time()
    task = asyncio.create_task(rebuild(dsn, folder, "catalog", tell))
    while not task.done():
        asking[:] = await backends(connection, "sonograph index catalog")
        await asyncio.wait([task], timeout=0.5)
    await task
    feel.cancel()
    ours = time.process_time() - cpu
    items, _ = await status(dsn, folder, "catalog")
    database = sum(servants.values())
    rows = [
        ("references", f"{items.indexed:,}"),
        ("CPU of ours", f"{ours:.1f} s"),
        ("CPU of the database", f"{database:.1f} s"),
        ("CPU for a million", f"{(ours + database) / items.indexed * 1e6:.0f} s"),
        ("time", f"{time.monotonic() - began:.1f} s"),
        ("most memory", f"{psutil.Process().memory_info().rss / 1e6:.0f} MB at the end"),
        ("bytes a reference", f"{items.bytes / items.indexed:,.0f}"),
        ("late while it builds", _late(lateness)),
        ("late without", _late(idle)),
    ]
    print(table(("", ""), rows))
    await connection.close()


def _late(seconds: list[float]) -> str:
    shares = [f"{percentile(seconds, share) * 1e3:.1f}" for share in (0.5, 0.99, 0.999)]
    return f"{' / '.join(shares)} ms (half, 99 %, 99.9 %)"


async def _fill(connection: asyncpg.Connection, missing: int) -> None:
    cpu, began = time.process_time(), time.monotonic()
    (pid,) = await backends(connection, "benchmark")
    server = cpu_seconds([pid])
    for batch in _batches(missing):
        async with connection.transaction():
            await write_references(connection, batch)
    await connection.execute("analyze audio_reference")
    spent = time.process_time() - cpu, cpu_seconds([pid]) - server
    each = [f"{seconds / missing * 1e6:.0f} us" for seconds in spent]
    print(
        f"written: {missing:,} in {time.monotonic() - began:.0f} s; CPU each: ours {each[0]}, the database's {each[1]}"
    )


def _batches(references: int) -> Iterator[list[Reference]]:
    random = np.random.default_rng()
    for begin in range(0, references, AT_ONCE):
        count = min(AT_ONCE, references - begin)
        items = random.integers(0, 1 << 32, (count, ITEMS), np.uint32)
        yield [
            Reference(
                track_id=1 + begin + number,
                origin=OriginId.JSONL,
                external_id=random.bytes(12).hex(),
                seconds=30.0,
                items=items[number],
            )
            for number in range(count)
        ]


async def _feel(lateness: list[float]) -> None:
    while True:
        began = time.monotonic()
        await asyncio.sleep(0.001)
        lateness.append(time.monotonic() - began - 0.001)


if __name__ == "__main__":
    main()
