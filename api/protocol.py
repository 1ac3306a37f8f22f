"""uvicorn's HTTP/1.1 with bounds on a request's head: uvicorn and its parser take lines and headers without end.

Measured without: 20 MB of headers cost 0.7 s of CPU and 360 MB of memory, before any key is looked at.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from api.outlet import ChunkedOutlet
from sonograph.events.outlet import OUTLET

MAX_HEAD = 80 * 1024  # request line and headers; a GraphQL document by GET, percent-encoded, has at most 60,000 bytes
HEAD_SECONDS = 15.0  # for a head to arrive
_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
_TOO_SLOW = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class BoundedHttp(HttpToolsProtocol):
    """Refuses heads that are too large or too slow, and closes the connection."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._in_head = True
        self._head_size = 0
        self._began = False  # whether a head began in the piece being read
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        self._extensions = {OUTLET: ChunkedOutlet(transport, self.flow)}
        self._deadline = self.loop.call_later(HEAD_SECONDS, self._refuse, _TOO_SLOW)

    def data_received(self, data: bytes) -> None:
        self._began = False
        super().data_received(data)
        if self._in_head:
            # Pieces count that a head neither begins nor ends in: others may hold bodies and heads of other requests.
            self._head_size = 0 if self._began else self._head_size + len(data)
            if self._head_size > MAX_HEAD:
                self._refuse(_TOO_LARGE)
            elif self._deadline is None and not self.transport.is_closing():
                self._deadline = self.loop.call_later(HEAD_SECONDS, self._refuse, _TOO_SLOW)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = self._extensions  # type: ignore[typeddict-item]  # uvicorn knows its own alone
        self._in_head = self._began = True

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._no_deadline()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._no_deadline()
        super().connection_lost(exc)

    def _no_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _refuse(self, answer: bytes) -> None:
        self._no_deadline()
        if not self.transport.is_closing():
            self.transport.write(answer)
            self.transport.close()
