"""Tempo of made-up music whose tempo is known, and of what has none."""

import numpy as np
import pytest

from benchmarks.recognition.made_music import RHYTHMS, song
from sonograph.recognition.tempo import RATE, Tempo, TempoFinder
from tests.recognition.sounds import music


def found(samples: np.ndarray, block: int = 50_000) -> Tempo | None:
    finder = TempoFinder()
    for at in range(0, len(samples), block):
        finder.feed(samples[at : at + block])
    return finder.result()


def clicks(bpm: float, seconds: float) -> np.ndarray:
    samples = np.zeros(int(seconds * RATE), np.int16)
    stroke = (8000 * np.sin(np.arange(300)) * np.exp(-np.arange(300) / 60)).astype(np.int16)
    for place in np.arange(0.3, seconds - 0.1, 60 / bpm):
        at = int(place * RATE)
        samples[at : at + 300] = stroke
    return samples


@pytest.mark.parametrize("bpm", [63.0, 97.5, 120.0, 174.0, 199.0])
def test_a_metronome_is_told_to_a_hundredth(bpm: float) -> None:
    tempo = found(clicks(bpm, 40))
    assert tempo is not None
    octave = round(np.log2(tempo.bpm / bpm))  # of clicks that are all the same, nobody can tell two from one
    assert tempo.bpm / 2**octave == pytest.approx(bpm, rel=2e-4)
    if 85 < bpm < 170:
        assert octave == 0
        assert tempo.confidence > 0.6


@pytest.mark.parametrize(
    "number", [n for n, rhythm in enumerate(RHYTHMS) if rhythm.name in {"rock", "four on the floor"}]
)
def test_songs(number: int) -> None:
    made = song(3000 + number - 3000 % len(RHYTHMS), 30)
    tempo = found(made.samples)
    assert tempo is not None
    assert tempo.bpm == pytest.approx(made.bpm, rel=1e-3)
    assert tempo.confidence > 0.8


def test_blocks_make_no_difference() -> None:
    samples = song(2, 30).samples
    whole, cut = found(samples, len(samples)), found(samples, 1000)
    assert whole is not None
    assert cut is not None
    assert cut.bpm == pytest.approx(whole.bpm, rel=1e-6)
    assert cut.confidence == pytest.approx(whole.confidence, rel=1e-3)


def test_noise_has_none_to_speak_of() -> None:
    noise = np.random.default_rng(1).normal(0, 3000, 40 * RATE).astype(np.int16)
    tempo = found(noise)
    assert tempo is None or tempo.confidence < 0.05


def test_silence_and_a_moment_have_none() -> None:
    assert found(np.zeros(40 * RATE, np.int16)) is None
    assert found(music(3, RATE)) is None
    assert found(np.zeros(0, np.int16)) is None
