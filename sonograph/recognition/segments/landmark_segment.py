"""One segment of landmarks: the packed peaks of many references end to end, and for each key where its anchor is.

All references lie on one axis of ticks, so a clip agrees with a reference on one diagonal: the tick of an anchor there
less its tick in the query. A posting is a tick, and in the spare bits a check of the key. Keys are not stored: they are
made of the peaks again when segments are merged.
"""

from bisect import bisect_left
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sonograph.recognition.landmarks import packing, triplets
from sonograph.recognition.landmarks.packing import PITCH_STEPS, TIME_STEPS, WORD, words
from sonograph.recognition.landmarks.peaks import Peaks
from sonograph.recognition.landmarks.triplets import Keys
from sonograph.recognition.segments.kind import Part
from sonograph.recognition.segments.layout import Format, Layout, Mapped, Sections
from sonograph.recognition.segments.postings import Postings, table

TICK = 2  # frames: 46 ms
BLOCK = 64  # words of packed peaks from the beginning of one to the next of which the time is known
_LIST = 2.5  # postings in a slot of the table, at least, on average; at most twice as many
_TABLE_BITS = (20, 28)
_COPIED = 1 << 20  # words copied at a time


def sized(content: int, extent: int, references: int, postings: int) -> Layout:
    """Sizes of a segment of so many words, ticks, references and postings."""
    table_bits = int(np.clip(np.log2(max(1, postings) / _LIST), *_TABLE_BITS))
    return Layout(content, extent, references, postings, table_bits, max(1, extent.bit_length()))


def _sections(layout: Layout) -> Sections:
    return (
        ("peaks", layout.content * WORD, np.uint8),
        ("blocks", -(-layout.content // BLOCK), np.uint32),
        ("ids", layout.references, np.int64),
        ("order", layout.references, np.uint32),
        ("starts", layout.references + 1, np.uint32),
        ("ticks", layout.references + 1, np.uint32),
        *table(layout),
    )


FORMAT = Format(f"SNGL{packing.VERSION:02}{triplets.VERSION:02}".encode(), _sections)


class LandmarkSegment(Mapped):
    def __init__(self, path: Path) -> None:
        super().__init__(path, FORMAT)
        self.ids: NDArray[np.int64] = self.section("ids")
        self.starts: NDArray[np.uint32] = self.section("starts")  # words
        self.ticks: NDArray[np.uint32] = self.section("ticks")  # where on the axis each reference begins
        self._order: NDArray[np.uint32] = self.section("order")
        self._peaks: NDArray[np.uint8] = self.section("peaks").reshape(-1, WORD)
        self._blocks: NDArray[np.uint32] = self.section("blocks")
        self._postings = Postings(self)

    def occurrences(self, keys: Keys, most: int, longest: int) -> tuple[NDArray[np.int32], NDArray[np.uint32]]:
        """Where keys occur: (number of the key in the list, tick), both in no particular order."""
        return self._postings.occurrences(keys, most, longest)

    def numbers_of(self, reference: int) -> Iterator[int]:
        """The places of a reference in the segment; there are several if it was added twice at a time."""
        at = bisect_left(self._order, reference, key=lambda number: int(self.ids[number]))
        while at < len(self._order) and self.ids[self._order[at]] == reference:
            yield int(self._order[at])
            at += 1

    def peaks(self, number: int, start: float = 0.0, end: float = np.inf) -> Peaks:
        """Peaks of a reference: all from frame `start` to frame `end`, and some around them."""
        first, behind = int(self.starts[number]), int(self.starts[number + 1])
        time = 0
        block, behind_blocks = -(-first // BLOCK), -(-behind // BLOCK)  # those that begin within the reference
        if behind - first > BLOCK:
            times = self._blocks[block:behind_blocks]
            reached = int(np.searchsorted(times, np.uint32(max(0.0, start) * TIME_STEPS)))
            if end < np.inf:
                passed = block + int(np.searchsorted(times, np.uint32(max(0.0, end) * TIME_STEPS), "right"))
                behind = min(behind, passed * BLOCK) if passed < behind_blocks else behind
            if reached:
                block += reached - 1
                first, time = block * BLOCK, int(self._blocks[block])
        steps, pitches = words(self._peaks[first:behind])
        times_ = np.cumsum(steps) + time
        real = pitches > 0
        if not real.all():
            times_, pitches = times_[real], pitches[real]
        return Peaks(times_ / TIME_STEPS, (pitches / PITCH_STEPS).astype(np.float32), np.zeros(len(times_), np.uint8))

    def sizes(self) -> NDArray[np.int64]:
        """How many ticks each reference takes."""
        ticks = self.ticks.astype(np.int64)
        return ticks[1:] - ticks[:-1]

    def alive(self, gone: NDArray[np.bool_]) -> Iterator[Part]:
        """The references that are left, some at a time."""
        starts = self.starts.astype(np.int64)
        sizes = starts[1:] - starts[:-1]
        begin = 0
        while begin < len(sizes):
            end = max(begin + 1, int(np.searchsorted(starts, starts[begin] + _COPIED, "right")) - 1)
            packed = self._peaks[starts[begin] : starts[end]]
            living = ~gone[begin:end]
            if not living.all():
                packed = packed[np.repeat(living, sizes[begin:end])]
            yield self.ids[begin:end][living], sizes[begin:end][living], packed.reshape(-1)
            begin = end
