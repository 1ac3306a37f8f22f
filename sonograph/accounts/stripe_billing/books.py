"""Our side: entitlements follow subscriptions, the ledger paid invoices; both may be told the same thing twice."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import asyncpg

RUNNING = ("active", "trialing", "past_due")  # Stripe retries a payment that is past due, and then cancels


@dataclass(frozen=True, slots=True)
class Subscription:
    """What of a subscription we keep. `period_end` is in Unix seconds."""

    id: str
    customer: str
    status: str
    quantity: int
    period_end: int
    cancelled: bool
    price_cents: int


async def subscription_of(pool: asyncpg.Pool, account_id: int) -> str | None:
    """The subscription that an account has."""
    found: str | None = await pool.fetchval(
        "select external_id from entitlement where account_id = $1 and external_id is not null "
        "and (cancelled_at is null or period_ends_at > now()) order by id desc limit 1",
        account_id,
    )
    return found


async def note_subscription(pool: asyncpg.Pool, given: Subscription, at: datetime) -> None:
    """Make the entitlement what the subscription is. Fewer streams than before go on until the period's end."""
    async with pool.acquire() as connection, connection.transaction():
        account_id = await connection.fetchval(
            "select id from account where stripe_customer = $1 for no key update", given.customer
        )
        if account_id is None:
            return  # deleted here since, or another system's customer at the same Stripe account
        row = await connection.fetchrow("select * from entitlement where external_id = $1", given.id)
        end, runs = datetime.fromtimestamp(given.period_end, UTC), given.status in RUNNING
        cancelled = at if given.cancelled or not runs else None
        if row is None:
            if runs:
                await connection.execute(
                    "insert into entitlement (account_id, kind, quantity, price_cents, started_at, period_ends_at, "
                    "cancelled_at, external_id) values ($1, 'stream', $2, $3, $4, $5, $6, $7)",
                    *(account_id, given.quantity, given.price_cents, at, end, cancelled, given.id),
                )
            return
        if runs and row["period_ends_at"] > at:
            await _keep_paid(connection, row, given.quantity, at)
        await connection.execute(
            "update entitlement set quantity = $2, price_cents = $3, period_ends_at = $4, cancelled_at = $5 "
            "where id = $1",
            row["id"],
            given.quantity,
            given.price_cents,
            end if runs else min(row["period_ends_at"], at),
            cancelled and (row["cancelled_at"] or cancelled),
        )


async def _keep_paid(connection: Any, row: Any, quantity: int, at: datetime) -> None:
    """Streams taken off stay as a cancelled entitlement until the period's end; streams added take from that first."""
    fewer = row["quantity"] - quantity
    if fewer > 0:
        await connection.execute(
            "insert into entitlement (account_id, kind, quantity, price_cents, started_at, period_ends_at, "
            "cancelled_at) values ($1, 'stream', $2, $3, $4, $5, $6)",
            *(row["account_id"], fewer, row["price_cents"], row["started_at"], row["period_ends_at"], at),
        )
    spare = await connection.fetch(
        "select id, quantity from entitlement where account_id = $1 and external_id is null "
        "and cancelled_at is not null and period_ends_at > $2 order by id desc",
        *(row["account_id"], at),
    )
    more = -fewer
    for kept in spare:
        if more <= 0:
            return
        if kept["quantity"] <= more:
            await connection.execute("delete from entitlement where id = $1", kept["id"])
        else:
            await connection.execute("update entitlement set quantity = quantity - $2 where id = $1", kept["id"], more)
        more -= kept["quantity"]


async def note_invoice(pool: asyncpg.Pool, invoice: dict[str, Any], at: datetime) -> None:
    """Copy the lines of a paid invoice into the ledger, each once."""
    async with pool.acquire() as connection, connection.transaction():
        account_id = await connection.fetchval(
            "select id from account where stripe_customer = $1 for key share", str(invoice["customer"])
        )
        if account_id is None:
            return
        for line in invoice["lines"]["data"]:
            await connection.execute(
                "insert into billing_entry (account_id, at, period_from, period_until, quantity, amount_cents, "
                "description, external_id) values ($1, $2, $3, $4, $5, $6, $7, $8) "
                "on conflict (external_id) do nothing",
                account_id,
                at,
                datetime.fromtimestamp(line["period"]["start"], UTC),
                datetime.fromtimestamp(line["period"]["end"], UTC),
                line["quantity"] or 1,
                line["amount"],
                line["description"] or "",
                line["id"],
            )
