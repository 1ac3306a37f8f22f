"""Time as listening needs it, through one seam."""

import asyncio
import time
from typing import Protocol


class Clock(Protocol):
    def now(self) -> float:
        """Unix seconds; never runs back while a connection lasts."""

    async def sleep(self, seconds: float) -> None: ...


class SystemClock:
    """The machine's. Set once to the time of day, it then counts evenly whatever is done to the time of day."""

    def __init__(self) -> None:
        self._offset = time.time() - time.monotonic()

    def now(self) -> float:
        return time.monotonic() + self._offset

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
