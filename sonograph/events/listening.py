"""A connection of its own that hears notifications, made anew whenever it is lost."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import asyncpg

from sonograph.postgres.trouble import TROUBLE

RETRY_SECONDS = 1.0
CONNECT_SECONDS = 10.0
CHECK_SECONDS = 15.0  # a connection that is gone without a word is found by asking

_log = logging.getLogger(__name__)


class Listening:
    """Hears one channel while `run` runs. `works`: whether there is a connection that listens just now.

    `heard` gets each notification's payload, and "" whenever it has begun to listen.
    """

    def __init__(self, dsn: str, channel: str, heard: Callable[[str], None]) -> None:
        self._dsn, self._channel, self._heard = dsn, channel, heard
        self.works = False

    async def run(self) -> None:
        """Until cancelled."""
        was_lost = False
        while True:
            try:
                await self._until_lost()
            except TROUBLE as error:
                if not was_lost:
                    _log.warning("%s: no notifications until the database answers: %s", self._channel, error)
                was_lost = True
            finally:
                self.works = False
            await asyncio.sleep(RETRY_SECONDS)

    async def _until_lost(self) -> None:
        lost = asyncio.Event()

        def heard(_connection: Any, _process: int, _channel: str, payload: str) -> None:
            self._heard(payload)

        connection = await asyncpg.connect(
            self._dsn,
            timeout=CONNECT_SECONDS,
            command_timeout=CHECK_SECONDS,
            server_settings={"application_name": f"sonograph {self._channel}"},
        )
        try:
            connection.add_termination_listener(lambda _: lost.set())
            await connection.add_listener(self._channel, heard)
            self.works = True
            self._heard("")
            while not lost.is_set():
                try:
                    async with asyncio.timeout(CHECK_SECONDS):
                        await lost.wait()
                except TimeoutError:
                    await connection.execute("select 1")
        finally:
            connection.terminate()
