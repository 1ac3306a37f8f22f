"""Keeps what is found out about all streams of a process: gathered, and written in few transactions.

Facts go at once, and those that come meanwhile together in the next transaction; what merely goes on goes every ten
seconds. While the database is away all waits, and nothing is lost unless it is away for hours.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable
from contextlib import suppress

import asyncpg

from sonograph import clock
from sonograph.monitoring.facts import Condition, Fact, PlayStarted
from sonograph.monitoring.partitions import ensure_partitions
from sonograph.monitoring.play_store import Told, write
from sonograph.postgres.trouble import TROUBLE

AGAIN_SECONDS = 1.0  # after trouble
WRITE_SECONDS = 20.0  # for a transaction
MOST = 100_000  # facts that wait: those of 200 streams for half a day
BATCH = 2_000  # facts in a transaction
# What is wrong with the facts themselves, so that trying again is of no use.
_WRONG = (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError)

_log = logging.getLogger(__name__)


class Keeper:
    """Of one process. `written`, `dropped`: facts, for metrics and tests."""

    def __init__(self, pool: asyncpg.Pool, lease: Callable[[], int | None], every: float = 10.0) -> None:
        """`lease`: the number of the monitor while it may write, else None. `every`: as `Pace.keep`."""
        self.written = self.dropped = 0
        self._pool, self._lease, self._every = pool, lease, every
        self._facts: list[Fact] = []
        self._conditions: dict[int, Condition] = {}
        self._wake = asyncio.Event()
        self._turn = asyncio.Lock()
        self._trouble: str | None = None

    @property
    def waiting(self) -> int:
        return len(self._facts)

    def note(self, facts: Iterable[Fact]) -> None:
        """To be written soon."""
        for fact in facts:
            if len(self._facts) >= MOST:
                self.dropped += 1
                if self.dropped % 1000 == 1:
                    _log.error("plays: %d facts wait already, others are lost (%d so far)", MOST, self.dropped)
                continue
            self._facts.append(fact)
            self._wake.set()

    def condition(self, stream: int, condition: Condition, *, soon: bool = False) -> None:
        """How a stream is; within ten seconds, or with the next facts."""
        known = self._conditions.get(stream)
        self._conditions[stream] = condition if known is None else known.updated(condition)
        if soon:
            self._wake.set()

    def discard(self, streams: Iterable[int]) -> None:
        """They are not ours any more: what waits of them would not be written anyway."""
        gone = set(streams)
        self._facts = [fact for fact in self._facts if fact.stream_id not in gone]
        for one in gone:
            self._conditions.pop(one, None)

    async def run(self, stop: asyncio.Event) -> None:
        """Write until told to stop; trouble is logged once while it lasts, and never raised."""
        loop = asyncio.get_running_loop()
        due = loop.time() + self._every
        while not stop.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), max(0.0, due - loop.time()))
            self._wake.clear()
            if not await self.flush():
                self._wake.set()
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), AGAIN_SECONDS)
            due = loop.time() + self._every

    async def flush(self) -> bool:
        """Write all that waits; whether it was written."""
        async with self._turn:
            while self._facts or self._conditions:
                monitor = self._lease()
                if monitor is None:
                    return False
                facts, conditions = self._facts[:BATCH], self._conditions
                self._facts, self._conditions = self._facts[BATCH:], {}
                try:
                    await self._written(monitor, facts, conditions)
                except TROUBLE as error:
                    self._again(facts, conditions)
                    self._say(error)
                    return False
                except BaseException:
                    self._again(facts, conditions)
                    raise
        return True

    async def _written(self, monitor: int, facts: list[Fact], conditions: dict[int, Condition]) -> None:
        """Raises trouble; what can never be written is left out."""
        try:
            await self._write(monitor, facts, conditions)
        except asyncpg.CheckViolationError:  # the month's partition is missing
            await self._make_partitions(facts)
            await self._write(monitor, facts, conditions)
        except _WRONG:
            for stream in sorted({fact.stream_id for fact in facts} | conditions.keys()):
                own = {stream: conditions[stream]} if stream in conditions else {}
                own_facts = [fact for fact in facts if fact.stream_id == stream]
                try:
                    await self._write(monitor, own_facts, own)
                except _WRONG:
                    self.dropped += len(own_facts)
                    _log.exception("stream %d: %d facts cannot be written, and are lost", stream, len(own_facts))

    async def _write(self, monitor: int, facts: list[Fact], conditions: dict[int, Condition]) -> None:
        async with asyncio.timeout(WRITE_SECONDS), self._pool.acquire() as connection:
            told = await write(connection, monitor, facts, conditions)
        self.written += len(facts)
        if self._trouble:
            _log.info("plays: the database takes them again")
            self._trouble = None
        self._report(told)

    def _report(self, told: Told) -> None:
        if told.started or told.ended:
            _log.debug("plays: %d started, %d ended", told.started, told.ended)
        if told.lost:
            _log.info("plays: nothing is written of %d streams that others watch", len(told.lost))

    async def _make_partitions(self, facts: list[Fact]) -> None:
        async with asyncio.timeout(WRITE_SECONDS), self._pool.acquire() as connection:
            for start in {fact.started_at.replace(day=1) for fact in facts if isinstance(fact, PlayStarted)}:
                await ensure_partitions(connection, start, 0)
            await ensure_partitions(connection, clock.now())

    def _again(self, facts: list[Fact], conditions: dict[int, Condition]) -> None:
        """What came meanwhile is later than these."""
        self._facts = [*facts, *self._facts]
        for stream, condition in conditions.items():
            later = self._conditions.get(stream)
            self._conditions[stream] = condition if later is None else condition.updated(later)

    def _say(self, error: Exception) -> None:
        said = str(error) or type(error).__name__
        if said != self._trouble:
            _log.warning("plays wait for the database (%d facts): %s", len(self._facts), said)
        self._trouble = said
