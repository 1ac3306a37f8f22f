"""The station on air: one encoder for all who listen, at the pace of the clock; nothing runs while nobody listens."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import av
import numpy as np
from av.audio.codeccontext import AudioCodecContext
from numpy.typing import NDArray

from sonograph.errors import Unavailable
from sonograph.monitoring.station.programme import Programme
from sonograph.recognition.sandbox.synthesis import RATE

BIT_RATE: Final = 96_000  # a second
TICK: Final = 0.5  # seconds of sound made at once
BURST: Final = 6  # the newest parts, 3 s, that whoever comes is given at once
BACKLOG: Final = 60  # parts, 30 s or 360 kB, that wait for a listener; who is slower than that is let go
MOST: Final = 100  # listeners at once
LATER: Final = 30  # seconds until asking again is of use
LATE: Final = 5.0  # seconds: after a longer pause (a machine that slept) the station goes on with what is on air now

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Part:
    sound: bytes  # whole MP3 frames, each readable without those before it
    title: str


class Encoder:
    """MP3 of the programme from a moment on. Synchronous, for a thread: CPU-bound."""

    def __init__(self, programme: Programme, at: float) -> None:
        self._programme = programme
        self._at = int(at * RATE)
        context = av.CodecContext.create("libmp3lame", "w")
        assert isinstance(context, AudioCodecContext)  # noqa: S101 - it is a codec of audio
        context.sample_rate, context.layout, context.format = RATE, "mono", "s16p"
        context.bit_rate = BIT_RATE
        context.options = {"reservoir": "0", "compression_level": "7"}
        self._context = context
        self._fifo = av.AudioFifo()

    @property
    def at(self) -> float:
        """Up to where it has made sound, in unix seconds."""
        return self._at / RATE

    def until(self, at: float) -> list[Part]:
        """Sound up to a moment."""
        last = int(at * RATE)
        parts = []
        for piece in self._programme.pieces(self._at, last):
            self._fifo.write(_frame(piece.samples))
            sound = b"".join(
                bytes(packet)
                for frame in self._fifo.read_many(self._context.frame_size or 1152)
                for packet in self._context.encode(frame)
            )
            if sound:
                parts.append(Part(sound, piece.title))
        self._at = max(self._at, last)
        return parts


def _frame(samples: NDArray[np.int16]) -> av.AudioFrame:
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples).reshape(1, -1), format="s16p", layout="mono")
    frame.sample_rate = RATE
    return frame


class Listener:
    """Parts that wait for one listener."""

    def __init__(self, burst: deque[Part]) -> None:
        self._parts = deque(burst)
        self._wake = asyncio.Event()
        self._over = False

    def offer(self, parts: list[Part]) -> bool:
        """False for one that is too slow, and gets no more."""
        self._parts.extend(parts)
        self._wake.set()
        if len(self._parts) > BACKLOG:
            self.end()
        return not self._over

    def end(self) -> None:
        self._over = True
        self._wake.set()

    async def parts(self) -> AsyncIterator[Part]:
        """Until the station lets go of it."""
        while not self._over:
            while self._parts and not self._over:
                yield self._parts.popleft()
            self._wake.clear()
            if not self._parts and not self._over:
                await self._wake.wait()


class Station:
    """One a process. `clock` gives unix seconds."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._listeners: set[Listener] = set()
        self._burst: deque[Part] = deque(maxlen=BURST)
        self._airing: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def on_air(self) -> bool:
        """Whether anything is being made."""
        return self._airing is not None and not self._airing.done()

    @property
    def listeners(self) -> int:
        return len(self._listeners)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[Listener]:
        """A listener, from some seconds ago on. Raises `Unavailable` when there are too many, and at the end."""
        if self._closed or len(self._listeners) >= MOST:
            raise Unavailable("The station has as many listeners as it can serve: try again later.", LATER)
        listener = Listener(self._burst)
        self._listeners.add(listener)
        if not self.on_air:
            self._airing = asyncio.create_task(self._air())
        try:
            yield listener
        finally:
            self._listeners.discard(listener)

    async def drain(self) -> None:
        """Let go of all listeners, and take no new ones."""
        self._closed = True
        for listener in self._listeners:
            listener.end()
        await self.off_air()

    async def off_air(self) -> None:
        """Wait until nothing is made any more."""
        if self._airing is not None:
            await asyncio.wait([self._airing])

    async def _air(self) -> None:
        try:
            await self._make()
        except Exception:  # noqa: BLE001  # nobody waits for this task: what went wrong would be seen nowhere
            _log.exception("the sandbox station went off the air")
        finally:
            self._burst.clear()
            for listener in self._listeners:
                listener.end()

    async def _make(self) -> None:
        programme = await asyncio.to_thread(Programme)
        encoder = Encoder(programme, self._clock() - TICK * BURST)
        while self._listeners and not self._closed:
            now = self._clock()
            if abs(now - encoder.at) > LATE:
                encoder = Encoder(programme, now)
            while encoder.at + TICK <= now:
                parts = await asyncio.to_thread(encoder.until, encoder.at + TICK)
                self._burst.extend(parts)
                self._listeners = {listener for listener in self._listeners if listener.offer(parts)}
            await asyncio.sleep(max(0.0, encoder.at + TICK - self._clock()))
