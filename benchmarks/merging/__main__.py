"""Merges a generated catalog of two sources, half of which is the same.

    python -m benchmarks.merging SERVER [--tracks N]

N tracks of each source; of Discogs, half are recordings of MusicBrainz with another spelling or a second more; a third
of the shared ones stands on releases of which MusicBrainz says which of Discogs they are. SERVER is the postgresql://
URL of a server on which a database of our own is made and dropped.
"""

import argparse
import asyncio
import resource
import time
from collections.abc import Iterator
from random import Random
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from benchmarks.importers.world import World
from benchmarks.processes import cpu_seconds
from sonograph.catalog.merging.report import MergeReport
from sonograph.catalog.merging.run import merge
from sonograph.catalog.records import (
    AnyRecord,
    ArtistRecord,
    Credit,
    EditionRecord,
    Link,
    Place,
    Ref,
    ReleaseRecord,
    Same,
    TrackRecord,
)
from sonograph.catalog.reference import load_reference
from sonograph.catalog.vocabulary import OriginId
from sonograph.catalog.writer import write_records
from sonograph.postgres.migrate import migrate

DATABASE = "sonograph_merging_benchmark"
ON_RELEASE = 12
MESS = ("{}", "{}", "{} (Radio Edit)", "{} (Original Mix)", "{} [Remastered]")


def mbid(kind: int, number: int) -> str:
    return f"00000000-0000-4000-{8000 + kind}-{number:012}"


def releases(tracks: int, source: OriginId) -> Iterator[AnyRecord]:
    """Tracks and releases of a source. Numbers from `tracks` / 2 up are known to both, and are drawn alike."""
    world = World(tracks)
    first = tracks // 2 if source is OriginId.DISCOGS else 0
    for release in range(first // ON_RELEASE, (first + tracks) // ON_RELEASE):
        artist = world.artist(Random(release))
        ref = Ref(id=str(artist), name=world.artist_name(artist))
        shared = tracks // 2 <= release * ON_RELEASE < tracks
        same = shared and release % 3 == 0
        described = []
        for place in range(ON_RELEASE):
            number = release * ON_RELEASE + place
            random = Random(number * 7)
            title, duration = f"{world.title(random)} {number % 97}", random.randint(120, 420)
            if source is OriginId.DISCOGS:
                title, duration = MESS[number % len(MESS)].format(title), duration + number % 3
            link = (
                Link(source="discogs", id=f"{release + 1}-{place + 1}")
                if source is OriginId.DISCOGS
                else Link(source="musicbrainz", id=mbid(1, number))
            )
            described.append(
                TrackRecord(
                    id=f"{release + 1}-{place + 1}" if source is OriginId.DISCOGS else mbid(1, number),
                    title=title,
                    artists=(Credit(artist=ref),),
                    duration=duration,
                    links=(link,),
                )
            )
        platform = "discogs" if source is OriginId.DISCOGS else "musicbrainz"
        key = str(release + 1) if source is OriginId.DISCOGS else mbid(2, release)
        if source is OriginId.MUSICBRAINZ:
            yield from described
        yield ReleaseRecord(
            id=key,
            title=f"Release {release}",
            artist=ref,
            release_date="2001",
            tracks=tuple(
                Place(track=track.id if source is OriginId.MUSICBRAINZ else track, disc=1, number=n)
                for n, track in enumerate(described, start=1)
            ),
            editions=(EditionRecord(source=platform, id=key, title=f"Release {release}"),),  # type: ignore[arg-type]  # one of two
            same_as=(Same(source="discogs", id=str(release + 1)),) if same and source is OriginId.MUSICBRAINZ else (),
        )


def artists(tracks: int, source: OriginId) -> Iterator[AnyRecord]:
    """Half of the artists are related."""
    world = World(tracks)
    for number in range(world.artists):
        same = (Same(source="discogs", id=str(number)),) if number % 2 and source is OriginId.MUSICBRAINZ else ()
        yield ArtistRecord(id=str(number), name=world.artist_name(number), same_as=same)


async def measure(server: str, tracks: int) -> None:
    control = await asyncpg.connect(server)
    await control.execute(f"drop database if exists {DATABASE} with (force)")
    await control.execute(f"create database {DATABASE}")
    dsn = urlunsplit(urlsplit(server)._replace(path=f"/{DATABASE}"))
    try:
        await migrate(dsn)
        connection = await asyncpg.connect(
            dsn, server_settings={"search_path": "catalog", "synchronous_commit": "off", "jit": "off"}
        )
        await load_reference(connection)
        for source in (OriginId.MUSICBRAINZ, OriginId.DISCOGS):
            started = time.process_time()
            await write_records(connection, source, artists(tracks, source), 2000)
            await write_records(connection, source, releases(tracks, source), 2000)
            print(f"{source.name.lower()}: written, CPU {time.process_time() - started:.1f} s here")
        await connection.execute("analyze")
        await _pass(connection, "first pass", tracks)
        size = await connection.fetchval("select pg_total_relation_size('merged')")
        rows = await connection.fetchval("select count(*) from merged")
        print(f"merged: {rows:,} lines, {size / max(rows, 1):,.0f} bytes each with indexes")
        await _pass(connection, "again, nothing new", tracks)
        await write_records(connection, OriginId.DISCOGS, _one_more(tracks), 100)
        await _pass(connection, "after one more release", tracks)
        await connection.close()
    finally:
        await control.execute(f"drop database if exists {DATABASE} with (force)")
        await control.close()


def _one_more(tracks: int) -> Iterator[AnyRecord]:
    record = next(releases(tracks, OriginId.DISCOGS))
    assert isinstance(record, ReleaseRecord)  # noqa: S101 - for the type
    yield ReleaseRecord(id="999999999", title="More", artist=record.artist, tracks=record.tracks[:0])
    yield record


async def _pass(connection: asyncpg.Connection, what: str, tracks: int) -> None:
    statements = 0

    def count(_query: object) -> None:
        nonlocal statements
        statements += 1

    backend = connection.get_server_pid()
    started, cpu, server = time.monotonic(), time.process_time(), cpu_seconds([backend])
    connection.add_query_logger(count)
    report = await merge(connection, MergeReport())
    connection.remove_query_logger(count)
    seconds, cpu, server = time.monotonic() - started, time.process_time() - cpu, cpu_seconds([backend]) - server
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{what}: {2 * tracks:,} tracks of two sources in {seconds:.1f} s, {2 * tracks / seconds:,.0f} a second; CPU "
        f"{cpu:.1f} s here and {server:.1f} s in PostgreSQL; {statements:,} statements; highest memory {memory:.0f} MB"
    )
    print(f"  looked at {dict(report.looked_at)}, merged {dict(report.merged)}, conflicts {dict(report.conflicts)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("server")
    parser.add_argument("--tracks", type=int, default=200_000)
    asked = parser.parse_args()
    asyncio.run(measure(asked.server, asked.tracks))


if __name__ == "__main__":
    main()
