"""Subscriptions to a state: whoever comes gets it as it is, then each change, and nothing twice.

Events say most changes at once. What is written in rows alone (a status), or comes by time (an airing of which nobody
hears any more), is found by reading again every two seconds what somebody listens to: one task for all.
"""

import asyncio
import logging
from collections.abc import Hashable, Sequence
from contextlib import suppress

from api.answer import Answer
from schema.projection.subscribing import Execution
from schema.resolvers.live import StateFeed
from schema.resolvers.services import Services
from sonograph.errors import SonographError, Unavailable
from sonograph.events.event import Event
from sonograph.events.hub import Hub
from sonograph.events.member import Ending, Member
from sonograph.monitoring import stream_marks
from sonograph.postgres.trouble import TROUBLE

LOOK_SECONDS = 2.0

_log = logging.getLogger(__name__)


class StateBroadcast:
    """One state in one selection; fed by the hub as broadcasts of events are."""

    def __init__(self, states: "States", feed: StateFeed, key: Hashable, execution: Execution) -> None:
        self.states, self.feed_of, self.key = states, feed, key
        self.topic = feed.topic
        self._execution = execution
        self._members: dict[Member, None] = {}
        self._joining = 0
        self._last: Answer | None = None
        self._reading = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self._again = False

    async def join(self, member: Member, _after: int | None = None) -> None:
        """Tell it the state, and go on telling it. Raises as `Broadcast.join` does."""
        self.states.hub.check_open()
        self.states.add(self)
        self._joining += 1
        try:
            if self._last is None:
                await self._read()
            self.states.hub.check_open()
            if self._last is not None and member.offer(self._last):
                self._members[member] = None
        finally:
            self._joining -= 1
            self._close_if_empty()

    def leave(self, member: Member) -> None:
        self._members.pop(member, None)
        self._close_if_empty()

    def feed(self, events: Sequence[Event]) -> None:
        if any(self.topic.wants(event) for event in events):
            self.look()

    def look(self) -> None:
        """The state may have changed: read it."""
        self._again = True
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    def end(self, why: Ending) -> None:
        for member in list(self._members):
            del self._members[member]
            member.end(why)
        self._close_if_empty()

    async def _run(self) -> None:
        try:
            while self._again:
                self._again = False
                try:
                    await self._read()
                except (Unavailable, *TROUBLE):
                    await asyncio.sleep(LOOK_SECONDS)
                    self._again = True
                except SonographError as error:  # it was deleted
                    _log.info("a state is not told any more: %s", error.message)
                    self.end(Ending.REFUSED)
        finally:
            self._task = None

    async def _read(self) -> None:
        """Read it, and tell it where it has changed."""
        async with self._reading:
            value = await self.feed_of.value()
            (body,) = await self._execution.answers([value])
            if self._last is not None and self._last == body:
                return
            self._last = answer = Answer.of(body)
            for place, member in enumerate(list(self._members)):
                if place % 250 == 249:  # noqa: PLR2004  # others of the process get their turn
                    await asyncio.sleep(0)
                if member in self._members and not member.offer(answer):
                    del self._members[member]
                    member.end(Ending.SLOW)

    def _close_if_empty(self) -> None:
        if not self._members and not self._joining:
            self._last = None
            self._again = False
            self.states.remove(self)


class States:
    """All states that somebody listens to."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._broadcasts: dict[Hashable, StateBroadcast] = {}
        self._marks: dict[int, stream_marks.Mark] = {}
        self._task: asyncio.Task[None] | None = None

    @property
    def hub(self) -> Hub:
        return self._services.live_hub

    def broadcast(self, feed: StateFeed, key: Hashable, execution: Execution) -> StateBroadcast:
        """The one that there is, or a new one."""
        key = feed.topic, key
        known = self._broadcasts.get(key)
        return known if known is not None else StateBroadcast(self, feed, key, execution)

    def add(self, broadcast: StateBroadcast) -> None:
        if self._broadcasts.setdefault(broadcast.key, broadcast) is broadcast:
            self.hub.add(broadcast)
        if self._task is None:
            self._task = asyncio.create_task(self._look())

    def remove(self, broadcast: StateBroadcast) -> None:
        if self._broadcasts.get(broadcast.key) is broadcast:
            del self._broadcasts[broadcast.key]
            self.hub.remove(broadcast)
        if not self._broadcasts and self._task is not None:
            self._task.cancel()
            self._task = None
            self._marks.clear()

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            numbers = {one.feed_of.stream_id for one in self._broadcasts.values()}
            with suppress(Unavailable):
                marks = await stream_marks.marks_of(self._services.engine.accounts, numbers)
                changed = {number for number in numbers if marks.get(number) != self._marks.get(number)}
                self._marks = marks
                for one in list(self._broadcasts.values()):
                    if one.feed_of.stream_id in changed:
                        one.look()
