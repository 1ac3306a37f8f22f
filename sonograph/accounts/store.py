"""Accounts and keys in the database."""

from dataclasses import dataclass
from typing import Any

import asyncpg

from sonograph import clock
from sonograph.accounts.keys import NewKey, generate, hash_of
from sonograph.accounts.principal import Principal
from sonograph.errors import Invalid
from sonograph.postgres.pool import Pool

PLANS = ("free", "starter", "growth", "scale")
MAX_EMAIL = 320

PRINCIPAL = """select a.id as account_id, k.id as key_id, a.plan, k.test,
    a.email_verified_at is not null as email_verified, k.expires_at
  from accounts.api_key k join accounts.account a on a.id = k.account_id
  where k.hash = $1 and k.revoked_at is null and (k.expires_at is null or k.expires_at > now())"""


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A key as lists show it."""

    id: int
    email: str
    plan: str
    hint: str
    test: bool
    name: str


async def principal_of(pool: Pool, key_hash: bytes) -> Principal | None:
    """Whose key this is; None for an unknown, revoked or expired one."""
    rows = await pool.rows(PRINCIPAL, (key_hash,))
    return Principal(**dict(rows[0])) if rows else None


async def create_key(dsn: str, email: str, plan: str, *, test: bool, name: str = "") -> str:
    """Make a key for an e-mail's account, which is made, verified, when it is new. Returns the key's text."""
    address = email.strip().lower()
    if len(address) > MAX_EMAIL or "@" not in address[1:-1] or any(c.isspace() for c in address):
        raise Invalid(f"email: {email!r} is no e-mail address", "email")
    if plan not in PLANS:
        raise Invalid(f"plan: must be one of {', '.join(PLANS)}", "plan")
    key = generate(test=test)
    connection = await asyncpg.connect(dsn)
    try:
        async with connection.transaction():
            await _insert(connection, address, plan, key, name)
    finally:
        await connection.close()
    return key.text


async def _insert(connection: Any, email: str, plan: str, key: NewKey, name: str) -> None:
    now = clock.now()
    account_id = await connection.fetchval(
        "insert into accounts.account (email, plan, email_verified_at, created_at) values ($1, $2, $3, $3) "
        "on conflict (email) do update set plan = excluded.plan returning id",
        email,
        plan,
        now,
    )
    await connection.execute(
        "insert into accounts.api_key (account_id, hash, hint, test, name, created_at) values ($1, $2, $3, $4, $5, $6)",
        account_id,
        key.hash,
        key.hint,
        key.test,
        name,
        now,
    )


async def is_known(dsn: str, key: str) -> bool:
    """Whether a key is in force."""
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchrow(PRINCIPAL, hash_of(key)) is not None
    finally:
        await connection.close()


async def list_keys(dsn: str) -> list[KeyRow]:
    """Keys that are not revoked, oldest first, at most 1,000."""
    connection = await asyncpg.connect(dsn)
    try:
        rows = await connection.fetch(
            "select k.id, a.email, a.plan, k.hint, k.test, k.name from accounts.api_key k "
            "join accounts.account a on a.id = k.account_id where k.revoked_at is null order by k.id limit 1000"
        )
    finally:
        await connection.close()
    return [KeyRow(**dict(row)) for row in rows]


async def revoke_key(dsn: str, key_id: int) -> bool:
    """Whether there was such a key in force. It is refused at once by new look-ups, within seconds everywhere."""
    connection = await asyncpg.connect(dsn)
    try:
        result = await connection.execute(
            "update accounts.api_key set revoked_at = $2 where id = $1 and revoked_at is null", key_id, clock.now()
        )
    finally:
        await connection.close()
    return bool(result == "UPDATE 1")
