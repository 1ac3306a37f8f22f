"""Dumps into the database."""

from pathlib import Path
from typing import Any

import asyncpg
import pytest

from sonograph.catalog.genre_names import canonical
from sonograph.catalog.importers.run import run_import
from sonograph.catalog.records import AnyRecord
from sonograph.catalog.vocabulary import OriginId
from sonograph.catalog.writer import write_records
from sonograph.errors import Invalid
from tests.importers.contents import everything, facts, wrongs
from tests.importers.musicbrainz import dump
from tests.importers.musicbrainz.dump import BAND, EDITION, GROUP, GUEST, OTHER_SONG, REISSUE, SONG

LONG_SONG = dump.mbid(40)
COLLECTION, COLLECTION_GROUP = dump.mbid(41), dump.mbid(42)


def documents() -> list[dict[str, Any]]:
    """An album with a reissue that has one song more, and a collection with one of its songs."""
    song = dump.recording(
        isrcs=["GBABC9900001", "GBABC9900002"],
        relations=[
            dump.relation("performance", "work", dump.work()),
            dump.url("https://open.spotify.com/track/4uLU6hMCjMI75M1A2tKUQC"),
        ],
        genres=[{"name": "house", "count": 2}],
    )
    # The same title as another recording, 2 s longer: MusicBrainz knows that they are two.
    other = dump.recording(OTHER_SONG, "Lantern", length=217_000, isrcs=["GBABC9900003"])
    guest = dump.recording(
        LONG_SONG,
        "Tide",
        **{"artist-credit": [dump.credit(BAND, "The Paper Boats", " feat. "), dump.credit(GUEST, "Ola Finch")]},
    )
    return [
        dump.release(EDITION, media=[dump.medium(song, guest)]),
        dump.release(
            REISSUE,
            title="Harbour (deluxe)",
            date="2009",
            country="US",
            barcode="036000291452",
            media=[dump.medium(song, guest, format="Digital Media"), dump.medium(other, position=2, format="CD")],
        ),
        dump.release(
            COLLECTION,
            date="1995-10",
            media=[dump.medium(song)],
            **{
                "release-group": dump.group(
                    COLLECTION_GROUP, "Harbours of the North", **{"secondary-types": ["Compilation"]}
                ),
                "label-info": [],
            },
        ),
    ]


async def write(catalog: asyncpg.Connection, records: list[AnyRecord], batch_size: int = 100) -> None:
    outcome = await write_records(catalog, OriginId.MUSICBRAINZ, records, batch_size)
    assert outcome.problems == []
    assert await wrongs(catalog) == {}


async def test_group_is_one_release_with_its_editions(catalog: asyncpg.Connection, tmp_path: Path) -> None:
    await write(catalog, dump.records(tmp_path, *documents()))
    releases = await catalog.fetch(
        "select r.title, r.release_date::text, r.track_count, a.name, l.name as label from release r "
        "join artist a on a.id = r.artist_id left join label l on l.id = r.label_id order by r.id"
    )
    assert [tuple(row) for row in releases] == [
        ("Harbour", "1999-03-08", 3, "The Paper Boats", "Paper"),
        ("Harbours of the North", "1995-10-01", 1, "The Paper Boats", None),
    ]
    editions = await catalog.fetch(
        "select external_id, group_external_id, title, format, country, barcode, (select count(*) from edition_track t "
        "where t.edition_id = e.id) from edition e order by external_id"
    )
    assert [tuple(row) for row in editions] == [
        (EDITION, GROUP, "Harbour (first pressing)", 1, "United Kingdom", "4006381333931", 2),
        (REISSUE, GROUP, "Harbour (deluxe)", 6, "United States", "036000291452", 3),
        (COLLECTION, COLLECTION_GROUP, "Harbour (first pressing)", 1, "United Kingdom", "4006381333931", 1),
    ]


