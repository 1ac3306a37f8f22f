"""Finds peaks in sound, as it comes."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.fft import rfft

from sonograph.recognition.audio.pcm import Samples
from sonograph.recognition.landmarks.peaks import FRAME, HIDDEN, HIGH, HOP, LOW, Peaks

MOST = 80  # peaks a second that are found at all

# Frames and bins to each side that a peak must be louder than. Of a recording the more prominent peaks are stored, but
# a voice or a noise beside them hides them easily from such a wide view. So a query has the peaks of a narrower one: 75
# a second, not 28. With a voice 6 dB above the music 41 % of the stored peaks are found among them, not 24 %; in babble
# 53 %, not 39 %.
_AROUND_TIME, _AROUND_PITCH = 4, 8
_PROMINENT_TIME, _PROMINENT_PITCH = 7, 15
_BESIDE = 21  # frames to each side among which a peak is ranked: one second in all
_BATCH = 64  # frames: always as many at a time, so that blocks make no difference to a single bit
_FLOOR = np.float32(100.0)  # power below which nothing is heard: a sixteenth of the least significant bit
_AUDIBLE = np.float32(np.log(_FLOOR) + 1)
_WINDOW = np.hanning(FRAME).astype(np.float32)


class PeakFinder:
    """Takes samples as they come (mono, 16 bits, 11,025 Hz) and gives the peaks that became certain.

    A peak is certain when what comes within 0.65 s after it is known, so peaks are at most 2.2 s late. How the samples
    are cut into blocks makes no difference, and memory is bounded by the block.
    """

    def __init__(self) -> None:
        self._samples = np.zeros(0, np.int16)
        self._frames = 0  # frames of which the spectrum is known
        self._first = 0  # number of the first row that is kept
        self._levels = np.zeros((0, HIGH - LOW + 2), np.float32)
        self._highest = np.zeros((0, HIGH - LOW), np.float32)  # levels, each the highest among its bin's neighbours
        self._searched = 0  # frames whose peaks are known, ranks apart
        self._given = 0  # frames whose peaks were given
        self._waiting = _Found.none()

    def feed(self, samples: Samples) -> Peaks:
        pcm = np.concatenate((self._samples, samples.astype(np.int16, copy=False)))
        frames = max(0, (len(pcm) - FRAME) // HOP + 1) // _BATCH * _BATCH
        self._samples = pcm[frames * HOP :]
        found = [self._advance(pcm, at, _BATCH, last=False) for at in range(0, frames, _BATCH)]
        return Peaks.joined(found)

    def finish(self) -> Peaks:
        """The last peaks, when there are no more samples."""
        frames = max(0, (len(self._samples) - FRAME) // HOP + 1)
        padded = np.zeros((_BATCH - 1) * HOP + FRAME, np.int16)
        padded[: len(self._samples)] = self._samples[: len(padded)]
        return self._advance(padded, 0, frames, last=True)

    def _advance(self, pcm: NDArray[np.int16], at: int, frames: int, *, last: bool) -> Peaks:
        levels = _levels(pcm[at * HOP :])[:frames]
        self._levels = np.concatenate((self._levels, levels))
        self._highest = np.concatenate((self._highest, _highest(levels[:, 1:-1].T, _AROUND_PITCH).T))
        self._frames += frames
        self._search(self._frames if last else max(self._searched, self._frames - _PROMINENT_TIME))
        peaks = self._rank(self._searched if last else max(self._given, self._searched - _BESIDE))
        done = max(0, self._searched - _PROMINENT_TIME - self._first)
        self._levels, self._highest = self._levels[done:], self._highest[done:]
        self._first += done
        return peaks

    def _search(self, end: int) -> None:
        """Finds the peaks of the frames up to `end`."""
        start, first = self._searched - self._first, self._first
        self._searched = end
        if end - first <= start:
            return
        highest = _highest(self._highest, _AROUND_TIME)
        levels = self._levels
        inner = levels[start : end - first, 1:-1]
        row, column = np.nonzero((inner == highest[start : end - first]) & (inner > _AUDIBLE))
        row += start
        stands = _stands(highest, row, column)
        column += 1
        level = levels[row, column]
        before = levels[np.maximum(row - 1, 0), column]
        behind = levels[np.minimum(row + 1, len(levels) - 1), column]
        found = _Found(
            row + first,
            _summit(before, level, behind),
            (column + (LOW - 1) + _summit(levels[row, column - 1], level, levels[row, column + 1])).astype(np.float32),
            level,
            stands,
        )
        self._waiting = _Found.joined(self._waiting, found)

    def _rank(self, end: int) -> Peaks:
        """Those of the peaks that are before frame `end` and not given yet, with their rank among all around them."""
        waiting = self._waiting
        first, behind = np.searchsorted(waiting.frame, (self._given, end))
        rank = _ranks(waiting.frame, waiting.level, int(first), int(behind))
        stands = np.flatnonzero(waiting.prominent)
        low, high = np.searchsorted(stands, (first, behind))
        standing = np.full(len(rank), HIDDEN)
        among = _ranks(waiting.frame[stands], waiting.level[stands], int(low), int(high))
        standing[stands[low:high] - first] = np.minimum(among, HIDDEN)
        chosen = np.arange(first, behind)[rank < MOST]
        time = np.maximum(waiting.frame[chosen] + waiting.beside[chosen].astype(np.float64), 0.0)
        order = np.lexsort((waiting.pitch[chosen], time, waiting.frame[chosen]))
        chosen = chosen[order]
        peaks = Peaks(
            time[order],
            waiting.pitch[chosen],
            rank[chosen - first].astype(np.uint8),
            standing[chosen - first].astype(np.uint8),
        )
        self._given = max(self._given, end)
        self._waiting = self._waiting.since(self._given - _BESIDE)
        return peaks


def find_peaks(blocks: Iterable[Samples]) -> Peaks:
    """The peaks of all the sound."""
    finder = PeakFinder()
    found = [finder.feed(block) for block in blocks]
    return Peaks.joined((*found, finder.finish()))


@dataclass(frozen=True, slots=True)
class _Found:
    """Peaks before they are ranked, in order of their frames."""

    frame: NDArray[np.int64]
    beside: NDArray[np.float32]  # between -0.5 and 0.5, where exactly in the frame
    pitch: NDArray[np.float32]
    level: NDArray[np.float32]
    prominent: NDArray[np.bool_]

    @classmethod
    def none(cls) -> Self:
        nothing = np.zeros(0, np.float32)
        return cls(np.zeros(0, np.int64), nothing, nothing, nothing, np.zeros(0, bool))

    @classmethod
    def joined(cls, one: Self, other: Self) -> Self:
        return cls(
            np.concatenate((one.frame, other.frame)),
            np.concatenate((one.beside, other.beside)),
            np.concatenate((one.pitch, other.pitch)),
            np.concatenate((one.level, other.level)),
            np.concatenate((one.prominent, other.prominent)),
        )

    def since(self, frame: int) -> "_Found":
        first = int(np.searchsorted(self.frame, frame))
        return _Found(
            self.frame[first:], self.beside[first:], self.pitch[first:], self.level[first:], self.prominent[first:]
        )


def _ranks(frame: NDArray[np.int64], level: NDArray[np.float32], first: int, behind: int) -> NDArray[np.int64]:
    """How many within half a second are louder, for each from `first` to `behind`; of equals, the earlier is."""
    own = np.arange(first, behind)[:, np.newaxis]
    low = np.searchsorted(frame, frame[first:behind] - _BESIDE)
    high = np.searchsorted(frame, frame[first:behind] + _BESIDE, "right")
    places = low[:, np.newaxis] + np.arange(int((high - low).max(initial=0)))
    around = level[np.minimum(places, len(level) - 1)]
    louder = (around > level[own]) | ((around == level[own]) & (places < own))
    ranks: NDArray[np.int64] = (louder & (places < high[:, np.newaxis])).sum(axis=1)
    return ranks


def _stands(highest: NDArray[np.float32], row: NDArray[np.int64], column: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether peaks are the highest of the wide neighbourhood, too: four narrow ones cover it."""
    own = highest[row, column]
    stands = np.ones(len(row), bool)
    more_time, more_pitch = _PROMINENT_TIME - _AROUND_TIME, _PROMINENT_PITCH - _AROUND_PITCH
    for rows in (np.maximum(row - more_time, 0), np.minimum(row + more_time, len(highest) - 1)):
        for columns in (np.maximum(column - more_pitch, 0), np.minimum(column + more_pitch, highest.shape[1] - 1)):
            stands &= highest[rows, columns] <= own
    return stands


