"""What is too old goes, and nothing else."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import asyncpg
import pytest

from sonograph.accounts import audit, expiry, keyring, links, sessions

pytestmark = pytest.mark.database

NewAccount = Callable[..., Awaitable[int]]

# Table, its time, how much older a row has to be to go.
KEPT = (
    ("audit", "at", expiry.KEEP_AUDIT),
    ("session", "seen_at", sessions.IDLE),
    ("session", "expires_at", sessions.ABSOLUTE),
    ("mail_link", "expires_at", expiry.KEEP_LINKS + timedelta(hours=1)),
    ("api_key", "revoked_at", expiry.KEEP_KEYS),
)


@pytest.mark.parametrize(("table", "column", "age"), KEPT)
async def test_kept_until(  # noqa: PLR0913, PLR0917  # what is kept, and how long
    pool: asyncpg.Pool,
    new_account: NewAccount,
    monkeypatch: pytest.MonkeyPatch,
    table: str,
    column: str,
    age: timedelta,
) -> None:
    monkeypatch.setattr(expiry, "BATCH", 2)
    account = await new_account()
    for _ in range(5):
        await audit.note(pool, account, "account.created")
        await sessions.create(pool, account, address=None)
        await links.make(pool, account, "reset", "x@example.org")
    key, _ = await keyring.create_key(pool, account, name="", test=True)
    await keyring.revoke_key(pool, account, key.id)

    async def rows() -> int:
        count: int = await pool.fetchval(f"select count(*) from accounts.{table} where account_id = $1", account)
        return count

    before = await rows()
    older = f"update accounts.{table} set {column} = {column} - $2::interval where account_id = $1"
    await pool.execute(older, account, age - timedelta(minutes=10))
    await expiry.sweep_accounts(pool)
    assert await rows() == before
    await pool.execute(older, account, timedelta(minutes=20))
    assert await expiry.sweep_accounts(pool) >= before
    assert await rows() == 0


async def test_sign_ups_that_nobody_confirmed(pool: asyncpg.Pool, new_account: NewAccount) -> None:
    forgotten, recent, with_key, confirmed = [await new_account() for _ in range(4)]
    await keyring.create_key(pool, with_key, name="", test=True)
    old = "update accounts.account set created_at = now() - $2::interval where id = any($1::int[])"
    await pool.execute(old, [forgotten, with_key, confirmed], expiry.KEEP_UNVERIFIED + timedelta(minutes=1))
    await pool.execute(
        "update accounts.account set email_verified_at = null where id = any($1::int[])", [forgotten, recent, with_key]
    )
    await expiry.sweep_accounts(pool)
    left = await pool.fetch(
        "select id from accounts.account where id = any($1::int[])", [forgotten, recent, with_key, confirmed]
    )
    assert {row["id"] for row in left} == {recent, with_key, confirmed}
