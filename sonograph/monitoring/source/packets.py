"""What a demultiplexer gives: packets of one codec after the other, and titles between."""

from dataclasses import dataclass
from typing import Protocol, TypeAlias


@dataclass(frozen=True, slots=True)
class Begin:
    """From here on packets are of this codec, as FFmpeg names its decoder. The same again changes nothing."""

    codec: str
    setup: bytes = b""  # what FFmpeg calls extradata
    split: bool = False  # packets are a stream of bytes, in which frames are yet to be found


@dataclass(frozen=True, slots=True)
class Says:
    title: str


Piece: TypeAlias = Begin | Says | bytes


class Demultiplexer(Protocol):
    def feed(self, data: bytes) -> list[Piece]: ...


class Frames:
    """MP3 and AAC as they are: frame after frame."""

    def __init__(self, codec: str) -> None:
        self._begin: list[Piece] = [Begin(codec, split=True)]

    def feed(self, data: bytes) -> list[Piece]:
        begin, self._begin = self._begin, []
        return [*begin, data]


class Tags:
    """Leaves out ID3 tags at the beginning, whatever their size: the pictures in them look like sound at times."""

    def __init__(self) -> None:
        self._start = b""
        self._skip = 0
        self._over = False

    def feed(self, data: bytes) -> bytes:
        if self._over:
            return data
        data, self._start = self._start + data, b""
        while True:
            left = data[self._skip :]
            self._skip -= len(data) - len(left)
            data = left
            if self._skip or not data:
                return b""
            if b"ID3".startswith(data[:3]) and len(data) < _TAG:
                self._start = data
                return b""
            if data[:3] != b"ID3":
                self._over = True
                return data
            size = data[6] << 21 | data[7] << 14 | data[8] << 7 | data[9]
            self._skip = _TAG + (size & (1 << 28) - 1)


_TAG = 10  # bytes of the head of an ID3 tag
