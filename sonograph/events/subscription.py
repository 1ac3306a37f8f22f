"""Events for one reader at its own pace: replayed from the log, then live."""

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING, Self

from sonograph.errors import SonographError
from sonograph.events.event import Event
from sonograph.events.member import Ending
from sonograph.events.topic import Topic

if TYPE_CHECKING:
    from sonograph.events.hub import Hub

PAGE = 200  # events of the past that are read at once
MAX_WAITING = 1_000  # live events that a reader has not taken


class Lagging(SonographError):
    """The reader took less than there was: it is to subscribe again, after the last event it got."""

    code = "LAGGING"


class Closing(SonographError):
    """This process is about to end: the reader is to subscribe again, at another one or in some seconds."""

    code = "CLOSING"


class Subscription:
    """`async for event in hub.subscribe(topic, after)`. Close it, or leave `async with`, when it is not read any more.

    Raises `Lagging` or `Closing` behind the last event; `Unavailable` when the database is away during a replay, after
    which it may be read on.
    """

    def __init__(self, hub: "Hub", topic: Topic, after: int | None) -> None:
        self.hub, self.topic = hub, topic
        self.position = hub.latest() if after is None else after  # the last event that was read
        self.gap: int | None = None  # the newest id that is not kept any more, if newer than the cursor; after a read
        self._cursor = self.position
        self._is_known = after is None
        self._is_live = False
        self._ended: SonographError | None = None
        self._waiting: deque[Event] = deque()
        self._waiter: asyncio.Future[None] | None = None
        if after is None:
            self._go_live()

    def __aiter__(self) -> Self:
        return self

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    async def __anext__(self) -> Event:
        while not self._waiting:
            if self._ended is not None:
                raise self._ended
            if self._is_live:
                self._waiter = asyncio.get_running_loop().create_future()
                await self._waiter
            else:
                await self._replay()
        event = self._waiting.popleft()
        self.position = event.id
        return event

    @property
    def is_behind(self) -> bool:
        """Whether there is an event to read at once."""
        return bool(self._waiting)

    def feed(self, events: Sequence[Event]) -> None:
        """What the hub has read for the account, in order."""
        wanted = [event for event in events if event.id > self._cursor and self.topic.wants(event)]
        if len(self._waiting) + len(wanted) > MAX_WAITING:
            self._end(Lagging("Events came faster than they were read: subscribe again after the last one."))
            return
        self._waiting.extend(wanted)
        self._wake()

    def end(self, why: Ending) -> None:
        """The hub lets go of everybody."""
        self._end(
            Closing("The server is restarting: subscribe again after the last event.")
            if why is Ending.CLOSING
            else Lagging("Subscribe again after the last event.")
        )

    def close(self) -> None:
        """Nothing comes after this."""
        self._waiting.clear()
        self._end(Closing("The subscription is closed."))

    async def _replay(self) -> None:
        """The next page of the past; live when there is none."""
        self.hub.check_open()
        is_first = not self._is_known
        if is_first:
            self._cursor = await self.hub.known(self._cursor)
        page = await self.hub.read(self.topic, self._cursor, self.hub.latest(), PAGE)
        if is_first:
            self.gap = await self.hub.gap(self.topic, self._cursor)
            self._is_known = True
        self._waiting.extend(page.events)
        self._cursor = page.end
        if self._cursor >= self.hub.latest():
            self._go_live()

    def _go_live(self) -> None:
        self._is_live = True
        self.hub.add(self)

    def _end(self, error: SonographError) -> None:
        if self._ended is None:
            self._ended = error
            if self._is_live:
                self.hub.remove(self)
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
