"""What one request costs: charged when its first read is about to begin, kept when it is answered, else undone."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from sonograph.accounts.credits import Charge, Credits
from sonograph.accounts.principal import Principal
from sonograph.errors import QuotaExceeded, Unavailable

Run = Callable[[str, Sequence[Any]], Awaitable[str | None]]
Items = Sequence[tuple[str, int]]  # endpoint and credits

_log = logging.getLogger(__name__)


class Bill:
    """The bill of a request. `end` it in every case. Without `credits` nothing is counted."""

    __slots__ = ("charge", "credits", "done", "items", "paying", "principal", "refusal", "refused")

    def __init__(self, credits_: Credits | None, principal: Principal, items: Items) -> None:
        self.credits, self.principal, self.items = credits_, principal, items
        self.charge: Charge | None = None
        self.paying: asyncio.Lock | None = None  # the root reads of an operation may begin at the same moment
        self.refusal: QuotaExceeded | None = None
        self.refused = False  # whether a change was, and was told so as a problem of its own
        self.done: list[tuple[str, Charge]] = []  # changes, each under its endpoint

    @property
    def used(self) -> int:
        """Credits charged so far."""
        return (self.charge.used if self.charge is not None else 0) + sum([charge.used for _, charge in self.done])

    @asynccontextmanager
    async def change(self, endpoint: str) -> AsyncIterator[None]:
        """Charge a credit for a change about to be made; raises `QuotaExceeded`. One that fails costs nothing."""
        if self.credits is None:
            yield
            return
        try:
            charge = await self.credits.take(self.principal, 1)
        except QuotaExceeded:
            self.refused = True
            raise
        try:
            yield
        except BaseException:
            self.credits.undo(charge)
            raise
        self.done.append((endpoint, charge))

    @asynccontextmanager
    async def reserved(self, endpoint: str, amount: int) -> AsyncIterator["Reservation"]:
        """Charge for costly work before it begins; raises `QuotaExceeded`. Work that fails gives all of it back."""
        reservation = Reservation(self, endpoint)
        await reservation.reserve(amount)
        try:
            yield reservation
        except BaseException:
            await asyncio.shield(reservation.give_back())
            raise
        if reservation.charge is not None:
            self.done.append((endpoint, reservation.charge))

    async def pay(self, *, least: int | None = None) -> Charge:
        """Charge, the first time; raises `QuotaExceeded`, then and each time after."""
        if self.charge is None:
            wanted = sum([item[1] for item in self.items])
            if self.credits is None:
                self.charge = Charge(wanted, 0, 0)
                return self.charge
            self.paying = self.paying or asyncio.Lock()
            async with self.paying:
                charge = self.charge
                if charge is None:
                    self.check()
                    charge = self.charge = await self._take(self.credits, wanted, least)
                return charge
        return self.charge

    async def _take(self, credits_: Credits, wanted: int, least: int | None) -> Charge:
        try:
            return await credits_.take(self.principal, wanted, least=least)
        except QuotaExceeded as refusal:
            self.refusal = refusal
            raise

    def check(self) -> None:
        """Raise what `pay` raised where somebody else answered it."""
        if self.refusal is not None:
            raise self.refusal

    def before(self, run: Run) -> Run:
        """A read that pays before it asks: what is refused until then costs nothing."""

        async def paid(statement: str, values: Sequence[Any]) -> str | None:
            if self.charge is None:
                await self.pay()
            return await run(statement, values)

        return paid

    def end(self, *, answered: bool, refused: bool = False) -> None:
        """Count the request. What was charged is spent when it was answered; otherwise it costs nothing."""
        charge = self.charge
        if self.credits is None:
            return
        refused = refused or self.refused or self.refusal is not None
        if charge is not None and not answered:
            self.credits.undo(charge)
        if self.done:
            self._end_changes(refused=refused)
            return
        if len(self.items) == 1:
            self.credits.keep(self.principal, self.items[0][0], charge, refused=refused)
            return
        for endpoint, cost in self.items:
            part = charge and Charge(cost, cost if charge.used else 0, 0, None, charge.purse, charge.lease)
            self.credits.keep(self.principal, endpoint, part, refused=refused)

    def _end_changes(self, *, refused: bool) -> None:
        """Count an operation that made changes: they are spent, also where nobody heard the answer any more."""
        if self.credits is None:
            return
        done = dict.fromkeys(endpoint for endpoint, _ in self.items)
        for endpoint, charge in self.done:
            self.credits.keep(self.principal, endpoint, charge, refused=refused)
            done.pop(endpoint, None)
        for endpoint in done:
            self.credits.keep(self.principal, endpoint, None, refused=refused)


class Reservation:
    """Credits held for work under way."""

    __slots__ = ("_bill", "_endpoint", "charge")

    def __init__(self, bill: Bill, endpoint: str) -> None:
        self._bill, self._endpoint = bill, endpoint
        self.charge: Charge | None = None  # None where nothing is charged, or nothing is held

    @property
    def used(self) -> int:
        """What the work costs: nothing for test keys."""
        return 0 if self.charge is None else self.charge.used

    async def reserve(self, amount: int) -> None:
        """Hold this many instead of what is held; raises `QuotaExceeded`, and then nothing is."""
        bill = self._bill
        if bill.credits is None:
            return
        if self.charge is not None:
            if self.charge.granted == amount:
                return
            await self.give_back()
        try:
            self.charge = await bill.credits.reserve(bill.principal, amount, self._endpoint)
        except QuotaExceeded:
            bill.refused = True
            raise

    async def give_back(self) -> None:
        """Hold nothing any more."""
        charge, self.charge = self.charge, None
        if charge is None or self._bill.credits is None:
            return
        try:
            await self._bill.credits.refund(self._bill.principal, charge, self._endpoint)
        except Unavailable:
            _log.warning("%d credits were not given back at once: the lease holds them until it ends", charge.used)
