"""The tempo of a recording in beats a minute, and how sure it is.

Onset strength (rises of the energy in bands along the mel scale, as in Bello et al. 2005 and Ellis 2007) is
autocorrelated in windows of 24 s. What repeats at a beat repeats at its multiples, too, which a comb adds up. Which of
the tempos that are multiples of each other is the beat cannot be read from that: people prefer those around two beats a
second (Ellis' prior, log-normal). The figure itself comes from the long multiples, so it is right to a few thousandths
where the tempo is steady.
"""

from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from sonograph.recognition.audio.pcm import FINGERPRINT, Samples

RATE = FINGERPRINT.rate
FRAME = 512  # samples: 46 ms
HOP = 128  # samples: 12 ms, 86 frames a second
SLOWEST, FASTEST = 55.0, 205.0  # beats a minute
FRAMES_PER_MINUTE = 60 * RATE / HOP

_BANDS = 24
_LOWEST, _HIGHEST = 40.0, 4300.0  # Hz; the decoder's filter passes nothing above
_WINDOW = 2048  # frames: 24 s
_STEP = 1024
_LAGS = 1024  # 12 s
_SECOND = 87  # frames
_EVENTS = 1e-5  # mean square of the onset strength below which nothing happens
_OVERLAP = 200  # frames: an autocorrelation over fewer tells nothing
_BATCH = 1024  # frames of which spectra are held at once
_SHORTEST = 430  # frames, 5 s: what is shorter has no tempo
_PREFERRED, _SPREAD = 122.0, 0.85  # of the prior: beats a minute, octaves
_SPEED = np.arange(np.log2(SLOWEST), np.log2(FASTEST), 0.004)  # candidates, in octaves: 0.28 % apart
_APART = 20  # candidates: 6 %, what is nearer is the same tempo
_LAG = FRAMES_PER_MINUTE / 2**_SPEED  # frames in a beat of each
_PRIOR = 0.15 * -0.5 * ((_SPEED - np.log2(_PREFERRED)) / _SPREAD) ** 2
_COMB = ((1, 1.0), (2, 1.0), (3, 0.4), (4, 1.0), (6, 0.4), (8, 0.8))  # beats, weight
_CLEAR = 0.1  # autocorrelation from which a peak is trusted with the exact tempo
# Of the confidence: `python -m benchmarks.recognition.tempo_key` says how well it holds.
_STRENGTH, _LEAD, _BASE = 25.4, 42.6, -7.9


@dataclass(frozen=True, slots=True)
class Tempo:
    bpm: float
    confidence: float  # 0 to 1


