"""Credits of one account and month, as one process holds them: taken from the database some ahead, and spent here."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable
from datetime import date
from time import monotonic
from typing import TypeVar
from uuid import UUID, uuid4

from sonograph.accounts.ledger import TAKEN, Entry, Ledger, Row, Taken
from sonograph.errors import SonographError, Unauthenticated, Unavailable
from sonograph.postgres.trouble import TROUBLE

MAX_AHEAD = 64
PACE_SECONDS = 2.0  # between two statements for an account, for the second one to take more ahead than the first
REFUSED_SECONDS = 1.0  # for which it is believed, without asking again, that there are not so many left
DATABASE_ERRORS = TROUBLE

T = TypeVar("T")
_log = logging.getLogger(__name__)


class Purse:
    """What the lease holds is free, open (charged to requests under way), or spent by the rows of usage.

    A busy account takes twice as many ahead with each statement, at most 64 and a hundredth of what is left, so that
    the end of the quota is counted one by one. Requests that wait for the database share one statement.
    """

    __slots__ = (
        "_ahead", "_asked", "_filler", "_ledger", "_refused_least", "_refused_limit", "_refused_until", "_waiting",
        "account_id", "busy", "free", "lease", "leased", "limit", "month", "open", "rows", "touched", "used",
    )  # fmt: skip

    def __init__(self, ledger: Ledger, account_id: int, month: date, limit: int) -> None:
        self._ledger, self.account_id, self.month, self.limit = ledger, account_id, month, limit
        self.lease, self.leased = uuid4(), False
        self.free = self.open = 0
        self.used = 0  # the month's counter, when it was last seen
        self.rows: dict[tuple[date, int, str], list[int]] = {}  # day, key, endpoint: requests, refused, credits
        self.busy = asyncio.Lock()  # held while the database changes the lease
        self.touched = monotonic()
        self._ahead, self._asked = 0, -PACE_SECONDS
        self._refused_until, self._refused_limit, self._refused_least = 0.0, limit, 0
        self._waiting: deque[tuple[int, int, asyncio.Future[tuple[UUID, int]]]] = deque()  # wanted, least, granted
        self._filler: asyncio.Task[None] | None = None

    @property
    def remaining(self) -> int:
        """Credits left this month, without what other processes have taken since the last statement."""
        return max(self.limit - self.used + self.free, 0)

    @property
    def is_idle(self) -> bool:
        return not (self.open or self.rows or self._waiting or self.busy.locked())

    async def take(self, wanted: int, least: int) -> tuple[UUID, int]:
        """Of which lease, and how many were granted: `wanted`, fewer but at least `least`, or 0."""
        if self.free >= wanted and not self._waiting:
            self.free -= wanted
            self.open += wanted
            self.touched = monotonic()
            return self.lease, wanted
        if (
            self._refused_until > monotonic()
            and self._refused_limit == self.limit
            and least - self.free >= self._refused_least
        ):
            return self.lease, 0
        answer: asyncio.Future[tuple[UUID, int]] = asyncio.get_running_loop().create_future()
        self._waiting.append((wanted, least, answer))
        if self._filler is None or self._filler.done():
            self._filler = asyncio.create_task(self._fill())
        try:
            return await answer
        except asyncio.CancelledError:
            if answer.done() and not answer.cancelled() and answer.exception() is None:
                self.undo(*answer.result())  # granted in the moment in which nobody waited any more
            raise

    async def reserve(self, amount: int, entry: Entry) -> bool:
        """Take so many, or none, with an entry of their own in the ledger."""
        async with self.busy:
            taken = await self._statement(amount, amount, 0, entry)
        self.open += taken.taken
        return bool(taken.taken)

    async def refund(self, lease: UUID, amount: int, entry: Entry) -> None:
        """Give back what was reserved. If that fails, the lease holds it, until the account is idle."""
        try:
            async with self.busy:
                await self._asking(self._ledger.refund(lease, self.account_id, amount, entry))
            self.used -= amount
        finally:
            if lease == self.lease:
                self.open -= amount
            self._refused_until = 0.0

    def undo(self, lease: UUID, amount: int) -> None:
        """Free what a request was charged that was not answered."""
        if lease == self.lease:
            self.open -= amount
            self.free += amount
            self._refused_until = 0.0

    def keep(self, lease: UUID | None, amount: int, row: tuple[date, int, str], *, refused: bool) -> None:
        """Count a request and what it spent."""
        if lease is not None and lease == self.lease:
            self.open -= amount
        else:
            amount = 0  # of a lease that was lost, and is in the log as such
        counts = self.rows.get(row)
        if counts is None:
            counts = self.rows[row] = [0, 0, 0]
        counts[0] += 1
        counts[1] += refused
        counts[2] += amount

    def take_rows(self) -> list[Row]:
        """The rows of usage so far; they are the caller's now."""
        rows, self.rows = self.rows, {}
        return [Row(self.lease, self.account_id, *row, *counts) for row, counts in rows.items()]

    async def give_back(self) -> None:
        """Return what nobody spends. Call it when the purse is idle and its rows are settled."""
        async with self.busy:
            self.free, free = 0, self.free
            try:
                await self._asking(self._ledger.give_back(self.lease, self.account_id))
            except Unavailable:
                self.free = free
                raise
            self.leased = False
            self.used -= free

    def shrink(self) -> None:
        """A smaller plan came in force: spend nothing more of what was taken under the larger one."""
        self.free = 0  # the lease holds it, and gives it back when the account is idle

    def drop(self) -> None:
        """The lease is no more, because this process seemed dead: what it held counts as lost. Begin another one."""
        _log.warning("a lease of account %d was lost with %d credits", self.account_id, self.free + self.open)
        self.lease, self.leased = uuid4(), False
        self.free = self.open = 0
        for counts in self.rows.values():
            counts[2] = 0

    async def end(self) -> None:
        """Wait for the statement under way."""
        if self._filler is not None and not self._filler.done():
            await asyncio.wait([self._filler])

    async def _fill(self) -> None:
        """Serve those who wait, all that are there with one statement, until none is."""
        while self._waiting:
            async with self.busy:
                group = len(self._waiting)
                need = sum(wanted for wanted, _, _ in self._waiting) - self.free
                error: SonographError | None = None
                if need > 0:
                    now = monotonic()
                    self._ahead = min(MAX_AHEAD, 2 * self._ahead or 1) if now - self._asked < PACE_SECONDS else 0
                    self._asked = now
                    least = max(min(least for _, least, _ in self._waiting) - self.free, 1)
                    try:
                        taken = await self._statement(need, min(least, need), self._ahead, TAKEN)
                        self.free += taken.taken
                    except (Unavailable, Unauthenticated) as failure:
                        error = failure
                for _ in range(group):
                    self._serve(error)

    def _serve(self, error: SonographError | None) -> None:
        wanted, least, answer = self._waiting.popleft()
        if answer.done():  # cancelled
            return
        if error is not None:
            answer.set_exception(error)
            return
        granted = min(wanted, self.free)
        if granted < least:
            granted = 0
        self.free -= granted
        self.open += granted
        answer.set_result((self.lease, granted))

    async def _statement(self, wanted: int, least: int, ahead: int, entry: Entry) -> Taken:
        taken = await self._asking(self._take(wanted, least, ahead, entry))
        if taken.known and not taken.leased:
            self.drop()
            taken = await self._asking(self._take(wanted, least, ahead, entry))
        if not taken.known:
            raise Unauthenticated("Missing or invalid API key")  # the account was deleted a moment ago
        self.used, self.touched = taken.used, monotonic()
        if taken.taken:
            self.leased, self._refused_until = True, 0.0
        else:
            self._refused_until, self._refused_limit = monotonic() + REFUSED_SECONDS, self.limit
            self._refused_least = least
        return taken

    def _take(self, wanted: int, least: int, ahead: int, entry: Entry) -> Awaitable[Taken]:
        return self._ledger.take(
            self.lease,
            self.account_id,
            self.month,
            new=not self.leased,
            limit=self.limit,
            wanted=wanted,
            ahead=ahead,
            least=least,
            entry=entry,
        )

    @staticmethod
    async def _asking(statement: Awaitable[T]) -> T:
        try:
            return await statement
        except DATABASE_ERRORS as error:
            _log.error("credits cannot be counted: %s", error)
            raise Unavailable("Credits cannot be counted now.") from error
