"""The index follows the database: all of it, in any order of commits, whatever dies in between."""

import asyncio
import logging
from pathlib import Path

import asyncpg
import numpy as np
import pytest

from sonograph.recognition.index.folder import catalog_folder
from sonograph.recognition.index.snapshot import NOTHING, Snapshot
from sonograph.recognition.landmarks.packing import pack
from sonograph.recognition.landmarks.peaks import Peaks
from sonograph.recognition.references import to_bytes
from sonograph.recognition.segments.manifest import Manifest
from sonograph.recognition.store import remove_references, write_references
from tests.recognition.conftest import MakeDatabase
from tests.recognition.indexes import Process, followed, held, items_of, reference, until, written


def _landmarks(seed: int, size: int = 200) -> bytes:
    random = np.random.default_rng(seed)
    times = np.sort(random.uniform(0, 1200, size))
    return pack(Peaks(times, random.uniform(40, 180, size).astype(np.float32), np.zeros(size, np.uint8)))


async def _all(dsn: str, column: str = "chromaprint") -> dict[int, bytes]:
    connection = await asyncpg.connect(dsn, server_settings={"search_path": "catalog"})
    try:
        rows = await connection.fetch(f"select id, {column} from audio_reference where {column} is not null")
        return dict(rows)
    finally:
        await connection.close()


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Followers in this process look ten times as often as they do; those in processes of their own do not."""
    monkeypatch.setattr("sonograph.recognition.index.follower.LOOK_SECONDS", 0.1)
    monkeypatch.setattr("sonograph.recognition.index.follower.TRY_AGAIN_SECONDS", 0.2)


def _segments(data_dir: Path) -> int:
    return len(Manifest.read(catalog_folder(data_dir, "catalog") / "items").entries)


async def test_what_is_written_is_found_and_what_is_removed_is_not(dsn: str, tmp_path: Path) -> None:
    """Both kinds, of both catalogs, through additions, changes and removals."""
    first = await written(dsn, [reference(1), reference(2), reference(3, landmarks=_landmarks(3))])
    other = await written(dsn, [reference(9)], "sandbox")
    async with followed(dsn, tmp_path), followed(dsn, tmp_path, "sandbox"):
        await until(lambda: set(held(tmp_path)) == set(first[:2]), "what was there before")
        await until(lambda: set(held(tmp_path, 1)) == {first[2]}, "landmarks")
        await until(lambda: held(tmp_path, 0, "sandbox") == {other[0]: to_bytes(items_of(9))}, "the other catalog")
        added = await written(dsn, [reference(4, items=items_of(4), landmarks=_landmarks(4))])
        await until(lambda: added[0] in held(tmp_path) and added[0] in held(tmp_path, 1), "an addition")
        await written(dsn, [reference(1, items=items_of(77)), reference(4, items=items_of(4))])
        await until(lambda: held(tmp_path)[first[0]] == to_bytes(items_of(77)), "a change")
        await until(lambda: added[0] not in held(tmp_path, 1), "landmarks that were taken away")
        connection = await asyncpg.connect(dsn, server_settings={"search_path": "catalog"})
        await remove_references(connection, first[1:2])
        await connection.close()
        await until(lambda: first[1] not in held(tmp_path), "a removal")
    assert held(tmp_path) == await _all(dsn)
    assert held(tmp_path, 1) == {first[2]: _landmarks(3)[1:]}


async def test_a_transaction_that_commits_late_is_not_skipped(dsn: str, tmp_path: Path) -> None:
    """Nor does it hold up those that commit before it."""
    connection = await asyncpg.connect(dsn, server_settings={"search_path": "catalog"})
    async with followed(dsn, tmp_path):
        slow = connection.transaction()
        await slow.start()
        (late,) = (await write_references(connection, [reference(1)])).ids
        for seed in range(2, 5):
            (early,) = await written(dsn, [reference(seed)])
            await until(lambda early=early: early in held(tmp_path), "what was committed before")  # type: ignore[misc]
        assert late not in held(tmp_path)
        await slow.commit()
        await until(lambda: late in held(tmp_path), "what was committed late")
    await connection.close()
    assert held(tmp_path) == await _all(dsn)


async def test_killed_in_the_middle_it_goes_on(dsn: str, tmp_path: Path) -> None:
    """Whenever the process is killed, the index is good, and the next process brings it up to the database."""
    random = np.random.default_rng(5)
    for killed in range(2):
        process = Process(dsn, tmp_path)
        for batch in range(4):
            await written(dsn, (reference(int(seed)) for seed in random.integers(0, 3000, 300)))
            if batch == 1:
                await until(lambda seen=killed: len(held(tmp_path)) > seen, "its first references")  # type: ignore[misc]
        await asyncio.sleep(float(random.uniform(0, 1.2)))
        process.kill()
        truth = await _all(dsn)
        assert held(tmp_path).keys() <= truth.keys()
    async with followed(dsn, tmp_path):
        await until(lambda: held(tmp_path) == truth, "all that the database has")


async def test_another_process_takes_over(dsn: str, tmp_path: Path) -> None:
    """One writes at a time; when it dies, another one goes on."""
    first = Process(dsn, tmp_path)
    (one,) = await written(dsn, [reference(1)])
    await until(lambda: one in held(tmp_path), "the first process")
    second = Process(dsn, tmp_path)
    (two,) = await written(dsn, [reference(2)])
    await until(lambda: two in held(tmp_path), "one of the two")
    first.kill()
    (three,) = await written(dsn, [reference(3)])
    await until(lambda: three in held(tmp_path), "the other one")
    second.kill()


async def test_a_lost_database_is_waited_for(dsn: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The connection breaks, again and again: one line tells of it, and what was missed is taken up."""
    control = await asyncpg.connect(dsn)
    async with followed(dsn, tmp_path):
        for seed in range(3):
            (one,) = await written(dsn, [reference(seed)])
            await until(lambda one=one: one in held(tmp_path), "what was written")  # type: ignore[misc]
            with caplog.at_level(logging.INFO):
                await control.execute(
                    "select pg_terminate_backend(pid) from pg_stat_activity "
                    "where application_name = 'sonograph index catalog' and datname = current_database()"
                )
                said = seed + 1
                await until(
                    lambda said=said: caplog.text.count("goes on") == said,  # type: ignore[misc]
                    "the connection is there again",
                )
    assert caplog.text.count("does not follow the database") == 3
    await control.close()


