"""Credits as requests take them; both skins charge here, and nowhere else.

Most takes touch no database: see purse.py. Each request that is answered is counted by `keep`, or its credits go back
by `undo`; once a second what was counted becomes usage, in one statement for all accounts.
"""

import asyncio
import logging
from dataclasses import dataclass
from datetime import date, timedelta
from time import monotonic
from types import TracebackType
from typing import Self
from uuid import UUID

import asyncpg

from sonograph import clock
from sonograph.accounts import ledger, usage
from sonograph.accounts.ledger import Entry, Ledger, Row
from sonograph.accounts.plans import PlanTable
from sonograph.accounts.principal import Principal
from sonograph.accounts.purse import DATABASE_ERRORS, Purse
from sonograph.accounts.upkeep import sweep
from sonograph.errors import QuotaExceeded, Unavailable

TICK_SECONDS = 1.0
IDLE_SECONDS = 5.0  # until what was taken ahead goes back
SWEEP_SECONDS = 30.0
SKIPPED = "The monthly quota was spent before all items were looked up"

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Charge:
    """What was granted of what was asked for; end it by `keep`, `undo` or `refund`."""

    granted: int
    used: int  # what it costs: nothing for test keys
    remaining: int
    message: str | None = None
    purse: Purse | None = None
    lease: UUID | None = None


