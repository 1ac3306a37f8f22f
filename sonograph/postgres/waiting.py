"""A database that is away while we start: it is waited for, as containers that start together expect."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import TypeVar

import asyncpg

from sonograph.errors import Unavailable

AGAIN_SECONDS = 1.0
# What passes by itself. A wrong password or a database that does not exist is said at once.
AWAY = (
    Unavailable,
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,  # it shuts down, crashed, or is not up yet
    asyncpg.TooManyConnectionsError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # the connection was cut; the end of its stream has not arrived
)

T = TypeVar("T")
_log = logging.getLogger(__name__)


@asynccontextmanager
async def entered(
    make: Callable[[], AbstractAsyncContextManager[T]], seconds: float, left: Callable[[], bool]
) -> AsyncIterator[T]:
    """Enters what needs the database, anew until it succeeds, for so many seconds.

    `left`: whether nobody waits any longer. Raises `Unavailable` in the end, and what does not pass by itself at once.
    """
    async with AsyncExitStack() as stack:
        yield await _entered(stack, make, time.monotonic() + seconds, left)


async def _entered(
    stack: AsyncExitStack, make: Callable[[], AbstractAsyncContextManager[T]], until: float, left: Callable[[], bool]
) -> T:
    waited = False
    while True:
        try:
            entered = await stack.enter_async_context(make())
        except AWAY as error:
            if isinstance(error, OSError) and error.filename is not None:
                raise  # a file of ours, and no connection
            said = str(error) or type(error).__name__
            if not isinstance(error, Unavailable):
                said = f"The database cannot be reached: {said}"
            if time.monotonic() >= until or left():
                raise Unavailable(said) from error
            if not waited:
                seconds = until - time.monotonic()
                _log.warning("%s; waiting for it for up to %.0f s (SONOGRAPH_DATABASE_WAIT)", said.rstrip("."), seconds)
            waited = True
            await asyncio.sleep(min(AGAIN_SECONDS, max(0.0, until - time.monotonic())))
        else:
            if waited:
                _log.info("the database answers")
            return entered
