"""What listeners are written to at once: what many get alike is framed once and handed to each connection, without a
task, a queue and a wake-up for each listener. The transport's own buffer is the queue, and its size says who is slow.
"""

from typing import Protocol

OUTLET = "sonograph.outlet"  # in the extensions of a scope
MAX_BEHIND = 256 * 1024  # bytes that a listener may leave unread, besides what the system holds: some hundred events
TAKE_SECONDS = 30.0  # for a listener to make room while it is told what it missed


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


def chunk(data: bytes) -> bytes:
    """As HTTP/1.1 sends a piece of a body."""
    return b"%x\r\n%b\r\n" % (len(data), data)
