"""What requests cost. One seam for both skins: whoever serves a request asks here before any work is done.

Nothing is counted yet: every credit asked for is granted, and the month's quota is what is left.
"""

from dataclasses import dataclass

from sonograph.accounts.principal import Principal

MONTHLY = {"free": 1_000, "starter": 50_000, "growth": 500_000, "scale": 5_000_000}  # contract: rate limits and credits


@dataclass(frozen=True, slots=True)
class Charge:
    """What was granted of what was asked for."""

    granted: int
    used: int
    remaining: int
    message: str | None = None


def take(principal: Principal, wanted: int) -> Charge:
    """Take up to `wanted` credits; test keys are never charged."""
    return Charge(granted=wanted, used=0 if principal.test else wanted, remaining=MONTHLY.get(principal.plan, 0))
