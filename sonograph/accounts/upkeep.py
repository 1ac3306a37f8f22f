"""What is due from time to time: leases of dead processes, ledgers of past months, old usage, the month's streams."""

from datetime import datetime, timedelta

import asyncpg

from sonograph.accounts import entitlements, ledger, usage


async def sweep(pool: asyncpg.Pool, now: datetime) -> None:
    """Do what is due; any number of processes may at once."""
    last_month = usage.month_of(usage.month_of(now.date()) - timedelta(days=1))
    await ledger.sweep(pool, last_month)
    await usage.sweep(pool, now.date())
    await entitlements.renew(pool, now)
