"""Whose key this is: read from the database itself, because a replica may not know yet that a key was revoked."""

from typing import Any

import asyncpg

from sonograph.accounts.plans import PlanTable
from sonograph.accounts.principal import Principal
from sonograph.errors import Unavailable

PRINCIPAL = """select a.id as account_id, k.id as key_id, a.plan, k.test,
    a.email_verified_at is not null as email_verified, k.expires_at, k.scopes, k.networks, a.email, a.reviewer
  from accounts.api_key k join accounts.account a on a.id = k.account_id
  where k.hash = $1 and k.revoked_at is null and (k.expires_at is null or k.expires_at > now())"""
LOST = (asyncpg.PostgresConnectionError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError, TimeoutError)
# A server that ends says so, and has closed the connection by the next try.
ENDING = (asyncpg.AdminShutdownError, asyncpg.CrashShutdownError, asyncpg.CannotConnectNowError)
TRIES = 2  # the connection may have been lost while nobody used it


async def principal_of(pool: asyncpg.Pool, key_hash: bytes, plans: PlanTable) -> Principal | None:
    """None for an unknown, revoked or expired key."""
    for _ in range(TRIES):
        try:
            row = await pool.fetchrow(PRINCIPAL, key_hash)
        except (*LOST, *ENDING) as error:
            reason = error
        else:
            return _principal(row, plans) if row else None
    raise Unavailable("The database cannot be reached.") from reason


def _principal(row: Any, plans: PlanTable) -> Principal:
    members = dict(row)
    members["scopes"] = None if row["scopes"] is None else frozenset(row["scopes"])
    members["networks"] = None if row["networks"] is None else tuple(row["networks"])
    return Principal(**members, paid=plans.of(row["plan"]).paid)
