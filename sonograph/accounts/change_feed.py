"""Changes of accounts and keys, as the database tells them: what was remembered of an account is forgotten at once.

A trigger notifies (migration 0003). Where notifications do not get through, behind a pooler that shares connections,
things are forgotten after some seconds all the same.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from sonograph.postgres.trouble import TROUBLE

CHANNEL = "sonograph_account"
RETRY_SECONDS = 2.0
CHECK_SECONDS = 30.0  # a connection that is gone without a word is found by asking

Forget = Callable[[int | None], None]

_log = logging.getLogger(__name__)


@asynccontextmanager
async def listening(dsn: str, forget: Forget) -> AsyncIterator[None]:
    """Call `forget` with the id of each account that changes; with None after a pause in which any may have changed."""
    task = asyncio.create_task(_listen(dsn, forget))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


async def _listen(dsn: str, forget: Forget) -> None:
    lost = False
    while True:
        try:
            await _until_lost(dsn, forget)
        except TROUBLE as error:
            if not lost:
                _log.warning("changes of keys are seen seconds late until the database answers: %s", error)
            lost = True
        await asyncio.sleep(RETRY_SECONDS)


async def _until_lost(dsn: str, forget: Forget) -> None:
    def heard(_connection: Any, _process: int, _channel: str, payload: str) -> None:
        forget(int(payload) if payload.isdecimal() else None)

    connection = await asyncpg.connect(
        dsn,
        timeout=RETRY_SECONDS * 5,
        command_timeout=CHECK_SECONDS,
        server_settings={"application_name": "sonograph changes"},
    )
    try:
        await connection.add_listener(CHANNEL, heard)
        forget(None)
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            await connection.execute("select 1")
    finally:
        connection.terminate()
