"""uvicorn's WebSocket on the sans-I/O half of `websockets`, with a way to write at once and without what each costs.

A frame through ASGI's `send` takes 17 µs of CPU besides the kernel's, by `put` 2 (`python -m benchmarks.fanout`);
compression would take 40 KiB a connection; uvicorn's two timers a connection are one pulse for all of them.
"""

from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import CloseCode
from websockets.http11 import Request

from api.heart import Heart
from sonograph.events.outlet import OUTLET

PING_SECONDS = 20.0  # between pings; a peer of whom nothing was heard from one to the next is gone
PING = b"\x89\x00"
RESTART_REASON = "Restarting: connect again, and subscribe with `after`"

heart = Heart(PING_SECONDS)


def text_header(size: int) -> bytes:
    """The head of an unmasked text frame with so many bytes."""
    if size < 126:  # noqa: PLR2004  # RFC 6455, 5.2: this and the next
        return b"\x81%c" % size
    if size < 65536:  # noqa: PLR2004
        return b"\x81\x7e" + size.to_bytes(2, "big")
    return b"\x81\x7f" + size.to_bytes(8, "big")


class LeanWebSocket(WebSocketsSansIOProtocol):
    """The application finds it in its scope, as the outlet of the connection."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._heard = True

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if hasattr(self, "scope"):  # else it was no handshake
            extensions: dict[str, Any] = self.scope["extensions"]
            extensions[OUTLET] = self

    def start_keepalive(self) -> None:
        heart.add(self)
        # The handshake is over: its headers would take 4 KiB for as long as the connection lasts.
        del self.request, self.response

    def stop_keepalive(self) -> None:
        heart.discard(self)

    def data_received(self, data: bytes) -> None:
        self._heard = True
        super().data_received(data)

    def beat(self) -> None:
        """A ping, or the end where the last one found nobody."""
        if self.close_sent or self.transport.is_closing():
            return
        if self._heard:
            self._heard = False
            self.transport.write(PING)
            return
        self.conn.fail(CloseCode.INTERNAL_ERROR, "keepalive ping timeout")
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.transport.abort()

    def shutdown(self) -> None:
        """Say why, where the application has not done so."""
        if self.handshake_complete and not self.close_sent and not self.transport.is_closing():
            self.stop_keepalive()
            self.queue.put_nowait({"type": "websocket.disconnect", "code": CloseCode.SERVICE_RESTART})
            self.conn.send_close(CloseCode.SERVICE_RESTART, RESTART_REASON)
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.transport.close()
            return
        super().shutdown()

    @property
    def behind(self) -> int:
        """Bytes that the peer has not taken yet, beyond what the system holds."""
        return self.transport.get_write_buffer_size()

    @property
    def is_open(self) -> bool:
        return self.handshake_complete and not self.close_sent and not self.transport.is_closing()

    def put(self, data: bytes) -> None:
        """Write whole frames, without waiting; nothing happens once the connection is closed."""
        if not self.close_sent and not self.transport.is_closing():
            self.transport.write(data)

    async def drained(self) -> None:
        """Wait until there is room; at once on a connection that is closed."""
        await self.writable.wait()

    def close_now(self, code: int, reason: str) -> None:
        """Close it in order, without waiting; a peer that does not take what is left is cut after a while."""
        if not self.is_open:
            return
        self.stop_keepalive()
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        self.conn.send_close(code, reason)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()
        self.close_timer = self.loop.call_later(self.close_timeout, self.transport.abort)

    def abort(self) -> None:
        """End it without sending what is left."""
        self.transport.abort()
