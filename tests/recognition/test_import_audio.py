"""Folders of audio into a catalog: references, tracks, tempo and key; twice, and with whatever else lies there."""

import asyncio
import os
import re
from collections.abc import AsyncIterator
from io import StringIO
from pathlib import Path
from typing import Any

import asyncpg
import numpy as np
import pytest
import pytest_asyncio
from rich.console import Console

from api.import_progress import show_import, show_report
from sonograph.catalog.importers.report import Report
from sonograph.catalog.merging.report import MergeReport
from sonograph.catalog.merging.run import merge
from sonograph.catalog.records import Link
from sonograph.catalog.vocabulary import OriginId
from sonograph.errors import Unavailable
from sonograph.recognition.importing import listeners as listening
from sonograph.recognition.references import from_bytes
from tests.recognition.audio_imports import Catalog, left_out, lines, named, track
from tests.recognition.collections import RATE, Sound, song, write
from tests.recognition.sounds import film, flac_of_silence, kept
from tests.service import COMMAND

MBID = "b1a9c0e9-d987-4042-ae91-78d6a3267d69"


@pytest_asyncio.fixture
async def catalog(dsn: str, tmp_path: Path) -> AsyncIterator[Catalog]:
    connection = await asyncpg.connect(dsn, server_settings={"search_path": "catalog"})
    (tmp_path / "music").mkdir()
    yield Catalog(dsn, connection, tmp_path / "data", tmp_path / "music")
    await connection.close()


async def test_new_tracks_with_an_album(catalog: Catalog) -> None:
    for number, suffix in enumerate((".mp3", ".flac", ".opus"), start=1):
        tags = named(
            f"Song {number}", album="Blood Type", track=f"{number}/3", date="1988-01-05", isrc=f"GBDUW000005{number}"
        )
        write(catalog.music / "Kino" / f"{number}{suffix}", song(number), tags)
    report = await catalog.run(jobs=2)
    assert await catalog.counts() == (3, 3, 3, 1, 1)
    assert await catalog.rows(
        "select t.title, t.duration, rt.track_number, r.title, r.release_date::text, i.code from track t "
        "join release_track rt on rt.track_id = t.id join release r on r.id = rt.release_id "
        "join isrc i on i.track_id = t.id order by 1"
    ) == [(f"Song {n}", 10, n, "Blood Type", "1988-01-05", f"GBDUW000005{n}") for n in (1, 2, 3)]
    for items, landmarks, seconds in await catalog.rows("select chromaprint, landmarks, seconds from audio_reference"):
        assert len(from_bytes(items)) > 50
        assert len(landmarks) > 100
        assert seconds == pytest.approx(10, abs=0.2)
    assert report.counts.records["file imported"] == 3
    assert report.counts.rows["reference"] == 3
    assert not left_out(report)


