"""When a delivery is tried again."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from random import Random

JITTER = 0.1  # at most so much of a wait is added, so that what failed together is not tried again together
LONGEST = 24 * 3600.0  # seconds that a receiver may ask us to stay away

# Seconds after the first, second, … attempt that failed: 12 attempts in about 20 hours, and 4 in about 7 minutes.
TWELVE = (10.0, 30.0, 90.0, 300.0, 900.0, 1800.0, 3600.0, 7200.0, 14400.0, 21600.0, 21600.0)
FOUR = (10.0, 60.0, 300.0)

_SECONDS = re.compile(r"\s*(\d{1,9})\s*")


def wait_after(waits: tuple[float, ...], attempts: int, random: Random, retry_after: float | None) -> float | None:
    """Seconds to the next attempt after so many; None if there is none.

    What a receiver asks for by `Retry-After` lengthens a wait and never shortens it.
    """
    if attempts > len(waits):
        return None
    wait = waits[attempts - 1]
    return max(wait, min(retry_after or 0.0, LONGEST)) * (1 + JITTER * random.random())


def retry_after(value: str | None, now: datetime) -> float | None:
    """The seconds in a `Retry-After` (RFC 9110, 10.2.3): a number or a date; None for anything else."""
    if value is None:
        return None
    if found := _SECONDS.fullmatch(value):
        return float(found[1])
    try:
        date = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, ((date if date.tzinfo else date.replace(tzinfo=UTC)) - now).total_seconds())
