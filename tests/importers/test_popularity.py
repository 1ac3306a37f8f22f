"""Listen counts: which rows they reach, what outlives what, and what stands in where nobody counted."""

import gzip
import json
import lzma
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from sonograph.catalog.importers.items import Item
from sonograph.catalog.importers.listenbrainz import read_listenbrainz
from sonograph.catalog.importers.run import run_import
from sonograph.catalog.importers.source_file import open_source
from sonograph.catalog.listen_counts import ListenCount
from sonograph.catalog.records import (
    AnyRecord,
    ArtistRecord,
    Credit,
    EditionRecord,
    Link,
    Place,
    RedirectRecord,
    Ref,
    ReleaseRecord,
    TrackRecord,
)
from sonograph.catalog.vocabulary import OriginId
from sonograph.catalog.writer import prepare, write_records
from sonograph.catalog.writer.popularity import estimate_popularity, write_counts
from sonograph.errors import Invalid
from tests.importers.contents import everything, wrongs

ARTIST, SONG, OTHER, GROUP = (f"{n}0000000-0000-4000-8000-000000000000" for n in range(1, 5))


def records() -> list[AnyRecord]:
    """An artist with two tracks on one release, one of them with two platform links."""
    credited = (Credit(artist=Ref(id=ARTIST, name="Artist")),)
    links = tuple(Link(source="musicbrainz", id=mbid) for mbid in (SONG, OTHER))
    tracks = (
        TrackRecord(id=SONG, title="Song", artists=credited, links=(links[0], Link(source="tidal", id="1"))),
        TrackRecord(id=OTHER, title="Other", artists=credited, links=links[1:]),
    )
    return [
        ArtistRecord(id=ARTIST, name="Artist", musicbrainz_id=ARTIST),
        *tracks,
        ReleaseRecord(
            id="r",
            title="Release",
            artist=Ref(id=ARTIST),
            group=GROUP,
            tracks=tuple(Place(track=track.id) for track in tracks),
            editions=(
                EditionRecord(source="musicbrainz", id="e1", group_id=GROUP),
                EditionRecord(source="musicbrainz", id="e2", group_id=GROUP),
            ),
        ),
    ]


async def count(catalog: asyncpg.Connection, *counts: tuple[Any, str, int]) -> dict[str, int]:
    outcome = await write_counts(catalog, [prepare(ListenCount(*said)) for said in counts])
    assert await wrongs(catalog) == {}
    return dict(outcome.notes)


async def told(catalog: asyncpg.Connection) -> dict[str, tuple[int, int | None]]:
    rows = await catalog.fetch(
        "select title, popularity, popularity_origin from track union all "
        "select name, popularity, popularity_origin from artist union all "
        "select title, popularity, popularity_origin from release"
    )
    return {row[0]: (row[1], row[2]) for row in rows}


LISTENBRAINZ, ESTIMATE, NOBODY = OriginId.LISTENBRAINZ, OriginId.ESTIMATE, None


async def test_counts_reach_recordings_artists_and_release_groups(catalog: asyncpg.Connection) -> None:
    await write_records(catalog, OriginId.MUSICBRAINZ, records())
    counts = (("recording", SONG, 70), ("artist", ARTIST, 900), ("release group", GROUP, 80), ("recording", GROUP, 5))
    assert await count(catalog, *counts) == {
        "popularity of recordings set": 1,
        "popularity of artists set": 1,
        "popularity of release groups set": 1,
        "popularity of recordings not set: nothing in the catalog has this id": 1,
    }
    assert await told(catalog) == {
        "Song": (70, LISTENBRAINZ), "Artist": (900, LISTENBRAINZ), "Release": (80, LISTENBRAINZ), "Other": (0, NOBODY),
    }  # fmt: skip
    before = await everything(catalog)
    assert await count(catalog, *counts[:3]) == {}
    assert await everything(catalog) == before


async def test_counts_reach_rows_of_other_sources_by_their_links(catalog: asyncpg.Connection) -> None:
    await write_records(catalog, OriginId.JSONL, records())
    await count(catalog, ("recording", SONG, 70), ("artist", ARTIST, 900), ("release group", GROUP, 80))
    assert {name: number for name, (number, _) in (await told(catalog)).items()} == {
        "Song": 70, "Artist": 900, "Release": 80, "Other": 0,
    }  # fmt: skip


