"""The one reader of the log in a process: it hears of new events, reads them once, and feeds all who listen.

The database notifies with each append; what it reads are ids, the log says the rest. Where notifications do not get
through (a pooler that shares connections, a connection that is lost), the log is asked every second.
"""

import asyncio
import logging
from collections.abc import Hashable, Sequence
from typing import Any, Protocol, Self

import asyncpg

from sonograph.errors import Unavailable
from sonograph.events import store
from sonograph.events.broadcast import Broadcast, Render
from sonograph.events.event import Event
from sonograph.events.listening import Listening
from sonograph.events.member import Ending
from sonograph.events.store import Page
from sonograph.events.subscription import Closing, Subscription
from sonograph.events.topic import Topic
from sonograph.postgres.trouble import TROUBLE

POLL_SECONDS = 1.0  # between two looks at the log while notifications do not get through
CHECK_SECONDS = 5.0  # and while they do: a lost connection may not be known yet
BATCH = 1_000  # events read at once
REPLAYS = 3  # pages of the past that are read at once: the pool has 8 connections by default, and others to serve

_log = logging.getLogger(__name__)


class Tap(Protocol):
    """Who is fed: a broadcast or a subscription."""

    topic: Topic

    def feed(self, events: Sequence[Event]) -> None: ...

    def end(self, why: Ending) -> None: ...