class Credits:
    """The credits of all accounts, as one process takes them. An async context manager: it settles every second."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        plans: PlanTable,
        *,
        lease_seconds: float = ledger.LEASE_SECONDS,
        now: clock.Clock = clock.now,
    ) -> None:
        self.plans = plans
        self._pool, self._now = pool, now
        self._ledger = Ledger(pool, lease_seconds)
        self._purses: dict[int, Purse] = {}
        self._past: list[Purse] = []  # of months that are over, until they are settled
        self._free_rows: dict[tuple[int, date, int, str], list[int]] = {}  # of requests that are charged nothing
        self._batch: list[Row] = []  # sent until it is known to have arrived
        self._number = 0
        self._settling = asyncio.Lock()
        self._loop: asyncio.Task[None] | None = None
        self._extended = self._swept = monotonic()
        self._failing = False

    async def __aenter__(self) -> Self:
        self._loop = asyncio.create_task(self._settle_always())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._loop is not None:
            self._loop.cancel()
            await asyncio.wait([self._loop])
        for purse in [*self._past, *self._purses.values()]:
            await purse.end()
        try:
            await self.settle(idle_seconds=0.0)
        except (Unavailable, *DATABASE_ERRORS) as failure:
            _log.error("credits were not settled at the end, and will count as lost: %s", failure)

    def unspent(self, account_id: int) -> int:
        """Credits that this process has taken ahead for an account this month."""
        purse = self._purses.get(account_id)
        return purse.free if purse is not None and purse.month == usage.month_of(self._now().date()) else 0

    async def take(self, principal: Principal, wanted: int, *, least: int | None = None) -> Charge:
        """Charge `wanted` credits, or as many as there are but at least `least`; raises `QuotaExceeded`."""
        limit = self.plans.of(principal.plan).monthly_credits
        if principal.test or not wanted:
            return Charge(wanted, 0, limit)
        purse = self._purse(principal.account_id, limit)
        lease, granted = await purse.take(wanted, wanted if least is None else least)
        if not granted:
            raise _exceeded(purse)
        message = None if granted == wanted else SKIPPED
        return Charge(granted, granted, purse.remaining, message, purse, lease)

    async def reserve(self, principal: Principal, amount: int, endpoint: str) -> Charge:
        """Charge for costly work before it begins, all or nothing: `keep` it when done, `refund` it if it failed."""
        limit = self.plans.of(principal.plan).monthly_credits
        if principal.test or not amount:
            return Charge(amount, 0, limit)
        purse = self._purse(principal.account_id, limit)
        if not await purse.reserve(amount, Entry("reserve", endpoint, principal.key_id)):
            raise _exceeded(purse)
        return Charge(amount, amount, purse.remaining, None, purse, purse.lease)

    @staticmethod
    async def refund(principal: Principal, charge: Charge, endpoint: str) -> None:
        """Give a reservation back at once; raises `Unavailable`, and then it comes back when the account is idle."""
        purse, charge.purse = charge.purse, None
        if purse is not None and charge.lease is not None:
            await purse.refund(charge.lease, charge.used, Entry("refund", endpoint, principal.key_id))

    def keep(self, principal: Principal, endpoint: str, charge: Charge | None = None, *, refused: bool = False) -> None:
        """Count a request under its endpoint; what it was charged is spent."""
        day = self._now().date()
        if charge is not None and charge.purse is not None:
            purse, charge.purse = charge.purse, None
            if day.month != purse.month.month:  # it began in the month before, and is that month's
                day = (usage.next_month(purse.month) - timedelta(days=1)).date()
            purse.keep(charge.lease, charge.used, (day, principal.key_id, endpoint), refused=refused)
            return
        key = principal.account_id, day, principal.key_id, endpoint
        counts = self._free_rows.get(key)
        if counts is None:
            counts = self._free_rows[key] = [0, 0, 0]
        counts[0] += 1
        counts[1] += refused

    @staticmethod
    def undo(charge: Charge | None) -> None:
        """Free what a request was charged that was not answered."""
        if charge is not None and charge.purse is not None and charge.lease is not None:
            purse, charge.purse = charge.purse, None
            purse.undo(charge.lease, charge.used)

    async def settle(self, *, idle_seconds: float = IDLE_SECONDS) -> None:
        """Write usage, keep leases alive, and give back what idle accounts do not spend."""
        async with self._settling:
            await self._send_usage()
            if monotonic() - self._extended >= self._ledger.lease_seconds / 4:
                await self._extend()
            month, now = usage.month_of(self._now().date()), monotonic()
            idle = [
                purse
                for purse in [*self._past, *self._purses.values()]
                if purse.is_idle and (purse.month != month or now - purse.touched >= idle_seconds)
            ]
            await self._end(idle)

    def _purse(self, account_id: int, limit: int) -> Purse:
        purse = self._purses.get(account_id)
        day = self._now().date()
        if purse is None or purse.month.month != day.month:
            if purse is not None:
                self._past.append(purse)
            purse = self._purses[account_id] = Purse(self._ledger, account_id, usage.month_of(day), limit)
        elif limit < purse.limit:
            purse.shrink()
        purse.limit = limit
        return purse

    async def _send_usage(self) -> None:
        if not self._batch:
            for purse in [*self._past, *self._purses.values()]:
                if purse.rows:
                    self._batch += purse.take_rows()
            free, self._free_rows = self._free_rows, {}
            self._batch += [Row(None, *row, *counts) for row, counts in free.items()]
            self._number += 1
        if self._batch:
            spent: dict[UUID, int] = {}
            for row in self._batch:
                if row.lease is not None and row.credits:
                    spent[row.lease] = spent.get(row.lease, 0) + row.credits
            await self._ledger.settle(self._number, list(spent.items()), self._batch)
            self._batch = []

    async def _extend(self) -> None:
        """Leases that are gone were taken for a dead process's: their purses begin others."""
        leased = [purse for purse in [*self._past, *self._purses.values()] if purse.leased]
        held = {purse.lease: purse for purse in leased}
        if held:
            for lease in held.keys() - await self._ledger.extend(list(held)):
                if held[lease].lease == lease and held[lease].leased:
                    held[lease].drop()
        self._extended = monotonic()

    async def _end(self, idle: list[Purse]) -> None:
        """End the leases of idle purses: those that hold nothing in one statement, the others one by one."""
        empty = {purse.lease: purse for purse in idle if purse.leased and not purse.free}
        ended = await self._ledger.end(list(empty)) if empty else set()
        for purse in idle:
            if not purse.is_idle:
                continue
            if purse.lease in ended:
                purse.leased = False
            elif purse.leased:
                await purse.give_back()
        self._past = [purse for purse in self._past if purse.leased or not purse.is_idle]
        for purse in idle:
            if purse.is_idle and not purse.leased and self._purses.get(purse.account_id) is purse:
                del self._purses[purse.account_id]

    async def _settle_always(self) -> None:
        while True:
            await asyncio.sleep(TICK_SECONDS)
            try:
                await self.settle()
                if monotonic() - self._swept >= SWEEP_SECONDS:
                    self._swept = monotonic()
                    await sweep(self._pool, self._now())
            except (Unavailable, *DATABASE_ERRORS) as error:
                if not self._failing:
                    _log.error("usage cannot be written, it is kept and written later: %s", error)
                self._failing = True
            else:
                if self._failing:
                    _log.info("usage is written again")
                self._failing = False


def _exceeded(purse: Purse) -> QuotaExceeded:
    again = usage.next_month(purse.month).date()
    return QuotaExceeded(
        f"The monthly quota of {purse.limit} credits is spent or too little is left; it begins again on {again}"
    )
