"""`sonograph identify` in the sandbox: its real references, a real index, files of many kinds."""

import asyncio
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
from typer.testing import CliRunner, Result

from api.cli import app
from sonograph.errors import Invalid, Misconfigured
from sonograph.recognition.sandbox import making
from tests.recognition.songs import RATE, noise
from tests.recognition.sounds import encoded, kept

Run = Callable[..., Result]
SONG = "DJ Kettledrift, Papa Tamarin et l'Orchestre du Quai - Antenna (Original Mix)"


@pytest.fixture(scope="module")
def folder(open_folder: Path) -> Path:
    """Files to ask for; and a data folder with an index of the sandbox, once `run` has made it."""
    folder = open_folder / "identify"
    folder.mkdir()
    kept(folder, "song.wav", making.clip())
    kept(folder, "noise.flac", encoded(noise(10), "flac", "flac", rate=RATE))
    kept(folder, "letter.txt", b"no sound at all")
    return folder


@pytest.fixture(scope="module")
def database(server_url: str) -> Iterator[str]:
    name = f"identify_command_{os.getpid()}"

    async def control(statement: str) -> None:
        connection = await asyncpg.connect(server_url)
        await connection.execute(statement)
        await connection.close()

    asyncio.run(control(f"create database {name} encoding UTF8 template template0"))
    yield urlunsplit(urlsplit(server_url)._replace(path=f"/{name}"))
    asyncio.run(control(f"drop database {name} with (force)"))


@pytest.fixture
def run(folder: Path, database: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("SONOGRAPH_DATABASE_URL", database)
    monkeypatch.setenv("SONOGRAPH_DATA_DIR", str(folder / "data"))
    monkeypatch.chdir(folder)
    if not (folder / "data" / "index").exists():
        indexed = CliRunner().invoke(app, ["index", "rebuild", "--sandbox"])
        assert indexed.exit_code == 0, (indexed.output, indexed.exception)

    def command(*words: str) -> Result:
        return CliRunner().invoke(app, ["identify", *words])

    return command


def test_what_is_heard_is_printed(run: Run) -> None:
    result = run("--sandbox", "song.wav")
    assert result.exit_code == 0, (result.output, result.exception)
    file, answer, where = result.stdout.splitlines()
    assert file == "song.wav"
    confidence, rest = answer.split(maxsplit=1)
    assert float(confidence) > 0.99
    assert rest.startswith(SONG)
    start, seconds = round(making.CLIP_START), round(making.CLIP_SECONDS)
    there = f"0:{start:02}-0:{start + seconds:02}"
    assert where.strip() == f"0:00-0:{seconds:02} is {there} of the recording, by both fingerprints"


def test_as_json_for_programs(run: Run) -> None:
    result = run("--sandbox", "--json", "--top", "1", "song.wav", "noise.flac", "letter.txt", "none.ogg")
    assert result.exit_code == 1
    found, nothing = map(json.loads, result.stdout.splitlines())
    assert nothing == {"file": "noise.flac", "results": []}
    (answer,) = found["results"]
    assert (answer["track"], answer["by"]) == (SONG, "both")
    assert answer["clip_end"] == pytest.approx(making.CLIP_SECONDS, abs=0.2)
    assert answer["reference_start"] == pytest.approx(making.CLIP_START, abs=0.2)
    assert result.stderr.splitlines() == [
        "letter.txt: This is no audio file that can be read.",
        "none.ogg: No such file or directory",
    ]


def test_nothing_found_is_status_1(run: Run) -> None:
    result = run("--sandbox", "noise.flac")
    assert (result.exit_code, result.stdout) == (1, "noise.flac: nothing was found.\n")
    result = run("song.wav")  # the live catalog is empty
    assert (result.exit_code, result.stdout) == (1, "song.wav: nothing was found.\n")
    assert "The index is empty" in result.stderr


def test_a_picture(run: Run, tmp_path: Path) -> None:
    picture = tmp_path / "picture.png"
    assert run("--sandbox", "song.wav", "--plot", str(picture)).exit_code == 0
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert picture.stat().st_size > 50_000


def test_pictures_that_cannot_be(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for words, said in (
        (("song.wav", "noise.flac", "--plot", "a.png"), "one file"),
        (("song.wav", "--plot", "a.txt"), ".png"),
        (("song.wav", "--plot", "none/a.png"), "no folder"),
    ):
        result = run("--sandbox", *words)
        assert isinstance(result.exception, Invalid)
        assert said in result.exception.message
    monkeypatch.setattr("api.identify_plot.find_spec", lambda _: None)
    result = run("--sandbox", "song.wav", "--plot", "a.png")
    assert isinstance(result.exception, Misconfigured)
    assert "sonograph[plot]" in result.exception.message


@pytest.mark.parametrize("words", [("identify", "song.wav"), ("index", "status"), ("index", "rebuild")])
def test_a_folder_without_data_is_said_and_stays_as_it_is(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.delenv("SONOGRAPH_DATABASE_URL", raising=False)
    monkeypatch.setenv("SONOGRAPH_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.chdir(folder)
    result = CliRunner().invoke(app, list(words))
    assert isinstance(result.exception, Misconfigured)
    assert "SONOGRAPH_DATA_DIR" in result.exception.message
    assert not (tmp_path / "data").exists()
