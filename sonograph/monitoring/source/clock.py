"""Time as listening needs it, through one seam."""

import asyncio
import time
from typing import Protocol

_SET = 1.0  # seconds


class Clock(Protocol):
    def now(self) -> float:
        """Unix seconds; never runs back while a connection lasts."""

    async def sleep(self, seconds: float) -> None: ...


class SystemClock:
    """The machine's. Counts evenly, and follows the time of day only where that is set by more than a second."""

    def __init__(self) -> None:
        self._offset = time.time() - time.monotonic()

    def now(self) -> float:
        offset = time.time() - time.monotonic()
        if abs(offset - self._offset) > _SET:
            self._offset = offset
        return time.monotonic() + self._offset

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
