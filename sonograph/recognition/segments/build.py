"""Writes a segment of items: items as they come, then postings sorted range by range, in bounded memory."""

from collections.abc import Iterable
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from sonograph.recognition.chromaprint import SILENCE, Items
from sonograph.recognition.segments.files import checksum, replace
from sonograph.recognition.segments.kind import Kind, Part
from sonograph.recognition.segments.layout import PAGE, Layout
from sonograph.recognition.segments.postings import MOST_PLACES, mixed, write_postings
from sonograph.recognition.segments.segment import FORMAT, ItemSegment, sized

SORTED = 1 << 25  # postings sorted at a time: 256 MB of keys
_SCANNED = 1 << 22  # items looked at in one go
_STOP_WORDS = (SILENCE,)


class Builder:
    """Takes references and writes them to the file, one after the other."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._ids: list[NDArray[np.int64]] = []
        self._sizes: list[NDArray[np.int64]] = []
        self.items = 0
        file.seek(PAGE)

    def add(self, ids: NDArray[np.int64], sizes: NDArray[np.int64], items: Items) -> None:
        """References: their ids, how many items each has, and the items of all end to end."""
        if sizes.sum() != len(items) or len(ids) != len(sizes):
            raise ValueError("sizes and items do not agree")
        if self.items + len(items) >= MOST_PLACES:
            raise ValueError("too many items for one segment")
        self._ids.append(ids.astype(np.int64))
        self._sizes.append(sizes.astype(np.int64))
        self._file.write(items.astype("<u4", copy=False).tobytes())
        self.items += len(items)

    def finish(self) -> Layout:
        """Sorts the postings, and writes the rest of the file."""
        file = self._file
        file.flush()
        ids = np.concatenate(self._ids) if self._ids else np.zeros(0, np.int64)
        sizes = np.concatenate(self._sizes) if self._sizes else np.zeros(0, np.int64)
        starts = np.concatenate((np.zeros(1, np.int64), np.cumsum(sizes))).astype("<u4")
        items = np.memmap(file, np.uint32, "r", PAGE, (self.items,)) if self.items else np.zeros(0, np.uint32)
        layout = sized(self.items, len(ids), sum(len(_postable(items, at)) for at in _pieces(items)))
        places = FORMAT.places(layout)
        length = FORMAT.length(layout)
        file.truncate(length)
        for name, values in (("ids", ids.astype("<i8")), ("starts", starts)):
            file.seek(places[name][0])
            file.write(values.tobytes())
        write_postings(file, FORMAT, layout, _sorted(items, layout))
        file.flush()
        crc = checksum(file, length - PAGE, PAGE)
        file.seek(0)
        file.write(FORMAT.header(layout, crc))
        return layout


def build(path: Path, parts: Iterable[Part]) -> Layout:
    """A segment of (ids, sizes, items), on the disk and under its name when this returns."""
    layouts = []

    def write(file: IO[bytes]) -> None:
        builder = Builder(file)
        for ids, sizes, items in parts:
            builder.add(ids, sizes, items)
        layouts.append(builder.finish())

    replace(path, write)
    return layouts[0]


def _extent(part: Part) -> int:
    return len(part[2])


# Largest: 1.2 million references of 30 s. A small segment costs a query 0.3 ms.
ITEMS = Kind("items", 1 << 28, 8, _extent, build, ItemSegment)


def _pieces(items: Items) -> Iterable[int]:
    return range(0, len(items), _SCANNED)


def _postable(items: Items, at: int) -> NDArray[np.int64]:
    """Ordinals of the items in a piece that are looked up: no stop-words, and of equal neighbours the first."""
    piece = items[at : at + _SCANNED]
    wanted = np.isin(piece, _STOP_WORDS, invert=True)
    wanted[1:] &= piece[1:] != piece[:-1]
    if at:
        wanted[0] &= piece[0] != items[at - 1]
    return np.flatnonzero(wanted) + at


def _sorted(items: Items, layout: Layout) -> Iterable[NDArray[np.uint64]]:
    """(mixed item, ordinal) of all postings, in order, range by range."""
    range_bits = max(0, (layout.postings // SORTED).bit_length())
    for number in range(1 << range_bits):
        found = []
        for at in _pieces(items):
            ordinals = _postable(items, at)
            keys = mixed(items[ordinals])
            if range_bits:
                inside = np.flatnonzero(keys >> np.uint32(32 - range_bits) == number)
                ordinals, keys = ordinals[inside], keys[inside]
            found.append(keys.astype(np.uint64) << np.uint64(32) | ordinals.astype(np.uint64))
        keys64 = np.concatenate(found) if found else np.zeros(0, np.uint64)
        found.clear()
        keys64.sort()
        yield keys64
