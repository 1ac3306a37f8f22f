"""Postings: for each key of 32 bits, where on the axis of a segment it occurs.

A posting is 32 bits: the place, and in the bits that are left over a check of the key. Postings are sorted by key; a
table over the keys' highest bits tells where. Keys must be spread evenly (`mixed`).
"""

from collections.abc import Iterable
from typing import IO

import numpy as np
from numpy.typing import NDArray

from sonograph.recognition.segments.layout import Format, Layout, Mapped

_LONGEST = (1 << 16) - 1  # postings of one key that are ever looked at
MOST_PLACES = 1 << 29  # on the axis of a segment: 29 bits of place leave 3 to check
_ODD = np.uint32(2654435761)  # 2^32 / golden ratio: multiplied by it, similar keys spread over the table


def mixed(keys: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Keys one to one, spread evenly."""
    return keys * _ODD


class Postings:
    """The postings of a segment."""

    def __init__(self, segment: Mapped) -> None:
        self._layout = segment.layout
        self._table: NDArray[np.uint32] = segment.section("table")
        self._postings: NDArray[np.uint32] = segment.section("postings")

    def occurrences(
        self, keys: NDArray[np.uint32], most: int, longest: int = _LONGEST
    ) -> tuple[NDArray[np.int64], NDArray[np.uint32]]:
        """Where mixed keys occur: (number of the key in the list, place), both in no particular order.

        At most `most` postings are looked at, the rarest keys' first, and no list of more than `longest`: one that is
        long says little.
        """
        of = self._layout
        slots = (keys >> np.uint32(32 - of.table_bits)).astype(np.int64)
        first = self._table[slots].astype(np.int64)
        sizes = self._table[slots + 1] - first
        order = np.argsort(np.minimum(sizes, _LONGEST).astype(np.uint16), kind="stable")  # 16 bits: by radix
        ordered = sizes[order]
        end = int(np.searchsorted(ordered, min(longest, (1 << 16) - 1), "right"))
        order = order[
            np.searchsorted(ordered[:end], 1) : min(end, int(np.searchsorted(np.cumsum(ordered), most, "right")))
        ]
        first, sizes = first[order], sizes[order]
        number = np.repeat(order, sizes)
        places = np.arange(len(number)) + np.repeat(first - np.cumsum(sizes) + sizes, sizes)
        found = self._postings[places]
        checks = (keys << np.uint32(of.table_bits)) >> np.uint32(32 - of.check_bits)
        same = np.flatnonzero(found >> np.uint32(32 - of.check_bits) == checks[number])
        return number[same], found[same] & np.uint32((1 << 32 - of.check_bits) - 1)


def write_postings(file: IO[bytes], form: Format, layout: Layout, ranges: Iterable[NDArray[np.uint64]]) -> None:
    """Table and postings of (mixed key in the high half, place in the low half), sorted, range by range."""
    places = form.places(layout)
    counts = np.zeros((1 << layout.table_bits) + 1, np.uint32)
    file.seek(places["postings"][0])
    for keys in ranges:
        slots = (keys >> np.uint64(64 - layout.table_bits)).astype(np.int64)
        low = int(slots[0]) if len(slots) else 0
        of_slots = np.bincount(slots - low)
        counts[low + 1 : low + 1 + len(of_slots)] += of_slots.astype(np.uint32)
        file.write(_packed(keys, layout).tobytes())
    file.seek(places["table"][0])
    file.write(np.cumsum(counts, dtype=np.uint32).tobytes())


def _packed(keys: NDArray[np.uint64], layout: Layout) -> NDArray[np.uint32]:
    """Postings: check bits above, place below."""
    checks = (keys >> np.uint64(32)).astype(np.uint32) << np.uint32(layout.table_bits)
    low = np.uint32((1 << 32 - layout.check_bits) - 1)
    return (checks & ~low) | keys.astype(np.uint32)
