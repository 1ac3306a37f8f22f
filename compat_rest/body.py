"""Request bodies, read within bounds."""

from starlette.types import Receive, Scope


class BodyTooLarge(Exception):  # an answer, not a fault
    """The request's body is over its bound; what was not read is left to the server, which closes the connection."""


async def read_body(scope: Scope, receive: Receive, limit: int) -> bytes:
    """The whole body; raises `BodyTooLarge` before more than `limit` bytes are in memory."""
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit() and int(value) > limit:
            raise BodyTooLarge
    message = await receive()
    body: bytes = message.get("body", b"")
    if not message.get("more_body", False):
        if len(body) > limit:
            raise BodyTooLarge
        return body
    chunks, size = [body], len(body)
    while message.get("more_body", False):
        message = await receive()
        chunk: bytes = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            raise BodyTooLarge
        chunks.append(chunk)
    return b"".join(chunks)
