"""How often passwords may be tried and mails asked for: by account, and by the address that asks.

Counted before the work, successes too, so that a hundred tries at once are a hundred. Counters are shared between
processes where SONOGRAPH_LIMITS_URL says so; when that store does not answer, each process counts for itself.
"""

import asyncio
import logging
from collections import OrderedDict, deque
from hashlib import sha256
from math import ceil
from time import monotonic, time
from typing import Literal

from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.aio.storage import Storage
from limits.aio.strategies import MovingWindowRateLimiter
from limits.errors import StorageError

from sonograph.accounts.audit import Address
from sonograph.accounts.networks import client
from sonograph.errors import TooManyAttempts

Kind = Literal["sign-in", "mail", "password"]
By = Literal["both", "account", "client"]

# A single stranger is stopped at ten; many together at a hundred an hour, which finds no password of ten characters.
# Who is kept out by that may still ask for a reset, and is not signed out.
RULES: dict[Kind, tuple[tuple[By, RateLimitItem], ...]] = {
    "sign-in": (
        ("both", RateLimitItemPerMinute(10, 15, "sign-in, both")),
        ("account", RateLimitItemPerHour(100, 1, "sign-in, account")),
        ("client", RateLimitItemPerMinute(60, 15, "sign-in, client")),
    ),
    "mail": (
        ("account", RateLimitItemPerHour(5, 1, "mail, account")),
        ("client", RateLimitItemPerHour(30, 1, "mail, client")),
    ),
    "password": (("account", RateLimitItemPerMinute(10, 15, "password, account")),),
}
MAX_WINDOWS = 100_000  # in memory: about 1 KiB each
ANSWER_SECONDS = 1.0  # for the shared store

_log = logging.getLogger(__name__)


class Windows:
    """Moving windows in this process. That of `limits` visits every key at each call, in a thread."""

    def __init__(self) -> None:
        self._times: OrderedDict[tuple[str, ...], deque[float]] = OrderedDict()  # the key asked last is last

    def hit(self, rule: RateLimitItem, names: tuple[str, ...], now: float) -> int:
        """Count at a monotonic time; 0, or in how many seconds there is room again."""
        key = (rule.namespace, *names)
        times = self._times.setdefault(key, deque())
        self._times.move_to_end(key)
        if len(self._times) > MAX_WINDOWS:
            self._times.popitem(last=False)
        while times and times[0] <= now - rule.get_expiry():
            times.popleft()
        if len(times) >= rule.amount:
            return max(1, ceil(times[0] + rule.get_expiry() - now))
        times.append(now)
        return 0


class Attempts:
    """Counters of tries. `failures` counts how often the shared store did not answer."""

    def __init__(self, storage: Storage | None = None) -> None:
        self.failures = 0
        self._failing = 0  # of them, since the store answered last
        self._own = Windows()
        self._shared = MovingWindowRateLimiter(storage) if storage is not None else None

    async def count(self, kind: Kind, account: str, address: Address | None) -> None:
        """Count a try for an account (its e-mail or id) from an address; raises `TooManyAttempts`."""
        whose = sha256(account.encode("utf-8", "surrogatepass")).hexdigest()[:32]
        names: dict[By, tuple[str, ...]] = {
            "both": (whose, client(address)),
            "account": (whose,),
            "client": (client(address),),
        }
        for by, rule in RULES[kind]:
            wait = await self._hit(rule, names[by])
            if wait:
                raise TooManyAttempts(wait)

    async def _hit(self, rule: RateLimitItem, names: tuple[str, ...]) -> int:
        if self._shared is not None:
            try:
                return await self._ask(self._shared, rule, names)
            except (StorageError, OSError, TimeoutError) as error:
                self.failures += 1
                self._failing += 1
                if self._failing == 1:
                    _log.error("the store of limits does not answer, each process counts sign-ins: %s", error)
        return self._own.hit(rule, names, monotonic())

    async def _ask(self, shared: MovingWindowRateLimiter, rule: RateLimitItem, names: tuple[str, ...]) -> int:
        """Count in the store that processes share."""
        async with asyncio.timeout(ANSWER_SECONDS):
            allowed = await shared.hit(rule, *names)
            wait = 0
            if not allowed:
                window = await shared.get_window_stats(rule, *names)
                wait = max(1, ceil(window.reset_time - time()))
        if self._failing:
            _log.info("sign-ins are counted in the store of limits again, after %d failures", self._failing)
            self._failing = 0
        return wait
