"""Writing to a connection at once: what many get alike is framed once and handed to each transport, without a task,
a queue and a wake-up for each listener. The transport's own buffer is the queue, and its size says who is slow.
"""

import asyncio
from typing import Protocol

from starlette.types import Scope
from uvicorn.protocols.http.flow_control import FlowControl

OUTLET = "sonograph.outlet"  # in the extensions of a scope
MAX_BEHIND = 256 * 1024  # bytes that a listener may leave unread: some hundred events
FINISH_SECONDS = 10.0  # for the peer to take the last bytes


class Outlet(Protocol):
    """Where bytes go as they are: framed already."""

    @property
    def behind(self) -> int:
        """Bytes that the peer has not taken yet, beyond what the system holds."""

    @property
    def is_open(self) -> bool: ...

    def put(self, data: bytes) -> None:
        """Write without waiting; nothing happens once the connection is closed."""

    async def drained(self) -> None:
        """Wait until there is room; at once on a connection that is closed."""

    def abort(self) -> None:
        """End the connection without sending what is left."""


class ChunkedOutlet:
    """The body of an HTTP answer whose head has been sent without a length: takes chunks (`chunk`)."""

    __slots__ = ("_flow", "_transport")

    def __init__(self, transport: asyncio.Transport, flow: FlowControl) -> None:
        self._transport, self._flow = transport, flow

    @property
    def behind(self) -> int:
        return self._transport.get_write_buffer_size()

    @property
    def is_open(self) -> bool:
        return not self._transport.is_closing()

    def put(self, data: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(data)

    async def drained(self) -> None:
        await self._flow.drain()

    def finish(self, last: bytes, end: bytes = b"0\r\n\r\n") -> None:
        """End the body with these chunks, and the connection with it; who does not take what is left is cut.

        An empty `end` leaves the body unfinished: the client is to take it for broken.
        """
        if not self._transport.is_closing():
            self._transport.write(last + end)
            self._transport.close()
            asyncio.get_running_loop().call_later(FINISH_SECONDS, self._transport.abort)

    def abort(self) -> None:
        self._transport.abort()


def chunk(data: bytes) -> bytes:
    """As HTTP/1.1 sends a piece of a body."""
    return b"%x\r\n%b\r\n" % (len(data), data)


def outlet_of(scope: Scope) -> Outlet:
    """The outlet of the connection that a request came by; our own protocols (api/serve.py) put it there."""
    outlet: Outlet = scope["extensions"][OUTLET]
    return outlet
