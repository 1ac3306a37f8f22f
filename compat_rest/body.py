"""Request bodies, read within bounds."""

import asyncio
from collections.abc import AsyncIterator

from starlette.types import Receive, Scope

from sonograph.recognition.uploads.faults import Aborted, TooLarge, TooSlow

BODY_SECONDS = 30.0  # for a body to arrive: 256 KiB over a bad mobile connection


TOO_LARGE, TOO_SLOW = "The body is too large", "The body did not arrive in time"


class BodyTooLarge(TooLarge):
    """The request's body is over its bound; what was not read is left to the server."""

    def __init__(self) -> None:
        super().__init__(TOO_LARGE)


class BodyTooSlow(TooSlow):
    """The request's body did not arrive in time."""

    def __init__(self) -> None:
        super().__init__(TOO_SLOW)


def declared_size(scope: Scope) -> int | None:
    """What the request says of its body's size; None where it is sent in chunks."""
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return None


def content_type(scope: Scope) -> str:
    """The media type of the body in lower case, without parameters; empty where none is said."""
    kind: bytes = next((value for name, value in scope["headers"] if name == b"content-type"), b"")
    return kind.partition(b";")[0].strip().lower().decode("latin-1")


async def chunks(receive: Receive) -> AsyncIterator[bytes]:
    """The body as it comes; raises `Aborted` when the client goes away in the middle."""
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Aborted("The client went away")
        more = message.get("more_body", False)
        yield message.get("body", b"")


async def read_body(scope: Scope, receive: Receive, limit: int) -> bytes:
    """The whole body; raises `BodyTooLarge` before more than `limit` bytes are in memory, and `BodyTooSlow`."""
    if (declared_size(scope) or 0) > limit:
        raise BodyTooLarge
    pieces, size, more = list[bytes](), 0, True
    try:
        async with asyncio.timeout(BODY_SECONDS):
            while more:
                message = await receive()
                chunk: bytes = message.get("body", b"")
                more = message.get("more_body", False)
                size += len(chunk)
                if size > limit:
                    raise BodyTooLarge
                pieces.append(chunk)
    except TimeoutError:
        raise BodyTooSlow from None
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)
