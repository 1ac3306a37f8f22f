"""When keys were last used: noted in memory, written once a minute, for all keys in one statement."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

import asyncpg

from sonograph import clock
from sonograph.postgres.trouble import TROUBLE

EVERY_SECONDS = 60.0
MAX_NOTED = 100_000  # keys in a minute; more are written a minute later, when they are used again

_log = logging.getLogger(__name__)


class LastUse:
    """Notes of one process."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._noted: dict[int, datetime] = {}

    def note(self, key_id: int) -> None:
        if len(self._noted) < MAX_NOTED:
            self._noted[key_id] = clock.now()

    async def write(self) -> None:
        """Write what was noted; kept for the next time where the database does not answer."""
        noted, self._noted = self._noted, {}
        if not noted:
            return
        try:
            await self._pool.execute(
                "update accounts.api_key k set last_used_at = u.at "
                "from unnest($1::int[], $2::timestamptz[]) as u(id, at) "
                "where k.id = u.id and (k.last_used_at is null or k.last_used_at < u.at)",
                list(noted),
                list(noted.values()),
            )
        except TROUBLE as error:
            _log.warning("when keys were last used could not be written: %s", error)
            self._noted = noted | self._noted

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Write every minute, and at the end."""
        task = asyncio.create_task(self._run())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])
            await self.write()

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            await self.write()
