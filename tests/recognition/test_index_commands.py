"""Building the index anew while it is used, and what is told of it."""

import asyncio
import os
import subprocess
from pathlib import Path

import asyncpg
import pytest

from sonograph.errors import Unavailable
from sonograph.recognition.index.folder import catalog_folder, sole
from sonograph.recognition.index.rebuilding import Step, rebuild
from sonograph.recognition.index.status import status
from sonograph.recognition.segments.search import Searcher
from sonograph.recognition.store import remove_references
from tests.recognition.indexes import followed, held, items_of, reference, until, written
from tests.service import COMMAND


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sonograph.recognition.index.follower.LOOK_SECONDS", 0.1)


async def _filled(dsn: str) -> tuple[int, ...]:
    """References, some of which were changed or removed again."""
    ids = await written(dsn, (reference(seed) for seed in range(1200)))
    await written(dsn, (reference(seed, items=items_of(seed + 5000)) for seed in range(0, 1200, 7)))
    connection = await asyncpg.connect(dsn, server_settings={"search_path": "catalog"})
    await remove_references(connection, ids[::5])
    await connection.close()
    return tuple(one for number, one in enumerate(ids) if number % 5)


async def test_built_anew_it_holds_what_following_makes_of_it(dsn: str, tmp_path: Path) -> None:
    """And the steps that are told add up."""
    ids = await _filled(dsn)
    async with followed(dsn, tmp_path / "followed"):
        await until(lambda: set(held(tmp_path / "followed")) == set(ids), "all references")
    steps: list[Step] = []
    await rebuild(dsn, tmp_path / "rebuilt", "catalog", steps.append)
    assert held(tmp_path / "rebuilt") == held(tmp_path / "followed")
    items = [step for step in steps if step.kind == "items"]
    assert items[-1].built
    assert items[-1].read == items[-1].total == len(ids)
    assert [step.read for step in items] == sorted(step.read for step in items)


async def test_searching_goes_on_while_it_is_built_anew(dsn: str, tmp_path: Path) -> None:
    """At every moment the old or the new one answers; the process that follows puts the new one in place."""
    ids = await _filled(dsn)
    asked, answer = items_of(1, 240)[40:140], ids[0]
    async with followed(dsn, tmp_path):
        await until(lambda: set(held(tmp_path)) == set(ids), "all references")
        before = set((catalog_folder(tmp_path, "catalog") / "items").glob("*.items"))
        searcher = Searcher(catalog_folder(tmp_path, "catalog") / "items")
        task = asyncio.create_task(rebuild(dsn, tmp_path, "catalog", lambda _: None))
        asks = 0
        while not task.done():
            searcher.refresh()
            assert [match.reference for match in searcher.match(asked)] == [answer]
            asks += 1
            await asyncio.sleep(0.01)
        await task
        assert asks > 1
        assert not before & set((catalog_folder(tmp_path, "catalog") / "items").glob("*.items"))
        (more,) = await written(dsn, [reference(2000)])
        await until(lambda: set(held(tmp_path)) == {*ids, more}, "what came after")
    assert not list(catalog_folder(tmp_path, "catalog").glob("*rebuil*[!k]"))


async def test_one_at_a_time_builds_anew(dsn: str, tmp_path: Path) -> None:
    """Two would write to one folder."""
    with sole(catalog_folder(tmp_path, "catalog"), "rebuild.lock"), pytest.raises(Unavailable):
        await rebuild(dsn, tmp_path, "catalog", lambda _: None)


async def test_the_status_tells_how_far_behind_it_is(dsn: str, tmp_path: Path) -> None:
    """Also of a folder that is empty, and of one that is followed."""
    ids = await written(dsn, [reference(1), reference(2)])
    items, landmarks = await status(dsn, tmp_path, "catalog")
    assert (items.stored, items.indexed, items.behind, items.followed) == (2, 0, None, False)
    assert landmarks.stored == 0
    async with followed(dsn, tmp_path):
        await until(lambda: set(held(tmp_path)) == set(ids), "the references")
        assert (await status(dsn, tmp_path, "catalog"))[0].followed
    await written(dsn, [reference(2, items=items_of(9)), reference(3)])
    items, _ = await status(dsn, tmp_path, "catalog")
    assert (items.stored, items.indexed, items.behind, items.segments) == (3, 2, 2, 1)
    assert items.bytes > 2 * 240 * 4


async def test_the_commands(dsn: str, tmp_path: Path) -> None:
    """As an operator gives them."""
    await written(dsn, (reference(seed) for seed in range(30)))
    environment = os.environ | {"SONOGRAPH_DATABASE_URL": dsn, "SONOGRAPH_DATA_DIR": str(tmp_path)}

    def run(*words: str) -> str:
        done = subprocess.run(
            [COMMAND, "index", *words], env=environment, capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    said = await asyncio.to_thread(run, "rebuild")
    assert "items: 30 references" in said
    assert "The new index is in use." in said
    said = await asyncio.to_thread(run, "status")
    line = next(line for line in said.splitlines() if line.strip().startswith("items"))
    assert line.split()[1:4] == ["30", "30", "0"]
    assert "No process on this data folder keeps it up to date." in said
    assert len(held(tmp_path)) == 30
