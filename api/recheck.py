"""Whether the keys of open connections are still in force: one task for all, which asks once for each key."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol

from starlette.types import Scope

from api.auth import Authenticator, permit
from sonograph.accounts.principal import Principal
from sonograph.errors import EmailNotVerified, Forbidden, SonographError, Unauthenticated, Unavailable

RECHECK_SECONDS = 3.0  # a key that is revoked closes its connections within this and the authenticator's 5 s
TURN = 500  # connections looked at before others of the process get their turn
REFUSALS = (Unauthenticated, EmailNotVerified, Forbidden)

_log = logging.getLogger(__name__)


class Kept(Protocol):
    """A connection that lasts as long as its key."""

    @property
    def scope(self) -> Scope: ...

    def still(self, principal: Principal) -> None:
        """Who it belongs to now: the plan may be another one."""

    def refused(self, error: SonographError) -> None:
        """Its key is not in force any more: it is to be closed. Must not wait, nor raise."""


class Recheck:
    """All connections by their keys."""

    def __init__(self, authenticator: Authenticator) -> None:
        self._authenticator = authenticator
        self._by_key: dict[str | None, dict[Kept, None]] = {}

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Recheck"]:
        """Look at keys while it is open."""
        task = asyncio.create_task(self._run())
        try:
            yield self
        finally:
            task.cancel()
            await asyncio.wait((task,))

    def add(self, key: str | None, connection: Kept) -> None:
        self._by_key.setdefault(key, {})[connection] = None

    def discard(self, key: str | None, connection: Kept) -> None:
        kept = self._by_key.get(key)
        if kept is not None:
            kept.pop(connection, None)
            if not kept:
                del self._by_key[key]

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(RECHECK_SECONDS)
            for key in list(self._by_key):
                await self._look(key)

    async def _look(self, key: str | None) -> None:
        try:
            principal = await self._authenticator.principal_of_key(key)
        except REFUSALS as error:
            for connection in list(self._by_key.get(key, ())):
                connection.refused(error)
            return
        except Exception as error:  # noqa: BLE001  # the database is away, or worse: this says nothing about the key
            if not isinstance(error, Unavailable):
                _log.exception("a key of open connections could not be looked up; it is tried again")
            return
        for place, connection in enumerate(list(self._by_key.get(key, ()))):
            if place % TURN == TURN - 1:
                await asyncio.sleep(0)
            try:
                permit(principal, connection.scope)
            except REFUSALS as error:
                connection.refused(error)
            else:
                connection.still(principal)
