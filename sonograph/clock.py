"""Time, through one seam: tests set it, and the rest of the code never asks the machine by itself."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def now() -> datetime:
    """The time of day in UTC."""
    return datetime.now(UTC)
