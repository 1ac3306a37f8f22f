"""What operators change of an account's plan and streams, noted in its audit log. In force at once."""

import asyncpg

from sonograph import clock
from sonograph.accounts import audit, entitlements
from sonograph.accounts.plans import PlanTable
from sonograph.errors import NotFound


async def set_plan(pool: asyncpg.Pool, plans: PlanTable, email: str, plan: str) -> tuple[str, str]:
    """The plan before and after. A trigger tells every process to forget what it remembers of the account's keys."""
    wanted = plans.checked(plan).name
    async with pool.acquire() as connection, connection.transaction():
        row = await connection.fetchrow(
            "select id, plan from account where email = $1 for no key update", email.strip().lower()
        )
        if row is None:
            raise NotFound(f"There is no account of {email}.")
        if row["plan"] != wanted:
            await connection.execute("update account set plan = $2 where id = $1", row["id"], wanted)
            await audit.note(connection, row["id"], "plan.changed", old=row["plan"], new=wanted)
    return row["plan"], wanted


async def grant_streams(pool: asyncpg.Pool, email: str, streams: int) -> entitlements.Preview:
    """Have so many streams from now on, or fewer from the period's end on; what the month costs then."""
    now = clock.now()
    account_id = await pool.fetchval("select id from account where email = $1", email.strip().lower())
    if account_id is None:
        raise NotFound(f"There is no account of {email}.")
    await entitlements.set_streams(pool, account_id, streams, now)
    await audit.note(pool, account_id, "entitlement.changed", streams=streams)
    return await entitlements.preview(pool, account_id, now)
