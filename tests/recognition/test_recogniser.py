"""The recogniser in its processes: answers with tracks, refuses what is too much, and survives what dies."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import asyncpg
import psutil
import pytest
import pytest_asyncio

from sonograph.catalog.vocabulary import EntityKind, OriginId
from sonograph.errors import Invalid, Unavailable
from sonograph.postgres.pool import Pool
from sonograph.recognition.audio.faults import TooLong, Unreadable
from sonograph.recognition.processes import MODULE
from sonograph.recognition.recogniser import MOST_TRACKS, Recogniser
from sonograph.recognition.references import Reference
from sonograph.recognition.store import remove_references, write_references
from sonograph.settings import Settings
from tests.recognition import songs
from tests.recognition.conftest import MakeDatabase
from tests.recognition.songs import clip, song
from tests.recognition.sounds import encoded, flac_of_silence, kept

FIRST_TRACK = 100  # song n is track 100 + n


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder; references 1 to 4 are songs 0 to 3, reference 5 is another recording of song 3."""
    folder = tmp_path_factory.mktemp("data")
    known = [(number + 1, song(number)) for number in range(4)]
    songs.index(folder / "index" / "live", [*known, (5, songs.noisy(song(3), 20))])
    return folder


@pytest_asyncio.fixture
async def dsn(make_database: MakeDatabase) -> str:
    dsn = await make_database()
    connection = await asyncpg.connect(dsn, server_settings={"search_path": "catalog"})
    try:
        for name, track in enumerate((100, 101, 102, 103, 103)):
            items = clip(song(0, 10)).items
            one = Reference(track_id=track, origin=OriginId.ACOUSTID, external_id=str(name), seconds=60, items=items)
            await write_references(connection, [one])
    finally:
        await connection.close()
    return dsn


@pytest.fixture
def settings(folder: Path) -> Settings:
    return Settings(data_dir=folder, recognition_workers=1, recognition_queue=1, recognition_seconds=60)


@pytest_asyncio.fixture
async def pools(dsn: str) -> AsyncIterator[tuple[Pool, Pool]]:
    both = tuple(Pool(dsn, catalog, size=2, statement_timeout_ms=2000) for catalog in ("catalog", "sandbox"))
    live, sandbox = both
    yield live, sandbox
    await live.close()
    await sandbox.close()


@pytest_asyncio.fixture
async def recogniser(settings: Settings, pools: tuple[Pool, Pool]) -> AsyncIterator[Recogniser]:
    async with Recogniser(settings, *pools) as running:
        yield running
    assert workers() == []


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    sound = songs.cut(song(2), 20, 50)
    return kept(tmp_path_factory.mktemp("file"), "clip", encoded(sound, "flac", "flac", rate=songs.RATE))


@pytest.fixture
def stuck(tmp_path: Path) -> Path:
    """A file that nobody can read to its end: a pipe that nothing is written to."""
    path = tmp_path / "stuck"
    os.mkfifo(path)
    return path


def says_three_hours(flac: bytes) -> bytes:
    """The header of a FLAC file has 36 bits for the number of its samples."""
    at = len(b"fLaC") + 4 + 10
    samples = int.from_bytes(flac[at : at + 8]) | 3 * 3600 * 8000
    return flac[:at] + samples.to_bytes(8) + flac[at + 8 :]


def workers() -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if MODULE in " ".join(child.cmdline())]


async def until(true: Callable[[], bool]) -> None:
    def wait() -> None:
        deadline = time.monotonic() + 30
        while not true():
            assert time.monotonic() < deadline
            time.sleep(0.01)

    await asyncio.to_thread(wait)


async def test_a_file_and_a_fingerprint(recogniser: Recogniser, file: Path) -> None:
    assert workers() == []
    (found,) = await recogniser.of_file(file, test=False, top=5)
    assert (found.track_id, found.reference, found.by) == (102, 3, "both")
    assert found.confidence > 0.99
    assert (found.clip_start, found.reference_start) == pytest.approx((0, 20), abs=0.3)
    (found,) = await recogniser.of_file(file, test=False, top=5, length=10)
    assert found.track_id == 102
    assert found.clip_end == pytest.approx(10, abs=0.3)
    (found,) = await recogniser.of_fingerprint(clip(songs.cut(song(1), 10, 50)).items, test=False, top=1)
    assert (found.track_id, found.by) == (101, "chromaprint")
    assert await recogniser.of_file(file, test=True, top=5) == []
    assert len(workers()) == 1


async def test_references_of_one_track_are_one_answer(recogniser: Recogniser, dsn: str) -> None:
    items = clip(songs.cut(song(3), 10, 40)).items
    (found,) = await recogniser.of_fingerprint(items, test=False, top=5)
    assert found.track_id == 103
    connection = await asyncpg.connect(dsn, server_settings={"search_path": "catalog"})
    try:
        await connection.execute(
            "insert into redirect (kind, old_id, new_id) values ($1, 103, 7)", EntityKind.TRACK.value
        )
        (found,) = await recogniser.of_fingerprint(items, test=False, top=5)
        assert (found.track_id, found.reference) == (7, 4)
        await remove_references(connection, [4])  # and the index does not know yet
        (found,) = await recogniser.of_fingerprint(items, test=False, top=5)
        assert (found.track_id, found.reference) == (7, 5)
    finally:
        await connection.close()


