"""What went wrong with a request, in words for whoever owns the address, and whose fault it was."""

import errno
import os
import socket
import ssl
from collections.abc import Callable

import aiohttp

from sonograph.egress.urls import Blocked

CONNECT_SECONDS = 5.0
DEEPEST = 50  # errors that are looked at behind one
# What is wrong with this machine or its network, and says nothing of who was asked.
_OUR_ERRNO = frozenset(
    {errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOBUFS, errno.ENETDOWN, errno.ENETUNREACH, errno.EADDRNOTAVAIL}
)
_OUR_LOOK_UP = frozenset({socket.EAI_AGAIN, socket.EAI_MEMORY, socket.EAI_SYSTEM})


class Failed(Exception):
    """No answer. `ours`: because of this machine, so that it says nothing of who was asked."""

    def __init__(self, message: str, *, ours: bool = False, seconds: float = 0.0) -> None:
        super().__init__(message)
        self.message, self.ours, self.seconds = message, ours, seconds


class Forbidden(OSError):
    """An address where nobody may be reached."""


def fault_of(error: Exception, host: str) -> Failed | Blocked:
    """What an error of the client means."""
    causes = _causes(error)
    for kind, explain in _MEANINGS:
        for cause in causes:
            if isinstance(cause, kind):
                return explain(cause, host)
    return Failed(str(error) or type(error).__name__)


def _of_system(error: BaseException, _host: str) -> Failed:
    number = getattr(error, "errno", None)
    return Failed(os.strerror(number) if number else str(error) or type(error).__name__, ours=number in _OUR_ERRNO)


# The first kind that is among the causes says what it was.
_MEANINGS: tuple[tuple[type[BaseException], Callable[[BaseException, str], Failed | Blocked]], ...] = (
    (Forbidden, lambda error, _: Blocked(f"url: {error}, which is not an address of the public internet")),
    (
        socket.gaierror,
        lambda error, host: Failed(f"there is no host {host}", ours=getattr(error, "errno", None) in _OUR_LOOK_UP),
    ),
    (
        ssl.SSLCertVerificationError,
        lambda error, _: Failed(f"its certificate is not valid: {getattr(error, 'verify_message', '')}"),
    ),
    (ssl.SSLError, lambda error, _: Failed(f"TLS failed: {getattr(error, 'reason', None) or error}")),
    (aiohttp.ServerTimeoutError, lambda _, host: Failed(f"{host} cannot be connected to in {CONNECT_SECONDS:.0f} s")),
    (aiohttp.ServerDisconnectedError, lambda _error, _host: Failed("the connection was closed without an answer")),
    (aiohttp.ClientPayloadError, lambda _error, _host: Failed("the answer ended before its end")),
    (
        aiohttp.ClientResponseError,
        lambda _error, _host: Failed("the answer is no HTTP, or its headers are too many or too long"),
    ),
    (OSError, _of_system),
)


def _causes(error: BaseException) -> list[BaseException]:
    """An error with all that it came from; aiohttp wraps what the system said, several at once in a group."""
    found: list[BaseException] = []
    waiting: list[BaseException | None] = [error]
    while waiting and len(found) < DEEPEST:
        one = waiting.pop(0)
        if one is None or one in found:
            continue
        found.append(one)
        waiting += [getattr(one, "os_error", None), one.__cause__, one.__context__]
        if isinstance(one, BaseExceptionGroup):
            waiting += one.exceptions
    return found
