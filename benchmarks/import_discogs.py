"""Rate and memory of a Discogs import: the sample of 1,000 releases, repeated with ids of its own.

    python benchmarks/import_discogs.py DSN [REPEATS]

DSN is a server on which a database of our own is made and dropped. Prints tracks a second, CPU seconds of this process
and its highest memory.
"""

import asyncio
import gzip
import re
import resource
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from sonograph.catalog.importers.report import Progress
from sonograph.catalog.importers.run import run_import
from sonograph.postgres.migrate import migrate

SAMPLE = Path(__file__).parents[2] / "shared/data/discogs_samples/discogs_20200806_releases.xml.gz"
IDS = re.compile(r'(<release id="|<master_id[^>]*>|<artist><id>|<label [^>]* id=")(\d+)')
VARIOUS = "194"
STRIDE = 10_000_000
DATABASE = "sonograph_import_benchmark"


def write_repeated(path: Path, repeats: int) -> None:
    """The sample `repeats` times; releases, masters, artists and labels of each have ids of their own."""
    text = gzip.decompress(SAMPLE.read_bytes()).decode()
    releases = text[text.index("<release ") : text.rindex("</releases>")]
    with gzip.open(path, "wt", compresslevel=1, encoding="utf-8") as out:
        out.write("<releases>\n")
        for repeat in range(repeats):

            def own(match: re.Match[str], shift: int = repeat * STRIDE) -> str:
                return match[0] if match[2] == VARIOUS else f"{match[1]}{int(match[2]) + shift}"

            out.write(IDS.sub(own, releases))
        out.write("</releases>\n")


async def measure(server: str, repeats: int) -> None:
    connection = await asyncpg.connect(server)
    await connection.execute(f"drop database if exists {DATABASE} with (force)")
    await connection.execute(f"create database {DATABASE}")
    dsn = urlunsplit(urlsplit(server)._replace(path=f"/{DATABASE}"))
    try:
        await migrate(dsn)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "releases.xml.gz"
            write_repeated(path, repeats)
            for attempt in ("first import", "again, nothing changed"):
                started, cpu = time.monotonic(), time.process_time()
                report = await run_import(dsn, "catalog", "discogs", [path], data_dir=Path(folder), progress=_show)
                seconds = time.monotonic() - started
                tracks = report.counts.read["tracks"]
                print(
                    f"{attempt}: {tracks:,} tracks of {report.counts.read['releases']:,} releases in {seconds:.1f} s, "
                    f"{tracks / seconds:,.0f} tracks/s, {time.process_time() - cpu:.1f} s CPU here, "
                    f"highest memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB"
                )
            size = await _size(dsn)
            print(f"database: {size / tracks:,.0f} bytes a track")
    finally:
        await connection.execute(f"drop database if exists {DATABASE} with (force)")
        await connection.close()


async def _size(dsn: str) -> int:
    connection = await asyncpg.connect(dsn)
    try:
        return int(await connection.fetchval("select pg_database_size(current_database())"))
    finally:
        await connection.close()


def _show(progress: Progress) -> None:
    print(f"{progress.counts.read['tracks']:,} tracks, {progress.seconds:.0f} s", end="\r", file=sys.stderr)


if __name__ == "__main__":
    asyncio.run(measure(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 50))  # the database URL, repeats
