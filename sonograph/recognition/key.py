"""The musical key of a recording, and how sure it is.

Peaks of the spectrum are counted by pitch class in steps of 10 cents, each also as a harmonic of lower notes (harmonic
pitch class profile, Gómez 2006). The tuning is where they are densest; the twelve sums around it are compared with the
profiles of the 24 keys by correlation (Krumhansl and Schmuckler; profiles of Krumhansl and Kessler 1982).
"""

from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from sonograph.catalog.keys import MusicalKey, find_key
from sonograph.recognition.audio.pcm import FINGERPRINT, Samples

RATE = FINGERPRINT.rate
FRAME = 8192  # samples: 0.74 s
HOP = 4096

_LOWEST, _HIGHEST = 60, 2100  # Hz
_BATCH = 32  # frames of which spectra are held at once
_PART = 27  # frames, 10 s: each such part of a recording has a say of its own
_STEPS = 120  # of an octave, ten cents each
_PER_NOTE = 10
_AUDIBLE = 5.5  # peaks that far below the loudest of their frame (48 dB, as a natural logarithm) are none
_QUIETEST = 2000.0  # magnitude of the loudest peak below which a frame is silence: 60 dB below full scale
_HARMONICS = ((1, 1.0), (3, 0.3), (5, 0.1))  # the second and fourth are of the same pitch class
_NEAR = np.array([0.2, 0.6, 0.9, 1.0, 0.9, 0.6, 0.2])  # weight of what is 30 to 0 cents away from a note
_MAJOR = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)
_MINOR = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)
# Of the confidence: `python -m benchmarks.recognition.tempo_key` says how well it holds.
_LEAD, _LIKENESS, _BASE = 15.1, 7.8, -6.7
_NAMES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "G#", "A", "Bb", "B")
_FIRST, _END = _LOWEST * FRAME // RATE, _HIGHEST * FRAME // RATE  # bins
_HANN = np.hanning(FRAME + 1)[:-1].astype(np.float32)


@dataclass(frozen=True, slots=True)
class Key:
    key: MusicalKey
    confidence: float  # 0 to 1
    tuning: float  # cents above 440 Hz, -50 to 50


def _profiles() -> NDArray[np.float64]:
    """(24 keys, 12 pitch classes), each of mean 0 and length 1."""
    raw = np.array([np.roll(profile, tonic) for profile in (_MAJOR, _MINOR) for tonic in range(12)])
    flat = raw - raw.mean(axis=1, keepdims=True)
    return cast("NDArray[np.float64]", flat / np.sqrt((flat * flat).sum(axis=1, keepdims=True)))


def _keys() -> tuple[MusicalKey, ...]:
    found = [find_key(f"{name} {mode}") for mode in ("major", "minor") for name in _NAMES]
    return tuple(key for key in found if key is not None)


PROFILES = _profiles()
KEYS = _keys()


