"""Audio that is imported and sounds like what is there: left out, joined, or a track of its own."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import numpy as np
import pytest
import pytest_asyncio

from sonograph.catalog.vocabulary import OriginId
from sonograph.recognition.importing.sound import Sound as Heard
from sonograph.recognition.importing.sound import hear
from sonograph.recognition.importing.tags import read_tags
from sonograph.recognition.references import Reference, from_bytes
from sonograph.recognition.store import write_references
from tests.recognition.audio_imports import Catalog, left_out, lines, named, track
from tests.recognition.collections import song, with_id3, write


@pytest_asyncio.fixture
async def catalog(dsn: str, tmp_path: Path) -> AsyncIterator[Catalog]:
    connection = await asyncpg.connect(dsn, server_settings={"search_path": "catalog"})
    (tmp_path / "music").mkdir()
    yield Catalog(dsn, connection, tmp_path / "data", tmp_path / "music")
    await connection.close()


async def test_the_same_sound_makes_no_second_track(catalog: Catalog) -> None:
    """Copies and other encodings; what is called otherwise is for a person to look at."""
    write(catalog.music / "1 first.flac", song(1, 12), named("Song"))
    write(catalog.music / "2 copy.flac", song(1, 12), named("Song"))
    write(catalog.music / "3 other name.flac", song(1, 12), named("Another Name", "Somebody"))
    write(catalog.music / "4 encoded.mp3", song(1, 12), named("Song"))
    write(catalog.music / "5 encoded, other name.opus", song(1, 12), named("A Third Name", "Thief"))
    write(catalog.music / "6 another song.mp3", song(2, 12), named("Other"))
    report = await catalog.run(jobs=2)
    assert (await catalog.counts())[:3] == (2, 2, 6)
    said = lines(report)
    assert set(said) == {"3 other name.flac", "5 encoded, other name.opus"}
    assert said["3 other name.flac"].startswith("sounds like a known track of another name: exactly")
    assert said["5 encoded, other name.opus"].startswith("sounds like a known track of another name: nearly")
    assert report.counts.notes["another file of a sound that is a reference already"] == 2
    assert left_out(report) == {"sounds like a known track of another name": 2}
    assert report.counts.records["file imported"] == 4
    write(catalog.music / "late" / "7.mp3", song(2, 12), named("Stolen", "Thief"))  # found by the index on the disk
    report = await catalog.run()
    assert (await catalog.counts())[:3] == (2, 2, 7)
    assert "sounds like" in lines(report)["7.mp3"]


async def test_duplicates_can_be_kept_by_a_later_run(catalog: Catalog) -> None:
    """The very same sound, and another encoding of it; both under names of their own."""
    write(catalog.music / "1.flac", song(1, 12), named("Song"))
    write(catalog.music / "2 copy.flac", song(1, 12), named("Another Name", "Somebody"))
    write(catalog.music / "3.mp3", song(1, 12), named("Song", "Another Artist"))
    report = await catalog.run()
    assert (await catalog.counts())[:2] == (1, 1)
    assert report.counts.records["file imported"] == 1
    assert "Another Artist - Song" in lines(report)["3.mp3"]
    report = await catalog.run()
    assert report.counts.records == {"file unchanged": 1, "file left out before": 2}
    report = await catalog.run(keep_duplicates=True)
    assert (await catalog.counts())[:4] == (3, 3, 3, 3)
    assert report.counts.records["file imported"] == 2
    assert set(report.counts.flagged) == {"sounds like a known track of another name"}
    assert len(await catalog.rows("select distinct track_id, reference_id from audio_file")) == 3
    report = await catalog.run(keep_duplicates=True)
    assert report.counts.records == {"file unchanged": 3}
    os.utime(catalog.music / "2 copy.flac", ns=(1, 1))
    before = await catalog.rows("select id, track_id, gone from audio_reference order by id")
    await catalog.run()
    assert await catalog.rows("select id, track_id, gone from audio_reference order by id") == before


async def test_a_song_is_not_lost_to_an_excerpt(catalog: Catalog) -> None:
    """What shares a part alone is a recording of its own, with a remark."""
    whole = np.concatenate((song(1, 20), song(2, 40)))
    write(catalog.music / "1 excerpt.flac", song(1, 20), named("Theme"))
    write(catalog.music / "2 whole.flac", whole, named("Symphony", "Somebody"))
    write(catalog.music / "3 other.flac", song(3, 40), named("Other"))
    report = await catalog.run()
    assert (await catalog.counts())[:3] == (3, 3, 3)
    assert set(lines(report)) == {"2 whole.flac"}
    assert "in a part the sound of reference" in lines(report)["2 whole.flac"]
    assert report.counts.flagged == {"sounds like a known track of another name": 1}


@pytest.mark.parametrize("artist", ["Kino", "Somebody Else"])
async def test_a_fingerprint_of_another_source_does_not_block_landmarks(catalog: Catalog, artist: str) -> None:
    """Chromaprint alone: the file has more to say, on the track of its name."""
    noted = artist != "Kino"
    path = write(catalog.music / "a.flac", song(1, 20), named("Song", artist))
    heard = hear(path, untagged=False)
    assert isinstance(heard, Heard)
    (there,) = await catalog.told(track(1, seconds=None), origin=OriginId.JSONL)
    reference = Reference(
        track_id=there, origin=OriginId.JSONL, external_id="x", seconds=20, items=from_bytes(heard.items)
    )
    await write_references(catalog.connection, [reference])
    report = await catalog.run()
    rows = await catalog.rows("select track_id, landmarks is not null from audio_reference order by id")
    assert rows[0] == (there, False)
    assert rows[1][1]
    assert (rows[1][0] != there) == noted
    assert bool(lines(report)) == noted
    again = write(catalog.music / "b.mp3", song(1, 20), named("Song", artist))
    report = await catalog.run(again)
    assert report.counts.notes["another file of a sound that is a reference already"] == 1
    assert len(await catalog.rows("select from audio_reference")) == 2


async def test_a_name_alone_does_not_join_other_sounds(catalog: Catalog) -> None:
    for number in (1, 2):
        write(catalog.music / f"{number}.flac", song(number, 20), named("Song"))
    write(catalog.music / "3 encoded.mp3", song(2, 20), named("Song"))
    report = await catalog.run()
    assert (await catalog.counts())[:3] == (2, 2, 3)
    assert lines(report)["2.flac"].startswith("named as a track of another sound")
    found = [row[0] for row in await catalog.rows("select track_id from audio_file order by path")]
    assert found[0] != found[1] == found[2]


@pytest.mark.parametrize(("name", "title", "titles"), [("hr3-crossroads", "Crossroads", 1), ("7", "Living Caves", 2)])
def test_of_several_titles_that_of_the_file_name(tmp_path: Path, name: str, title: str, titles: int) -> None:
    id3 = (b"TIT2", b"\3Living Caves\0Crossroads"), (b"TPE1", b"\3Kino")
    tags = read_tags(with_id3(write(tmp_path / f"{name}.mp3", song(1)), list(id3)))
    assert (tags.title, tags.titles) == (title, titles)


async def test_two_tracks_of_the_catalog_may_share_a_sound(catalog: Catalog) -> None:
    """Their codes say so; somebody should look at it."""
    one, other = await catalog.told(
        track(1, title="One", isrcs=("GBDUW0000051",)), track(2, title="Other", isrcs=("GBDUW0000052",))
    )
    write(catalog.music / "1.flac", song(1), named("One", ISRC="GBDUW0000051"))
    write(catalog.music / "2.mp3", song(1), named("Other", ISRC="GBDUW0000052"))
    report = await catalog.run()
    assert {row[0] for row in await catalog.rows("select track_id from audio_reference")} == {one, other}
    assert lines(report)["2.mp3"].startswith("sounds like a reference of another track")
