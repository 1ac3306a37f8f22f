"""The burst limit at the door of both skins: requests of known keys are counted, answers say how many are left."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from api.http import Header
from sonograph.accounts.burst import Burst, Window, open_burst
from sonograph.accounts.plans import BURST_SECONDS, PlanTable
from sonograph.accounts.principal import Principal
from sonograph.errors import RateLimited


@dataclass(frozen=True, slots=True)
class Admission:
    """Whether a request may go on, and what its answer says of the limit whatever comes of it."""

    refusal: RateLimited | None
    headers: tuple[Header, ...]

    def check(self) -> None:
        """Raise the refusal, if there is one."""
        if self.refusal is not None:
            raise self.refusal


class Throttle:
    """Counts requests by key, with the limits of the plans."""

    def __init__(self, burst: Burst, plans: PlanTable) -> None:
        self.burst, self.plans = burst, plans

    async def admit(self, principal: Principal) -> Admission:
        """Count a request."""
        limit = self.plans.of(principal.plan).burst
        window = await self.burst.hit(principal.key_id, limit)
        if window.allowed:
            return Admission(None, _headers(window))
        wait = max(window.reset, 1)
        refusal = RateLimited(
            f"Too many requests: {limit} in {BURST_SECONDS} seconds are included; try again in {wait} seconds", wait
        )
        return Admission(refusal, (*_headers(window), (b"retry-after", b"%d" % wait)))


@asynccontextmanager
async def open_throttle(url: str | None, plans: PlanTable) -> AsyncIterator[Throttle]:
    """The throttle of SONOGRAPH_LIMITS_URL."""
    burst = open_burst(url)
    try:
        yield Throttle(burst, plans)
    finally:
        await burst.close()


def _headers(window: Window) -> tuple[Header, ...]:
    """The three documented ones, and the fields of draft-ietf-httpapi-ratelimit-headers-10."""
    return (
        (b"ratelimit-limit", b"%d" % window.limit),
        (b"ratelimit-remaining", b"%d" % window.remaining),
        (b"ratelimit-reset", b"%d" % window.reset),
        (b"ratelimit-policy", b'"burst";q=%d;w=%d' % (window.limit, BURST_SECONDS)),
        (b"ratelimit", b'"burst";r=%d;t=%d' % (window.remaining, window.reset)),
    )
