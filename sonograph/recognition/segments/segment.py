"""One segment: the items of many references end to end, and for each item where it occurs.

A posting is 32 bits: the ordinal of an item (its place among all items of the segment), and in the bits that are left
over a check of the item itself. Postings are sorted by the mixed item; a table over its highest bits tells where.
All ordinals are on one axis: a clip agrees with a reference on one diagonal, ordinal - position.

The file: a page of header, then items, ids and starts of the references, table, postings, each at a multiple of 64.
"""

import mmap
import os
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from sonograph.errors import Unavailable
from sonograph.recognition.chromaprint import Items
from sonograph.recognition.segments.files import checksum

MAGIC = b"SNGITEM1"
PAGE = 4096
MOST_ITEMS = 1 << 29  # in a segment: 29 bits of ordinal leave 3 to check
# Magic, bits of the table, bits of an ordinal, numbers of items, references and postings, CRC of all that follows
_HEADER = struct.Struct("<8sIIQQQI")
_ODD = np.uint32(2654435761)  # 2^32 / golden ratio: multiplied by it, similar items spread over the table


def mixed(items: Items) -> Items:
    """Items one to one, spread evenly."""
    return items * _ODD


@dataclass(frozen=True, slots=True)
class Layout:
    """Sizes, from which all places in the file follow."""

    items: int
    references: int
    postings: int
    table_bits: int
    ordinal_bits: int

    @classmethod
    def of(cls, items: int, references: int, postings: int) -> Self:
        """A table entry for four to eight items, and as many check bits as there is room for."""
        return cls(items, references, postings, min(27, max(8, items.bit_length() - 3)), max(1, items.bit_length()))

    @property
    def check_bits(self) -> int:
        return min(32 - self.ordinal_bits, 32 - self.table_bits)

    def places(self) -> dict[str, tuple[int, int, type[np.generic]]]:
        """Name: (offset, count, type)."""
        offset = PAGE
        places: dict[str, tuple[int, int, type[np.generic]]] = {}
        sections: tuple[tuple[str, int, type[np.generic]], ...] = (
            ("items", self.items, np.uint32),
            ("ids", self.references, np.int64),
            ("starts", self.references + 1, np.uint32),
            ("table", (1 << self.table_bits) + 1, np.uint32),
            ("postings", self.postings, np.uint32),
        )
        for name, count, kind in sections:
            places[name] = (offset, count, kind)
            offset += -(-count * np.dtype(kind).itemsize // 64) * 64
        places["end"] = (offset, 0, np.uint8)
        return places

    @property
    def size(self) -> int:
        return self.places()["end"][0]

    def header(self, crc: int) -> bytes:
        """`crc` is that of everything behind the header."""
        head = _HEADER.pack(MAGIC, self.table_bits, self.ordinal_bits, self.items, self.references, self.postings, crc)
        return (head + struct.pack("<I", zlib.crc32(head))).ljust(PAGE, b"\0")


class Segment:
    """A segment, mapped for reading. The mapping stays good while somebody uses it, even if the file is removed."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            head = file.read(PAGE)
            self.layout, self._crc = _read_header(path, head, os.fstat(file.fileno()).st_size)
            self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self.name = path.name
        self.path = path
        self.items: Items = self._section("items")
        self.ids: NDArray[np.int64] = self._section("ids")
        self.starts: NDArray[np.uint32] = self._section("starts")
        self.table: NDArray[np.uint32] = self._section("table")
        self.postings: NDArray[np.uint32] = self._section("postings")

    def _section(self, name: str) -> NDArray:  # type: ignore[type-arg]  # each has its own
        offset, count, kind = self.layout.places()[name]
        return np.frombuffer(self._map, kind, count, offset)

    def occurrences(self, items: Items, most: int) -> tuple[NDArray[np.int64], NDArray[np.uint32]]:
        """Where items occur: (number of the item in the list, ordinal), both in no particular order.

        At most `most` postings are looked at, the rarest items' first: a list that is long says little.
        """
        of = self.layout
        keys = mixed(items)
        slots = (keys >> np.uint32(32 - of.table_bits)).astype(np.int64)
        first = self.table[slots].astype(np.int64)
        sizes = self.table[slots + 1] - first
        order = np.argsort(sizes, kind="stable")
        order = order[: np.searchsorted(np.cumsum(sizes[order]), most, "right")]
        first, sizes = first[order], sizes[order]
        number = np.repeat(order, sizes)
        places = np.arange(len(number)) + np.repeat(first - np.cumsum(sizes) + sizes, sizes)
        found = self.postings[places]
        checks = (keys << np.uint32(of.table_bits)) >> np.uint32(32 - of.check_bits)
        same = np.flatnonzero(found >> np.uint32(32 - of.check_bits) == checks[number])
        return number[same], found[same] & np.uint32((1 << 32 - of.check_bits) - 1)

    def sizes(self) -> NDArray[np.int64]:
        """How many items each reference has."""
        starts = self.starts.astype(np.int64)
        return starts[1:] - starts[:-1]

    def intact(self) -> bool:
        """Reads everything and compares the checksum."""
        with self.path.open("rb") as file:
            return checksum(file, self.layout.size - PAGE, PAGE) == self._crc


def _read_header(path: Path, head: bytes, size: int) -> tuple[Layout, int]:
    body = head[: _HEADER.size]
    if len(head) < PAGE or head[_HEADER.size : _HEADER.size + 4] != struct.pack("<I", zlib.crc32(body)):
        raise Unavailable(f"{path} is damaged: build the index anew.")
    magic, table_bits, ordinal_bits, items, references, postings, crc = _HEADER.unpack(body)
    layout = Layout(items, references, postings, table_bits, ordinal_bits)
    if magic != MAGIC or size != layout.size:
        raise Unavailable(f"{path} is damaged, or of another version: build the index anew.")
    return layout, crc
