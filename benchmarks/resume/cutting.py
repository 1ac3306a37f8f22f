"""A proxy that cuts connections after so many bytes, at any place of an event, in an orderly way or not."""

import asyncio
from contextlib import suppress
from random import Random
from typing import Self

LEAST_BYTES, MOST_BYTES = 200, 8_000  # from the server, of a connection that is to be cut
PIECE = 65_536
# The server says when to come back; here that would be all the time there is. Of equal length: chunks are counted.
RETRY, SOON = b"retry: 2000\n", b"retry: 0015\n"


class Cutter:
    """`async with Cutter(port, seed) as cutter`: listens on `cutter.port`, passes on to `port`."""

    def __init__(self, port: int, seed: int) -> None:
        self._target = port
        self._random = Random(seed)
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[None]] = set()
        self.cutting = True
        self.cuts = 0

    @property
    def port(self) -> int:
        assert self._server is not None  # noqa: S101  # it is open
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.close()
        for task in self._open:
            task.cancel()
        if self._open:
            await asyncio.wait(self._open)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._open.add(task)
            task.add_done_callback(self._open.discard)
        try:
            server_reader, server_writer = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.transport.abort()
            return
        up = asyncio.create_task(_copy(reader, server_writer))
        try:
            with suppress(OSError, asyncio.CancelledError):
                await self._down(server_reader, writer)
        finally:
            up.cancel()
            server_writer.transport.abort()
            writer.close()

    async def _down(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """What the server says, up to some byte."""
        left = self._random.randint(LEAST_BYTES, MOST_BYTES)
        while data := (await reader.read(PIECE)).replace(RETRY, SOON):
            if self.cutting and len(data) >= left:
                writer.write(data[:left])
                await writer.drain()
                self.cuts += 1
                if self._random.random() < 0.5:  # half of them without a goodbye
                    writer.transport.abort()
                return
            left -= len(data)
            writer.write(data)
            await writer.drain()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(PIECE):
            writer.write(data)
            await writer.drain()
