"""What an account used: the month's balance, and requests by day, key and endpoint. Read by pages and by GraphQL."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import asyncpg

from sonograph import clock
from sonograph.accounts.plans import PlanTable
from sonograph.errors import NotFound

MAX_DAYS = 400  # kept, and so the longest span that may be asked for

BALANCE = """select a.plan, coalesce(m.used, 0) as used
  from accounts.account a left join accounts.credit_month m on m.account_id = a.id and m.month = $2
  where a.id = $1"""
USAGE_DAYS = """select day, key_id, endpoint, requests, refused, credits from accounts.usage_day
  where account_id = $1 and day >= $2 and day <= $3 order by day, key_id, endpoint"""
SWEEP = (
    "delete from accounts.usage_day where day < $1",
    "delete from accounts.credit_entry where month < $1",
    "delete from accounts.credit_month where month < $1",
)


@dataclass(frozen=True, slots=True)
class Balance:
    """Credits of the current month. After a change to a smaller plan `used` may pass `limit`; `remaining` is then 0."""

    used: int
    limit: int
    remaining: int
    resets_at: datetime


@dataclass(frozen=True, slots=True)
class UsageDay:
    """One day (UTC), key and endpoint. `refused` of the `requests` were answered 429."""

    day: date
    key_id: int
    endpoint: str
    requests: int
    refused: int
    credits: int


def month_of(day: date) -> date:
    """The first day of a day's month."""
    return day.replace(day=1)


def next_month(month: date) -> datetime:
    """When the credits of a month end, and those of the next one begin."""
    year, number = (month.year + 1, 1) if month.month == 12 else (month.year, month.month + 1)  # noqa: PLR2004  # December
    return datetime(year, number, 1, tzinfo=UTC)


async def balance(pool: asyncpg.Pool, plans: PlanTable, account_id: int, *, unspent: int = 0) -> Balance:
    """The month's credits of an account; raises `NotFound`.

    Credits that processes hold to spend soon count as used, at most a hundredth of what is left for each process;
    `unspent` says how many of them the asking process holds itself: `Credits.unspent(account_id)`.
    """
    month = month_of(clock.now().date())
    row = await pool.fetchrow(BALANCE, account_id, month)
    if row is None:
        raise NotFound("There is no such account.")
    used, limit = max(row["used"] - unspent, 0), plans.of(row["plan"]).monthly_credits
    return Balance(used, limit, max(limit - used, 0), next_month(month))


async def usage_days(pool: asyncpg.Pool, account_id: int, since: date, until: date) -> list[UsageDay]:
    """Usage from `since` to `until`, both included, oldest first; requests of the last two seconds may be missing."""
    rows = await pool.fetch(USAGE_DAYS, account_id, since, until)
    return [UsageDay(**dict(row)) for row in rows]


async def sweep(pool: asyncpg.Pool, today: date) -> None:
    """Delete what is older than 400 days, whole months at a time, so that log, ledger and counter stay equal."""
    oldest = month_of(today - timedelta(days=MAX_DAYS))
    for statement in SWEEP:
        await pool.execute(statement, oldest)
