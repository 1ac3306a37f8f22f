"""What stands between the songs: a voice that says nothing, and a jingle. No track of any catalog sounds like them."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from sonograph.catalog.sandbox.draw import Draw

RATE: Final = 44_100
TALK_SECONDS: Final = 10  # then the voice begins again
JINGLE_SECONDS: Final = 2
_LOUDNESS: Final = 0.5  # of full scale
# Formants of vowels in Hz, and how strong each is
_VOWELS: Final = (
    (730, 1090, 2440), (270, 2290, 3010), (300, 870, 2240), (530, 1840, 2480), (570, 840, 2410), (660, 1720, 2410),
)  # fmt: skip
_STRENGTHS: Final = (1.0, 0.5, 0.25)
_WIDTHS: Final = (90.0, 110.0, 170.0)
_HIGHEST: Final = 3_600  # Hz of a voice's harmonics
_CHORD: Final = (523.25, 659.25, 783.99, 1046.5)  # Hz
Samples = NDArray[np.int16]
_Wave = NDArray[np.float64]


def talk() -> Samples:
    """Syllables of a made-up voice with breaths between them. The same on every machine, but for the last bit."""
    draw = Draw("station/talk")
    wave: _Wave = np.zeros(TALK_SECONDS * RATE)
    noise: _Wave = np.asarray(np.random.PCG64(list(b"station/talk")).random_raw(RATE)).astype(np.float64) / 2**63 - 1
    at = 0.05
    while at < TALK_SECONDS - 0.5:
        length = draw.number(110, 260) / 1000
        _add(wave, at, _syllable(draw, length))
        if draw.chance(0.5):  # a consonant before it
            _add(wave, at - 0.05, noise[: int(0.06 * RATE)] * np.hanning(int(0.06 * RATE)) * 0.15)
        at += length + (draw.number(250, 500) / 1000 if draw.chance(0.12) else draw.number(15, 60) / 1000)
    return _samples(wave)


def jingle() -> Samples:
    """A chord, note after note, that rings out."""
    wave: _Wave = np.zeros(JINGLE_SECONDS * RATE)
    time = np.arange(len(wave)) / RATE
    for number, pitch in enumerate(_CHORD):
        start = int(number * 0.18 * RATE)
        tone = np.sin(2 * np.pi * pitch * time) + 0.3 * np.sin(4 * np.pi * pitch * time + 0.4)
        wave[start:] += (tone * np.exp(-3 * time) * np.minimum(time / 0.004, 1))[: len(wave) - start]
    return _samples(wave * np.minimum((JINGLE_SECONDS - time) / 0.2, 1))


def _syllable(draw: Draw, length: float) -> _Wave:
    time = np.arange(int(length * RATE)) / RATE
    pitch, bend = draw.number(95, 150), draw.number(-25, 15)
    phase = 2 * np.pi * (pitch * time + bend * time**2 / length / 2)
    formants = draw.pick(_VOWELS)
    wave: _Wave = np.zeros(len(time))
    for harmonic in range(1, _HIGHEST // pitch):
        frequency = harmonic * pitch
        level = sum(
            strength / (1 + ((frequency - formant) / width) ** 2)
            for formant, strength, width in zip(formants, _STRENGTHS, _WIDTHS, strict=True)
        )
        wave += level * np.sin(harmonic * phase)
    envelope = np.minimum(np.minimum(time / 0.03, (length - time) / 0.04), 1)
    return wave * envelope * draw.number(70, 100) / 100


def _add(wave: _Wave, at: float, sound: _Wave) -> None:
    start = max(0, int(at * RATE))
    part = wave[start : start + len(sound)]
    part += sound[: len(part)]


def _samples(wave: _Wave) -> Samples:
    samples: Samples = (wave * (_LOUDNESS * 32767 / np.abs(wave).max())).astype(np.int16)
    return samples