async def test_what_is_wrong_with_a_file_is_said(recogniser: Recogniser, tmp_path: Path) -> None:
    with pytest.raises(Unreadable):
        await recogniser.of_file(kept(tmp_path, "garbage", os.urandom(10_000)), test=False, top=5)
    with pytest.raises(Unreadable):
        await recogniser.of_file(kept(tmp_path, "empty", b""), test=False, top=5)
    hours = kept(tmp_path, "hours", says_three_hours(flac_of_silence(100)))
    with pytest.raises(TooLong):
        await recogniser.of_file(hours, test=False, top=5)
    assert await recogniser.of_file(hours, test=False, top=5, length=20) == []
    with pytest.raises(Unavailable):
        await recogniser.of_file(tmp_path / "none", test=False, top=5)
    for top in (0, MOST_TRACKS + 1):
        with pytest.raises(Invalid):
            await recogniser.of_file(hours, test=False, top=top)


async def test_beyond_the_queue_is_refused(recogniser: Recogniser, file: Path) -> None:
    asked = [recogniser.of_file(file, test=False, top=1) for _ in range(5)]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    refused = [answer for answer in answers if isinstance(answer, Unavailable)]
    assert len(refused) == 3
    assert all(answer.retry_after is not None and answer.retry_after >= 1 for answer in refused)
    assert [answer[0].track_id for answer in answers if isinstance(answer, list)] == [102, 102]
    assert len(workers()) == 1
    assert len(await recogniser.of_file(file, test=False, top=1)) == 1


async def test_a_process_that_is_killed_is_replaced(recogniser: Recogniser, stuck: Path, file: Path) -> None:
    job = asyncio.create_task(recogniser.of_file(stuck, test=False, top=1))
    await until(lambda: len(workers()) == 1)
    (worker,) = workers()
    waiting = asyncio.create_task(recogniser.of_file(file, test=False, top=1))
    worker.send_signal(signal.SIGKILL)
    with pytest.raises(Unavailable, match="interrupted"):
        await job
    (found,) = await waiting
    assert found.track_id == 102
    (worker,) = workers()
    worker.send_signal(signal.SIGKILL)  # while it has nothing to do
    await until(lambda: worker.status() == psutil.STATUS_ZOMBIE)
    (found,) = await recogniser.of_file(file, test=False, top=1)
    assert found.track_id == 102


async def test_time_is_limited(settings: Settings, pools: tuple[Pool, Pool], stuck: Path, file: Path) -> None:
    async with Recogniser(replace(settings, recognition_seconds=3), *pools) as recogniser:
        with pytest.raises(Unavailable, match="too long"):
            await recogniser.of_file(stuck, test=False, top=1)
        assert workers() == []
        assert len(await recogniser.of_file(file, test=False, top=1)) == 1


async def test_who_stops_waiting_frees_the_place(recogniser: Recogniser, stuck: Path, file: Path) -> None:
    first = asyncio.create_task(recogniser.of_file(stuck, test=False, top=1))
    await until(lambda: len(workers()) == 1)
    second = asyncio.create_task(recogniser.of_file(file, test=False, top=1))
    await asyncio.sleep(0)
    with pytest.raises(Unavailable):
        await recogniser.of_file(file, test=False, top=1)
    second.cancel()  # it has not begun: its place in the queue is free
    await asyncio.wait([second])
    third = asyncio.create_task(recogniser.of_file(file, test=False, top=1))
    await asyncio.sleep(0)
    first.cancel()  # its process is busy until it comes to an end
    await asyncio.to_thread(stuck.write_bytes, b"no sound")
    (found,) = await third
    assert found.track_id == 102
    assert len(workers()) == 1


async def test_the_end_does_not_wait_for_jobs(settings: Settings, pools: tuple[Pool, Pool], stuck: Path) -> None:
    async with Recogniser(settings, *pools) as recogniser:
        job = asyncio.create_task(recogniser.of_file(stuck, test=False, top=1))
        await until(lambda: len(workers()) == 1)
    with pytest.raises(Unavailable):
        await job
    assert workers() == []
    with pytest.raises(Unavailable):
        await recogniser.of_file(stuck, test=False, top=1)


async def test_others_are_served_meanwhile(settings: Settings, pools: tuple[Pool, Pool], file: Path) -> None:
    """While files are identified, something trivial is done every 2 ms, and never waits long."""
    waits = []

    async def trivial() -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(0.002)
            waits.append(time.perf_counter() - began)

    async with Recogniser(replace(settings, recognition_workers=2, recognition_queue=10), *pools) as recogniser:
        await recogniser.of_file(file, test=False, top=1)
        heartbeat = asyncio.create_task(trivial())
        await asyncio.gather(*(recogniser.of_file(file, test=False, top=1) for _ in range(8)))
        heartbeat.cancel()
    assert len(waits) > 30
    assert sorted(waits)[len(waits) // 2] < 0.03
    assert max(waits) < 0.5
