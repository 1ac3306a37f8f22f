"""The fingerprints of the last seconds of a stream, in bounded memory."""

import numpy as np

from sonograph.recognition.chromaprint import SECONDS_PER_ITEM, Items
from sonograph.recognition.landmarks.check import CHECK_DENSITY
from sonograph.recognition.landmarks.peaks import FRAMES_PER_SECOND, Peaks

KEPT = 120.0  # seconds of peaks, 100 kB: as far as a start is traced back
KEPT_ITEMS = 30.0  # seconds


class Recent:
    """Frames and items count from the first sample of the stream."""

    def __init__(self) -> None:
        self._peaks = Peaks.none()
        self._items = np.zeros(0, np.uint32)
        self._first_item = 0
        self.first = 0.0  # frame from which on all peaks are kept
        self.end = 0.0  # frame up to which all peaks are known

    def add(self, items: Items, peaks: Peaks, end: float) -> None:
        """What the fingerprinters gave; peaks are certain up to frame `end`."""
        self.end = end
        self.first = max(0.0, end - KEPT * FRAMES_PER_SECOND)
        self._peaks = Peaks.joined((self._peaks, peaks.densest(CHECK_DENSITY)))
        self._peaks = self._peaks.those(slice(int(np.searchsorted(self._peaks.time, self.first)), None))
        known = np.concatenate((self._items, items))
        dropped = max(0, len(known) - int(KEPT_ITEMS / SECONDS_PER_ITEM))
        self._items = known[dropped:].copy()  # a view would keep what is dropped
        self._first_item += dropped

    def peaks(self, start: float, end: float) -> Peaks:
        """From frame `start` to frame `end`; their times count from `start`."""
        return self._peaks.between(start, end)

    def items(self, start: float) -> tuple[Items, float]:
        """Those that begin after frame `start`, and the frame at which the first of them does."""
        first = max(self._first_item, -int(-start / FRAMES_PER_SECOND // SECONDS_PER_ITEM))
        return self._items[first - self._first_item :], first * SECONDS_PER_ITEM * FRAMES_PER_SECOND

    @property
    def bytes(self) -> int:
        peaks = self._peaks
        return int(peaks.time.nbytes + peaks.pitch.nbytes + peaks.rank.nbytes + self._items.nbytes)
