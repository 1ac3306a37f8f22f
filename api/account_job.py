"""What commands about accounts, keys and plans share: a job on the accounts' database, and how its outcome is said."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, TypeVar

import asyncpg
import typer
from rich.console import Console

from api import logs
from sonograph.accounts.plans import PlanTable, load_plans
from sonograph.accounts.store import opened
from sonograph.engine import open_database

T = TypeVar("T")
out = Console()

Email = Annotated[str, typer.Argument(help="E-mail of the account.")]


def run(job: Callable[[asyncpg.Pool, PlanTable], Awaitable[T]]) -> T:
    """Do a job on the database of the settings."""
    settings = logs.configured()
    plans = load_plans(settings.plans_file)

    async def done() -> T:
        async with open_database(settings) as dsn, opened(dsn) as pool:
            return await job(pool, plans)

    return asyncio.run(done())


def say(text: str) -> None:
    """A line as it is: what people typed is not taken for markup."""
    out.print(text, highlight=False, soft_wrap=True, markup=False)


def shown_time(at: datetime | None) -> str:
    return "never" if at is None else f"{at:%Y-%m-%d %H:%M}"
