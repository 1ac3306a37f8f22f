"""What a dialect decides; the engine does the rest."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sonograph.webhooks import backoff


@dataclass(frozen=True, slots=True)
class Fact:
    """What is told: an event as clients know it."""

    id: str
    type: str
    created: datetime
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent, the same on every attempt."""

    id: str
    type: str
    body: bytes


# While a secret is being replaced: BOTH signatures in each attempt; or STAGED: one of them, the old one until the
# receiver accepts the new one, for receivers that read one signature only.
Rotation = Literal["both", "staged"]
# (message, secrets in force with the newest first, unix seconds of the attempt) -> headers
Sign = Callable[[Message, Sequence[str], int], dict[str, str]]
# (fact, secret) -> body; most bodies do not depend on the secret
Write = Callable[[Fact, str], bytes]


def any_2xx(status: int) -> bool:
    return 200 <= status < 300  # noqa: PLR2004  (2xx)


@dataclass(frozen=True, slots=True)
class Dialect:
    """One vendor's way. `timeout`: seconds for the whole attempt. `waits`: seconds between attempts."""

    name: str
    sign: Sign
    write: Write
    timeout: float
    rotation: Rotation
    accepts: Callable[[int], bool] = any_2xx
    waits: tuple[float, ...] = backoff.TWELVE

    @property
    def attempts(self) -> int:
        """How often a delivery is tried."""
        return len(self.waits) + 1