async def test_the_largest_count_stands_whatever_the_order(catalog: asyncpg.Connection) -> None:
    await write_records(catalog, OriginId.MUSICBRAINZ, records())
    await write_records(catalog, OriginId.MUSICBRAINZ, [RedirectRecord(kind="track", id=OTHER, into=SONG)])
    await count(catalog, ("recording", SONG, 5), ("recording", OTHER, 9))
    await count(catalog, ("recording", SONG, 5))
    assert (await told(catalog))["Song"] == (9, LISTENBRAINZ)


async def test_a_count_outlives_the_record_when_it_changes_and_moves_with_a_redirect(
    catalog: asyncpg.Connection,
) -> None:
    await write_records(catalog, OriginId.MUSICBRAINZ, records())
    await count(catalog, ("recording", SONG, 70), ("artist", ARTIST, 900), ("release group", GROUP, 80))
    changed: list[Any] = [
        ArtistRecord(id=ARTIST, name="Artist", country="France", musicbrainz_id=ARTIST),
        TrackRecord(id=SONG, title="Song", artists=(Credit(artist=Ref(id=ARTIST)),), duration=100),
        ReleaseRecord(id="r", title="Release", artist=Ref(id=ARTIST), group=GROUP, catalog_no="1"),
    ]
    outcome = await write_records(catalog, OriginId.MUSICBRAINZ, changed)
    assert sum(n for (_, verdict), n in outcome.verdicts.items() if verdict == "updated") == 3
    assert await wrongs(catalog) == {}
    assert {name: said[0] for name, said in (await told(catalog)).items()} == {
        "Song": 70, "Other": 0, "Artist": 900, "Release": 80,
    }  # fmt: skip
    into = TrackRecord(id="new", title="Song again", artists=(Credit(artist=Ref(id=ARTIST)),))
    await write_records(catalog, OriginId.MUSICBRAINZ, [into, RedirectRecord(kind="track", id=SONG, into="new")])
    assert await wrongs(catalog) == {}
    assert (await told(catalog))["Song again"] == (70, LISTENBRAINZ)


async def test_what_a_record_tells_itself_stands(catalog: asyncpg.Connection) -> None:
    said = TrackRecord(id=SONG, title="Song", artists=(Credit(artist=Ref(id="a", name="A")),), popularity=3)
    await write_records(catalog, OriginId.MUSICBRAINZ, [said])
    assert await count(catalog, ("recording", SONG, 70)) == {}
    async for _ in estimate_popularity(catalog):
        pass
    assert (await told(catalog))["Song"] == (3, OriginId.MUSICBRAINZ)


async def test_estimates_fill_what_nobody_counted_and_give_way_to_counts(catalog: asyncpg.Connection) -> None:
    await write_records(catalog, OriginId.MUSICBRAINZ, records())
    await count(catalog, ("recording", OTHER, 70))

    async def estimated() -> dict[str, int]:
        changed: dict[str, int] = {table: rows async for table, _, _, rows in estimate_popularity(catalog)}
        assert await wrongs(catalog) == {}
        return changed

    assert await estimated() == {"track": 1, "artist": 1, "release": 1}
    # Two editions and two platforms; one release; two editions.
    assert await told(catalog) == {
        "Song": (4, ESTIMATE), "Artist": (1, ESTIMATE), "Release": (2, ESTIMATE), "Other": (70, LISTENBRAINZ),
    }  # fmt: skip
    assert await estimated() == {"track": 0, "artist": 0, "release": 0}
    await count(catalog, ("recording", SONG, 2), ("artist", ARTIST, 1))
    assert (await told(catalog))["Song"] == (2, LISTENBRAINZ)
    assert await estimated() == {"track": 0, "artist": 0, "release": 0}


def read(path: Path, text: bytes, skip: int = 0) -> list[Item]:
    path.write_bytes(text)
    with open_source(path) as file:
        return list(read_listenbrainz(file, skip))


