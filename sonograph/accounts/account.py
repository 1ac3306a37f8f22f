"""An account as its owner sees it."""

from dataclasses import dataclass
from datetime import datetime

import asyncpg

from sonograph.errors import NotFound

ACCOUNT = "select id, email, email_verified_at, name, plan, reviewer, created_at from accounts.account where id = $1"
AUDIT_COUNT = "select count(*) from accounts.audit where account_id = $1"


@dataclass(frozen=True, slots=True)
class Account:
    """What an account says of itself."""

    id: int
    email: str
    email_verified_at: datetime | None
    name: str
    plan: str
    reviewer: bool
    created_at: datetime


async def account_of(pool: asyncpg.Pool, account_id: int) -> Account:
    """Raises `NotFound` where it was deleted a moment ago."""
    row = await pool.fetchrow(ACCOUNT, account_id)
    if row is None:
        raise NotFound("There is no such account.")
    return Account(**dict(row))


async def audit_count(pool: asyncpg.Pool, account_id: int) -> int:
    """How many lines the account's log has."""
    return int(await pool.fetchval(AUDIT_COUNT, account_id))