async def test_a_second_run_hears_nothing_and_changes_nothing(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        write(catalog.music / f"{number}.mp3", song(number), named(f"Song {number}"))
    await catalog.run()
    before = await catalog.rows("select id, track_id, changed_in::text from audio_reference order by id")

    async def unheard(*_: object) -> None:
        raise AssertionError("a file was heard again")

    with monkeypatch.context() as patched:
        patched.setattr(listening.Listeners, "hear", unheard)
        report = await catalog.run()
    assert report.counts.records == {"file unchanged": 3}
    assert await catalog.rows("select id, track_id, changed_in::text from audio_reference order by id") == before
    os.utime(catalog.music / "1.mp3", ns=(1, 1))
    report = await catalog.run()
    assert report.counts.records["file imported"] == 1
    assert await catalog.counts() == (3, 3, 3, 1, 0)


async def test_tracks_of_the_catalog_are_found_by_code_and_by_name(catalog: Catalog) -> None:
    by_mbid, by_link, by_isrc, by_name, longer = await catalog.told(
        track(1, title="By Mbid"),
        track(2, title="By Link", links=(Link(source="musicbrainz", id=MBID),)),
        track(3, title="By Isrc", isrcs=("GBDUW0000053",)),
        track(4, title="By Name"),
        track(5, title="By Name of another length", seconds=300, isrcs=("GBDUW0000054",)),
    )
    await catalog.connection.execute("update source_ref set external_id = $1 where external_id = '1'", MBID[::-1])
    await catalog.connection.execute(
        "update source_ref set external_id = '0b9a2ae0-24ea-4b80-8a6d-dd0d1c3be7b5' where external_id = $1", MBID[::-1]
    )
    files = {
        by_mbid: named("Other words", "Someone", MUSICBRAINZ_TRACKID="0b9a2ae0-24ea-4b80-8a6d-dd0d1c3be7b5"),
        by_link: named("Other words too", "Someone", MUSICBRAINZ_TRACKID=MBID, ISRC="GBDUW0000053"),
        by_isrc: named("Quite other words", "Someone", ISRC="GB-DUW-00-00053"),
        by_name: named("by name!", "KINO"),
        0: named("By Name of another length", "Kino", ISRC="GBDUW0000054"),
    }
    for number, tags in files.items():
        write(catalog.music / f"{number}.flac", song(number), tags)
    report = await catalog.run(jobs=2)
    found = dict(await catalog.rows("select path, track_id from audio_file"))
    assert {number: found[str(catalog.music / f"{number}.flac")] for number in files if number} == {
        number: number for number in files if number
    }
    made = found[str(catalog.music / "0.flac")]
    assert made not in (longer, by_mbid, by_link, by_isrc, by_name)
    assert await catalog.counts() == (6, 5, 5, 2, 0)
    assert lines(report)["0.flac"].startswith("code of a recording of another length: ISRC")
    assert {note: n for note, n in report.counts.notes.items() if note.startswith("matched")} == {
        "matched by MusicBrainz id": 2, "matched by ISRC": 1, "matched by artist, title and duration": 1,
    }  # fmt: skip


def chords(seconds: float, rate: int = RATE) -> Sound:
    """A minor, with a stroke each half second: 120 beats a minute."""
    t = np.arange(int(0.5 * rate)) / rate
    parts = []
    for number in range(int(2 * seconds)):
        chord = ((57, 60, 64), (62, 65, 69), (64, 68, 71), (57, 60, 64))[number // 2 % 4]
        wave = sum(np.sin(2 * np.pi * 440 * 2 ** ((note - 69) / 12) * n * t) / n for note in chord for n in (1, 2, 3))
        parts.append(np.asarray(wave) * np.exp(-6 * t) * np.minimum(1, t / 0.005) * 3000)
    return np.concatenate(parts).astype(np.int16)


async def test_tempo_and_key_stand_beside_those_of_others(catalog: Catalog) -> None:
    """And come back when another source writes its track again, and when it is merged and taken apart."""
    first = track(1, title="Known", bpm=61.5, key="C", isrcs=("GBDUW0000053",))
    bare = track(2, title="Bare", seconds=24)
    known, unknown = await catalog.told(first, bare)
    write(catalog.music / "a.flac", chords(24), named("Whatever", ISRC="GBDUW0000053"))
    write(catalog.music / "b.flac", np.concatenate((chords(12), chords(12)[::1] // 2)), named("Bare"))
    await catalog.connection.execute("update track set duration = 24 where id = $1", known)
    await catalog.run()

    async def facts() -> dict[int, tuple[Any, ...]]:
        rows = await catalog.rows(
            "select t.id, t.bpm, t.camelot, k.camelot from track t "
            "join track_musical_key k on k.track_id = t.id and k.source = 'audio' order by 1"
        )
        return {row[0]: row[1:] for row in rows}

    assert (await facts())[known] == (61.5, "8B", "8A")
    bpm, *keys = (await facts())[unknown]
    assert bpm == pytest.approx(120, rel=0.002)
    assert keys == ["8A", "8A"]
    before = await facts()
    await catalog.told(track(1, title="Known!", bpm=62.5, key="D", isrcs=("GBDUW0000053",), seconds=24))
    await catalog.told(track(2, title="Bare", seconds=24, isrcs=("GBDUW0000059",)))
    assert await facts() == before | {known: (62.5, "10B", "8A")}
    await catalog.told(track(7, title="Bare", seconds=24, isrcs=("GBDUW0000059",)), origin=OriginId.JSONL)
    await merge(catalog.connection, MergeReport())
    assert await catalog.rows("select count(*) from track") == [(2,)]
    assert (await facts())[unknown] == before[unknown]
    await catalog.told(track(2, title="Bare again", seconds=24))
    assert (await facts())[unknown] == before[unknown]


async def test_whatever_lies_in_folders(catalog: Catalog, tmp_path: Path) -> None:
    music = catalog.music
    write(music / "good.flac", song(1), named("Good"))
    write(music / "Artist - By Name.opus", song(2))
    write(music / "no suffix", song(3), named("Without Suffix"), like=".mp3")
    write(music / "wrong.mp3", song(4), named("Wrong"), like=".flac")
    write(music / "nothing said.flac", song(5))
    write(music / "short.flac", song(6, 2), named("Short"))
    write(music / ".hidden" / "a.flac", song(7), named("Hidden"))
    kept(music, "._good.flac", b"\0\5\x16\7 of a Macintosh")
    kept(music, "garbage.mp3", bytes(np.random.default_rng(1).integers(0, 256, 50_000, np.uint8)))
    kept(music, "empty.flac", b"")
    kept(music, "cover.jpg", b"\xff\xd8\xff\xe0 picture")
    kept(music, "text", b"Dear diary, " * 1000)
    kept(music, "Film - With Sound.mp4", film(song(8), rate=RATE))
    kept(music, "Film - Silent.mp4", film(None))
    kept(music, "Nobody - Silence.flac", flac_of_silence(10))
    whole = write(tmp_path / "whole.flac", song(9, 20), named("Truncated")).read_bytes()
    kept(music, "truncated.flac", whole[: len(whole) // 2])
    (music / "loop").symlink_to(music)
    (music / "good again.flac").symlink_to(music / "good.flac")
    (music / "nowhere.flac").symlink_to(tmp_path / "nowhere")
    os.mkfifo(music / "pipe.flac")
    report = await catalog.run(jobs=2)
    titles = {row[0] for row in await catalog.rows("select title from track")}
    assert titles == {"Good", "By Name", "Without Suffix", "Wrong", "With Sound", "Truncated"}
    assert left_out(report) == {
        "nothing to tell what it is": 1, "too short": 1, "no audio": 4, "silence": 1, "cannot be read": 1,
    }  # fmt: skip
    assert lines(report)["empty.flac"] == "no audio: the file is empty"
    assert lines(report)["nothing said.flac"].startswith("nothing to tell what it is")
    report = await catalog.run(untagged=True)
    assert report.counts.records["file unchanged"] == 7
    assert report.counts.records["file left out before"] == 6  # and one that says nothing, which is wanted now
    assert left_out(report) == {"cannot be read": 1}
    assert "nothing said" in {row[0] for row in await catalog.rows("select title from track")}


async def test_a_file_that_ends_its_process_ends_nothing_else(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        write(catalog.music / f"{number}.flac", song(number), named(f"Song {number}"))
    ask = listening._Listener.ask

    def killed(self: Any, path: Path) -> Any:
        if path.name == "1.flac":
            self._process.kill()  # as a decoder that crashes
        return ask(self, path)

    monkeypatch.setattr(listening._Listener, "ask", killed)
    report = await catalog.run()
    assert {row[0] for row in await catalog.rows("select title from track")} == {"Song 0", "Song 2", "Song 3"}
    assert "crashed" in lines(report)["1.flac"]


async def test_a_dry_run_writes_nothing(catalog: Catalog) -> None:
    write(catalog.music / "a.flac", song(1), named("Song"))
    report = await catalog.run(dry_run=True)
    assert report.counts.rows["track"] == 1
    assert await catalog.counts() == (0, 0, 0, 0, 0)
    await catalog.run()
    assert await catalog.counts() == (1, 1, 1, 1, 0)


def shown(report: Report) -> str:
    text = StringIO()
    show_report(report, Console(file=text, width=200))
    return text.getvalue()


async def test_what_is_told_of_it(catalog: Catalog) -> None:
    """Files a minute, and no counts where there are none."""
    write(catalog.music / "a.flac", song(1), named("Song"))
    text = StringIO()
    with show_import(Console(file=text, width=200)) as progress:
        report = await catalog.run(progress=progress)
    assert re.search(r"music: 100 %, 1 files, [1-9][\d,]*\.\d a minute", text.getvalue())
    assert "not read to its end" not in shown(report)

    def stopped(_: object) -> None:
        raise KeyboardInterrupt

    write(catalog.music / "b.flac", song(2), named("Other"))
    unfinished = Report()
    with pytest.raises(KeyboardInterrupt):
        await catalog.run(progress=stopped, report=unfinished)
    assert "music was not read to its end; what was read of it is counted above." in shown(unfinished)
    unfinished.files[0].counts.read.clear()
    assert "music was not read to its end; nothing was read of it." in shown(unfinished)


async def test_a_folder_that_is_not_there(catalog: Catalog, tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="nowhere cannot be read"):
        await catalog.run(tmp_path / "nowhere")


async def test_new_tags_of_a_known_file(catalog: Catalog) -> None:
    path = write(catalog.music / "a.flac", song(1), named("Tyop"))
    await catalog.run()
    write(path, song(1), named("Typo"))
    await catalog.run()
    assert await catalog.rows("select title from track") == [("Typo",)]
    assert (await catalog.counts())[:3] == (1, 1, 1)
    (there,) = await catalog.told(track(1, title="By Code", isrcs=("GBDUW0000053",)))
    write(path, song(1), named("Typo", ISRC="GBDUW0000053"))
    await catalog.run()
    assert await catalog.rows("select track_id from audio_reference") == [(there,)]


async def test_killed_in_the_middle_it_goes_on_and_doubles_nothing(catalog: Catalog) -> None:
    for number in range(8):
        tags = named(f"Song {number}", album="Album", track=str(number + 1))
        write(catalog.music / f"{number}.flac", song(number, 20), tags)
    environment = os.environ | {"SONOGRAPH_DATABASE_URL": catalog.dsn, "SONOGRAPH_DATA_DIR": str(catalog.data)}
    words = "import", "audio", str(catalog.music), "--jobs", "1", "--no-merge"
    quiet = asyncio.subprocess.DEVNULL
    running = await asyncio.create_subprocess_exec(COMMAND, *words, env=environment, stdout=quiet, stderr=quiet)
    done = 0
    async with asyncio.timeout(60):
        while not done:
            done = (await catalog.counts())[2]
            await asyncio.sleep(0.02)
    running.kill()
    await running.wait()
    done = (await catalog.counts())[2]
    assert 1 <= done < 8
    report = await catalog.run(jobs=2)
    assert await catalog.counts() == (8, 8, 8, 1, 1)
    assert report.counts.records["file unchanged"] >= done
    assert await catalog.rows("select count(*), count(distinct track_id), max(track_number) from release_track") == [
        (8, 8, 8)
    ]