ROWS = [
    {"recording_mbid": SONG, "total_listen_count": 7, "total_user_count": 2},
    {"recording_mbid": OTHER, "total_listen_count": None, "total_user_count": None},
    {"artist_mbid": ARTIST, "recording_mbid": OTHER, "total_listen_count": 6, "recording_name": "Other"},
    {"artist_mbid": ARTIST, "total_listen_count": 9},
    {"release_group_mbid": GROUP.upper(), "listen_count": 8},
    {"release_mbid": GROUP, "total_listen_count": 8},
]
COUNTS = [
    ListenCount("recording", SONG, 7), None, ListenCount("recording", OTHER, 6), ListenCount("artist", ARTIST, 9),
    ListenCount("release group", GROUP, 8), None,
]  # fmt: skip


@pytest.mark.parametrize("joined", [True, False])
def test_rows_of_the_api_are_read_as_lines_and_as_arrays(tmp_path: Path, *, joined: bool) -> None:
    text = json.dumps(ROWS) if joined else "\n".join(map(json.dumps, ROWS))
    items = read(tmp_path / "counts.jsonl", text.encode())
    assert [item.record for item in items] == COUNTS
    assert [item for item in items if item.rejection] == []
    for skip in range(len(items) + 1):
        assert read(tmp_path / "counts.jsonl", text.encode(), skip) == items[skip:]


@pytest.mark.parametrize("separator", [",", "\t"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress, lzma.compress])
def test_tables_are_read_by_their_header(tmp_path: Path, separator: str, pack: Any) -> None:
    lines = [
        ["artist_mbid", "recording_mbid", "total_listen_count", "total_user_count"],
        [ARTIST, SONG, "7", "2"],
        [ARTIST, "", "9", "3"],
        [ARTIST, OTHER, "", ""],
    ]
    name = {bytes: "t.csv", gzip.compress: "t.csv.gz", lzma.compress: "t.csv.xz"}[pack]
    items = read(tmp_path / name, pack("\r\n".join(map(separator.join, lines)).encode() + b"\r\n"))
    assert [item.record for item in items] == [
        ListenCount("recording", SONG, 7),
        ListenCount("artist", ARTIST, 9),
        None,
    ]


def test_what_cannot_be_read_is_rejected_with_its_line(tmp_path: Path) -> None:
    lines = [
        "recording_mbid,total_listen_count",
        f"{SONG},x",
        "nonsense,3",
        f"{SONG},-1",
        SONG,
        ",4",
        f"{SONG},{2**40}",
    ]
    items = read(tmp_path / "t.csv", "\n".join(lines).encode())
    assert [(item.where, item.rejection and item.rejection.reason) for item in items] == [
        (2, "not a row of counts"), (3, "wrong MBID"), (4, "impossible count"), (5, "not a row of counts"),
        (6, "row without an MBID"), (7, "impossible count"),
    ]  # fmt: skip
    broken = read(tmp_path / "t.jsonl", b'{"recording_mbid": 3}\n{\n')
    assert [item.rejection and item.rejection.reason for item in broken] == ["not a row of counts", "not JSON"]
    with pytest.raises(Invalid, match="neither JSON nor a table"):
        read(tmp_path / "other.csv", b"name,number\nx,1\n")


async def test_import_goes_on_where_it_stopped_and_does_nothing_twice(dsn: str, tmp_path: Path) -> None:
    connection = await asyncpg.connect(dsn, server_settings={"search_path": "catalog"})
    await write_records(connection, OriginId.MUSICBRAINZ, records())
    path = tmp_path / "counts.jsonl"
    path.write_text("\n".join(map(json.dumps, ROWS)))

    class StoppedError(Exception):
        pass

    def stop(_: object) -> None:
        raise StoppedError

    with pytest.raises(StoppedError):
        await run_import(dsn, "catalog", "listenbrainz", [path], data_dir=tmp_path, batch_size=2, progress=stop)
    report = await run_import(dsn, "catalog", "listenbrainz", [path], data_dir=tmp_path, batch_size=2)
    assert report.files[0].resumed_at == 2
    assert report.counts.read == {
        "counts of recordings": 2, "counts of artists": 1, "counts of release groups": 1, "ids without a count": 1,
        "counts of single releases (passed over)": 1,
    }  # fmt: skip
    assert {name: number for name, (number, _) in (await told(connection)).items()} == {
        "Song": 7, "Other": 6, "Artist": 9, "Release": 8,
    }  # fmt: skip
    before = await everything(connection)
    again = await run_import(dsn, "catalog", "listenbrainz", [path], data_dir=tmp_path)
    assert not again.counts.notes
    assert await everything(connection) == before
    await connection.close()