class KeyFinder:
    """Takes samples as they come (mono, 16 bits, 11,025 Hz); keeps half a kilobyte for 10 s."""

    def __init__(self) -> None:
        self._samples = np.zeros(0, np.int16)
        self._frames = 0
        self._part = np.zeros(_STEPS)
        self._parts: list[NDArray[np.float32]] = []

    def feed(self, samples: Samples) -> None:
        pcm = np.concatenate((self._samples, samples.astype(np.int16, copy=False)))
        frames = max(0, (len(pcm) - FRAME) // HOP + 1)
        for at in range(0, frames, _BATCH):
            cut = np.lib.stride_tricks.sliding_window_view(pcm, FRAME)[at * HOP :: HOP][: min(_BATCH, frames - at)]
            for counted in _counted(cut):
                self._add(counted)
        self._samples = pcm[frames * HOP :]

    def _add(self, counted: NDArray[np.float64]) -> None:
        self._part += counted
        self._frames += 1
        if self._frames % _PART == 0:
            self._close()

    def _close(self) -> None:
        if self._part.any():
            self._parts.append(self._part.astype(np.float32))
        self._part = np.zeros(_STEPS)

    def result(self) -> Key | None:
        """The key of all that was fed; None where there is no sound with a pitch."""
        parts = np.array([*self._parts, *([self._part] if self._part.any() else [])], np.float64)
        if not len(parts):
            return None
        whole = parts.sum(axis=0)
        tuning = _tuning(whole)
        notes = _notes(whole[np.newaxis], tuning)
        alike = _alike(notes)[0]
        best = int(np.argmax(alike))
        each = _alike(_notes(parts, tuning))[:, best].mean()
        return Key(KEYS[best], _confidence(notes, alike, float(each)), 10.0 * tuning)


def _confidence(notes: NDArray[np.float64], alike: NDArray[np.float64], each: float) -> float:
    """How far the best key is ahead of the next, and how like it the parts are: fitted to made-up songs.

    Notes that hardly differ from each other are those of noise and speech: their contrast is 0.05 to 0.23 where songs
    have 0.3 and more.
    """
    second, first = np.sort(alike)[-2:]
    right = 1 / (1 + np.exp(-(_LEAD * min(first - second, 0.25) + _LIKENESS * min(each, 0.85) + _BASE)))
    contrast = notes.std() / notes.mean()
    return float(right * np.clip((contrast - 0.15) / 0.15, 0, 1))


def _counted(cut: NDArray[np.int16]) -> NDArray[np.float64]:
    """(frames, steps): the magnitudes of each frame's peaks by pitch class, together 1; silence counts nothing."""
    magnitude = np.abs(fft.rfft(cut * _HANN)[:, _FIRST - 1 : _END + 1])
    level = np.log(magnitude + 1)
    loudest = level.max(axis=1)
    middle, left, right = level[:, 1:-1], level[:, :-2], level[:, 2:]
    peak = (middle > left) & (middle >= right) & (middle > loudest[:, np.newaxis] - _AUDIBLE)
    peak &= (loudest > np.log(_QUIETEST))[:, np.newaxis]
    frame, place = np.nonzero(peak)
    before, at, after = left[frame, place], middle[frame, place], right[frame, place]
    exact = place + _FIRST + 0.5 * (before - after) / (before - 2 * at + after)  # parabola through three points
    weight = np.exp(at - loudest[frame])
    steps = _STEPS * np.log2(exact * (RATE / FRAME / 440)) + 9 * _PER_NOTE  # above C
    counted = np.zeros(len(cut) * _STEPS)
    for harmonic, share in _HARMONICS:
        step = np.round(steps - _STEPS * np.log2(harmonic)).astype(np.int64) % _STEPS
        counted += np.bincount(frame * _STEPS + step, weight * share, len(counted))
    by_frame = counted.reshape(-1, _STEPS)
    return cast("NDArray[np.float64]", by_frame / np.maximum(by_frame.sum(axis=1, keepdims=True), 1e-9))


def _tuning(whole: NDArray[np.float64]) -> float:
    """Steps of 10 cents by which notes are sharp: the mean place within a semitone, on a circle."""
    turn = np.exp(2j * np.pi * np.arange(_STEPS) / _PER_NOTE)
    return float(np.angle((whole * turn).sum()) / (2 * np.pi) * _PER_NOTE)


def _notes(counted: NDArray[np.float64], tuning: float) -> NDArray[np.float64]:
    """(rows, 12) from (rows, steps): what is near each note."""
    tuned = np.roll(counted, -round(tuning), axis=1)
    reach = len(_NEAR) // 2
    wide = sum(weight * np.roll(tuned, reach - n, axis=1) for n, weight in enumerate(_NEAR))
    return cast("NDArray[np.float64]", wide)[:, ::_PER_NOTE]


def _alike(notes: NDArray[np.float64]) -> NDArray[np.float64]:
    """(rows, 24): correlation with the profile of each key."""
    flat = notes - notes.mean(axis=1, keepdims=True)
    length = np.sqrt((flat * flat).sum(axis=1, keepdims=True))
    return cast("NDArray[np.float64]", flat / np.maximum(length, 1e-12) @ PROFILES.T)
