"""POST /v1/tracks/identify over HTTP: both bodies, with audio of the sandbox; and all that is refused."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sonovault import SonoVault

from tests.contract import clips
from tests.service import Service

PATH = "/v1/tracks/identify"
OLD_CLIENT = Path(__file__).with_name("sonovault-1.2.0.txt")
BYTES = {"content-type": "application/octet-stream"}
FIELDS = ("ratelimit-limit", "ratelimit-remaining", "ratelimit-reset")
pytestmark = [pytest.mark.database, pytest.mark.usefixtures("indexed")]
NOISE = [number * 2654435761 % 2**32 for number in range(1, 101)]  # a fingerprint of nothing


def unsigned() -> list[int]:
    return [int(item) for item in clips.items()]


def signed() -> list[int]:
    return [item - (1 << 32) if item >> 31 else item for item in unsigned()]


def check(body: Any) -> None:
    """The song, as the other routes have it, with nothing more and nothing less."""
    assert list(body) == ["matched", "results", "credits_charged"]
    assert body["matched"] is True
    assert body["credits_charged"] == 0  # a test key
    best = body["results"][0]
    assert list(best) == ["id", "title", "artists", "confidence"]
    assert (best["title"], best["artists"][0]["name"]) == (clips.TITLE, clips.ARTIST)
    assert 0.9 < best["confidence"] <= 1
    sure = [one["confidence"] for one in body["results"]]
    assert sure == sorted(sure, reverse=True)


@pytest.mark.parametrize("numbers", [unsigned, signed])
def test_a_fingerprint_is_recognised(api: httpx.Client, numbers: Any) -> None:
    answer = api.post(PATH, json={"fingerprint": numbers(), "fingerprint_duration": 10.0, "top_n": 3})
    assert answer.status_code == 200, answer.text
    check(answer.json())
    assert all(name in answer.headers for name in FIELDS)


@pytest.mark.parametrize("kind", ["application/octet-stream", "audio/wav", "Audio/X-Whatever; codecs=1"])
def test_a_file_is_recognised(api: httpx.Client, kind: str) -> None:
    answer = api.post(PATH, content=clips.wav(), headers={"content-type": kind}, params={"top_n": 1})
    assert answer.status_code == 200, answer.text
    check(answer.json())
    assert len(answer.json()["results"]) == 1


def test_a_file_that_comes_in_chunks_is_recognised(api: httpx.Client) -> None:
    def pieces() -> Iterator[bytes]:
        for at in range(0, len(clips.wav()), 50_000):
            yield clips.wav()[at : at + 50_000]

    answer = api.post(PATH, content=pieces(), headers=BYTES)
    assert "content-length" not in answer.request.headers
    check(answer.json())


def test_title_and_artists_are_those_of_the_track(api: httpx.Client) -> None:
    (found, *_) = api.post(PATH, json={"fingerprint": unsigned(), "top_n": 1}).json()["results"]
    track = api.get(f"/v1/tracks/{found['id']}").json()
    assert {name: track[name] for name in ("id", "title", "artists")} == {
        name: found[name] for name in ("id", "title", "artists")
    }


def test_what_nobody_knows_is_no_error(api: httpx.Client) -> None:
    answer = api.post(PATH, json={"fingerprint": NOISE})
    assert answer.status_code == 200
    assert answer.json() == {"matched": False, "results": [], "credits_charged": 0}


def test_only_the_first_seconds_are_listened_to(api: httpx.Client) -> None:
    """Behind ten seconds of silence the song is not heard any more."""
    later = clips.behind_silence()
    check(api.post(PATH, content=later, headers=BYTES).json())
    assert api.post(PATH, content=later, headers=BYTES, params={"length": 9}).json()["matched"] is False


def test_the_vendors_client(service: Service, test_key: str) -> None:
    with SonoVault(test_key, base_url=service.url, max_retries=0) as client:
        check(client.tracks.identify_audio(clips.wav(), length=60, top_n=2))


IDENTIFY = """
import json, sys
from sonovault import SonoVault, __version__
fingerprint, audio = json.load(sys.stdin)
with SonoVault(sys.argv[1], base_url=sys.argv[2], max_retries=0) as client:
    by_fingerprint = client.tracks.identify(fingerprint=fingerprint, fingerprint_duration=10.2, top_n=2)
    by_audio = client.tracks.identify_audio(open(audio, "rb").read(), top_n=2)
