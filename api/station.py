"""`GET /sandbox/station.mp3`: the sandbox station, for players and for our own monitor. Public, as its songs are."""

import asyncio
from typing import Final

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from api.outlet import outlet_of
from sonograph.errors import Unavailable
from sonograph.monitoring.station.audio import BIT_RATE, Listener, Station
from sonograph.monitoring.station.icy import INTERVAL, Interleaver
from sonograph.monitoring.station.programme import NAME
from sonograph.monitoring.streams import STATION_PATH

SEND_SECONDS: Final = 30.0  # a listener that takes nothing for so long is cut off
HEADERS: Final = {
    "Cache-Control": "no-cache, no-store",
    "X-Content-Type-Options": "nosniff",
    "icy-name": NAME,
    "icy-genre": "Synthesised",
    "icy-br": str(BIT_RATE // 1000),
    "icy-pub": "0",
}


class Sound(Response):
    """An endless answer; 503 where the station has too many listeners."""

    media_type = "audio/mpeg"

    def __init__(self, station: Station) -> None:
        super().__init__(headers=HEADERS)
        del self.headers["content-length"]
        self._station = station

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        titles = Interleaver() if Headers(scope=scope).get("icy-metadata") == "1" else None
        if titles is not None:
            self.headers["icy-metaint"] = str(INTERVAL)
        try:
            async with self._station.listening() as listener:
                await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
                if scope["method"] != "HEAD":
                    watch = asyncio.create_task(_until_gone(receive, listener))
                    try:
                        await _send_all(listener, titles, scope, send)
                    finally:
                        watch.cancel()
                await send({"type": "http.response.body", "body": b""})
        except Unavailable as error:
            refusal = JSONResponse({"error": error.message}, 503, {"Retry-After": str(error.retry_after or 30)})
            await refusal(scope, receive, send)


async def _send_all(listener: Listener, titles: Interleaver | None, scope: Scope, send: Send) -> None:
    try:
        async for part in listener.parts():
            sound = titles.add(part.sound, part.title) if titles else part.sound
            async with asyncio.timeout(SEND_SECONDS):
                await send({"type": "http.response.body", "body": sound, "more_body": True})
    except TimeoutError:
        outlet_of(scope).abort()


async def _until_gone(receive: Receive, listener: Listener) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    listener.end()


def routes(station: Station) -> list[BaseRoute]:
    async def listen(_: Request) -> Response:
        return Sound(station)

    return [Route(STATION_PATH, listen, methods=["GET"])]
