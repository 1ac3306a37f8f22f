"""A small server for one contender: `python -m benchmarks.reads.serve NAME DSN PORT`. All pay for the same HTTP."""

import sys
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qsl

import uvicorn

from benchmarks.reads.contender import Contender
from benchmarks.reads.handwritten import SixQueries
from benchmarks.reads.onequery import OneQuery
from benchmarks.reads.projection import Lane
from benchmarks.reads.questions import ask

POOL = 8
HEADERS = [(b"content-type", b"application/json")]

Message = MutableMapping[str, Any]


def contenders() -> list[Contender]:
    return [
        Lane("compiled lane", compiled=True),
        Lane("executor lane", compiled=False),
        SixQueries("by hand"),
        SixQueries("by hand, tuned", tuned=True),
        OneQuery("by hand, one query", tuned=True),
    ]


class App:
    """An ASGI app without a router."""

    def __init__(self, contender: Contender, dsn: str) -> None:
        self._contender, self._dsn = contender, dsn

    async def __call__(
        self,
        scope: Message,
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        if scope["type"] == "lifespan":
            await receive()
            await self._contender.open(self._dsn, POOL)
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await self._contender.close()
            await send({"type": "lifespan.shutdown.complete"})
            return
        body = await ask(self._contender, dict(parse_qsl(scope["query_string"].decode())))
        headers = [*HEADERS, (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def main() -> None:
    name, dsn, port = sys.argv[1:]
    contender = next(c for c in contenders() if c.name == name)
    uvicorn.run(
        App(contender, dsn), port=int(port), loop="uvloop", http="httptools", log_level="warning", access_log=False
    )


if __name__ == "__main__":
    main()
