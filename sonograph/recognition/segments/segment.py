"""One segment of items: the items of many references end to end, and for each item where it occurs.

Nothing is stored twice: a posting holds an item's ordinal, its place among all items of the segment, and in the spare
bits a check of the item. All ordinals are on one axis: a clip agrees with a reference on one diagonal, ordinal -
position.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sonograph.recognition.chromaprint import Items
from sonograph.recognition.segments.kind import Part
from sonograph.recognition.segments.layout import Format, Layout, Mapped, Sections
from sonograph.recognition.segments.postings import Postings, mixed, table

_COPIED = 1 << 22  # items copied at a time


def sized(items: int, references: int, postings: int) -> Layout:
    """A slot of the table for four to eight items, and as many check bits as there is room for."""
    bits = items.bit_length()
    return Layout(items, items, references, postings, min(27, max(8, bits - 3)), max(1, bits))


def _sections(layout: Layout) -> Sections:
    return (
        ("items", layout.content, np.uint32),
        ("ids", layout.references, np.int64),
        ("starts", layout.references + 1, np.uint32),
        *table(layout),
    )


FORMAT = Format(b"SNGITEM2", _sections)


class ItemSegment(Mapped):
    def __init__(self, path: Path) -> None:
        super().__init__(path, FORMAT)
        self.items: Items = self.section("items")
        self.ids: NDArray[np.int64] = self.section("ids")
        self.starts: NDArray[np.uint32] = self.section("starts")
        self._postings = Postings(self)

    def occurrences(self, items: Items, most: int) -> tuple[NDArray[np.int32], NDArray[np.uint32]]:
        """Where items occur: (number of the item in the list, ordinal), both in no particular order.

        At most `most` postings are looked at, the rarest items' first: a list that is long says little.
        """
        return self._postings.occurrences(mixed(items), most)

    def sizes(self) -> NDArray[np.int64]:
        """How many items each reference has."""
        starts = self.starts.astype(np.int64)
        return starts[1:] - starts[:-1]

    def alive(self, gone: NDArray[np.bool_]) -> Iterator[Part]:
        """The references that are left, some at a time."""
        sizes = self.sizes()
        begin = 0
        while begin < len(sizes):
            far = int(self.starts[begin]) + _COPIED
            end = max(begin + 1, int(np.searchsorted(self.starts, far, "right")) - 1)
            items = self.items[self.starts[begin] : self.starts[end]]
            living = ~gone[begin:end]
            if not living.all():
                items = items[np.repeat(living, sizes[begin:end])]
            yield self.ids[begin:end][living], sizes[begin:end][living], items
            begin = end
