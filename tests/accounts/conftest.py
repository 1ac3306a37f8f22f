"""A database with the tables of accounts, and accounts on it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import count

import asyncpg
import pytest

from sonograph import clock
from sonograph.postgres.migrate import migrate

_numbers = count(1)

NewAccount = Callable[..., Awaitable[int]]


@pytest.fixture(scope="session")
async def pool(database_url: str) -> AsyncIterator[asyncpg.Pool]:
    """The pool that a running engine has for accounts."""
    await migrate(database_url)
    async with asyncpg.create_pool(database_url, min_size=1, max_size=8, server_settings={"timezone": "UTC"}) as opened:
        yield opened


@pytest.fixture
def new_account(pool: asyncpg.Pool) -> NewAccount:
    """A verified account, each time another; its id."""

    async def make(plan: str = "free", email: str | None = None) -> int:
        made: int = await pool.fetchval(
            "insert into accounts.account (email, plan, email_verified_at, created_at) "
            "values ($1, $2, $3, $3) returning id",
            email or f"person{next(_numbers)}@accounts.invalid",
            plan,
            clock.now(),
        )
        return made

    return make
