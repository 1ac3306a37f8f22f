"""Chromaprint: equal to fpcalc, bit for bit, on sound made here; and to vectors of fpcalc 1.5.1."""

import io
import json
import shutil
import subprocess
from base64 import urlsafe_b64encode
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sonograph.errors import Invalid
from sonograph.recognition.acoustid import compress, decompress
from sonograph.recognition.audio.decode import decode
from sonograph.recognition.chromaprint import SILENCE, Fingerprinter, Items, count, fingerprint, items_of
from tests.recognition.sounds import encoded, kept, music

# Per file: `fpcalc -raw -json` and `fpcalc -json` (1.5.1), of the WAV files that `sound` makes.
GOLDEN = json.loads(Path(__file__).with_name("fpcalc.json").read_text())
SOUNDS = {
    "at 11,025 Hz": (music(30.0, 11025, seed=5), 11025),
    "at 44,100 Hz": (music(20.0, 44100, seed=6), 44100),
    "at 48,000 Hz, quiet": ((music(12.0, 48000, seed=7) // 256).astype(np.int16), 48000),
    "silence": (np.zeros(11025 * 5, np.int16), 11025),
}


def sound(name: str) -> bytes:
    samples, rate = SOUNDS[name]
    return encoded(samples, "wav", "pcm_s16le", rate=rate)


@pytest.mark.parametrize("name", SOUNDS)
def test_equal_to_the_golden_vectors(name: str) -> None:
    found = fingerprint(decode(io.BytesIO(sound(name))))
    expected = np.array(GOLDEN[name]["raw"], np.uint32)
    assert len(found) == len(expected)
    assert np.bitwise_count(found ^ expected).sum() == 0
    assert compress(found) == GOLDEN[name]["compressed"]


@pytest.mark.parametrize(("codec", "container"), [("libmp3lame", "mp3"), ("flac", "flac"), ("pcm_s16le", "wav")])
@pytest.mark.parametrize("length", [8, 120])
def test_equal_to_fpcalc(codec: str, container: str, length: int, tmp_path: Path) -> None:
    if shutil.which("fpcalc") is None:
        pytest.skip("fpcalc is not installed (Debian: libchromaprint-tools)")
    path = kept(tmp_path, "sound", encoded(music(15.0, seed=9), container, codec))
    # It exits with 3 at the end of a file that is shorter than the length, and prints its fingerprint all the same.
    shown = subprocess.run(["fpcalc", "-raw", "-json", "-length", str(length), path], capture_output=True, check=False)
    expected = np.array(json.loads(shown.stdout)["fingerprint"], np.uint32)
    found = fingerprint(decode(path), length)
    assert len(found) == len(expected)
    assert np.bitwise_count(found ^ expected).sum() <= 0.0002 * 32 * len(found)


def test_silence_is_the_known_item() -> None:
    assert set(fingerprint([np.zeros(11025 * 10, np.int16)]).tolist()) == {SILENCE}


def test_any_cut_into_blocks_gives_the_same_items() -> None:
    samples = music(20.0, 11025, seed=3)
    whole = Fingerprinter().feed(samples)
    assert len(whole) == count(len(samples))
    sizes = np.random.default_rng(4)
    for largest in (500, 5000, 50_000):
        stream, at, found = Fingerprinter(), 0, []
        while at < len(samples):
            size = int(sizes.integers(1, largest))
            found.append(stream.feed(samples[at : at + size]))
            at += size
        assert np.array_equal(np.concatenate(found), whole)


@pytest.mark.parametrize("samples", [0, 1, 4095, 4096, 30030, 30031, 31395, 31396])
def test_items_are_counted_before_they_are_made(samples: int) -> None:
    assert len(Fingerprinter().feed(music(3.0, 11025)[:samples])) == count(samples) == max(0, samples - 28666) // 1365


def test_length_cuts_the_sound() -> None:
    samples = music(20.0, 11025)
    assert np.array_equal(fingerprint([samples], 10.5), fingerprint([samples[: int(10.5 * 11025)]]))
    assert np.array_equal(fingerprint([samples[:7000], samples[7000:]], 10.0), fingerprint([samples[:110250]]))
    assert len(fingerprint([], 10)) == 0


def test_numbers_of_older_programs_are_signed() -> None:
    assert items_of([-1, 2**32 - 1, 5]).tolist() == [2**32 - 1, 2**32 - 1, 5]
    for wrong in ([2**32], [-(2**31) - 1], [2**70], ["a"], [[1]]):
        with pytest.raises(Invalid):
            items_of(wrong)  # type: ignore[arg-type]  # as clients send it


@given(st.lists(st.integers(0, 2**32 - 1), max_size=60))
@settings(max_examples=60, deadline=None)
def test_compressed_and_back(values: list[int]) -> None:
    items: Items = np.array(values, np.uint32)
    assert np.array_equal(decompress(compress(items)), items)


@given(st.binary(max_size=40))
@settings(max_examples=150, deadline=None)
def test_what_is_no_fingerprint_is_refused_or_read(data: bytes) -> None:
    text = compress(np.array([7, 2**32 - 1], np.uint32))
    for hostile in (data.decode("latin-1"), text[: len(data)], text + data.hex()):
        try:
            items = decompress(hostile)
        except Invalid:
            continue
        assert items.dtype == np.uint32


def test_hostile_heads_are_refused_without_work() -> None:
    for head in (b"\1\xff\xff\xff", b"\2\0\0\1\0", b"\1\0\0\5", b""):
        with pytest.raises(Invalid):
            decompress(urlsafe_b64encode(head).decode())
