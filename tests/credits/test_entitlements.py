"""Streams: to the cent, over months of every length."""

from datetime import UTC, datetime, timedelta, timezone

import asyncpg
import pytest

from sonograph.accounts.entitlements import allowed_streams, kept_streams, preview, prorated, renew, set_streams
from sonograph.errors import Invalid, NotFound
from tests.credits.conftest import Make


def on(year: int, month: int, day: int, hour: int = 12) -> datetime:
    return datetime(year, month, day, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "cents"),
    [
        (on(2026, 1, 1, 0), 2900),
        (on(2026, 1, 16), 1497),  # 16 of 31 days: 1496.77
        (on(2026, 1, 31, 23), 94),  # 1 of 31: 93.55
        (on(2026, 2, 1), 2900),
        (on(2026, 2, 15), 1450),  # 14 of 28
        (on(2026, 2, 28), 104),  # 1 of 28: 103.57
        (on(2028, 2, 15), 1500),  # 15 of 29
        (on(2028, 2, 29), 100),
        (on(2026, 4, 16), 1450),  # 15 of 30
        (on(2026, 4, 30), 97),  # 96.67
        (datetime(2026, 5, 1, 1, tzinfo=timezone(timedelta(hours=2))), 97),  # still April in UTC
        (on(2026, 12, 31), 94),
    ],
)
def test_the_first_month_is_charged_by_the_day(at: datetime, cents: int) -> None:
    assert prorated(2900, at) == cents


@pytest.mark.database
async def test_a_start_an_upgrade_and_the_next_month(pool: asyncpg.Pool, account: Make) -> None:
    me = (await account("growth")).account_id
    await set_streams(pool, me, 2, on(2026, 1, 16))
    await set_streams(pool, me, 5, on(2026, 1, 31))
    seen = await preview(pool, me, on(2026, 1, 31))
    assert [(line.quantity, line.amount_cents, line.description) for line in seen.lines] == [
        (2, 2994, "2 streams, 2026-01-16 to 2026-01-31"),
        (3, 282, "3 streams, 2026-01-31 to 2026-01-31"),
    ]
    assert (seen.total_cents, seen.next_cents) == (3276, 14_500)
    assert await renew(pool, on(2026, 1, 31)) == 0
    assert await renew(pool, on(2026, 2, 1, 0)) == 2
    assert await renew(pool, on(2026, 2, 1, 0)) == 0, "each month once"
    assert (await preview(pool, me, on(2026, 2, 2))).total_cents == 14_500
    assert await renew(pool, on(2026, 4, 10)) == 4, "months in which nobody asked are charged, too"
    assert (await preview(pool, me, on(2026, 3, 9))).total_cents == 14_500


@pytest.mark.database
async def test_what_is_cancelled_lasts_and_comes_back_at_no_charge(pool: asyncpg.Pool, account: Make) -> None:
    me = (await account("growth")).account_id
    await set_streams(pool, me, 3, on(2026, 2, 1))
    await set_streams(pool, me, 1, on(2026, 2, 10))
    assert (await allowed_streams(pool, me, on(2026, 2, 28, 23)), await kept_streams(pool, me)) == (3, 1)
    await set_streams(pool, me, 2, on(2026, 2, 20))
    assert (await preview(pool, me, on(2026, 2, 20))).total_cents == 8700, "one of the two cancelled is taken back"
    await set_streams(pool, me, 4, on(2026, 2, 28))
    seen = await preview(pool, me, on(2026, 2, 28))
    assert (seen.total_cents, seen.next_cents) == (8700 + 104, 11_600), "the fourth is new"
    await set_streams(pool, me, 0, on(2026, 2, 28))
    assert await allowed_streams(pool, me, on(2026, 2, 28, 23)) == 4
    assert await allowed_streams(pool, me, on(2026, 3, 1, 0)) == 0
    assert await renew(pool, on(2026, 3, 1)) == 0
    await set_streams(pool, me, 1, on(2026, 3, 2))
    assert (await preview(pool, me, on(2026, 3, 2))).total_cents == prorated(2900, on(2026, 3, 2)), "ended is ended"


@pytest.mark.database
async def test_no_account_and_no_number(pool: asyncpg.Pool, account: Make) -> None:
    with pytest.raises(NotFound):
        await set_streams(pool, 2_000_000_000, 1, on(2026, 1, 1))
    for streams in (-1, 10_001):
        with pytest.raises(Invalid, match="streams"):
            await set_streams(pool, (await account()).account_id, streams, on(2026, 1, 1))