def _filters() -> NDArray[np.float32]:
    """(bins, bands): triangles evenly wide along the mel scale."""
    low, high = 2595 * np.log10(1 + np.array([_LOWEST, _HIGHEST]) / 700)
    mel = np.linspace(low, high, _BANDS + 2)
    edges = 700 * (10 ** (mel / 2595) - 1)
    hz = np.arange(FRAME // 2 + 1)[:, np.newaxis] * RATE / FRAME
    width = np.maximum(np.diff(edges), RATE / FRAME)  # none narrower than a bin
    rising, falling = (hz - edges[1:-1]) / width[:-1] + 1, (edges[1:-1] - hz) / width[1:] + 1
    return cast("NDArray[np.float32]", np.clip(np.minimum(rising, falling), 0, None).astype(np.float32))


_HANN = np.hanning(FRAME + 1)[:-1].astype(np.float32)
_FILTERS = _filters()


class TempoFinder:
    """Takes samples as they come (mono, 16 bits, 11,025 Hz); memory does not grow with the length."""

    def __init__(self) -> None:
        self._samples = np.zeros(0, np.int16)
        self._last: NDArray[np.float32] | None = None
        self._onsets = np.zeros(0, np.float32)
        self._windows = 0
        self._repeats = np.zeros(_LAGS)  # sum of the windows' autocorrelations

    def feed(self, samples: Samples) -> None:
        pcm = np.concatenate((self._samples, samples.astype(np.int16, copy=False)))
        frames = max(0, (len(pcm) - FRAME) // HOP + 1)
        cut = np.lib.stride_tricks.sliding_window_view(pcm, FRAME)[::HOP] if frames else pcm
        found = [self._rises(cut[at : min(at + _BATCH, frames)]) for at in range(0, frames, _BATCH)]
        self._samples = pcm[frames * HOP :]
        self._onsets = np.concatenate((self._onsets, *found))
        while len(self._onsets) >= _WINDOW:
            self._add(self._onsets[:_WINDOW])
            self._onsets = self._onsets[_STEP:]

    def _rises(self, cut: NDArray[np.int16]) -> NDArray[np.float32]:
        spectra = fft.rfft(cut * _HANN)
        energy = (spectra.real**2 + spectra.imag**2) @ _FILTERS
        # 4e5 is the energy of a band 70 dB below full scale: what is quieter makes no rises.
        loudness = np.log10(1 + energy * np.float32(1 / 4e5))
        before = loudness[:1] if self._last is None else self._last
        self._last = loudness[-1:]
        rises = np.diff(np.concatenate((before, loudness)), axis=0)
        return cast("NDArray[np.float32]", np.maximum(rises, 0).mean(axis=1))

    def _add(self, onsets: NDArray[np.float32]) -> None:
        found = _repeats(onsets)
        if found is not None:
            self._windows += 1
            self._repeats += found

    def result(self) -> Tempo | None:
        """The tempo of all that was fed; None for what is too short or has no onsets at all."""
        if not self._windows and len(self._onsets) >= _SHORTEST:
            self._add(self._onsets)
        if not self._windows:
            return None
        repeats = self._repeats / self._windows
        scores = _scores(repeats)
        best = int(np.argmax(scores))
        lag = _refined(repeats, float(_LAG[best]))
        return Tempo(FRAMES_PER_MINUTE / lag, _confidence(scores, best))


def _repeats(onsets: NDArray[np.float32]) -> NDArray[np.float64] | None:
    """Autocorrelation of a window up to 12 s, 1 at no lag, by the number of frames that overlap."""
    size = len(onsets)
    around = np.full(_SECOND, 1 / _SECOND)
    flat = onsets - np.convolve(np.pad(onsets, _SECOND // 2, mode="edge"), around, mode="valid")
    power = float((flat * flat).mean())
    if power < _EVENTS:
        return None
    spectrum = fft.rfft(flat.astype(np.float64), 2 * _WINDOW)
    raw = fft.irfft(spectrum.real**2 + spectrum.imag**2)[:_LAGS]
    lags = np.arange(_LAGS)
    return np.where(lags < size - _OVERLAP, raw / np.maximum(size - lags, 1) / power, 0.0)


def _scores(repeats: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of each candidate: how much its multiples repeat, and how usual it is."""
    total, weight = np.zeros(len(_LAG)), np.zeros(len(_LAG))
    for multiple, share in _COMB:
        lag = _LAG * multiple
        inside = np.where(lag < _LAGS - 1, share, 0.0)
        total += inside * np.interp(lag, np.arange(_LAGS), repeats)
        weight += inside
    return cast("NDArray[np.float64]", total / weight + _PRIOR)


def _confidence(scores: NDArray[np.float64], best: int) -> float:
    """How strong the beat is, and how far ahead of other tempos: fitted to made-up songs."""
    apart = np.abs(np.arange(len(scores)) - best) > _APART
    lead = min(scores[best] - scores[apart].max(), 0.12)
    return float(1 / (1 + np.exp(-(_STRENGTH * min(scores[best], 0.3) + _LEAD * lead + _BASE))))


def _refined(repeats: NDArray[np.float64], lag: float) -> float:
    """The lag by the peaks at its multiples, longer and longer, as far as they are there."""
    for multiple in (1, 2, 4, 8, 16):
        if lag * multiple > _LAGS - 8:
            break
        reach = 6 if multiple <= 2 else 3  # noqa: PLR2004  (frames; the first ones find the place)
        first = round(lag * multiple) - reach
        part = repeats[first : first + 2 * reach + 1]
        top = int(np.argmax(part))
        if 0 < top < len(part) - 1 and part[top] > _CLEAR:
            before, at, after = part[top - 1 : top + 2]
            lag = float(first + top + 0.5 * (before - after) / (before - 2 * at + after)) / multiple
    return lag
