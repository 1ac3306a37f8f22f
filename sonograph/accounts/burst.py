"""The burst limit: so many requests a key in any 60 seconds, by a moving window, in this process or shared by Redis.

In memory the window is our own: that of `limits` starts a task for each request, which visits every key in a thread,
and took 47 µs of CPU a request where this one takes 1 (docs/adr/0006-credits-and-limits.md).
"""

import asyncio
import logging
from collections import OrderedDict, deque
from dataclasses import dataclass
from math import ceil
from time import monotonic, time
from typing import Protocol

from limits import RateLimitItemPerMinute
from limits.aio.storage import RedisStorage
from limits.aio.strategies import MovingWindowRateLimiter
from redis.asyncio import BlockingConnectionPool
from redis.exceptions import RedisError

from sonograph.accounts.plans import BURST_SECONDS
from sonograph.errors import Misconfigured

ANSWER_SECONDS = 0.1  # that Redis has for a request; then it is served by the window in memory
RETRY_SECONDS = 5.0  # after a failure, until Redis is asked again
CONNECTIONS = 32
SCHEMES = ("redis://", "rediss://", "valkey://", "valkeys://", "unix://")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Window:
    """A key's window after a request. A refused request does not count.

    `reset` is in seconds: until the oldest request of the window leaves it, and with it the next one may come.
    """

    allowed: bool
    limit: int
    remaining: int
    reset: int


class Burst(Protocol):
    """Counts requests."""

    failures: int  # of what they are counted in, so far

    async def hit(self, key_id: int, limit: int) -> Window:
        """Count a request of a key."""

    async def close(self) -> None:
        """Let connections go."""


class MemoryBurst:
    """The windows of this process: the times of the requests of the last 60 seconds, 32 bytes each."""

    def __init__(self) -> None:
        self.failures = 0
        self._windows: OrderedDict[int, deque[float]] = OrderedDict()  # the key that asked last is last

    async def hit(self, key_id: int, limit: int) -> Window:
        return self.count(key_id, limit, monotonic())

    def count(self, key_id: int, limit: int, now: float) -> Window:
        """Count a request at a monotonic time."""
        began = now - BURST_SECONDS
        windows = self._windows
        times = windows.get(key_id)
        if times is None:
            times = windows[key_id] = deque()
        else:
            while times and times[0] <= began:
                times.popleft()
        allowed = len(times) < limit
        if allowed:
            times.append(now)
            windows.move_to_end(key_id)
            oldest = next(iter(windows.values()))
            if not oldest or oldest[-1] <= began:
                windows.popitem(last=False)
        return Window(allowed, limit, limit - len(times) if allowed else 0, ceil(times[0] - began) if times else 0)

    async def close(self) -> None:
        """Nothing is held."""


class SharedBurst:
    """Windows in Redis or Valkey, the same for all processes. While it is away, each process counts for itself."""

    def __init__(self, url: str) -> None:
        if not url.startswith(SCHEMES):
            raise Misconfigured(f"SONOGRAPH_LIMITS_URL: must begin with one of {', '.join(SCHEMES)}, or be memory://")
        url = url.replace("valkey", "redis", 1) if url.startswith("valkey") else url  # the same protocol
        try:
            self._connections = BlockingConnectionPool.from_url(
                url,
                max_connections=CONNECTIONS,
                timeout=ANSWER_SECONDS,
                socket_timeout=ANSWER_SECONDS,
                socket_connect_timeout=ANSWER_SECONDS,
            )
        except ValueError as error:
            raise Misconfigured(f"SONOGRAPH_LIMITS_URL: {error}") from None
        storage = RedisStorage(
            f"async+{url}",
            implementation="redispy",
            key_prefix="sonograph",
            connection_pool=self._connections,  # type: ignore[arg-type]  # its options are typed as plain values
        )
        self._windows = MovingWindowRateLimiter(storage)
        self._items: dict[int, RateLimitItemPerMinute] = {}
        self._alone = MemoryBurst()
        self._away_until = 0.0
        self.failures = 0
        self._failures_before = 0  # when it last went away

    async def hit(self, key_id: int, limit: int) -> Window:
        if self._away_until:
            if monotonic() < self._away_until:
                return await self._alone.hit(key_id, limit)
            self._away_until = monotonic() + RETRY_SECONDS  # this request asks; the others do not wait for it
        item = self._items.get(limit) or self._items.setdefault(limit, RateLimitItemPerMinute(limit, namespace="burst"))
        key = str(key_id)
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                allowed = await self._windows.hit(item, key)
                stats = await self._windows.get_window_stats(item, key)
        except (RedisError, OSError, TimeoutError) as error:
            if not self._away_until:
                self._failures_before = self.failures
                _log.error("limits are counted by each process for itself, Redis is away: %r", error)
            self.failures += 1
            self._away_until = monotonic() + RETRY_SECONDS
            return await self._alone.hit(key_id, limit)
        if self._away_until:
            self._away_until = 0.0
            _log.info("limits are counted in Redis again, after %d failures", self.failures - self._failures_before)
        return Window(allowed, limit, stats.remaining, max(ceil(stats.reset_time - time()), 0))

    async def close(self) -> None:
        await self._connections.disconnect()


def open_burst(url: str | None) -> MemoryBurst | SharedBurst:
    """The burst limit of a setting: in memory unless it names a Redis or Valkey."""
    return MemoryBurst() if url in (None, "", "memory://") else SharedBurst(str(url))
