"""When a delivery is tried again."""

from datetime import UTC, datetime
from random import Random

import pytest

from sonograph.webhooks.backoff import FOUR, JITTER, LONGEST, TWELVE, retry_after, wait_after

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def test_the_ladder_of_the_contract() -> None:
    """10 s, 30 s, 90 s, 5 min, 15 min, 30 min, 1 h, 2 h, 4 h, 6 h, 6 h, plus up to 10 %."""
    chance = Random(1)
    waits = [wait_after(TWELVE, attempts, chance, None) for attempts in range(1, 13)]
    documented = [10, 30, 90, 300, 900, 1800, 3600, 7200, 14400, 21600, 21600]
    assert waits.pop() is None
    assert all(low <= (wait or 0) <= low * (1 + JITTER) for wait, low in zip(waits, documented, strict=True))
    assert len(set(waits)) == len(waits)
    assert wait_after(FOUR, 4, chance, None) is None


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("120", 120),
        (" 0 ", 0),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("9" * 30, None),
        ("Mon, 01 Jun 2026 12:02:00 GMT", 120),
        ("Mon, 01 Jun 2026 11:00:00 GMT", 0),
        ("Mon, 99 Jun 2026 11:00:00 GMT", None),
    ],
)
def test_retry_after(value: str | None, seconds: float | None) -> None:
    assert retry_after(value, NOW) == seconds


def test_what_a_receiver_asks_for_lengthens_a_wait_and_never_shortens_it() -> None:
    chance = Random(1)
    assert 120 <= (wait_after(TWELVE, 1, chance, 120.0) or 0) <= 132
    assert (wait_after(TWELVE, 4, chance, 1.0) or 0) >= 300
    assert (wait_after(TWELVE, 1, chance, 1e9) or 0) <= LONGEST * (1 + JITTER)
