"""Request bodies, read within bounds."""

import asyncio

from starlette.types import Receive, Scope

BODY_SECONDS = 30.0  # for a body to arrive: 256 KiB over a bad mobile connection


class BodyTooLarge(Exception):  # an answer, not a fault
    """The request's body is over its bound; what was not read is left to the server, which closes the connection."""


class BodyTooSlow(Exception):  # an answer, not a fault
    """The request's body did not arrive in time."""


async def read_body(scope: Scope, receive: Receive, limit: int) -> bytes:
    """The whole body; raises `BodyTooLarge` before more than `limit` bytes are in memory, and `BodyTooSlow`."""
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit() and int(value) > limit:
            raise BodyTooLarge
    chunks, size, more = list[bytes](), 0, True
    try:
        async with asyncio.timeout(BODY_SECONDS):
            while more:
                message = await receive()
                chunk: bytes = message.get("body", b"")
                more = message.get("more_body", False)
                size += len(chunk)
                if size > limit:
                    raise BodyTooLarge
                chunks.append(chunk)
    except TimeoutError:
        raise BodyTooSlow from None
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)
