"""Streams that an account may watch: 29 euros a stream and calendar month (UTC), by the day in the month of the start.

What is cancelled may be used until the period's end, and taken back until then at no charge. Each charge is one row of
the ledger `billing_entry`, written with the entitlement in one transaction and never changed.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg

from sonograph.accounts.usage import month_of, next_month
from sonograph.errors import Invalid, NotFound

STREAM_CENTS = 2_900  # a stream and month
MAX_STREAMS = 10_000

OPEN = """select id, quantity, price_cents, period_ends_at, cancelled_at from entitlement
  where account_id = $1 and kind = 'stream' and external_id is null and (cancelled_at is null or period_ends_at > $2)
  order by id desc"""
INSERT = """insert into entitlement (account_id, kind, quantity, price_cents, started_at, period_ends_at, cancelled_at)
  values ($1, 'stream', $2, $3, $4, $5, $6) returning id"""
ENTRY = """insert into billing_entry
  (account_id, entitlement_id, at, period_from, period_until, quantity, amount_cents, description)
  values ($1, $2, $3, $4, $5, $6, $7, $8)"""
ALLOWED = """select coalesce(sum(quantity), 0)::int from entitlement
  where account_id = $1 and kind = 'stream' and started_at <= $2 and (cancelled_at is null or period_ends_at > $2)"""
ALLOWED_BY_ACCOUNT = """select account_id, sum(quantity)::int as streams from entitlement
  where kind = 'stream' and started_at <= $1 and (cancelled_at is null or period_ends_at > $1) group by account_id"""
KEPT = """select coalesce(sum(quantity), 0)::int as streams,
  coalesce(sum(quantity::bigint * price_cents), 0)::bigint as cents
  from entitlement where account_id = $1 and kind = 'stream' and cancelled_at is null"""
LINES = """select at, period_from, period_until, quantity, amount_cents, description from billing_entry
  where account_id = $1 and period_from >= $2 and period_from < $3 order by id"""
DUE = """select id, account_id, quantity, price_cents, period_ends_at from entitlement
  where external_id is null and cancelled_at is null and period_ends_at <= $1
  order by id limit 1000 for update skip locked"""


@dataclass(frozen=True, slots=True)
class Line:
    """A charge, or a credit note where it is negative."""

    at: datetime
    period_from: datetime
    period_until: datetime
    quantity: int
    amount_cents: int
    description: str


@dataclass(frozen=True, slots=True)
class Preview:
    """The invoice of the current month as it stands, and what the next month will begin with."""

    period_from: datetime
    period_until: datetime
    lines: list[Line]
    total_cents: int
    next_cents: int


def prorated(cents: int, at: datetime) -> int:
    """The price of the rest of the month, the day of the start included; halves of a cent are rounded up."""
    begin, end = period_of(at)
    days, left = (end - begin).days, (end.date() - at.astimezone(UTC).date()).days
    return (2 * cents * left + days) // (2 * days)


def period_of(at: datetime) -> tuple[datetime, datetime]:
    """The calendar month of a time, in UTC: its beginning, and that of the next one."""
    month = month_of(at.astimezone(UTC).date())
    return datetime(month.year, month.month, 1, tzinfo=UTC), next_month(month)


async def allowed_streams(pool: asyncpg.Pool, account_id: int, at: datetime) -> int:
    """How many streams the account may watch now."""
    return int(await pool.fetchval(ALLOWED, account_id, at))


async def allowed_by_account(pool: asyncpg.Pool, at: datetime) -> dict[int, int]:
    """How many streams accounts may watch now; those that may none are left out."""
    return {row["account_id"]: row["streams"] for row in await pool.fetch(ALLOWED_BY_ACCOUNT, at)}


async def kept_streams(pool: asyncpg.Pool, account_id: int) -> int:
    """How many of them go on after the period's end."""
    return int((await pool.fetchrow(KEPT, account_id))["streams"])


async def preview(pool: asyncpg.Pool, account_id: int, at: datetime) -> Preview:
    """What the month costs as it stands, and what the next one will."""
    begin, end = period_of(at)
    lines = [Line(**dict(row)) for row in await pool.fetch(LINES, account_id, begin, end)]
    kept = await pool.fetchrow(KEPT, account_id)
    return Preview(begin, end, lines, sum(line.amount_cents for line in lines), kept["cents"])


