"""Radio stations that behave in any way, on loopback."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from ipaddress import ip_network

from sonograph.monitoring.source.clock import SystemClock
from sonograph.monitoring.source.means import Means
from sonograph.monitoring.source.patience import Patience

LOOPBACK = (ip_network("127.0.0.0/8"),)
# Long where the machine may be busy, short where nothing is waited for.
CALM = Patience(answer=30, silence=30, no_sound=30, shortest_wait=0.01, lasting_wait=0.02)
SHORT = replace(CALM, answer=0.4, silence=0.4, no_sound=0.4)  # for stations that fall silent
OK = b"HTTP/1.0 200 OK\r\nContent-Type: audio/mpeg\r\n\r\n"


@dataclass
class Request:
    """What a listener asked for, and where its answer goes."""

    path: str
    head: str
    number: int  # of the requests for this path, from 1
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, *parts: bytes) -> None:
        for part in parts:
            self.writer.write(part)
            await self.writer.drain()

    async def hang(self) -> None:
        """Says nothing more until the listener goes."""
        while await self.reader.read(4096):
            pass


Behaviour = Callable[[Request], Awaitable[None]]


@dataclass
class Station:
    url: str
    asked: list[str] = field(default_factory=list)  # the heads of all requests
    open: int = 0  # connections
    behaviours: dict[str, Behaviour] = field(default_factory=dict)

    def on(self, path: str, behaviour: Behaviour) -> str:
        """Sets what happens at a path; the address of it."""
        self.behaviours[path] = behaviour
        return self.url + path

    def sends(self, path: str, *parts: bytes, hang: bool = False) -> str:
        """At this path come these bytes, and then the end, or nothing more."""

        async def behaviour(request: Request) -> None:
            await request.send(*parts)
            if hang:
                await request.hang()

        return self.on(path, behaviour)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open += 1
        with suppress(OSError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            self.asked.append(head)
            path = head.split()[1]
            number = sum(one.split()[1] == path for one in self.asked)
            behaviour = self.behaviours.get(path.partition("?")[0])
            if behaviour is None:
                writer.write(b"HTTP/1.0 404 Not Found\r\n\r\n")
            else:
                await behaviour(Request(path, head, number, reader, writer))
        self.open -= 1
        writer.close()


@asynccontextmanager
async def station(
    context: ssl.SSLContext | None = None, *, host: str = "127.0.0.1", port: int = 0
) -> AsyncIterator[Station]:
    running = Station("")
    server = await asyncio.start_server(running._serve, host, port, ssl=context)
    port = server.sockets[0].getsockname()[1]
    running.url = f"{'https' if context else 'http'}://{host}:{port}"
    try:
        yield running
    finally:
        server.close()


def means(patience: Patience = CALM) -> Means:
    return Means(patience=patience, clock=SystemClock())
