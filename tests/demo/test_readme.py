"""The README's commands, run as they are printed against a running demo."""

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sonograph.recognition.sandbox.synthesis import RATE, play
from sonograph.recognition.sandbox.tunes import tunes
from tests.demo.running import Demo
from tests.recognition.collections import write

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT.parent / "shared/data/discogs_samples/discogs_20200806_releases.xml.gz"
BLOCKS: list[str] = re.findall(
    r"^```sh\n(.*?)^```$", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
)


def run(demo: Demo, block: str) -> str:
    """What a block of commands prints; addresses, key and files are those of this machine."""
    command = block.replace("http://127.0.0.1:8080", demo.url).replace(".venv/bin/", f"{Path(sys.executable).parent}/")
    for written, here in (
        ("discogs_releases.xml.gz", str(SAMPLE)),
        ("x-api-key: …", f"x-api-key: {demo.key('test')}"),
        ("data/clip.wav", str(demo.data / "clip.wav")),
        ("~/Music", str(demo.data / "music")),
        ("something.mp3", str(demo.data / "something.flac")),
    ):
        command = command.replace(written, here)
    environment = os.environ | {"KEY": demo.key("test"), "SONOGRAPH_DATA_DIR": str(demo.data), "COLUMNS": "200"}
    shell = ["bash", "-euo", "pipefail", "-c", command]
    done = subprocess.run(shell, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def block(word: str) -> str:
    found = [text for text in BLOCKS if word in text]
    assert len(found) == 1, f"{len(found)} blocks of README.md have {word!r}"
    return found[0]


def test_it_starts_with_one_command() -> None:
    assert BLOCKS[0] == "make demo\n"


@pytest.mark.parametrize("word", ["/v1/tracks/isrc/", "/v1/tracks/search"])
def test_rest(demo: Demo, word: str) -> None:
    answer = json.loads(run(demo, block(word)))
    track = answer["results"][0] if "results" in answer else answer
    assert track["title"] == "One More Time"


def test_graphql(demo: Demo) -> None:
    answer = json.loads(run(demo, block("/graphql")))
    assert answer["data"]["track"]["title"] == "One More Time"
    assert "errors" not in answer


def test_the_vendors_client(demo: Demo) -> None:
    assert "One More Time" in run(demo, block("sonovault"))


def test_a_clip_of_the_sandbox_is_identified(demo: Demo) -> None:
    deadline = time.monotonic() + 60  # the index follows the database, within seconds of the first start
    while not (answer := json.loads(run(demo, block("data/clip.wav"))))["matched"] and time.monotonic() < deadline:
        time.sleep(0.5)
    assert answer["results"][0]["title"] == "Antenna (Original Mix)"


def test_music_of_ones_own_is_imported_and_identified(demo: Demo) -> None:
    importing, identifying = block("import audio").splitlines()
    (tune, *_) = tunes()
    samples = play(tune, 30.0)[::4].copy()
    write(demo.data / "music/a.flac", samples, {"title": "Harbour Bells", "artist": "The Ferrymen"}, rate=11025)
    write(demo.data / "something.flac", samples[10 * RATE // 4 : 20 * RATE // 4], rate=11025)
    assert re.search(r"track\s+1\b", run(demo, importing))
    deadline = time.monotonic() + 60
    while "Harbour Bells" not in (said := run(demo, f"{identifying} || true")) and time.monotonic() < deadline:
        time.sleep(0.5)
    assert "The Ferrymen" in said


def test_import(demo: Demo) -> None:
    printed = run(demo, block("import discogs"))
    assert re.search(r"tracks\s+8,932", printed)
    assert re.search(r"releases\s+1,000", printed)
    assert re.search(r"headings\s+246", printed)
    stockholm = demo.get("/v1/tracks/links?discogs_id=1-A", "live").json()
    assert stockholm["title"] == "Östermalm"


def test_keys_are_alone_on_the_last_line(demo: Demo) -> None:
    lines = run(demo, block("keys create")).splitlines()
    assert [line[:9] for line in lines if line.startswith("svk_")] == ["svk_live_", "svk_test_"]
    assert re.fullmatch(r"svk_test_\w{36}", lines[-1])
