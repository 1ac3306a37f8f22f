"""A port of this machine that nothing may reach, and names that lead to it."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

CORPUS: dict[str, Any] = json.loads(
    (Path(__file__).parents[2].parent / "shared/data/address_guard_corpus.json").read_text(encoding="utf-8")
)
# What the names of the corpus lead to, one look-up after the other.
LEADS_TO = {
    "rebind": (["93.184.216.34"], ["127.0.0.1"]),
    "mixed": (["93.184.216.34", "127.0.0.1"],),
    "private": (["10.0.0.1"],),
    "v6map": (["::ffff:127.0.0.1"],),
    "redirect": (["127.0.0.1"],),
}


class Canary:
    """Listens on both loopback addresses, and counts who comes."""

    def __init__(self) -> None:
        self.visits = 0
        self.port = 0
        self._servers: list[asyncio.Server] = []

    async def start(self) -> None:
        first = await asyncio.start_server(self._visited, "127.0.0.1", 0)
        self.port = first.sockets[0].getsockname()[1]
        self._servers = [first, await asyncio.start_server(self._visited, "::1", self.port)]

    async def stop(self) -> None:
        for server in self._servers:
            server.close()
            await server.wait_closed()

    async def _visited(self, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.visits += 1
        writer.close()


def resolver() -> Callable[[str, int], Awaitable[Sequence[str]]]:
    """The internet's names, which are not on this machine; all others lead to it."""
    asked: dict[str, int] = {}

    async def ask(host: str, _port: int) -> Sequence[str]:
        answers = LEADS_TO.get(host.partition(".")[0], (["127.0.0.1"],))
        asked[host] = asked.get(host, -1) + 1
        return answers[min(asked[host], len(answers) - 1)]

    return ask