async def set_streams(pool: asyncpg.Pool, account_id: int, streams: int, at: datetime) -> None:
    """Have so many streams from now on, or, where they are fewer, from the period's end on; raises `NotFound`."""
    if not 0 <= streams <= MAX_STREAMS:
        raise Invalid(f"streams: must be 0 to {MAX_STREAMS}", "streams")
    async with _locked(pool, account_id) as connection:
        rows = await connection.fetch(OPEN, account_id, at)
        kept = sum(row["quantity"] for row in rows if row["cancelled_at"] is None)
        if streams < kept:
            await _cancel(connection, [row for row in rows if row["cancelled_at"] is None], kept - streams, at)
        else:
            cancelled = [row for row in rows if row["cancelled_at"] is not None]
            rest = await _resume(connection, account_id, cancelled, streams - kept)
            if rest:
                await _start(connection, account_id, rest, at)


async def renew(pool: asyncpg.Pool, at: datetime) -> int:
    """Charge the months that have begun since, each once; how many charges there were."""
    charges = 0
    async with pool.acquire() as connection, connection.transaction():
        for row in await connection.fetch(DUE, at):
            end = row["period_ends_at"]
            while end <= at:
                begin, end = period_of(end)
                amount = row["quantity"] * row["price_cents"]
                text = _text(row["quantity"], begin, end)
                await connection.execute(
                    ENTRY, row["account_id"], row["id"], at, begin, end, row["quantity"], amount, text
                )
                charges += 1
            await connection.execute("update entitlement set period_ends_at = $2 where id = $1", row["id"], end)
    return charges


@asynccontextmanager
async def _locked(pool: asyncpg.Pool, account_id: int) -> AsyncIterator[Any]:
    """A transaction that alone changes the account's entitlements."""
    async with pool.acquire() as connection, connection.transaction():
        if await connection.fetchval("select id from account where id = $1 for no key update", account_id) is None:
            raise NotFound("There is no such account.")
        yield connection


async def _start(connection: Any, account_id: int, quantity: int, at: datetime) -> None:
    _, end = period_of(at)
    day = datetime.combine(at.astimezone(UTC).date(), datetime.min.time(), UTC)
    new = await connection.fetchval(INSERT, account_id, quantity, STREAM_CENTS, at, end, None)
    amount = quantity * prorated(STREAM_CENTS, at)
    await connection.execute(ENTRY, account_id, new, at, day, end, quantity, amount, _text(quantity, day, end))


async def _cancel(connection: Any, rows: list[Any], quantity: int, at: datetime) -> None:
    """The newest first; a row of more than are cancelled becomes two."""
    for row in rows:
        part = min(quantity, row["quantity"])
        if not part:
            return
        quantity -= part
        await _split(connection, row, part)
        await connection.execute("update entitlement set cancelled_at = $2 where id = $1", row["id"], at)


async def _resume(connection: Any, account_id: int, rows: list[Any], quantity: int) -> int:
    """Take back what is cancelled and paid until the period's end; how many are still wanted."""
    for row in rows:
        part = min(quantity, row["quantity"])
        if not part:
            break
        quantity -= part
        await _split(connection, row, part)
        await connection.execute(
            "update entitlement set cancelled_at = null where id = $1 and account_id = $2", row["id"], account_id
        )
    return quantity


async def _split(connection: Any, row: Any, part: int) -> None:
    """Leave `part` in the row, and the rest in a new one like it."""
    if part == row["quantity"]:
        return
    await connection.execute(
        "insert into entitlement (account_id, kind, quantity, price_cents, started_at, period_ends_at, cancelled_at) "
        "select account_id, kind, quantity - $2, price_cents, started_at, period_ends_at, cancelled_at "
        "from entitlement where id = $1",
        row["id"],
        part,
    )
    await connection.execute("update entitlement set quantity = $2 where id = $1", row["id"], part)


def _text(quantity: int, begin: datetime, end: datetime) -> str:
    last = (end - timedelta(days=1)).date()
    return f"{quantity} stream{'' if quantity == 1 else 's'}, {begin.date()} to {last}"
