"""A listener to the feed as a browser is one: it comes back with the last id it had."""

import asyncio
from contextlib import suppress

import httpx

AGAIN_SECONDS = 0.3


class Listener:
    """`ids`: all that it was told, in order."""

    def __init__(self, url: str, key: str) -> None:
        self.ids: list[int] = []
        self.connections = 0
        self._url, self._key = url, key

    async def run(self) -> None:
        """Until it is cancelled."""
        async with httpx.AsyncClient(timeout=httpx.Timeout(10.0, read=40.0)) as client:
            while True:
                with suppress(httpx.HTTPError):  # killed, or not up yet
                    await self._listen(client)
                await asyncio.sleep(AGAIN_SECONDS)

    async def _listen(self, client: httpx.AsyncClient) -> None:
        headers = {"x-api-key": self._key, "accept": "text/event-stream"}
        headers["last-event-id"] = f"evt_{self.ids[-1] if self.ids else 0:015d}"
        async with client.stream("GET", f"{self._url}/v1/streams/live", headers=headers) as answer:
            if answer.status_code != httpx.codes.OK:
                return
            self.connections += 1
            number, data = None, False
            async for line in answer.aiter_lines():
                if line.startswith("id:"):
                    number = int(line.removeprefix("id:").strip().removeprefix("evt_"))
                elif line.startswith("data:"):
                    data = True
                elif not line:
                    if number is not None and data:
                        self.ids.append(number)
                    number, data = None, False
