"""Merges are listed, taken apart by hand, and stay so; a pass that is killed or taken back leaves a whole catalog."""

import asyncio
import os
import signal
import sys
from datetime import UTC, datetime

import asyncpg
import pytest

from sonograph.catalog.merging.undo import merges, unmerge_one, unmerge_row
from sonograph.catalog.records import ArtistRecord, Link, Ref, Same
from sonograph.catalog.vocabulary import EntityKind, MergeReason
from sonograph.errors import NotFound
from tests.importers.contents import facts, wrongs
from tests.merging.conftest import MakeDatabase
from tests.merging.sources import (
    DISCOGS,
    JSONL,
    MB,
    MLC,
    all_rows,
    clusters,
    conflicts,
    mbid,
    merged,
    on_discogs,
    pressing,
    recording,
    write,
)

ISRC = ("GBDUW0000053",)
NOW = datetime(2026, 4, 1, tzinfo=UTC)


async def two_sources(catalog: asyncpg.Connection) -> None:
    """An album, its artist and label at MusicBrainz and Discogs, and one of its recordings at The MLC."""
    await write(
        catalog, MB,
        ArtistRecord(id="kino", name="Кино", musicbrainz_id=mbid(77), same_as=(Same(source="discogs", id="kino"),)),
        recording("m", isrcs=ISRC), recording("n", "Other", duration=100),
        pressing(
            mbid(1), "m", "n", source="musicbrainz", group=mbid(9), same_as=(Same(source="discogs", id="7"),),
            label=Ref(id="l", name="Label"), release_date="2001",
        ),
    )  # fmt: skip
    await write(
        catalog, DISCOGS,
        on_discogs("7", ("Song", 201), ("Other", None), ("Bonus", 60), release_date="1999-03"),
        on_discogs("8", ("Song", 199), release_date="2010"),
    )  # fmt: skip
    await write(catalog, MLC, recording("x", "SONG", "KINO", isrcs=ISRC))


async def test_what_is_merged_is_one_row_with_all_that_the_sources_say(catalog: asyncpg.Connection) -> None:
    await two_sources(catalog)
    report, lines = await merged(catalog)
    assert await clusters(catalog) == {frozenset(("m", "x", "7-1", "8-1")), frozenset(("n", "7-2"))}
    assert report.merged == {
        "artist: relation between sources": 1, "release: relation between sources": 1, "track: shared ISRC": 1,
        "track: relation between sources": 2, "track: name, duration and version": 1,
    }  # fmt: skip
    assert {line["merged"] for line in lines} == {"artist", "track", "release"}
    assert not conflicts(lines)
    release = await catalog.fetchrow(
        "select r.title, a.name, l.name, release_date::text, date_precision, track_count from release r "
        "join artist a on a.id = r.artist_id left join label l on l.id = label_id where catalog_no is null "
        "and r.id = (select min(id) from release)"
    )
    assert tuple(release) == ("Album", "Кино", "Label", "1999-03-01", 2, 3)
    placed = await catalog.fetch(
        "select t.title, disc_number, track_number from release_track rt join track t on t.id = track_id "
        "where release_id = (select min(id) from release) order by track_number nulls last"
    )
    assert [tuple(row) for row in placed] == [("Song", 1, 1), ("Other", 1, 2), ("Bonus", None, None)]
    # The earliest release of any source dates the recording.
    assert str(await catalog.fetchval("select released from track where title = 'Song'")) == "1999-03-01"
    assert await catalog.fetchval("select count(*) from artist where name = 'Кино'") == 1


async def test_listed_unmerged_and_not_merged_again(catalog: asyncpg.Connection) -> None:
    await two_sources(catalog)
    await merged(catalog)
    row = await catalog.fetchval("select id from track where title = 'Song'")
    listed = await merges(catalog, "track", row)
    assert {(m.source, m.source_id, m.reason) for m in listed} == {
        ("musicbrainz", "m", MergeReason.LEADER), ("discogs", "7-1", MergeReason.RELATION),
        ("discogs", "8-1", MergeReason.NAME), ("mlc", "x", MergeReason.ISRC),
    }  # fmt: skip
    old = next(m.member for m in listed if m.source_id == "x")
    assert await merges(catalog, "track", old) == listed  # by any of its ids
    one = next(m for m in listed if m.source_id == "8-1")
    await unmerge_one(catalog, one.id, NOW)
    await merged(catalog)
    assert await clusters(catalog) == {frozenset(("m", "x", "7-1")), frozenset(("n", "7-2"))}
    await unmerge_row(catalog, "track", old, NOW)
    _, lines = await merged(catalog)
    assert await clusters(catalog) == {frozenset(("n", "7-2"))}
    assert set(conflicts(lines)) == {"taken apart by hand"}
    with pytest.raises(NotFound):
        await unmerge_one(catalog, one.id, NOW)
    with pytest.raises(NotFound):
        await unmerge_row(catalog, "track", old, NOW)


