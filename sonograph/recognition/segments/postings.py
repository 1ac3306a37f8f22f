"""Postings: for each key of 32 bits, where on the axis of a segment it occurs.

A posting is 32 bits: the place, and in the bits that are left over a check of the key. Postings are sorted by key; a
table over the keys' highest bits tells where. Keys must be spread evenly (`mixed`).

The table has a slot for every few postings. Sixteen slots are a group: 32 bits tell where its postings begin, a byte
for each slot where they end within the group. In a group of more than 255 postings these bytes count fours, sixteens or
sixty-fours, and a few postings more than needed are looked at; the check sorts them out. A slot costs 10 bits, so there
can be three times as many as of 32 bits, which makes a lookup three times as cheap.
"""

from collections.abc import Iterable
from typing import IO

import numpy as np
from numpy.typing import NDArray

from sonograph.recognition.segments.layout import Format, Layout, Mapped, Sections

_LONGEST = (1 << 16) - 1  # postings of one key that are ever looked at
_GROUP_BITS = 4
_GROUP = 1 << _GROUP_BITS  # slots
MOST_POSTINGS = 1 << 30  # in a segment
MOST_PLACES = 1 << 29  # on the axis of a segment: 29 bits of place leave 3 to check
_ODD = np.uint32(2654435761)  # 2^32 / golden ratio: multiplied by it, similar keys spread over the table


def mixed(keys: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Keys one to one, spread evenly."""
    return keys * _ODD


class Postings:
    """The postings of a segment."""

    def __init__(self, segment: Mapped) -> None:
        self._layout = segment.layout
        self._groups: NDArray[np.uint32] = segment.section("groups")
        self._ends: NDArray[np.uint8] = segment.section("ends")
        self._postings: NDArray[np.uint32] = segment.section("postings")

    def occurrences(
        self, keys: NDArray[np.uint32], most: int, longest: int = _LONGEST
    ) -> tuple[NDArray[np.int32], NDArray[np.uint32]]:
        """Where mixed keys occur: (number of the key in the list, place), both in no particular order.

        At most `most` postings are looked at, the rarest keys' first, and no list of more than `longest`: one that is
        long says little.
        """
        of = self._layout
        first, sizes = self._lists((keys >> np.uint32(32 - of.table_bits)).astype(np.int64))
        order = np.flatnonzero((sizes > 0) & (sizes <= longest))
        first, sizes = first[order], sizes[order]
        if sizes.sum() > most:
            rare = np.argsort(sizes.astype(np.uint16), kind="stable")  # 16 bits: by radix
            rare = rare[: np.searchsorted(np.cumsum(sizes[rare]), most, "right")]
            order, first, sizes = order[rare], first[rare], sizes[rare]
        shift = np.uint32(32 - of.check_bits)
        checks = ((keys << np.uint32(of.table_bits)) >> shift)[order] << shift
        places = np.repeat(first - np.cumsum(sizes) + sizes, sizes)
        places += np.arange(len(places))
        # Where the check is the same, nothing is left of it, and the place remains
        found = self._postings[places]
        found ^= np.repeat(checks, sizes)
        same = np.flatnonzero(found < np.uint32(1) << shift) if shift < 32 else np.arange(len(found))  # noqa: PLR2004
        return np.repeat(order.astype(np.int32), sizes)[same], found[same]

    def _lists(self, slots: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Where the postings of slots begin, and how many there are; a few more where there are very many."""
        groups = self._groups[slots >> _GROUP_BITS].astype(np.int64)
        end = self._ends[slots].astype(np.int64)
        begin = np.where(slots & (_GROUP - 1), self._ends[slots - 1], 0)
        unit = (groups & 3) << 1
        begin -= (unit > 0) & (begin > 0)  # ends are rounded up
        base = groups >> 2
        first = base + (begin << unit)
        return first, np.minimum(base + (end << unit), len(self._postings)) - first


def write_postings(file: IO[bytes], form: Format, layout: Layout, ranges: Iterable[NDArray[np.uint64]]) -> None:
    """Table and postings of (mixed key in the high half, place in the low half), sorted, range by range.

    A range ends where a power of two divides the keys, so no group of slots is in two.
    """
    places = form.places(layout)
    groups = np.zeros(1 << layout.table_bits >> _GROUP_BITS, np.uint32)
    done = written = 0  # groups, postings
    for keys in ranges:
        if not len(keys):
            continue
        slots = (keys >> np.uint64(64 - layout.table_bits)).astype(np.int64)
        behind = (int(slots[-1]) >> _GROUP_BITS) + 1
        counts = np.bincount(slots - (done << _GROUP_BITS), minlength=behind - done << _GROUP_BITS)
        file.seek(places["ends"][0] + (done << _GROUP_BITS))
        groups[done:behind], ends = _table(counts.reshape(-1, _GROUP), written)
        file.write(ends.tobytes())
        file.seek(places["postings"][0] + 4 * written)
        file.write(_packed(keys, layout).tobytes())
        done, written = behind, written + len(keys)
    file.seek(places["groups"][0])
    file.write(groups.tobytes())


def _table(counts: NDArray[np.int64], begin: int) -> tuple[NDArray[np.uint32], NDArray[np.uint8]]:
    """Entries of groups, which have so many postings in each slot, and of their slots."""
    ends = np.cumsum(counts, axis=1)
    total = ends[:, -1]
    bases = begin + np.cumsum(total) - total
    unit = np.searchsorted(255 << np.array((0, 2, 4)), total)  # 0 to 3: postings in ones, fours, sixteens, sixty-fours
    rounded = -(-ends >> (2 * unit)[:, np.newaxis])
    return (bases << 2 | unit).astype(np.uint32), np.minimum(rounded, 255).astype(np.uint8)


def _packed(keys: NDArray[np.uint64], layout: Layout) -> NDArray[np.uint32]:
    """Postings: check bits above, place below."""
    checks = (keys >> np.uint64(32)).astype(np.uint32) << np.uint32(layout.table_bits)
    low = np.uint32((1 << 32 - layout.check_bits) - 1)
    return (checks & ~low) | keys.astype(np.uint32)


def table(layout: Layout) -> Sections:
    """What a segment has of it."""
    return (
        ("groups", 1 << layout.table_bits >> _GROUP_BITS, np.uint32),
        ("ends", 1 << layout.table_bits, np.uint8),
        ("postings", layout.postings, np.uint32),
    )
