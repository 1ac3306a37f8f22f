"""Rows that tests begin with, and what they look at."""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Any

import orjson

from sonograph.events.event import EventType

PATIENCE = 60.0  # seconds: much longer than anything takes, as the machine may be busy

_STREAM = """
insert into stream (account_id, test, url, name, detection_mode, outage_notifications, created_at, runtime_status,
  status_at) values ($1, $2, $3, $4, 2, $5, now(), 1, now()) returning id
"""


async def account(pool: Any, email: str = "radio@tests.invalid") -> int:
    return int(
        await pool.fetchval(
            "insert into account (email, plan, email_verified_at, created_at) values ($1, 'scale', now(), now()) "
            "returning id",
            email,
        )
    )


async def stream(  # noqa: PLR0913  # the row
    pool: Any, owner: int, url: str = "http://radio.example.org/live", *, test: bool = True, mail: bool = False,
    name: str | None = None,
) -> int:  # fmt: skip
    return int(await pool.fetchval(_STREAM, owner, test, url, name, mail))


async def events(pool: Any, kind: EventType | None = None) -> list[dict[str, Any]]:
    """The log in order, as {stream_id, type, **data}."""
    rows = await pool.fetch("select stream_id, type, data from event order by id")
    found = [
        {"stream_id": row["stream_id"], "type": EventType(row["type"]), **orjson.loads(row["data"])} for row in rows
    ]
    return [one for one in found if kind in (None, one["type"])]


async def until(holds: Callable[[], Awaitable[Any]], what: str, log: Callable[[], str] = str) -> Any:
    """Waits for something that other tasks or processes do; what it gave."""
    deadline = monotonic() + PATIENCE
    while not (found := await holds()):
        assert monotonic() < deadline, f"not within {PATIENCE} s: {what}\n{log()}"
        await asyncio.sleep(0.05)
    return found
