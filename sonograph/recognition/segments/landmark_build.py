"""Writes a segment of landmarks: peaks as they come, then the postings of their keys, in bounded memory."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from sonograph.errors import Invalid
from sonograph.recognition.landmarks.packing import MOST_FRAMES, PITCH_STEPS, TIME_STEPS, VERSION, WORD, words
from sonograph.recognition.landmarks.peaks import Peaks
from sonograph.recognition.landmarks.triplets import reference_keys
from sonograph.recognition.segments.files import checksum, replace
from sonograph.recognition.segments.kind import Kind, Part
from sonograph.recognition.segments.landmark_segment import BLOCK, FORMAT, TICK, LandmarkSegment, sized
from sonograph.recognition.segments.layout import PAGE, Layout
from sonograph.recognition.segments.postings import MOST_PLACES, MOST_POSTINGS, write_postings
from sonograph.recognition.segments.sorting import Sorter

_GAP = 256  # frames between references when keys are made of many at once: no key reaches over it
_AT_ONCE = 1 << 14  # words of which keys are made at once: what fits into the cache is twice as fast


def landmarks_part(ids: Sequence[int] | NDArray[np.int64], packed: Sequence[bytes]) -> Part:
    """References from what `pack` made of their peaks, as the database has it."""
    for one in packed:
        if not one or one[0] != VERSION or len(one) % WORD != 1:
            raise Invalid(
                f"landmarks: must be a byte {VERSION}, the version, and {WORD} bytes for each peak", "landmarks"
            )
    sizes = np.array([len(one) // WORD for one in packed], np.int64)
    return np.asarray(ids, np.int64), sizes, np.frombuffer(b"".join(one[1:] for one in packed), np.uint8)


@dataclass(frozen=True, slots=True)
class _Laid:
    """Words of many references, with their times counted from the beginning of each."""

    times: NDArray[np.int64]  # steps
    pitches: NDArray[np.int64]  # steps; 0 is no peak
    before: NDArray[np.int64]  # time of the word before, 0 for the first
    lengths: NDArray[np.int64]  # of each reference: the time of its last word

    @classmethod
    def of(cls, sizes: NDArray[np.int64], packed: NDArray[np.uint8]) -> "_Laid":
        steps, pitches = words(packed)
        total = np.concatenate((np.zeros(1, np.int64), np.cumsum(steps)))
        ends = np.cumsum(sizes)
        base = total[ends - sizes]
        owners = np.repeat(base, sizes)
        return cls(total[1:] - owners, pitches, total[:-1] - owners, total[ends] - base)

    def ticks(self) -> NDArray[np.int64]:
        """How many ticks each reference takes: one at least, so that no two begin at one."""
        return self.lengths // (TIME_STEPS * TICK) + 1


class Builder:
    """Takes references and writes them to the file, one after the other."""

    def __init__(self, file: IO[bytes], sorter: Sorter) -> None:
        self._file = file
        self._sorter = sorter
        self._ids: list[NDArray[np.int64]] = []
        self._sizes: list[NDArray[np.int64]] = []
        self._ticks: list[NDArray[np.int64]] = []
        self._blocks: list[NDArray[np.uint32]] = []
        self._words = self._extent = 0
        file.seek(PAGE)

    def add(self, ids: NDArray[np.int64], sizes: NDArray[np.int64], packed: NDArray[np.uint8]) -> None:
        """References: their ids, how many words each has, and the packed peaks of all end to end."""
        if sizes.sum() * WORD != len(packed) or len(ids) != len(sizes) or packed.dtype != np.uint8:
            raise ValueError("sizes and peaks do not agree")
        ends = np.cumsum(sizes)
        begin = 0
        while begin < len(ids):
            done = ends[begin] - sizes[begin]
            end = max(begin + 1, int(np.searchsorted(ends, done + _AT_ONCE, "right")))
            piece = packed[done * WORD : ends[end - 1] * WORD]
            self._add(ids[begin:end].astype(np.int64), sizes[begin:end].astype(np.int64), piece)
            begin = end

    def _add(self, ids: NDArray[np.int64], sizes: NDArray[np.int64], packed: NDArray[np.uint8]) -> None:
        laid = _Laid.of(sizes, packed)
        if laid.lengths.max(initial=0) > MOST_FRAMES * TIME_STEPS:
            raise Invalid("landmarks: a reference is longer than 13 hours", "landmarks")
        ticks = laid.ticks()
        if self._extent + ticks.sum() >= MOST_PLACES or self._sorter.count >= MOST_POSTINGS - _AT_ONCE * 4:
            raise ValueError("too much music for one segment")
        self._file.write(packed.tobytes())
        self._blocks.append(laid.before[-self._words % BLOCK :: BLOCK].astype(np.uint32))
        self._ids.append(ids)
        self._sizes.append(sizes)
        self._ticks.append(ticks)
        self._sorter.add(_postings(laid, sizes, self._extent + np.cumsum(ticks) - ticks))
        self._words += len(packed) // WORD
        self._extent += int(ticks.sum())

    def finish(self) -> Layout:
        """Sorts the postings, and writes the rest of the file."""
        file = self._file
        ids = _joined(self._ids)
        layout = sized(self._words, self._extent, len(ids), self._sorter.count)
        places = FORMAT.places(layout)
        length = FORMAT.length(layout)
        file.truncate(length)
        sections = {
            "blocks": np.concatenate(self._blocks) if self._blocks else np.zeros(0, np.uint32),
            "ids": ids.astype("<i8"),
            "order": np.argsort(ids, kind="stable").astype("<u4"),
            "starts": np.concatenate((np.zeros(1, np.int64), np.cumsum(_joined(self._sizes)))).astype("<u4"),
            "ticks": np.concatenate((np.zeros(1, np.int64), np.cumsum(_joined(self._ticks)))).astype("<u4"),
        }
        for name, values in sections.items():
            file.seek(places[name][0])
            file.write(values.tobytes())
        write_postings(file, FORMAT, layout, self._sorter.ranges())
        file.flush()
        crc = checksum(file, length - PAGE, PAGE)
        file.seek(0)
        file.write(FORMAT.header(layout, crc))
        return layout


def _joined(pieces: list[NDArray[np.int64]]) -> NDArray[np.int64]:
    return np.concatenate(pieces) if pieces else np.zeros(0, np.int64)


def _postings(laid: _Laid, sizes: NDArray[np.int64], ticks: NDArray[np.int64]) -> NDArray[np.uint64]:
    """(key, tick) of all references, which begin at these ticks; not sorted."""
    real = laid.pitches > 0
    starts = np.cumsum(laid.lengths + _GAP * TIME_STEPS) - laid.lengths  # on an axis of their own, far apart
    times = (laid.times + np.repeat(starts, sizes))[real] / TIME_STEPS
    pitches = (laid.pitches[real] / PITCH_STEPS).astype(np.float32)
    keys, anchors = reference_keys(Peaks(times, pitches, np.zeros(len(times), np.uint8)))
    steps = np.rint(anchors * TIME_STEPS).astype(np.int64)
    owners = np.searchsorted(starts, steps, "right") - 1
    places = ticks[owners] + (steps - starts[owners]) // (TIME_STEPS * TICK)
    both: NDArray[np.uint64] = keys.astype(np.uint64) << np.uint64(32) | places.astype(np.uint64)
    return both


def build(path: Path, parts: Iterable[Part]) -> Layout:
    """A segment of (ids, sizes, packed peaks), on the disk and under its name when this returns."""
    layouts = []

    def write(file: IO[bytes]) -> None:
        with Sorter(path.parent) as sorter:
            builder = Builder(file, sorter)
            for ids, sizes, packed in parts:
                builder.add(ids, sizes, packed)
            layouts.append(builder.finish())

    replace(path, write)
    return layouts[0]


def _extent(part: Part) -> int:
    return int(_Laid.of(part[1], part[2]).ticks().sum())


# Largest: 6,200 hours, 93,000 tracks of four minutes. Nothing is merged to more, and 29 bits hold a part beyond.
# A small segment costs a query 2 ms.
LANDMARKS = Kind("landmarks", 480 << 20, 4, _extent, build, LandmarkSegment)
