"""Bytes to sound and titles, for one connection. Runs in threads, one call at a time; nothing here waits."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from sonograph.monitoring.source.decoder import NAMES, Decoder
from sonograph.monitoring.source.faults import Fault
from sonograph.monitoring.source.fragments import pieces_of
from sonograph.monitoring.source.mpegts import TransportStream
from sonograph.monitoring.source.native_flac import NativeFlac
from sonograph.monitoring.source.ogg import Ogg
from sonograph.monitoring.source.packets import Begin, Demultiplexer, Frames, Piece, Says, Tags
from sonograph.monitoring.source.sniffing import Kind, kind_of

RATE = 11_025  # samples a second
_MOST = 5 * RATE  # samples of one call: kilobytes of FLAC can hold hours of silence
# Bytes without sound behind which it may have become another kind. FLAC's frames are found by the next ten behind them.
_LOST, _LOST_FLAC = 32_768, 1_048_576


@dataclass(frozen=True, slots=True)
class Segment:
    """A whole piece of HLS; `start` is what begins its stream, in MP4."""

    data: bytes
    start: bytes = b""


@dataclass(frozen=True, slots=True)
class Codec:
    """What follows is of this codec, as FFmpeg names it."""

    name: str


Fed: TypeAlias = bytes | str | Segment  # sound, a title between, a piece of HLS
Made: TypeAlias = NDArray[np.int16] | str | Codec


class Receiver:
    def __init__(self) -> None:
        self.waiting = 0  # bytes that `work` has not seen
        self._fed: deque[Fed] = deque()
        self._tags = Tags()
        self._start = b""  # until its kind is known
        self._kind: Kind | None = None
        self._demultiplexer: Demultiplexer | None = None
        self._decoder: Decoder | None = None
        self._under_way: Iterator[Made] = iter(())

    @property
    def begun(self) -> float:
        """Seconds of sound that came and are not yet given, as they are less than a block."""
        return self._decoder.waiting if self._decoder is not None else 0.0

    def feed(self, part: Fed) -> None:
        self._fed.append(part)
        self.waiting += len(part.data if isinstance(part, Segment) else part)

    def work(self) -> tuple[list[Made], bool]:
        """What came of what was fed, at most five seconds or so of it, and whether there is more."""
        made: list[Made] = []
        size = 0
        while size < _MOST:
            one = next(self._under_way, None)
            if one is not None:
                made.append(one)
                size += len(one) if isinstance(one, np.ndarray) else 0
            elif self._fed:
                part = self._fed.popleft()
                self.waiting -= len(part.data if isinstance(part, Segment) else part)
                self._under_way = self._made(part)
            else:
                return made, False
        return made, True

    def end(self) -> list[Made]:
        """What is left when nothing follows."""
        return [] if self._decoder is None else list(self._decoder.end())

    def _made(self, part: Fed) -> Iterator[Made]:
        if isinstance(part, str):
            yield from self._titled(part)
        elif isinstance(part, Segment):
            yield from self._of_segment(part)
        else:
            yield from self._of_bytes(part)

    def _of_bytes(self, data: bytes) -> Iterator[Made]:
        data = self._tags.feed(data)
        if self._demultiplexer is None:
            data = self._start + data
            if not data:
                return
            self._start = b""
            kind = kind_of(data[: 1 << 16])
            if kind is None:
                self._start = data
                return
            if kind is Kind.MP4:
                raise Fault("This is an MP4 file, not a radio stream.", lasting=True)
            self._demultiplexer = _demultiplexer_of(kind)
        yield from self._decoded(self._demultiplexer.feed(data))
        decoder = self._decoder
        if decoder is not None and decoder.lost > (_LOST_FLAC if decoder.begin.codec == "flac" else _LOST):
            self._demultiplexer = None  # another kind of sound since, as where a station's fallback differs from it

    def _of_segment(self, segment: Segment) -> Iterator[Made]:
        data = Tags().feed(segment.data)
        kind = kind_of(data)
        if kind is Kind.MP4:
            yield from self._decoded(pieces_of(segment.start, data))
            return
        if kind is None:
            raise Fault("A piece of the stream holds no sound that is read here.")
        if kind is not self._kind or self._demultiplexer is None:
            self._kind, self._demultiplexer = kind, _demultiplexer_of(kind)
        yield from self._decoded(self._demultiplexer.feed(data))

    def _decoded(self, pieces: list[Piece]) -> Iterator[Made]:
        for piece in pieces:
            if isinstance(piece, Says):
                yield from self._titled(piece.title)
            elif isinstance(piece, Begin):
                yield from self._change(piece)
            elif self._decoder is not None:
                yield from self._decoder.decode(piece)

    def _titled(self, title: str) -> Iterator[Made]:
        if self._decoder is not None:
            yield from self._decoder.flush()
        yield title

    def _change(self, begin: Begin) -> Iterator[Made]:
        """Another codec, or the same with another set-up, as with each song in Ogg."""
        before = self._decoder
        if before is not None and before.begin == begin:
            return
        if before is not None:
            yield from before.end()
        self._decoder = Decoder(begin)
        if before is None or before.begin.codec != begin.codec:
            yield Codec(NAMES.get(begin.codec, begin.codec))


def _demultiplexer_of(kind: Kind) -> Demultiplexer:
    match kind:
        case Kind.OGG:
            return Ogg()
        case Kind.FLAC:
            return NativeFlac()
        case Kind.TS:
            return TransportStream()
        case Kind.AAC:
            return Frames("aac")
        case _:
            return Frames("mp3float")
