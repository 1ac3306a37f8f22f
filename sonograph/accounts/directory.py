"""Accounts as an operator sees them, by e-mail.

What an operator does stands in the owner's audit log, without an address.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg

from sonograph import clock
from sonograph.accounts import audit, emails, links, sessions
from sonograph.accounts.billing import Billing
from sonograph.accounts.passwords import Passwords, check
from sonograph.accounts.plans import PlanTable
from sonograph.errors import Conflict, Invalid, NotFound

MAX_LISTED = 1000

# Parameters: an e-mail or null for all, how many.
ACCOUNTS = """select a.id, a.email, a.name, a.plan, a.email_verified_at, a.reviewer, a.created_at,
    a.password_hash is not null as has_password,
    (select count(*) from accounts.api_key k where k.account_id = a.id and k.revoked_at is null
      and (k.expires_at is null or k.expires_at > now())) as keys,
    (select max(k.last_used_at) from accounts.api_key k where k.account_id = a.id) as last_used_at
  from accounts.account a where $1::text is null or a.email = $1 order by a.id limit $2"""
KEYS = """select k.id, k.account_id, a.email, a.plan, k.hint, k.test, k.name, k.last_used_at, k.expires_at,
    k.scopes, k.networks
  from accounts.api_key k join accounts.account a on a.id = k.account_id
  where ($1::text is null or a.email = $1) and ($2::int is null or k.id = $2)
    and k.revoked_at is null and (k.expires_at is null or k.expires_at > now())
  order by k.id limit $3"""


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An account; `keys` are those in force."""

    id: int
    email: str
    name: str
    plan: str
    email_verified_at: datetime | None
    reviewer: bool
    created_at: datetime
    has_password: bool
    keys: int
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A key in force, and whose it is."""

    id: int
    account_id: int
    email: str
    plan: str
    hint: str
    test: bool
    name: str
    last_used_at: datetime | None
    expires_at: datetime | None
    scopes: tuple[str, ...] | None
    networks: tuple[str, ...] | None


async def list_accounts(pool: asyncpg.Pool) -> list[AccountRow]:
    """Oldest first, at most 1,000."""
    return [AccountRow(**dict(row)) for row in await pool.fetch(ACCOUNTS, None, MAX_LISTED)]


async def find(pool: asyncpg.Pool, email: str) -> AccountRow:
    """The account of an e-mail; `NotFound` names it."""
    row = await pool.fetchrow(ACCOUNTS, emails.checked(email), 1)
    if row is None:
        raise NotFound(f"There is no account {email}.")
    return AccountRow(**dict(row))


async def list_keys(pool: asyncpg.Pool, email: str | None = None, key_id: int | None = None) -> list[KeyRow]:
    """Keys in force, of an e-mail's account or of all, or the one of this id; oldest first, at most 1,000."""
    if key_id is not None and not 0 < key_id < 1 << 31:
        return []
    rows = await pool.fetch(KEYS, None if email is None else emails.checked(email), key_id, MAX_LISTED)
    return [
        KeyRow(**{**dict(row), "scopes": _texts(row["scopes"]), "networks": _texts(row["networks"])}) for row in rows
    ]


async def create(pool: asyncpg.Pool, plans: PlanTable, email: str, plan: str, *, verified: bool = True) -> int:
    """An account without a password: its holder asks for a link to set one. `Conflict` where there is one."""
    plans.checked(plan)
    address = emails.checked(email)
    async with pool.acquire() as connection, connection.transaction():
        now = clock.now()
        account_id: int | None = await connection.fetchval(
            "insert into accounts.account (email, plan, email_verified_at, created_at) values ($1, $2, $3, $4) "
            "on conflict (email) do nothing returning id",
            address,
            plan,
            now if verified else None,
            now,
        )
        if account_id is None:
            raise Conflict(f"There is an account {address} already.")
        await audit.note(connection, account_id, "account.created", by="operator")
    return account_id


async def ensure(pool: asyncpg.Pool, plans: PlanTable, email: str, plan: str | None) -> int:
    """The account of an e-mail, made verified when it is new. A plan that is not the account's own is refused."""
    address = emails.checked(email)
    if plan is not None:
        plans.checked(plan)
    row = await pool.fetchrow("select id, plan from accounts.account where email = $1", address)
    if row is None:
        return await create(pool, plans, address, plan or plans.default.name)
    if plan not in (None, row["plan"]):
        raise Invalid(
            f"{address} has the plan {row['plan']}: leave --plan out, or change it by `sonograph accounts set-plan`.",
            "plan",
        )
    account_id: int = row["id"]
    return account_id


async def verify(pool: asyncpg.Pool, email: str) -> bool:
    """Take an address for confirmed; whether it was not yet.

    Links of sign-ups are void then: nobody has shown that the passwords in them are the holder's.
    """
    account = await find(pool, email)
    async with pool.acquire() as connection, connection.transaction():
        result = await connection.execute(
            "update accounts.account set email_verified_at = $2 where id = $1 and email_verified_at is null",
            account.id,
            clock.now(),
        )
        if result != "UPDATE 1":
            return False
        await links.void(connection, account.id)
        await audit.note(connection, account.id, "account.verified", by="operator")
    return True


async def set_reviewer(pool: asyncpg.Pool, email: str, *, reviewer: bool) -> bool:
    """Let an account's holder decide about genre suggestions, or not any more; whether that is a change."""
    account = await find(pool, email)
    async with pool.acquire() as connection, connection.transaction():
        result = await connection.execute(
            "update accounts.account set reviewer = $2 where id = $1 and reviewer <> $2", account.id, reviewer
        )
        if result != "UPDATE 1":
            return False
        await _end_sessions(connection, account.id)
        await audit.note(connection, account.id, "reviewer.changed", reviewer=reviewer)
    return True


async def set_password(pool: asyncpg.Pool, hasher: Passwords, email: str, password: str) -> None:
    """Set the password of an account without a link and a letter; its sessions end."""
    account = await find(pool, email)
    check(password, email)
    password_hash = await hasher.hash(password)
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(
            "update accounts.account set password_hash = $2 where id = $1", account.id, password_hash
        )
        await _end_sessions(connection, account.id)
        await audit.note(connection, account.id, "password.changed", by="operator")


async def delete(pool: asyncpg.Pool, billing: Billing, email: str) -> None:
    """Delete an account with everything that hangs on it, after what is billed for it."""
    account = await find(pool, email)
    await billing.end(account.id)
    await pool.execute("delete from accounts.account where id = $1", account.id)


async def _end_sessions(connection: Any, account_id: int) -> None:
    """A change of what somebody may do begins with a new sign-in."""
    await sessions.end_all(connection, account_id)


def _texts(values: Any) -> tuple[str, ...] | None:
    return None if values is None else tuple(str(value) for value in values)
