"""The file of a segment: a page of header, then sections, each at a multiple of 64 bytes.

Two kinds of segment share it. What a reference is made of is its content (items of Chromaprint, or packed peaks); all
references lie end to end on one axis (of items, or of ticks), whose length is the segment's extent. Postings are places
on that axis.
"""

import mmap
import os
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from sonograph.errors import Unavailable
from sonograph.recognition.segments.files import checksum

PAGE = 4096
# Magic, bits of the table, bits of a place, content, extent, references and postings, CRC of all that follows
_HEADER = struct.Struct("<8sIIQQQQI")

Sections: TypeAlias = tuple[tuple[str, int, type[np.generic]], ...]  # name, how many, of what type


@dataclass(frozen=True, slots=True)
class Layout:
    """Numbers from which all places in the file follow."""

    content: int
    extent: int
    references: int
    postings: int
    table_bits: int
    place_bits: int

    @property
    def check_bits(self) -> int:
        return min(32 - self.place_bits, 32 - self.table_bits)


@dataclass(frozen=True, slots=True)
class Format:
    """How files of one kind begin, and what is in them."""

    magic: bytes  # eight bytes, with a version in them
    sections: Callable[[Layout], Sections]

    def places(self, layout: Layout) -> dict[str, tuple[int, int, type[np.generic]]]:
        """Name: (offset, count, type)."""
        offset = PAGE
        places: dict[str, tuple[int, int, type[np.generic]]] = {}
        for name, count, kind in self.sections(layout):
            places[name] = (offset, count, kind)
            offset += -(-count * np.dtype(kind).itemsize // 64) * 64
        places["end"] = (offset, 0, np.uint8)
        return places

    def length(self, layout: Layout) -> int:
        """Bytes of the file."""
        return self.places(layout)["end"][0]

    def header(self, layout: Layout, crc: int) -> bytes:
        """`crc` is that of everything behind the header."""
        of = layout
        numbers = (of.table_bits, of.place_bits, of.content, of.extent, of.references, of.postings)
        head = _HEADER.pack(self.magic, *numbers, crc)
        return (head + struct.pack("<I", zlib.crc32(head))).ljust(PAGE, b"\0")

    def read_header(self, path: Path, head: bytes, size: int) -> tuple[Layout, int]:
        body = head[: _HEADER.size]
        if len(head) < PAGE or head[_HEADER.size : _HEADER.size + 4] != struct.pack("<I", zlib.crc32(body)):
            raise Unavailable(f"{path} is damaged: build the index anew.")
        magic, table_bits, place_bits, content, extent, references, postings, crc = _HEADER.unpack(body)
        layout = Layout(content, extent, references, postings, table_bits, place_bits)
        if magic != self.magic or size != self.length(layout):
            raise Unavailable(f"{path} is damaged, or of another version: build the index anew.")
        return layout, crc


class Mapped:
    """A segment, mapped for reading. The mapping stays good while somebody uses it, even if the file is removed."""

    def __init__(self, path: Path, form: Format) -> None:
        with path.open("rb") as file:
            head = file.read(PAGE)
            of = os.fstat(file.fileno())
            self.layout, self._crc = form.read_header(path, head, of.st_size)
            self.inode = of.st_dev, of.st_ino  # nobody else's while it is mapped
            self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self._places = form.places(self.layout)
        self.name = path.name
        self.path = path

    def section(self, name: str) -> NDArray[Any]:
        offset, count, kind = self._places[name]
        return np.frombuffer(self._map, kind, count, offset)

    def intact(self) -> bool:
        """Reads everything and compares the checksum."""
        with self.path.open("rb") as file:
            return checksum(file, self._places["end"][0] - PAGE, PAGE) == self._crc