@pytest.mark.parametrize("kind", ["artist", "release"])
async def test_artists_and_releases_are_taken_apart_and_stay_so(catalog: asyncpg.Connection, kind: str) -> None:
    await two_sources(catalog)
    await merged(catalog)
    (one, _) = await merges(catalog, kind)
    await unmerge_row(catalog, kind, one.row, NOW)
    assert await wrongs(catalog) == {}
    await merged(catalog)
    assert await clusters(catalog, EntityKind[kind.upper()]) == set()
    assert await clusters(catalog) == {frozenset(("m", "x", "7-1", "8-1")), frozenset(("n", "7-2"))}


async def test_dry_run_says_all_and_changes_nothing(catalog: asyncpg.Connection) -> None:
    await two_sources(catalog)
    before = await all_rows(catalog)
    report, lines = await merged(catalog, dry_run=True)
    assert await all_rows(catalog) == before
    assert await catalog.fetchval("select count(*) from merged") == 0
    real, real_lines = await merged(catalog)
    assert (report.merged, lines) == (real.merged, real_lines)


async def test_changed_record_of_a_merged_track_is_written_alone_and_merged_anew(catalog: asyncpg.Connection) -> None:
    await two_sources(catalog)
    await merged(catalog)
    await write(catalog, MLC, recording("x", "SONG", "KINO", 300, isrcs=ISRC))
    assert await catalog.fetchval("select count(*) from track where duration = 300") == 1
    _, lines = await merged(catalog)
    assert await clusters(catalog) == {frozenset(("m", "7-1", "8-1")), frozenset(("n", "7-2"))}
    assert conflicts(lines) == ["durations differ: 200 s and 300 s"]
    await write(catalog, MLC, recording("x", "SONG", "KINO", isrcs=ISRC))
    await merged(catalog)
    assert frozenset(("m", "x", "7-1", "8-1")) in await clusters(catalog)


async def test_two_recordings_of_one_source_are_never_one(catalog: asyncpg.Connection) -> None:
    await write(catalog, MB, recording("m", isrcs=ISRC), recording("n", isrcs=ISRC))
    await write(catalog, JSONL, recording("j", isrcs=ISRC))
    _, lines = await merged(catalog)
    assert await clusters(catalog) == {frozenset("mj")}
    assert sorted(conflicts(lines)) == [
        "musicbrainz has m and n as two recordings", "musicbrainz has them as two recordings",
    ]  # fmt: skip


async def test_a_source_that_names_two_is_a_conflict(catalog: asyncpg.Connection) -> None:
    same = (Same(source="discogs", id="1"), Same(source="discogs", id="2"))
    await write(catalog, MB, ArtistRecord(id="m", name="One", same_as=same))
    await write(catalog, DISCOGS, ArtistRecord(id="1", name="One"), ArtistRecord(id="2", name="One"))
    _, lines = await merged(catalog)
    assert await catalog.fetchval("select count(*) from artist") == 3
    assert conflicts(lines) == ["another one is meant at least as often"] * 2


async def test_cover_with_the_link_of_the_original(catalog: asyncpg.Connection) -> None:
    link = (Link(source="youtube", id="FGBhQbmPwH8"),)
    await write(catalog, MB, recording("m", links=link))
    await write(catalog, JSONL, recording("j", artist="Tribute Orchestra", links=link))
    _, lines = await merged(catalog)
    assert await clusters(catalog) == set()
    assert conflicts(lines) == ["artists differ"]


KILLED = """
import asyncio, os, signal, sys
import asyncpg
from sonograph.catalog.merging import tracks
from sonograph.catalog.merging.report import MergeReport
from sonograph.catalog.merging.run import merge

async def main():
    tracks.BATCH = 4
    connection = await asyncpg.connect(sys.argv[1], server_settings={"search_path": "catalog"})
    def tell(what, done, total):
        if what == "tracks" and done >= total / 2:
            os.kill(os.getpid(), signal.SIGKILL)
    await merge(connection, MergeReport(), tell=tell)

asyncio.run(main())
"""


async def test_killed_in_the_middle_goes_on(make_database: MakeDatabase) -> None:
    found = []
    for killed in (False, True):
        dsn = await make_database()
        connection = await asyncpg.connect(dsn, server_settings={"search_path": "catalog"})
        await two_sources(connection)
        for n in range(6):
            await write(connection, MB, recording(f"more{n}", f"Title {n}"))
        await write(connection, DISCOGS, on_discogs("20", *((f"Title {n}", 200) for n in range(6))))
        if killed:
            process = await asyncio.create_subprocess_exec(sys.executable, "-c", KILLED, dsn, env={**os.environ})
            assert await process.wait() == -signal.SIGKILL
            half = await connection.fetchval('select count(distinct "row") from merged where kind = 4')
            assert 0 < half < 8
            assert await wrongs(connection) == {}
        await merged(connection)
        found.append((await facts(connection), await clusters(connection)))
        await connection.close()
    assert found[0] == found[1]
    assert len(found[0][1]) == 8