async def test_recordings_are_as_many_as_musicbrainz_has(catalog: asyncpg.Connection, tmp_path: Path) -> None:
    await write(catalog, dump.records(tmp_path, *documents()))
    tracks = await catalog.fetch(
        "select t.title, t.duration, t.released::text, (select array_agg(code order by not preferred, code) "
        "from isrc i where i.track_id = t.id) as isrcs, (select array_agg(external_id order by source) "
        "from platform_link p where p.track_id = t.id) as links from track t order by t.id"
    )
    assert [tuple(row) for row in tracks] == [
        ("Lantern", 215, "1995-10-01", ["GBABC9900001", "GBABC9900002"], ["4uLU6hMCjMI75M1A2tKUQC", SONG]),
        ("Tide", 215, "1999-03-08", None, [LONG_SONG]),
        ("Lantern", 217, "1999-03-08", ["GBABC9900003"], [OTHER_SONG]),
    ]
    works = await catalog.fetch("select w.title, i.code from work w join iswc i on i.work_id = w.id")
    assert [tuple(row) for row in works] == [("Lantern", "T0000000010")]


async def test_order_of_files_and_size_of_batches_change_nothing(catalog: asyncpg.Connection, tmp_path: Path) -> None:
    people = [dump.artist(aliases=[{"name": "Boats"}]), dump.artist(GUEST, "Ola Finch", type="Person"), dump.label()]
    files = [documents(), people[:2], people[2:], [dump.work()], [dump.group()]]
    found = []
    for order, batch_size in ((files, 100), (files[::-1], 100), (files, 1), ([files[0][::-1], *files[1:]], 3)):
        transaction = catalog.transaction()
        await transaction.start()
        for each in order:
            await write(catalog, dump.records(tmp_path, *each), batch_size)
        found.append(await facts(catalog))
        await transaction.rollback()
    assert found[1:] == found[:1] * 3


async def test_second_import_of_the_same_changes_nothing(catalog: asyncpg.Connection, tmp_path: Path) -> None:
    records = dump.records(tmp_path, *documents())
    await write(catalog, records)
    before = await everything(catalog)
    outcome = await write_records(catalog, OriginId.MUSICBRAINZ, records)
    assert {verdict for _, verdict in outcome.verdicts} == {"unchanged"}
    assert await everything(catalog) == before


async def test_dump_as_published_with_rejects_and_then_once_more(dsn: str, tmp_path: Path) -> None:
    path = dump.archive(tmp_path / "release.tar.xz", "release", *documents(), {"id": "no artist", "media": []})
    first = await run_import(dsn, "catalog", "musicbrainz", [path], data_dir=tmp_path, batch_size=2)
    assert first.counts.read == {"releases": 4, "tracks": 6}
    assert first.counts.rejected == {"release without an artist": 1}
    assert first.counts.records["track created"] == 3
    assert first.counts.records["track unchanged"] == 3
    assert first.files[0].rejects is not None
    assert '"line":4' in first.files[0].rejects.read_text(encoding="utf-8")
    again = await run_import(dsn, "catalog", "musicbrainz", [path], data_dir=tmp_path)
    assert set(again.counts.records) == {"track unchanged", "release unchanged", "work unchanged"}
    connection = await asyncpg.connect(dsn, server_settings={"search_path": "catalog"})
    assert await connection.fetchval("select count(*) from track_genre") == 0
    assert await connection.fetch("select distinct origin_id from track") == [(OriginId.MUSICBRAINZ,)]

    tagged = await run_import(dsn, "catalog", "musicbrainz", [path], data_dir=tmp_path, with_tags=True)
    assert tagged.counts.records["track updated"] == 1
    assert await wrongs(connection) == {}
    rows = await connection.fetch(
        "select o.name, o.licence, g.genre_id from track t join origin o on o.id = t.origin_id "
        "left join track_genre g on g.track_id = t.id order by t.id, g.genre_id"
    )
    assert [tuple(row) for row in rows] == [
        ("musicbrainz with tags", "CC0 1.0, genres CC BY-NC-SA 3.0", 100),
        ("musicbrainz with tags", "CC0 1.0, genres CC BY-NC-SA 3.0", canonical("house")),
        ("musicbrainz", "CC0 1.0", None),
        ("musicbrainz", "CC0 1.0", None),
    ]
    without = await run_import(dsn, "catalog", "musicbrainz", [path], data_dir=tmp_path)
    assert without.counts.records["track updated"] == 1
    assert await connection.fetch("select distinct origin_id from track") == [(OriginId.MUSICBRAINZ,)]
    await connection.close()


async def test_only_musicbrainz_has_tags_under_another_licence(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="discogs files have no tags that are left out; those of musicbrainz have"):
        await run_import("postgresql://nowhere", "catalog", "discogs", [], data_dir=tmp_path, with_tags=True)
