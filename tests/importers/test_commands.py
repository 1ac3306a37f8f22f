"""Importing as it is typed: wrong names, wrong files, Ctrl-C, and what else writes the catalog."""

import asyncio
import json
import os
import re
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import asyncpg
import pytest
from typer.testing import CliRunner

from api.cli import app
from sonograph.errors import Invalid, SonographError, Unavailable
from tests.merging.test_commands import ISRC, jsonl, release_document

Run = Callable[..., str]
SONOGRAPH = [sys.executable, "-c", "from api.entry import main; main()"]


def lines(count: int, title: str = "Song") -> str:
    credit = {"artist": {"id": "a", "name": "Kino"}}
    return "".join(
        json.dumps({"type": "track", "id": f"{title}{n}", "title": f"{title} {n}", "artists": [credit]}) + "\n"
        for n in range(count)
    )


@pytest.fixture
def run(dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command that ends with a status, or with an error."""
    monkeypatch.setenv("SONOGRAPH_DATABASE_URL", dsn)
    monkeypatch.setenv("SONOGRAPH_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)

    def command(*words: str, code: int = 0, error: type[SonographError] | None = None, match: str = "") -> str:
        result = CliRunner().invoke(app, words)
        if error:
            assert isinstance(result.exception, error), (result.output, result.exception)
            assert re.search(match, result.exception.message)
        else:
            assert result.exit_code == code, (result.output, result.exception)
        return result.output

    return command


async def count(dsn: str) -> int:
    connection = await asyncpg.connect(dsn)
    try:
        found: int = await connection.fetchval("select count(*) from catalog.track")
        return found
    finally:
        await connection.close()


def test_every_file_is_tried_before_the_first_one(run: Run, dsn: str, tmp_path: Path) -> None:
    (tmp_path / "good.jsonl").write_text(lines(2), encoding="utf-8")
    (tmp_path / "folder").mkdir()
    (tmp_path / "through").symlink_to(tmp_path / "nowhere")
    run("import", "jsonl", "good.jsonl", "missing.jsonl", error=Unavailable, match=r"^missing.jsonl cannot be read: No")
    run("import", "jsonl", "good.jsonl", "folder", error=Unavailable, match="^folder is a folder")
    run("import", "jsonl", "good.jsonl", "through", error=Unavailable, match="^through cannot be read")
    run("import", "jsonl", "good.jsonl", "good.jsonl/x", error=Unavailable, match="cannot be read: Not a directory")
    run("import", "jsonl", "good.jsonl", "", error=Invalid, match="^the name of a file is empty")
    assert asyncio.run(count(dsn)) == 0


def test_what_was_done_before_an_error_is_told(run: Run, dsn: str, tmp_path: Path) -> None:
    (tmp_path / "good.jsonl").write_text(lines(2) + "nonsense\n", encoding="utf-8")
    (tmp_path / "damaged.jsonl.gz").write_bytes(b"no gzip at all")
    said = run("import", "jsonl", "good.jsonl", "damaged.jsonl.gz", error=Invalid, match="damaged or cut off")
    assert re.search(r"track created +2\b", said)
    (rejects,) = (tmp_path / "data" / "rejects").glob("*good*")
    assert rejects.name in said
    assert "damaged.jsonl.gz was not read to its end" in said
    assert "good.jsonl was not read to its end" not in said
    assert asyncio.run(count(dsn)) == 2


def test_a_file_of_which_nothing_was_kept_is_a_failure(run: Run, tmp_path: Path) -> None:
    (tmp_path / "good.jsonl").write_text(lines(1), encoding="utf-8")
    (tmp_path / "wrong.xml").write_text("<releases>\n" * 3, encoding="utf-8")
    (tmp_path / "empty.jsonl").write_text("", encoding="utf-8")
    line = "nothing of wrong.xml could be read as jsonl: all 3 records were rejected"
    assert line in run("import", "jsonl", "--dry-run", "wrong.xml", code=1)
    assert line in run("import", "jsonl", "wrong.xml", code=1)
    said = run("import", "jsonl", "good.jsonl", "wrong.xml", code=1)
    assert line in said
    assert "nothing of good" not in said
    run("import", "jsonl", "empty.jsonl")
    (tmp_path / "mixed.jsonl").write_text(lines(1) + "nonsense\n", encoding="utf-8")
    run("import", "jsonl", "mixed.jsonl")
    run("import", "jsonl", "mixed.jsonl")  # unchanged is kept, too


def test_no_folder_is_made_for_rejects_that_was_mistyped(run: Run, dsn: str, tmp_path: Path) -> None:
    for name in ("good", "other"):
        (tmp_path / f"{name}.jsonl").write_text(lines(2, name) + "nonsense\n", encoding="utf-8")
    missing = tmp_path / "nope" / "x"
    match = f"rejects cannot be written to {missing}: there is no folder"
    run("import", "jsonl", "--rejects", str(missing), "good.jsonl", error=Unavailable, match=match)
    run("import", "jsonl", "--rejects", str(missing), "good.jsonl", "other.jsonl", error=Unavailable, match=match)
    assert not missing.parent.exists()
    assert asyncio.run(count(dsn)) == 0
    run("import", "jsonl", "--rejects", "rejects", "good.jsonl", "other.jsonl")
    assert len(list((tmp_path / "rejects").iterdir())) == 2
    run("import", "jsonl", "--rejects", "one.jsonl", "good.jsonl")
    assert (tmp_path / "one.jsonl").is_file()


def test_numbers_that_no_row_has_are_refused(run: Run) -> None:
    for words in (
        ("merges", "--limit", "-5"), ("merges", "--limit", "9" * 21), ("merges", "--id", "9" * 21),
        ("merges", "--id", "0"), ("unmerge", "track", "9" * 21),
    ):  # fmt: skip
        assert "Invalid value" in run("catalog", *words, code=2)
    for number in ("4294967296", "2147483648", "\u0663", "\u00b2"):
        run("catalog", "unmerge", number, error=Invalid, match="no number of a merge")


def test_commands_of_the_catalog_have_a_sandbox(run: Run, dsn: str, tmp_path: Path) -> None:
    (tmp_path / "own.jsonl").write_text(jsonl("Song").replace(ISRC, "GBZZZ9900053"), encoding="utf-8")
    (tmp_path / "release").write_text(release_document().replace(ISRC, "GBZZZ9900053"), encoding="utf-8")
    run("import", "jsonl", "--sandbox", "--no-merge", "own.jsonl")
    run("import", "musicbrainz", "--sandbox", "--no-merge", "release")
    assert asyncio.run(count(dsn)) == 0
    assert "shared ISRC" not in run("catalog", "merge")
    assert "shared ISRC" in run("catalog", "merge", "--sandbox")
    assert "shared ISRC" not in run("catalog", "merges")
    listed = run("catalog", "merges", "--sandbox")
    assert "shared ISRC" in listed
    number = next(line for line in listed.splitlines() if "shared ISRC" in line).split()[0]
    run("catalog", "unmerge", number, code=1)
    assert "Apart again" in run("catalog", "unmerge", "--sandbox", number)
    assert "rows set" in run("catalog", "estimate-popularity", "--sandbox")


async def test_whatever_writes_a_catalog_waits_for_an_import(
    run: Run, dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sonograph.catalog.importers.run.LOCK_WAIT_S", 1)
    connection = await asyncpg.connect(dsn, server_settings={"search_path": "catalog"})
    await connection.execute("select pg_advisory_lock(hashtext('sonograph import ' || current_schema()))")
    match = "an import into catalog is running"
    try:
        for words in (("merge",), ("unmerge", "1"), ("unmerge", "track", "1"), ("estimate-popularity",)):
            await asyncio.to_thread(run, "catalog", *words, error=Unavailable, match=match)
        await asyncio.to_thread(run, "catalog", "estimate-popularity", "--sandbox")
        await asyncio.to_thread(run, "catalog", "merges")
    finally:
        await connection.close()


def test_help_has_an_example_of_each_kind(run: Run) -> None:
    said = run("import", "--help")
    for kind in ("musicbrainz", "discogs", "mlc", "listenbrainz", "jsonl"):
        assert f"sonograph import {kind} " in said


async def test_ctrl_c_in_an_import_says_that_it_goes_on(run: Run, dsn: str, tmp_path: Path) -> None:
    (tmp_path / "many.jsonl").write_text(lines(20_000), encoding="utf-8")
    process = await asyncio.create_subprocess_exec(
        *SONOGRAPH, "import", "jsonl", "many.jsonl",
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}, start_new_session=True,
    )  # fmt: skip
    while not await count(dsn):
        assert process.returncode is None
    os.killpg(process.pid, signal.SIGINT)
    said, complaint = await process.communicate()
    assert process.returncode == 130
    assert b"Stopped. The same command goes on where it was.\n" in complaint
    assert b"Traceback" not in complaint
    assert b"many.jsonl was not read to its end" in said
    again = await asyncio.to_thread(run, "import", "jsonl", "many.jsonl")
    assert "many.jsonl went on behind item" in again
    assert await count(dsn) == 20_000


STARTING = """
import os, signal, sys
from importlib.abc import MetaPathFinder
class Finder(MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == "rich.console":
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Finder())
from api.entry import main
main()
"""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["import", "jsonl", "x"], b"Stopped. The same command goes on where it was.\n"),
        (["import", "jsonl", "--dry-run", "x"], b"Stopped.\n"),
        (["catalog", "stats"], b"Stopped.\n"),
    ],
)
async def test_ctrl_c_while_a_command_starts_is_no_traceback(words: list[str], said: bytes) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", STARTING, *words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    assert (await process.communicate(), process.returncode) == ((b"", said), 130)
