"""The outlets of HTTP answers; those of WebSockets are in websocket_protocol."""

import asyncio

from starlette.types import Scope
from uvicorn.protocols.http.flow_control import FlowControl

from sonograph.events.outlet import OUTLET, Outlet

FINISH_SECONDS = 10.0  # for the peer to take the last bytes


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


def outlet_of(scope: Scope) -> Outlet:
    """The outlet of the connection that a request came by; our own protocols (api/serve.py) put it there."""
    outlet: Outlet = scope["extensions"][OUTLET]
    return outlet
