"""Where the bytes of one connection come from, whatever way they come."""

import asyncio
import re
from typing import Protocol

from sonograph.monitoring.source.faults import ENDED, Fault
from sonograph.monitoring.source.http import Answer
from sonograph.monitoring.source.icy import INTERVALS, Titles
from sonograph.monitoring.source.receiver import Fed


class Source(Protocol):
    name: str | None  # of the station, as it says
    bitrate: int | None  # kbit/s, as it says
    steady: bool  # whether sound comes as it is on air, not in pieces of many seconds

    @property
    def complete(self) -> bool:
        """Whether all came that there is of it, as it is said beforehand: it is a file."""
        ...

    async def more(self, seconds: float) -> list[Fed]:
        """What has come, once something has; nothing if that takes longer. Raises `Fault` at the end."""

    async def close(self) -> None: ...


class Connection:
    """Sound that is one long answer."""

    steady = True

    def __init__(self, answer: Answer, *, titles: bool) -> None:
        head = answer.head
        self.name = head.headers.get("icy-name") or None
        self.bitrate = head.number("icy-br") or _bitrate(head.headers.get("ice-audio-info", ""))
        self._answer = answer
        self._titles = titles
        interval = head.number("icy-metaint")
        self._split = Titles(interval) if interval is not None and interval in INTERVALS else None

    @property
    def complete(self) -> bool:
        return self._answer.complete

    async def more(self, seconds: float) -> list[Fed]:
        try:
            async with asyncio.timeout(seconds):
                data = await self._answer.read()
        except TimeoutError:
            return []
        if not data:
            raise Fault(ENDED, ended=True)
        if self._split is None:
            return [data]
        return [part for part in self._split.feed(data) if self._titles or isinstance(part, bytes)]

    async def close(self) -> None:
        self._answer.close()


def _bitrate(info: str) -> int | None:
    """As icecast passes on what its source says: `ice-samplerate=44100;ice-bitrate=128;ice-channels=2`."""
    match = re.search(r"bitrate=(\d{1,6})", info)
    return int(match[1]) if match else None
