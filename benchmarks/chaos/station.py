"""A radio station of songs of the sandbox: MP3 over HTTP, at the pace of the clock, with a burst for whoever comes."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import av
import numpy as np
from av.audio.codeccontext import AudioCodecContext
from numpy.typing import NDArray

from sonograph.recognition.sandbox.synthesis import RATE, SECONDS, play
from sonograph.recognition.sandbox.tunes import tunes

BURST = 9.0  # seconds
FRAME = 1152 / RATE  # seconds of one of MP3
HEAD = b"HTTP/1.0 200 OK\r\nContent-Type: audio/mpeg\r\n\r\n"


def song(number: int, start: float = 0.0, end: float = SECONDS) -> NDArray[np.int16]:
    """A part of a song of the sandbox."""
    return play(list(tunes())[number], end)[int(start * RATE) :]


def hiss(seconds: float) -> NDArray[np.int16]:
    """What no song is like."""
    return (np.random.default_rng(1).standard_normal(int(seconds * RATE)) * 1500).astype(np.int16)


def encoded(parts: Sequence[NDArray[np.int16]]) -> list[bytes]:
    """MP3 frames, each readable without those before it."""
    context = av.CodecContext.create("libmp3lame", "w")
    assert isinstance(context, AudioCodecContext)  # noqa: S101  # of an audio codec
    context.sample_rate, context.layout, context.format = RATE, "mono", "s16p"
    context.bit_rate = 96_000
    context.options = {"reservoir": "0", "compression_level": "9"}
    frame = av.AudioFrame.from_ndarray(np.concatenate(parts)[np.newaxis, :], format="s16p", layout="mono")
    frame.sample_rate = RATE
    packets = [*context.encode(frame), *context.encode(None)]
    return [bytes(packet) for packet in packets]


class Station:
    """On air since the first listener came, over and over. `off` cuts those who listen, and refuses others."""

    def __init__(self, frames: Sequence[bytes], into: float = 0.0) -> None:
        """`into`: seconds of the programme that were on air before that."""
        self.url = ""
        self.began = 0.0  # unix seconds of the programme's first sample
        self._into = into
        self.off = False
        self._frames = frames
        self._serving: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def on_air(self) -> AsyncIterator["Station"]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/live.mp3"
        async with server:
            try:
                yield self
            finally:
                self.off = True
                await asyncio.gather(*self._serving)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  # a server runs it in one
        self._serving.add(task)
        self.began = self.began or time.time() - self._into
        try:
            await reader.readuntil(b"\r\n\r\n")
            if not self.off:
                writer.write(HEAD)
            at = max(0, int((time.time() - self.began - BURST) / FRAME))
            while not self.off:
                now = int((time.time() - self.began) / FRAME)
                writer.write(b"".join(self._frames[one % len(self._frames)] for one in range(at, now)))
                at = now
                await writer.drain()
                await asyncio.sleep(0.25)
        except (OSError, asyncio.IncompleteReadError):
            pass  # gone, as when its process was killed
        finally:
            self._serving.discard(task)
            writer.close()
