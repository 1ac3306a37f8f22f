"""Fill a migrated, empty database with a made-up catalog: COPY from several processes, indexes built afterwards."""

import asyncio
import os
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from time import perf_counter

import asyncpg
import typer

from benchmarks.catalog.part import artists, labels, make_part, parts, standards
from benchmarks.catalog.world import World
from benchmarks.database import connected
from sonograph.catalog.reference import load_reference
from sonograph.catalog.typos import all_typo_hashes
from sonograph.catalog.writer.artists import name_keys
from sonograph.catalog.writer.rows import COLUMNS, copy
from sonograph.postgres.migrate import migrate

BATCH = 10_000  # rows of artists and labels
# Of all tables that are filled: (statement that drops it, statement that makes it again).
INDEXES = """
select case when c.oid is null then format('drop index %s', i.indexrelid::regclass)
         else format('alter table %s drop constraint %I', i.indrelid::regclass, c.conname) end as drop,
       case when c.oid is null then pg_get_indexdef(i.indexrelid)
         else format('alter table %s add constraint %I %s',
                i.indrelid::regclass, c.conname, pg_get_constraintdef(c.oid))
       end as make
from pg_index i left join pg_constraint c on c.conindid = i.indexrelid and c.contype in ('p', 'u')
where i.indrelid = any($1::text[]::regclass[]) order by pg_relation_size(i.indrelid) desc, i.indexrelid
"""


async def load(dsn: str, world: World, workers: int) -> None:
    """Refuses a catalog that has tracks. If it is interrupted, indexes are missing: drop the database."""
    began = perf_counter()

    def say(step: str) -> None:
        typer.echo(f"{perf_counter() - began:7.1f} s  {step}")

    await migrate(dsn)
    connection = await connected(dsn)
    try:
        if await connection.fetchval("select exists (select from track)"):
            raise typer.BadParameter("the catalog has tracks already: give an empty database")
        await load_reference(connection)
        indexes = await connection.fetch(INDEXES, list(COLUMNS))
        for index in indexes:
            await connection.execute(index["drop"])
        say(f"migrated, {len(indexes)} indexes dropped")
        for table, rows in standards(world).items():
            await copy(connection, table, rows)
        artist_releases, label_releases = await _tracks(dsn, world, workers)
        say(f"{world.tracks:,} tracks written")
        await _named(connection, world, artist_releases, label_releases)
        say("artists and labels written")
        await _build([index["make"] for index in indexes], dsn, workers)
        say("indexes built")
        await connection.execute(
            "vacuum (analyze)"
        )  # sets the visibility maps, too, as on a server that has run a while
        say("vacuumed and analyzed")
    finally:
        await connection.close()


async def _tracks(dsn: str, world: World, workers: int) -> tuple[Counter[int], Counter[int]]:
    """Releases by artist and by label."""
    loop, artist_releases, label_releases = asyncio.get_running_loop(), Counter[int](), Counter[int]()
    with ProcessPoolExecutor(workers) as pool:
        stripes = [loop.run_in_executor(pool, _stripe, dsn, world, n, workers) for n in range(workers)]
        for by_artist, by_label in await asyncio.gather(*stripes):
            artist_releases.update(by_artist)
            label_releases.update(by_label)
    return artist_releases, label_releases


def _stripe(dsn: str, world: World, first: int, step: int) -> tuple[Counter[int], Counter[int]]:
    return asyncio.run(_write_parts(dsn, world, range(first, parts(world), step)))


async def _write_parts(dsn: str, world: World, numbers: range) -> tuple[Counter[int], Counter[int]]:
    artist_releases, label_releases = Counter[int](), Counter[int]()
    connection = await connected(dsn, synchronous_commit="off")
    try:
        for number in numbers:
            part = make_part(world, number)
            artist_releases.update(part.artist_releases)
            label_releases.update(part.label_releases)
            async with connection.transaction():
                for table, rows in part.rows.items():
                    await copy(connection, table, rows)
    finally:
        await connection.close()
    return artist_releases, label_releases


async def _named(
    connection: asyncpg.Connection, world: World, artist_releases: Counter[int], label_releases: Counter[int]
) -> None:
    """Artists and labels last, because their rows count releases."""
    await copy(connection, "artist", artists(world, artist_releases))
    await copy(
        connection,
        "artist_key",
        ((n, world.popularity(n), key) for n, name in enumerate(world.artists, 1) for key in name_keys((name,))),
    )
    await copy(
        connection,
        "artist_typo",
        ((hashed, n) for n, name in enumerate(world.artists, 1) for hashed in all_typo_hashes(name_keys((name,)))),
    )
    await copy(connection, "label", labels(world, label_releases))
    await copy(
        connection,
        "label_key",
        ((n, label_releases[n], key) for n, name in enumerate(world.labels, 1) for key in name_keys((name,))),
    )
    await copy(
        connection,
        "label_typo",
        ((hashed, n) for n, name in enumerate(world.labels, 1) for hashed in all_typo_hashes(name_keys((name,)))),
    )


async def _build(statements: Sequence[str], dsn: str, workers: int) -> None:
    """The statements of all indexes, the largest tables first, on as many connections as there are processes."""
    left = list(reversed(statements))

    async def build() -> None:
        connection = await connected(dsn, maintenance_work_mem="256MB", max_parallel_maintenance_workers="0")
        try:
            while left:
                await connection.execute(left.pop())
        finally:
            await connection.close()

    await asyncio.gather(*(build() for _ in range(workers)))


def default_workers() -> int:
    return min(os.cpu_count() or 1, 8)
