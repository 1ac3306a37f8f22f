"""Dry runs, rejects of several runs, and reading in a process of its own."""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

import asyncpg
import psutil
import pytest

from sonograph.catalog.importers import run as importer
from sonograph.catalog.importers.batches import Task, read_batches
from sonograph.catalog.importers.reading_process import reading_process
from sonograph.catalog.importers.report import Report
from sonograph.catalog.importers.run import run_import
from sonograph.errors import Invalid, Unavailable
from tests.importers.conftest import MakeDatabase
from tests.importers.contents import everything


def track(number: int, **more: object) -> str:
    credits_ = [{"artist": {"id": f"a{number % 3}", "name": f"Ärtist {number % 3}"}}]
    return json.dumps({"type": "track", "id": str(number), "title": f"Song {number}", "artists": credits_, **more})


LINES = [
    *(track(number) for number in range(7)),
    track(7, isrcs=["wrong"]), "nonsense", track(8, artists=[{"artist": {"id": "nobody"}}]), track(2), track(9),
]  # fmt: skip


def written(path: Path, lines: list[str]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def task(path: Path, skip: int = 0) -> Task:
    return Task(kind="jsonl", with_tags=False, path=str(path), skip=skip, batch_size=1)


def readers(of: int | None = None) -> list[psutil.Process]:
    """Reading processes of this process, or of another one."""
    return [p for p in psutil.Process(of).children() if "sonograph.catalog.importers.reading_process" in p.cmdline()]


def rejected(report: Report) -> list[tuple[int, str]]:
    path = report.files[0].rejects
    assert path is not None
    return [(line["line"], line["reason"][:9]) for line in map(json.loads, path.read_text().splitlines())]


async def rows_of(dsn: str) -> dict[str, list[object]]:
    connection = await asyncpg.connect(dsn, server_settings={"search_path": "catalog"})
    try:
        return await everything(connection)
    finally:
        await connection.close()


async def test_a_dry_run_tells_what_the_import_then_does_and_writes_nothing(dsn: str, tmp_path: Path) -> None:
    await run_import(dsn, "catalog", "jsonl", [written(tmp_path / "first.jsonl", LINES[:3])], data_dir=tmp_path)
    before = await rows_of(dsn)
    paths = [
        written(tmp_path / "a.jsonl", LINES),
        written(tmp_path / "b.jsonl", [track(9), track(3, bpm=120), track(20)]),
    ]
    dry = await run_import(dsn, "catalog", "jsonl", paths, data_dir=tmp_path, dry_run=True, batch_size=2)
    assert await rows_of(dsn) == before
    connection = await asyncpg.connect(dsn)
    assert await connection.fetchval("select count(*) from catalog.import_run") == 1
    await connection.close()
    real = await run_import(dsn, "catalog", "jsonl", paths, data_dir=tmp_path, batch_size=2)
    assert dry.dry_run
    assert not real.dry_run
    assert dry.counts.to_json() == real.counts.to_json()
    assert real.counts.records == {"track created": 7, "track updated": 1, "track unchanged": 5, "track rejected": 1}
    assert rejected(dry) == rejected(real) == [(8, "wrong ISR"), (9, "not JSON:"), (10, "unknown a")]
    assert dry.files[0].rejects != real.files[0].rejects
    assert "dry-run" in str(dry.files[0].rejects)


async def test_a_dry_run_leaves_an_import_that_was_stopped_where_it_was(dsn: str, tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", [*LINES[7:], *LINES[:7]])

    def stop(_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await run_import(dsn, "catalog", "jsonl", [path], data_dir=tmp_path, batch_size=3, progress=stop)
    dry = await run_import(dsn, "catalog", "jsonl", [path], data_dir=tmp_path, batch_size=3, dry_run=True)
    real = await run_import(dsn, "catalog", "jsonl", [path], data_dir=tmp_path, batch_size=3)
    assert (dry.files[0].resumed_at, real.files[0].resumed_at) == (3, 3)
    assert dry.counts.to_json() == real.counts.to_json()
    assert rejected(real) == [(1, "wrong ISR"), (2, "not JSON:"), (3, "unknown a")]


async def test_rejects_of_each_file_and_run_are_kept(dsn: str, tmp_path: Path) -> None:
    one = written(tmp_path / "one" / "a.jsonl", LINES)
    other = written(tmp_path / "other" / "a.jsonl", [track(50, isrcs=["wrong"])])
    first = await run_import(dsn, "catalog", "jsonl", [one, other], data_dir=tmp_path)
    assert len({file.rejects for file in first.files}) == 2
    assert [file.former_rejects for file in first.files] == [(), ()]
    told = rejected(first)
    again = await run_import(dsn, "catalog", "jsonl", [one], data_dir=tmp_path)
    assert rejected(again) == [(9, "not JSON:"), (10, "unknown a")]
    assert rejected(first) == told == [(8, "wrong ISR"), (9, "not JSON:"), (10, "unknown a")]
    assert again.files[0].former_rejects == (first.files[0].rejects,)
    written(one, LINES[:7])
    clean = await run_import(dsn, "catalog", "jsonl", [one], data_dir=tmp_path)
    assert clean.files[0].rejects is None
    assert clean.files[0].former_rejects == (first.files[0].rejects, again.files[0].rejects)


async def test_a_process_that_reads_makes_the_same_rows(
    make_database: MakeDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path / "a.jsonl", LINES)
    here, there = await make_database(), await make_database()
    one = await run_import(here, "catalog", "jsonl", [path], data_dir=tmp_path, batch_size=3)
    monkeypatch.setattr(importer, "LARGE_FILE", 0)
    other = await run_import(there, "catalog", "jsonl", [path], data_dir=tmp_path, batch_size=3)
    assert one.counts.to_json() == other.counts.to_json()
    assert await rows_of(here) == await rows_of(there)
    again = await run_import(there, "catalog", "jsonl", [path], data_dir=tmp_path, batch_size=3)
    assert again.counts.records["track unchanged"] == 10
    with pytest.raises(Invalid, match="no documents"):
        await run_import(there, "catalog", "musicbrainz", [written(tmp_path / "empty", [])], data_dir=tmp_path)
    assert readers() == []


def test_keys_are_foreseen_until_nobody_wants_them(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", [track(number) for number in range(3000)])
    with reading_process(task(path)) as process:
        first = next(process.batches)
        assert [len(record.foreseen) for record in first.items[0].records] == [1]
        process.foresee(on=False)
        later = [record for batch in process.batches for item in batch.items for record in item.records]
    assert len(later) == 2999
    assert later[-1].foreseen == ()
    assert later[-1].encoded == next(iter(read_batches(task(path, 2999)))).items[0].records[0].encoded


def test_a_reading_process_that_is_killed_is_an_error_and_not_the_end_of_the_file(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", [track(number) for number in range(3000)])
    with reading_process(task(path)) as process:
        next(process.batches)
        (child,) = readers()
        child.kill()
        child.wait()
        with pytest.raises(Unavailable, match="ended early"):
            list(process.batches)


IMPORT = """
import asyncio, sys
from pathlib import Path
from sonograph.catalog.importers import run
run.LARGE_FILE = 0
print("ready", flush=True)
dsn, path, data_dir = sys.argv[1:]
tell = lambda step: print(step.bytes_read, flush=True)
asyncio.run(
    run.run_import(dsn, "catalog", "jsonl", [Path(path)], data_dir=Path(data_dir), batch_size=1, progress=tell)
)
"""


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGKILL])
async def test_no_reading_process_is_left_when_an_import_is_stopped(dsn: str, tmp_path: Path, sent: int) -> None:
    path = written(tmp_path / "a.jsonl", [track(number) for number in range(5000)])
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", IMPORT, dsn, str(path), str(tmp_path),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    assert process.stdout
    for _ in range(4):
        assert await process.stdout.readline()
    (child,) = readers(process.pid)
    if sent == signal.SIGINT:
        os.killpg(process.pid, sent)  # as Ctrl-C does: both get it
    else:
        os.kill(process.pid, sent)
    await process.wait()
    await asyncio.to_thread(psutil.wait_procs, [child], timeout=10)
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE
    report = await run_import(dsn, "catalog", "jsonl", [path], data_dir=tmp_path)
    assert report.files[0].resumed_at >= 3
    assert report.counts.records == {"track created": 5000}
