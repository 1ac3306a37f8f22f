"""Who is asking."""

from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv4Network, IPv6Network

FREE = "free"  # the plan that new accounts have


@dataclass(frozen=True, slots=True)
class Principal:
    """The account and key behind a request; `test` keys read the sandbox catalog.

    `scopes` and `networks` limit the key; None is no limit.
    """

    account_id: int
    key_id: int
    plan: str
    test: bool
    email_verified: bool
    expires_at: datetime | None = None
    scopes: frozenset[str] | None = None
    networks: tuple[IPv4Network | IPv6Network, ...] | None = None
    email: str = ""
    reviewer: bool = False
    paid: bool = True  # whether the plan includes the paid endpoints
