"""Rows of uploads."""

from dataclasses import dataclass
from datetime import datetime

import asyncpg

_COLUMNS = "id, account_id, test, token, at_most, size, expires_at"
# A lock of its own, for as long as the transaction: requests at the same moment count each other's rows.
_ONE_AT_A_TIME = "select pg_advisory_xact_lock(hashtext('sonograph uploads'), $1::int)"
_OPEN = "select count(*) from accounts.upload where account_id = $1 and expires_at > $2"
_INSERT = f"""
insert into accounts.upload (account_id, test, token, at_most, created_at, expires_at)
values ($1, $2, $3, $4, $5, $6) returning {_COLUMNS}
"""  # columns of ours, here and below
_BY_TOKEN = f"select {_COLUMNS} from accounts.upload where token = $1 and expires_at > $2"
_BY_ID = f"""
select {_COLUMNS} from accounts.upload where id = $1 and account_id = $2 and test = $3 and expires_at > $4
"""
_ARRIVED = f"""
update accounts.upload set size = $2, expires_at = $3 where id = $1 and size is null returning {_COLUMNS}
"""
_EXPIRED = "delete from accounts.upload where expires_at <= $1 returning token"


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that an account has sent (`size` in bytes), or may send until `expires_at` (None)."""

    id: int
    account_id: int
    test: bool
    token: bytes  # SHA-256 of the secret
    at_most: int
    size: int | None
    expires_at: datetime


async def insert(  # noqa: PLR0913  # the row
    pool: asyncpg.Pool,
    account_id: int,
    *,
    test: bool,
    token: bytes,
    at_most: int,
    now: datetime,
    expires_at: datetime,
    most: int,
) -> Upload | None:
    """A new row; None where the account has `most` that have not expired."""
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(_ONE_AT_A_TIME, account_id)
        if await connection.fetchval(_OPEN, account_id, now) >= most:
            return None
        return Upload(*await connection.fetchrow(_INSERT, account_id, test, token, at_most, now, expires_at))


async def by_token(pool: asyncpg.Pool, token: bytes, now: datetime) -> Upload | None:
    """The upload of a URL, unless it has expired."""
    row = await pool.fetchrow(_BY_TOKEN, token, now)
    return Upload(*row) if row else None


async def by_id(pool: asyncpg.Pool, number: int, account_id: int, *, test: bool, now: datetime) -> Upload | None:
    """The account's own upload, unless it has expired."""
    row = await pool.fetchrow(_BY_ID, number, account_id, test, now)
    return Upload(*row) if row else None


async def arrived(pool: asyncpg.Pool, number: int, size: int, expires_at: datetime) -> Upload | None:
    """All bytes are there; None where others were there first, or the row is gone."""
    row = await pool.fetchrow(_ARRIVED, number, size, expires_at)
    return Upload(*row) if row else None


async def delete_expired(pool: asyncpg.Pool, before: datetime) -> list[bytes]:
    """Tokens of the rows that were deleted."""
    return [row["token"] for row in await pool.fetch(_EXPIRED, before)]
