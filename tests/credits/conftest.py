"""A migrated database, accounts on it, and the equation that holds after every statement."""

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable

import asyncpg
import pytest

from sonograph.accounts.principal import Principal
from sonograph.postgres.migrate import ACCOUNTS, migrate

NUMBERS = itertools.count(1)
Make = Callable[..., Awaitable[Principal]]


@pytest.fixture(scope="session")
async def migrated(database_url: str) -> str:
    await migrate(database_url)
    return database_url


def connections(url: str, size: int = 8) -> asyncpg.Pool:
    """A pool as the engine has it."""
    return asyncpg.create_pool(
        url, min_size=1, max_size=size, server_settings={"search_path": ACCOUNTS, "timezone": "UTC", "jit": "off"}
    )


@pytest.fixture(scope="session")
async def pool(migrated: str) -> AsyncIterator[asyncpg.Pool]:
    async with connections(migrated) as opened:
        yield opened


@pytest.fixture
def account(pool: asyncpg.Pool) -> Make:
    """Makes accounts: who asks with a key of a new one."""

    async def make(plan: str = "free", *, test: bool = False) -> Principal:
        account_id = await pool.fetchval(
            "insert into account (email, plan, email_verified_at, created_at) "
            "values ($1, $2, now(), now()) returning id",
            f"{next(NUMBERS)}@credits.invalid",
            plan,
        )
        key_id = await pool.fetchval(
            "insert into api_key (account_id, hash, hint, test, name, created_at) "
            "values ($1, sha256(gen_random_uuid()::text::bytea), '', $2, '', now()) returning id",
            account_id,
            test,
        )
        return Principal(account_id, key_id, plan, test=test, email_verified=True)

    return make