class Hub:
    """`async with Hub(engine.accounts, engine.dsn) as hub`: one a process."""

    def __init__(self, pool: asyncpg.Pool, dsn: str, *, poll_seconds: float = POLL_SECONDS) -> None:
        """`pool` is `Engine.accounts`; `dsn` leads to the same database, for a connection that listens."""
        self._pool = pool
        self._poll_seconds = poll_seconds
        self._listening = Listening(dsn, store.CHANNEL, self._heard)
        self._latest = 0
        self._taps: dict[tuple[int, bool], dict[Tap, None]] = {}  # by account, and whether its test streams are meant
        self._broadcasts: dict[tuple[Topic, Hashable], Broadcast] = {}
        self._wake = asyncio.Event()
        self._reading = asyncio.Lock()
        self._replays = asyncio.Semaphore(REPLAYS)
        self._tasks: list[asyncio.Task[Any]] = []
        self._trusted = True  # whether notifications come for what is appended
        self._troubled = False
        self.draining = False
        self.reads = 0  # statements sent to read what is new

    async def __aenter__(self) -> Self:
        self._latest = await store.latest(self._pool)
        self._tasks = [asyncio.create_task(self._listening.run()), asyncio.create_task(self._follow())]
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.drain()
        for task in self._tasks:
            task.cancel()
        await asyncio.wait(self._tasks)

    def latest(self) -> int:
        """The newest event that was read: all up to it have been fed."""
        return self._latest

    def subscribe(self, topic: Topic, after: int | None = None) -> Subscription:
        """Events after an id (None: from now on), each once and in order. Raises `Closing` while draining."""
        self.check_open()
        return Subscription(self, topic, after)

    def broadcast(self, topic: Topic, key: Hashable, render: Render) -> Broadcast:
        """The shared fan-out of a topic in one rendering; `key` names the rendering."""
        known = self._broadcasts.get((topic, key))
        return known if known is not None else Broadcast(self, topic, key, render)

    async def drain(self) -> None:
        """Let go of all listeners, and take no new ones: this process is about to end."""
        self.draining = True
        for taps in list(self._taps.values()):
            for tap in list(taps):
                tap.end(Ending.CLOSING)

    def check_open(self) -> None:
        """Raises `Closing` while draining."""
        if self.draining:
            raise Closing("The server is restarting: come back in some seconds.")

    # What broadcasts and subscriptions need.

    def add(self, tap: Tap) -> None:
        """Feed it with every event of its account after `latest()`."""
        self._taps.setdefault((tap.topic.account_id, tap.topic.test), {})[tap] = None
        if isinstance(tap, Broadcast):
            self._broadcasts.setdefault((tap.topic, tap.key), tap)

    def remove(self, tap: Tap) -> None:
        feed = tap.topic.account_id, tap.topic.test
        taps = self._taps.get(feed, {})
        taps.pop(tap, None)
        if not taps:
            self._taps.pop(feed, None)
        if isinstance(tap, Broadcast) and self._broadcasts.get((tap.topic, tap.key)) is tap:
            del self._broadcasts[tap.topic, tap.key]

    async def known(self, cursor: int) -> int:
        """The cursor, once the log was read up to it: another process may have told an event that is new to this one.

        One that is ahead of the log (a database restored from a backup) becomes the newest event there is.
        """
        if cursor > self._latest:
            await self.refresh()
        return min(max(cursor, 0), self._latest)

    async def gap(self, topic: Topic, after: int) -> int | None:
        """The newest id of the account's that is not kept any more, if it is newer than a cursor."""
        try:
            return await store.swept(self._pool, topic, after)
        except TROUBLE as error:
            raise Unavailable("The database does not answer.") from error

    async def read(self, topic: Topic, after: int, until: int, limit: int) -> Page:
        """A page of the past; raises `Unavailable`."""
        async with self._replays:
            try:
                return await store.read(self._pool, topic, after, until, limit)
            except TROUBLE as error:
                raise Unavailable("The database does not answer.") from error

    async def refresh(self) -> None:
        """Read what is new now; raises `Unavailable`."""
        try:
            await self._read_new()
        except TROUBLE as error:
            raise Unavailable("The database does not answer.") from error

    # The log.

    def _heard(self, payload: str) -> None:
        """An id; or nothing, when it began to listen: something may have been said before."""
        if not payload:
            self._wake.set()
            return
        number = int(payload) if payload.isdecimal() else 0
        self._trusted = True
        if number <= self._latest:
            return
        if self._taps or self._reading.locked():
            self._wake.set()
        else:
            self._latest = number  # nobody listens: whoever comes now begins here

    async def _follow(self) -> None:
        while True:
            heard = await self._woken()
            before = self._latest
            try:
                await self._read_new()
            except TROUBLE as error:
                if not self._troubled:
                    _log.warning("events are told late until the database answers: %s", error)
                self._troubled = True
                await asyncio.sleep(self._poll_seconds)
            except Exception:  # noqa: BLE001  # without this loop nobody would be told of anything again
                _log.exception("events of a batch may not have been told")
                await asyncio.sleep(self._poll_seconds)
            else:
                if self._troubled:
                    _log.info("events are told again")
                self._troubled = False
                if not heard and self._latest > before and not self._wake.is_set():
                    self._trusted = False

    async def _woken(self) -> bool:
        """Wait for a notification, or until it is time to look without one."""
        wait = CHECK_SECONDS if self._listening.works and self._trusted else self._poll_seconds
        try:
            async with asyncio.timeout(max(wait, self._poll_seconds)):
                await self._wake.wait()
        except TimeoutError:
            return False
        self._wake.clear()
        return True

    async def _read_new(self) -> None:
        """Read and feed what is new, in pages. One at a time: events are fed in their order."""
        async with self._reading:
            while True:
                self.reads += 1
                if not self._taps:
                    newest = await store.latest(self._pool)
                    if not self._taps:
                        self._latest = max(self._latest, newest)
                        return
                events, upto, has_more = await store.read_new(self._pool, self._latest, BATCH, self._taps.keys())
                self._feed(events, upto)
                if not has_more:
                    return

    def _feed(self, events: Sequence[Event], upto: int) -> None:
        self._latest = upto
        feeds: dict[tuple[int, bool], list[Event]] = {}
        for event in events:
            feeds.setdefault((event.account_id, event.test), []).append(event)
        for feed, own in feeds.items():
            for tap in list(self._taps.get(feed, ())):
                tap.feed(own)
