"""The key of chords and songs whose key is known, and of what has none."""

import numpy as np
import pytest

from benchmarks.recognition.made_music import song
from sonograph.catalog.keys import KEYS, MusicalKey
from sonograph.recognition.key import KEYS as FOUND
from sonograph.recognition.key import RATE, Key, KeyFinder


def found(samples: np.ndarray, block: int = 50_000) -> Key | None:
    finder = KeyFinder()
    for at in range(0, len(samples), block):
        finder.feed(samples[at : at + block])
    return finder.result()


def cadence(tonic: int, *, minor: bool, cents: float = 0.0) -> np.ndarray:
    """I IV V I, three times, in triads of notes with five partials."""
    chords = ((0, 3, 7), (5, 8, 12), (7, 11, 14)) if minor else ((0, 4, 7), (5, 9, 12), (7, 11, 14))
    t = np.arange(int(0.8 * RATE)) / RATE
    parts = []
    for _ in range(3):
        for number in (0, 1, 2, 0, 0):
            notes = [220 * 2 ** ((tonic + 3 + note + cents / 100) / 12) for note in chords[number]]
            wave = sum(np.sin(2 * np.pi * hz * n * t) / n for hz in notes for n in range(1, 6))
            parts.append(1500 * np.asarray(wave) * np.minimum(1, t / 0.02) * np.exp(-t))
    return np.concatenate(parts).astype(np.int16)


def test_every_key_has_its_place() -> None:
    assert {key.alphanumeric for key in FOUND} == {key.alphanumeric for key in KEYS}
    assert len(FOUND) == 24


@pytest.mark.parametrize("key", FOUND, ids=lambda key: key.musical)
def test_a_cadence_in_each_key(key: MusicalKey) -> None:
    number = FOUND.index(key)
    told = found(cadence(number % 12, minor=number >= 12))
    assert told is not None
    assert told.key == key
    assert told.confidence > 0.7


@pytest.mark.parametrize("cents", [-40.0, -20.0, 25.0, 40.0])
def test_instruments_out_of_tune(cents: float) -> None:
    told = found(cadence(2, minor=False, cents=cents))
    assert told is not None
    assert told.key.musical == "D"
    assert told.tuning == pytest.approx(cents, abs=6)


def test_songs() -> None:
    right = sure = 0
    for seed in range(5000, 5014):
        made = song(seed, 25)
        told = found(made.samples)
        assert told is not None
        right += told.key == made.key
        sure += told.confidence > 0.9
        if told.confidence > 0.95:
            assert told.key == made.key
    assert right >= 9
    assert sure >= 3


def test_blocks_make_no_difference() -> None:
    samples = song(3, 30).samples
    whole, cut = found(samples, len(samples)), found(samples, 1000)
    assert whole is not None
    assert cut is not None
    assert cut.key == whole.key
    assert cut.confidence == pytest.approx(whole.confidence, rel=1e-6)


def test_noise_has_none_to_speak_of() -> None:
    told = found(np.random.default_rng(1).normal(0, 3000, 40 * RATE).astype(np.int16))
    assert told is None or told.confidence < 0.1


def test_silence_has_none() -> None:
    assert found(np.zeros(40 * RATE, np.int16)) is None
    assert found(np.zeros(0, np.int16)) is None
    assert found(np.zeros(100, np.int16)) is None