print(json.dumps([__version__, by_fingerprint, by_audio]))
"""


def test_the_vendors_older_client_which_sends_fingerprints(service: Service, test_key: str, tmp_path: Path) -> None:
    folder, audio = tmp_path / "client", tmp_path / "clip.wav"
    audio.write_bytes(clips.wav())
    uv = shutil.which("uv")
    install = [uv, "pip", "install", "--python", sys.executable] if uv else [sys.executable, "-m", "pip", "install"]
    options = ["--quiet", "--no-deps", "--require-hashes", "--target", str(folder), "-r", str(OLD_CLIENT)]
    installed = subprocess.run([*install, *options], capture_output=True, text=True, check=False, timeout=120)
    if installed.returncode and "CI" not in os.environ:
        pytest.skip(f"the client cannot be fetched: {installed.stderr.strip()[-300:]}")
    assert installed.returncode == 0, installed.stderr
    ran = subprocess.run(
        [sys.executable, "-c", IDENTIFY, test_key, service.url],
        env={"PYTHONPATH": str(folder)},
        input=json.dumps([signed(), str(audio)]),
        text=True,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    version, *answers = json.loads(ran.stdout)
    assert version == "1.2.0"
    for answer in answers:
        check(answer)


def with_(**members: Any) -> dict[str, Any]:
    return {"fingerprint": NOISE, **members}


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ([], "fingerprint"), ({}, "fingerprint"), (with_(fingerprint=None), "fingerprint"),
        (with_(fingerprint="1,2"), "fingerprint"), (with_(fingerprint=NOISE[:49]), "fingerprint"),
        (with_(fingerprint=[7] * 50_001), "fingerprint"), (with_(fingerprint=[*NOISE, 2**32]), "fingerprint"),
        (with_(fingerprint=[*NOISE, 1.5]), "fingerprint"), (with_(fingerprint=[*NOISE, True]), "fingerprint"),
        (with_(top_n=0), "top_n"), (with_(top_n=26), "top_n"), (with_(top_n="5"), "top_n"),
        (with_(top_n=True), "top_n"),
        (with_(fingerprint_duration=-1), "fingerprint_duration"),
        (with_(fingerprint_duration="10"), "fingerprint_duration"),
        (with_(fingerprint_duration=1e300), "fingerprint_duration"),
    ],
)  # fmt: skip
def test_a_bad_fingerprint_is_a_400_that_names_what_is_wrong(api: httpx.Client, body: object, named: str) -> None:
    answer = api.post(PATH, json=body)
    assert answer.status_code == 400
    assert named in answer.json()["error"]
    assert all(name in answer.headers for name in FIELDS)


@pytest.mark.parametrize(("name", "value"), [("length", "0"), ("length", "7201"), ("length", "x"), ("top_n", "26")])
def test_a_bad_parameter_is_a_400_that_names_it(api: httpx.Client, name: str, value: str) -> None:
    answer = api.post(PATH, content=clips.wav(), headers=BYTES, params={name: value})
    assert (answer.status_code, answer.json()["error"].split()[0]) == (400, name)


@pytest.mark.parametrize("body", [b"", b"no audio at all", b"RIFF" + bytes(100), b"\0" * 5000, clips.wav()[:44]])
def test_what_is_no_audio_is_a_400(api: httpx.Client, body: bytes) -> None:
    answer = api.post(PATH, content=body, headers=BYTES)
    assert answer.status_code == 400, answer.text
    assert set(answer.json()) == {"error"}


@pytest.mark.parametrize("kind", ["text/plain", "multipart/form-data", "video/mp4", "application/x-audio", "audio", ""])
def test_other_media_types_are_a_415(api: httpx.Client, kind: str) -> None:
    headers = {"content-type": kind} if kind else {}
    answer = api.post(PATH, content=b"whatever", headers=headers)
    assert answer.status_code == 415
    assert "audio/*" in answer.json()["error"]


def test_a_file_that_says_it_is_too_long_is_a_413(api: httpx.Client) -> None:
    """Twenty-seven hours by its own word."""
    assert api.post(PATH, content=clips.endless_flac(), headers=BYTES).status_code == 413
    check(api.post(PATH, content=clips.endless_flac(), headers=BYTES, params={"length": 10}).json())


def test_other_methods_and_plans_are_refused(api: httpx.Client, anonymous: httpx.Client, free_test_key: str) -> None:
    assert api.get(PATH).status_code == 405
    assert api.get(PATH).headers["allow"] == "POST"
    assert anonymous.post(PATH, json={"fingerprint": NOISE}).status_code == 401
    for body in ({"json": {"fingerprint": NOISE}}, {"content": clips.wav(), "headers": BYTES}):
        given: dict[str, Any] = dict(body)
        given["headers"] = {**given.get("headers", {}), "x-api-key": free_test_key}
        answer = anonymous.post(PATH, **given)
        assert answer.status_code == 403
        assert "paid" in answer.json()["error"]
