"""Connections for reads: prepared once, handed out last-in first-out, without a reset between two requests.

asyncpg's own pool resets a connection after each use and does not prepare by name. Measured for a track by ISRC: 107 µs
of database time with a named statement, 1,187 µs without, because an unnamed one is planned anew each time.
"""

import asyncio
import logging
from collections import OrderedDict, deque
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Self

import asyncpg

from sonograph.errors import Invalid, Unavailable

MAX_STATEMENTS = 500  # prepared on one connection: about 30 KiB each in the server
WAIT_SECONDS = 5.0  # for a free connection
CONNECT_SECONDS = 10.0

_log = logging.getLogger(__name__)

_LOST = (
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.InternalClientError,
    OSError,
)
# Said before the connection closes. asyncpg has no state for the last words of a server that it did not ask anything:
# until the end of the stream has arrived as well, what is asked next is an InternalClientError.
_ENDED = (asyncpg.AdminShutdownError, asyncpg.CrashShutdownError, asyncpg.InternalClientError)


class Timeout(Unavailable):
    """The database did not answer within the statement timeout."""

    code = "TIMEOUT"


class _Connection:
    """A connection with the statements prepared on it, least recently used first."""

    __slots__ = ("link", "statements")

    def __init__(self, link: Any) -> None:
        self.link = link
        self.statements: OrderedDict[str, Any] = OrderedDict()

    async def prepare(self, sql: str, name: str) -> Any:
        if len(self.statements) >= MAX_STATEMENTS:
            # Dropping the last reference is what closes a statement in asyncpg, at the next prepare.
            self.statements.popitem(last=False)
        prepared = self.statements[sql] = await self.link.prepare(sql, name=name)
        return prepared


async def _end_transaction(link: Any) -> None:
    """Preparing begins a transaction of the server's, which asking ends; a value that asyncpg refuses is not asked.

    Its locks would stay until the connection is used again, and hold up migrations and `vacuum`.
    """
    with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):  # a lost connection has no locks
        await link.execute("select")


class Pool:
    """Read connections to one catalog: the search_path says which. `sent` counts statements, for tests and metrics."""

    def __init__(self, dsn: str, search_path: str, *, size: int, statement_timeout_ms: int, **settings: str) -> None:
        self.dsn = dsn
        self.size = size
        self.sent = 0
        self._free: list[_Connection] = []
        self._waiting: deque[asyncio.Future[_Connection]] = deque()
        self._open = 0
        self._named = 0
        self._closed = False
        self._settings = {
            "search_path": search_path,
            "timezone": "UTC",
            "application_name": f"sonograph {search_path}",
            "statement_timeout": str(statement_timeout_ms),
            "plan_cache_mode": "force_generic_plan",
            "jit": "off",
            # PostgreSQL's default of 4 is for spinning disks: a list of 100 took 8.2 instead of 4.6 ms of CPU with it,
            # because small tables are scanned for every row (python -m benchmarks.reads).
            "random_page_cost": "1.1",
            # A point read gains nothing from a second process, and its start costs more than the read.
            "max_parallel_workers_per_gather": "0",
            **settings,
        }

    async def open(self) -> Self:
        """Open the first connection now, so that a wrong URL is known at the start; the others open when needed."""
        self._open += 1
        self._release(await self._connect())
        return self

    async def close(self) -> None:
        self._closed = True
        while self._free:
            with suppress(TimeoutError):  # asyncpg has cut it off by then; the others are to be closed all the same
                await self._free.pop().link.close(timeout=CONNECT_SECONDS)
            self._open -= 1

    async def value(self, sql: str, values: Sequence[Any]) -> str | None:
        """The one value of the one row of a read; asked once more on a new connection if the first one was lost."""
        connection = await self._acquire()
        held: _Connection | None = connection
        try:
            self.sent += 1
            try:
                return await self._ask(connection, sql, values)
            except _LOST as error:
                if not isinstance(error, _ENDED) and not connection.link.is_closed():
                    raise
            held = None
            held = connection = await self._again(connection)
            return await self._ask(connection, sql, values)
        except asyncpg.QueryCanceledError as error:
            raise Timeout("The database took too long to answer.") from error
        except asyncpg.DataError as error:
            await _end_transaction(connection.link)
            raise Invalid("A value holds characters or numbers that cannot be stored.") from error
        except (asyncpg.PostgresConnectionError, *_ENDED, OSError) as error:
            raise Unavailable("The connection to the database was lost.") from error
        finally:
            if held is not None:
                self._release(held)

    async def _ask(self, connection: _Connection, sql: str, values: Sequence[Any]) -> str | None:
        prepared = connection.statements.get(sql)
        if prepared is None:
            self._named += 1
            prepared = await connection.prepare(sql, f"read_{self._named}")
        else:
            connection.statements.move_to_end(sql)
        result: str | None = await prepared.fetchval(*values)
        return result

    async def rows(self, sql: str, values: Sequence[Any] = ()) -> list[Any]:
        """Rows of a read that is not on the hot path."""
        connection = await self._acquire()
        try:
            self.sent += 1
            return list(await connection.link.fetch(sql, *values))
        finally:
            self._release(connection)

    async def _connect(self) -> _Connection:
        try:
            link = await asyncpg.connect(
                self.dsn, statement_cache_size=0, server_settings=self._settings, timeout=CONNECT_SECONDS
            )
        except (OSError, asyncpg.PostgresError, TimeoutError) as error:
            _log.error("no connection to the database: %s", error)  # clients get less, operators no stack
            self._give_up_one()
            raise Unavailable("The database cannot be reached.") from error
        except BaseException:
            self._give_up_one()
            raise
        return _Connection(link)

    async def _acquire(self) -> _Connection:
        if self._closed:
            raise Unavailable("The service is shutting down.")
        while self._free:
            connection = self._free.pop()
            if not connection.link.is_closed():
                return connection
            self._open -= 1
        if self._open < self.size:
            self._open += 1
            return await self._connect()
        turn: asyncio.Future[_Connection] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            return await asyncio.wait_for(turn, WAIT_SECONDS)
        except BaseException as error:
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                self._release(turn.result())  # given to us in the moment in which we stopped waiting
            if isinstance(error, TimeoutError):
                raise Unavailable("All database connections are busy.") from error
            raise

    def _give_up_one(self) -> None:
        """Count out a connection that could not be made; with none left, nobody will ever serve those who wait."""
        self._open -= 1
        while not self._open and self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_exception(Unavailable("The database cannot be reached."))

    async def _again(self, lost: _Connection) -> _Connection:
        """A fresh connection in place of a lost one; the others that are lost are found when they are taken."""
        lost.link.terminate()
        return await self._connect()

    def _release(self, connection: _Connection) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(connection)
                return
        if self._closed:
            connection.link.terminate()
            self._open -= 1
        else:
            self._free.append(connection)
