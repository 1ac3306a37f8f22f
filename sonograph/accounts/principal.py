"""Who is asking."""

from dataclasses import dataclass
from datetime import datetime

FREE = "free"  # the plan without the paid endpoints


@dataclass(frozen=True, slots=True)
class Principal:
    """The account and key behind a request; `test` keys read the sandbox catalog."""

    account_id: int
    key_id: int
    plan: str
    test: bool
    email_verified: bool
    expires_at: datetime | None = None
