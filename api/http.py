"""HTTP without a framework, for the hot path: an answer in two messages, and which form of it a client wants."""

from starlette.types import Send

Header = tuple[bytes, bytes]


async def respond(send: Send, status: int, body: bytes, *headers: Header) -> None:
    length = () if status == 304 else ((b"content-length", str(len(body)).encode()),)  # noqa: PLR2004  # no body, no length
    await send({"type": "http.response.start", "status": status, "headers": [*headers, *length]})
    await send({"type": "http.response.body", "body": body})


def negotiate(accept: str, offered: tuple[str, ...]) -> str | None:
    """Which of the offered media types an Accept header likes best (RFC 9110, 12.5.1), the first one among equals."""
    best, best_quality = None, 0.0
    ranges = [part.strip().lower() for part in accept.split(",")]
    for media_type in offered:
        quality, precision = 0.0, -1
        for part in ranges:
            name, *parameters = (piece.strip() for piece in part.split(";"))
            matches = {media_type: 2, media_type.split("/")[0] + "/*": 1, "*/*": 0}.get(name)
            if matches is not None and matches > precision:
                quality, precision = _quality(parameters), matches
        if quality > best_quality:
            best, best_quality = media_type, quality
    return best


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                return float(parameter[2:])
            except ValueError:
                return 0.0
    return 1.0
