"""Listeners: `python -m benchmarks.fanout.load PORT KIND COUNT KEY`, on raw sockets in one process.

Speaks lines: says `ready` when all are connected; after a line `count N` it waits until every listener has had N events
in all (or for 30 s), and says the time of the first and of the last one since the line before, as the kernel's
monotonic clock, how many had them, and how many connections are lost.
"""

import asyncio
import json
import sys
import time
from functools import partial
from typing import Any, cast

import uvloop

from benchmarks.fanout.question import GRAPHQL

AT_ONCE = 50  # connections being made
WAIT_SECONDS = 30.0
PING, PONG = b"\x89\x00", b"\x8a\x80\0\0\0\0"
MARKS = {"ws": b'"type":"next"', "node": b'"type":"next"', "graphql-sse": b"event: next", "sse": b"event: stream.play"}


def frame(message: dict[str, Any]) -> bytes:
    """A masked text frame; the mask is zero."""
    text = json.dumps(message).encode()
    size = bytes([0x80 | len(text)]) if len(text) < 126 else b"\xfe" + len(text).to_bytes(2, "big")  # RFC 6455
    return b"\x81" + size + b"\0\0\0\0" + text


class Load:
    """All listeners of this process."""

    def __init__(self, port: int, kind: str, key: str) -> None:
        self.port, self.kind, self.key = port, kind, key
        self.mark = MARKS[kind]
        self.begun = self.lost = self.events = 0
        self.first = self.last = 0.0

    def told(self, count: int) -> None:
        now = time.monotonic()
        self.events += count
        self.first = self.first or now
        self.last = now

    def opening(self) -> bytes:
        """What a listener sends at first."""
        host = f"Host: 127.0.0.1:{self.port}\r\nx-api-key: {self.key}\r\n"
        if self.kind in ("ws", "node"):
            return (
                f"GET /graphql HTTP/1.1\r\n{host}Upgrade: websocket\r\nConnection: Upgrade\r\n"
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
                "Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
            ).encode()
        if self.kind == "sse":
            return f"GET /v1/streams/live HTTP/1.1\r\n{host}accept: text/event-stream\r\n\r\n".encode()
        body = json.dumps({"query": GRAPHQL})
        return (
            f"POST /graphql HTTP/1.1\r\n{host}accept: text/event-stream\r\ncontent-type: application/json\r\n"
            f"content-length: {len(body)}\r\n\r\n{body}"
        ).encode()


class Listener(asyncio.Protocol):
    """One connection."""

    def __init__(self, load: Load, name: int) -> None:
        self.load, self.name, self.step = load, name, 0

    transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.transport.write(self.load.opening())

    def data_received(self, data: bytes) -> None:
        if count := data.count(self.load.mark):
            self.load.told(count)
        if PING in data and self.load.kind in ("ws", "node"):
            self.transport.write(PONG)
        if self.step == 0:
            if self.load.kind in ("ws", "node"):
                self.step = 1
                self.transport.write(frame({"type": "connection_init", "payload": {"x-api-key": self.load.key}}))
            else:
                self.step = 2
                self.load.begun += 1
        elif self.step == 1 and b"connection_ack" in data:
            self.step = 2
            # As npm's client names operations: each has a name of its own.
            name = f"{self.name:08x}-0000-4000-8000-000000000000"
            self.transport.write(frame({"id": name, "type": "subscribe", "payload": {"query": GRAPHQL}}))
            self.load.begun += 1

    def connection_lost(self, _: Exception | None) -> None:
        self.load.lost += 1


async def main() -> None:
    port, kind, count, key = int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4]
    loop = asyncio.get_running_loop()
    load = Load(port, kind, key)
    for start in range(0, count, AT_ONCE):
        makers = [partial(Listener, load, name) for name in range(start, min(start + AT_ONCE, count))]
        await asyncio.gather(*(loop.create_connection(maker, "127.0.0.1", port) for maker in makers))
        while load.begun + load.lost < start + len(makers):  # noqa: ASYNC110  # counters, here and below
            await asyncio.sleep(0.002)
    print("ready", flush=True)
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        wanted, until = int(line.split()[1]) * count, time.monotonic() + WAIT_SECONDS
        while load.events < wanted and time.monotonic() < until:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
        print(load.first, load.last, load.events, load.lost, flush=True)
        load.first = load.last = 0.0


if __name__ == "__main__":
    uvloop.run(main())
