"""Accounts and keys for commands, which know the database's URL and ask once."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from sonograph.accounts import directory, keyring
from sonograph.accounts.directory import KeyRow
from sonograph.accounts.key_lookup import PRINCIPAL
from sonograph.accounts.keys import hash_of
from sonograph.accounts.plans import PlanTable
from sonograph.postgres.migrate import ACCOUNTS


@asynccontextmanager
async def opened(dsn: str) -> AsyncIterator[asyncpg.Pool]:
    """A pool of one connection, as the functions of accounts take it."""
    settings = {"timezone": "UTC", "search_path": ACCOUNTS}
    async with asyncpg.create_pool(dsn, min_size=1, max_size=1, server_settings=settings) as pool:
        yield pool


async def create_key(  # noqa: PLR0913  # the options of the command
    dsn: str, email: str, plan: str | None = None, *, test: bool, name: str = "", plans: PlanTable | None = None
) -> str:
    """A key for an e-mail's account, which is made, verified, when it is new; the key's text.

    An existing account keeps its plan: another one is refused.
    """
    async with opened(dsn) as pool:
        account_id = await directory.ensure(pool, plans or PlanTable(), email, plan)
        _, text = await keyring.create_key(pool, account_id, name=name, test=test)
    return text


async def is_known(dsn: str, key: str) -> bool:
    """Whether a key is in force."""
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchrow(PRINCIPAL, hash_of(key)) is not None
    finally:
        await connection.close()


async def list_keys(dsn: str) -> list[KeyRow]:
    """Keys in force, oldest first, at most 1,000."""
    async with opened(dsn) as pool:
        return await directory.list_keys(pool)


async def revoke_key(dsn: str, key_id: int) -> bool:
    """Whether there was such a key in force."""
    async with opened(dsn) as pool:
        found = await directory.list_keys(pool, key_id=key_id)
        return bool(found) and await keyring.revoke_key(pool, found[0].account_id, key_id)
