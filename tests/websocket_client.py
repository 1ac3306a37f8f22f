"""A client of graphql-transport-ws, by messages."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.service import Service

PROTOCOL = "graphql-transport-ws"

Json = dict[str, Any]


class Client:
    """One connection."""

    def __init__(self, link: ClientConnection) -> None:
        self.link = link

    async def send(self, **message: Any) -> None:
        await self.link.send(json.dumps(message))

    async def get(self) -> Json:
        message: Json = json.loads(await asyncio.wait_for(self.link.recv(), 15))
        return message

    async def begin(self, key: str | None, **payload: Any) -> None:
        await self.send(type="connection_init", payload={"x-api-key": key, **payload})
        assert await self.get() == {"type": "connection_ack"}

    async def ask(self, query: str, name: str = "1", **payload: Any) -> Json:
        """The payload of the only answer."""
        await self.send(id=name, type="subscribe", payload={"query": query, **payload})
        answer = await self.get()
        assert answer["id"] == name
        if answer["type"] == "next":
            assert await self.get() == {"id": name, "type": "complete"}
        return answer

    async def closed(self, within: float = 15) -> tuple[int, str]:
        """Code and reason with which the server closes."""
        with pytest.raises(ConnectionClosed) as end:
            await asyncio.wait_for(self._read_on(), within)
        assert end.value.rcvd is not None
        return end.value.rcvd.code, end.value.rcvd.reason

    async def _read_on(self) -> None:
        while True:
            await self.link.recv()


@asynccontextmanager
async def connected(
    service: Service, *, protocols: tuple[str, ...] | None = (PROTOCOL,), **options: Any
) -> AsyncIterator[Client]:
    url = f"{service.url.replace('http', 'ws', 1)}/graphql"
    async with connect(url, subprotocols=protocols, proxy=None, **options) as link:  # type: ignore[arg-type]  # NewType of str
        yield Client(link)