async def test_a_folder_of_another_database_is_not_used(
    make_database: MakeDatabase, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The same ids are other recordings there: the folder is emptied and filled from the database."""
    one, other = await make_database(), await make_database()
    ids = await written(one, [reference(1), reference(2), reference(3)])
    same = await written(other, [reference(4)])
    assert same[0] == ids[0]
    async with followed(one, tmp_path):
        await until(lambda: set(held(tmp_path)) == set(ids), "the first database")
    with caplog.at_level(logging.WARNING):
        async with followed(other, tmp_path):
            await until(lambda: held(tmp_path) == {same[0]: to_bytes(items_of(4))}, "the other database")
    assert "items are built anew: it is of another database" in caplog.text


@pytest.mark.parametrize("harm", ["manifest", "segment", "state", "folder"])
async def test_a_damaged_folder_is_built_anew(
    dsn: str, tmp_path: Path, harm: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever is wrong with it, the truth is in the database."""
    ids = await written(dsn, [reference(1), reference(2)])
    async with followed(dsn, tmp_path):
        await until(lambda: set(held(tmp_path)) == set(ids), "the references")
    folder = catalog_folder(tmp_path, "catalog")
    if harm == "manifest":
        (folder / "items" / "manifest.json").write_text("{")
    elif harm == "segment":
        next((folder / "items").glob("*.items")).unlink()
    elif harm == "state":
        (folder / "items.json").write_text("[]")
    else:
        for path in (folder / "items").iterdir():
            path.unlink()
    with caplog.at_level(logging.WARNING):
        async with followed(dsn, tmp_path):
            await until(lambda: "items are built anew" in caplog.text, "that it notices")
            await until(lambda: set(held(tmp_path)) == set(ids), "the references, again")


async def test_an_emptied_table_empties_the_index(dsn: str, tmp_path: Path) -> None:
    """As a new version of the sandbox does: ids begin from one again."""
    ids = await written(dsn, [reference(1), reference(2), reference(3)])
    async with followed(dsn, tmp_path):
        await until(lambda: set(held(tmp_path)) == set(ids), "the references")
        connection = await asyncpg.connect(dsn, server_settings={"search_path": "catalog"})
        await connection.execute("truncate audio_reference restart identity")
        await connection.close()
        (one,) = await written(dsn, [reference(9)])
        await until(lambda: held(tmp_path) == {one: to_bytes(items_of(9))}, "the new reference alone")


async def test_references_out_of_a_dump_are_found(dsn: str, tmp_path: Path) -> None:
    """They bring numbers of transactions along that this server has not come to."""
    (one,) = await written(dsn, [reference(1)])
    connection = await asyncpg.connect(dsn, server_settings={"search_path": "catalog"})
    await connection.execute(
        "update audio_reference set changed_in = (pg_current_xact_id()::text::bigint + 1000000)::text::xid8"
    )
    await connection.close()
    async with followed(dsn, tmp_path):
        await until(lambda: one in held(tmp_path), "the reference")


async def test_many_small_changes_are_merged(dsn: str, tmp_path: Path) -> None:
    """Segments stay few, or each would cost every query."""
    async with followed(dsn, tmp_path):
        for seed in range(24):
            (one,) = await written(dsn, [reference(seed)])
            if seed % 2:
                await until(lambda one=one: one in held(tmp_path), "a reference")  # type: ignore[misc]
        await until(lambda: len(held(tmp_path)) == 24, "all references")
        await until(lambda: _segments(tmp_path) <= 4, "merges")
    assert held(tmp_path) == await _all(dsn)


async def test_what_no_program_of_ours_wrote_is_left_out(
    dsn: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A row that cannot be read does not keep the others out."""
    ids = await written(dsn, [reference(1), reference(2), reference(3, landmarks=_landmarks(3))])
    connection = await asyncpg.connect(dsn, server_settings={"search_path": "catalog"})
    await connection.execute(
        "update audio_reference set chromaprint = '\\x010203', landmarks = '\\xff' where id = $1", ids[0]
    )
    await connection.close()
    with caplog.at_level(logging.WARNING):
        async with followed(dsn, tmp_path):
            await until(lambda: set(held(tmp_path)) == {ids[1]}, "the good one")
            await until(lambda: set(held(tmp_path, 1)) == {ids[2]}, "the good landmarks")
    assert f"reference {ids[0]} is left out of the index" in caplog.text


def test_what_ended_between_two_snapshots() -> None:
    """Those that ran before and no longer do, and those that began since."""
    before, now = Snapshot.parse("10:20:10,14,15"), Snapshot.parse("14:30:14,25")
    assert now.ended_since(before) == [(10, 10), (15, 15), (20, 29)]
    assert now.ended_since(now) == []
    assert now.ended_since(NOTHING) == [(0, 29)]
    assert str(before) == "10:20:10,14,15"
    assert Snapshot.parse("7:7:") == Snapshot(7)
    assert str(Snapshot(7)) == "7:7:"