def _levels(pcm: NDArray[np.int16]) -> NDArray[np.float32]:
    """The logarithm of the power in a batch of frames, with one more bin at each end."""
    cut = np.lib.stride_tricks.sliding_window_view(pcm[: (_BATCH - 1) * HOP + FRAME], FRAME)[::HOP]
    spectrum: NDArray[np.complex64] = rfft(cut * _WINDOW)[:, LOW - 1 : HIGH + 1]
    power = spectrum.real * spectrum.real + spectrum.imag * spectrum.imag
    levels: NDArray[np.float32] = np.log(np.maximum(power, _FLOOR))
    return levels


def _highest(levels: NDArray[np.float32], around: int) -> NDArray[np.float32]:
    """Each row, the highest among so many rows to each side. By doubling: three times as fast as scipy's filter."""
    width = 2 * around + 1
    highest = np.pad(levels, ((around, around), (0, 0)), mode="edge")
    have = 1
    while 2 * have <= width:
        highest = np.maximum(highest[:-have], highest[have:])
        have *= 2
    return np.maximum(highest[: len(levels)], highest[width - have : width - have + len(levels)])


def _summit(
    before: NDArray[np.float32], level: NDArray[np.float32], behind: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Where the parabola through three levels has its summit, from the middle one."""
    bend = np.minimum(before + behind - 2 * level, np.float32(-1e-6))
    beside: NDArray[np.float32] = np.clip(np.float32(0.5) * (before - behind) / bend, np.float32(-0.5), np.float32(0.5))
    return beside
