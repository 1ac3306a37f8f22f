"""One segment of landmarks: the packed peaks of many references end to end, and for each key where its anchor is.

All references lie on one axis of ticks, so a clip agrees with a reference on one diagonal: the tick of an anchor there
less its tick in the query. A posting is a tick, and in the spare bits a check of the key. Keys are not stored: they are
made of the peaks again when segments are merged.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
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
        (found,) = self.pieces([(number, start, end)])
        return found

    def pieces(self, wanted: Sequence[tuple[int, float, float]]) -> list[Peaks]:
        """Such peaks of many references (number, start, end) at once: a fifth of the time it takes one by one."""
        bounds = np.array([self._bounds(*one) for one in wanted], np.int64).reshape(-1, 3)
        first, behind, time = bounds.T
        sizes = behind - first
        ends = np.cumsum(sizes)
        begins = ends - sizes
        steps, pitches = words(self._peaks[np.arange(sizes.sum()) + np.repeat(first - begins, sizes)])
        passed = np.concatenate(([0], np.cumsum(steps)))
        times = passed[1:] + np.repeat(time - passed[begins], sizes)
        real = pitches > 0
        if not real.all():
            kept = np.concatenate(([0], np.cumsum(real)))
            times, pitches, begins, ends = times[real], pitches[real], kept[begins], kept[ends]
        frames, bins = times / TIME_STEPS, (pitches / PITCH_STEPS).astype(np.float32)
        ranks = np.zeros(len(frames), np.uint8)
        cuts = (slice(begin, end) for begin, end in zip(begins.tolist(), ends.tolist(), strict=True))
        return [Peaks(frames[cut], bins[cut], ranks[cut]) for cut in cuts]

    def _bounds(self, number: int, start: float, end: float) -> tuple[int, int, int]:
        """The first word, the one behind the last, and the time before the first, in steps."""
        first, behind = int(self.starts[number]), int(self.starts[number + 1])
        block, behind_blocks = -(-first // BLOCK), -(-behind // BLOCK)  # those that begin within the reference
        if behind - first <= BLOCK:
            return first, behind, 0
        time = 0
        reached = bisect_left(self._blocks, int(max(0.0, start) * TIME_STEPS), block, behind_blocks)
        if end < np.inf:
            passed = bisect_right(self._blocks, int(max(0.0, end) * TIME_STEPS), block, behind_blocks)
            behind = min(behind, passed * BLOCK) if passed < behind_blocks else behind
        if reached > block:
            first, time = (reached - 1) * BLOCK, int(self._blocks[reached - 1])
        return first, max(first, behind), time

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
