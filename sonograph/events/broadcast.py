"""Shared fan-out: what many listeners want in the same form is read and rendered once, and told to each of them.

    broadcast = hub.broadcast(topic, "v1", render)
    gap = await broadcast.join(member, after=1234)   # replays to the member, then it is live
    …
    broadcast.leave(member)

A listener costs an entry of a dict here: no task, no queue and no timer.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from sonograph.errors import Unavailable
from sonograph.events.event import Event
from sonograph.events.member import Ending, Member
from sonograph.events.topic import Topic

if TYPE_CHECKING:
    from sonograph.events.hub import Hub

# The payload of each event, in order; None for one that this rendering leaves out. It may raise `Unavailable` (the
# catalog does not answer) and is asked again; an event whose rendering fails otherwise is logged and left out.
Render = Callable[[Sequence[Event]], Awaitable[Sequence[bytes | None]]]

PAGE = 200  # events of the past that are read and rendered at once
RENDERED = 100  # new events that are rendered at once
MAX_PENDING = 10_000  # events that wait for their rendering; with more of them all listeners are let go
MAX_RECENT, MAX_RECENT_BYTES = 500, 1024 * 1024  # rendered events kept for those who come back
AT_ONCE = 20  # of those that are told to who comes back without waiting for room
TURN = 250  # listeners told before others of the process get their turn: about 2 ms
RETRY_SECONDS = (0.2, 0.5, 1.0, 2.0, 5.0)

_log = logging.getLogger(__name__)

Rendered = tuple[int, bytes]  # an event's id and payload


class Broadcast:
    """One topic in one rendering. Made by `Hub.broadcast`; it is there while somebody listens."""

    def __init__(self, hub: "Hub", topic: Topic, key: Hashable, render: Render) -> None:
        self.hub, self.topic, self.key = hub, topic, key
        self._render = render
        self._members: dict[Member, None] = {}
        self._joining = 0
        self._is_open = False
        self._pending: deque[Event] = deque()  # wanted, and not told yet
        self._task: asyncio.Task[None] | None = None
        # Rendered events, the oldest first: all that were wanted after the id `_floor`, up to `position`.
        self._recent: deque[Rendered] = deque()
        self._recent_bytes = 0
        self._floor = 0
        self._pages: dict[int, asyncio.Task[tuple[list[Rendered], int]]] = {}

    def __len__(self) -> int:
        return len(self._members)

    @property
    def position(self) -> int:
        """Every wanted event up to this id has been told."""
        return self._pending[0].id - 1 if self._pending else self.hub.latest()

    async def join(self, member: Member, after: int | None = None) -> int | None:
        """Tell the member all events after an id (None: from now on), each once and in order, and go on telling it.

        The past comes by `member.take`, before this returns; what is new by `member.offer`. Returns None, or the
        newest id that is not kept any more, where that is newer than `after`: it begins with the oldest kept then, and
        `member.missed` was called first.
        Raises `Closing` when the process is about to end, `Unavailable` when the database is away, and what `take`
        raises; the member is not in then.
        """
        self.hub.check_open()
        self._open()
        self._joining += 1
        try:
            gap, is_asked = None, False
            cursor = self.position if after is None else await self.hub.known(after)
            while True:
                if cursor > self.position:
                    await self._told()
                    continue
                if cursor >= self._floor:
                    missed, end = [one for one in self._recent if one[0] > cursor], self.position
                    if len(missed) <= AT_ONCE:
                        break
                else:
                    missed, end = await self._page(cursor)
                    if not is_asked:  # after the page was read: what is swept between the two is told as missing, too
                        gap, is_asked = await self.hub.gap(self.topic, cursor), True
                        if gap is not None:
                            member.missed(gap)
                for _, payload in missed:
                    await member.take(payload)
                cursor = end
            self.hub.check_open()
            for _, payload in missed:
                if not member.offer(payload):
                    self._let_go(member, Ending.SLOW)
                    return gap
            self._members[member] = None
            return gap
        finally:
            self._joining -= 1
            self._close_if_empty()

    def leave(self, member: Member) -> None:
        """Nothing is told to it from now on; nothing to do for who is out already."""
        self._members.pop(member, None)
        self._close_if_empty()

    def feed(self, events: Sequence[Event]) -> None:
        """What the hub has read for the account, in order."""
        self._pending.extend([event for event in events if self.topic.wants(event)])
        if len(self._pending) > MAX_PENDING:
            _log.warning("%d events wait to be rendered: listeners are let go, and resume", len(self._pending))
            self.end(Ending.SLOW)
        elif self._pending and self._task is None:
            self._task = asyncio.create_task(self._run())

    def end(self, why: Ending) -> None:
        """Let go of everybody."""
        for member in list(self._members):
            self._let_go(member, why)
        self._close_if_empty()

    def _let_go(self, member: Member, why: Ending) -> None:
        self._members.pop(member, None)
        member.end(why)

    def _open(self) -> None:
        """Be fed from now on."""
        if not self._is_open:
            self._is_open = True
            self._floor = self.hub.latest()
            self.hub.add(self)

    def _close_if_empty(self) -> None:
        if self._is_open and not self._members and not self._joining:
            self._is_open = False
            self.hub.remove(self)
            self._pending.clear()
            self._recent.clear()
            self._recent_bytes = 0
            if self._task is not None:
                self._task.cancel()
                self._task = None

    async def _told(self) -> None:
        """Wait until what is being rendered has been told, or a little."""
        if self._task is not None:
            await asyncio.wait([self._task], timeout=RETRY_SECONDS[0])
        else:
            await self.hub.refresh()

    async def _run(self) -> None:
        try:
            while self._pending:
                batch = list(islice(self._pending, RENDERED))
                payloads = await self._rendered(batch)
                # Who joins from here on finds the batch in `_recent`: it is no member yet in the list that is told.
                for _ in batch:
                    self._pending.popleft()
                self._remember([(e.id, p) for e, p in zip(batch, payloads, strict=True) if p is not None])
                await self._tell([p for p in payloads if p is not None])
        finally:
            if self._task is asyncio.current_task():
                self._task = None

    async def _tell(self, payloads: Sequence[bytes]) -> None:
        members = self._members
        for count, member in enumerate(list(members), 1):
            for payload in payloads:
                if member not in members:
                    break
                if not member.offer(payload):
                    self._let_go(member, Ending.SLOW)
            if count % TURN == 0:
                await asyncio.sleep(0)
        self._close_if_empty()

    def _remember(self, told: Sequence[Rendered]) -> None:
        self._recent.extend(told)
        self._recent_bytes += sum(len(payload) for _, payload in told)
        while len(self._recent) > MAX_RECENT or self._recent_bytes > MAX_RECENT_BYTES:
            self._floor, payload = self._recent.popleft()
            self._recent_bytes -= len(payload)

    async def _page(self, cursor: int) -> tuple[list[Rendered], int]:
        """Events of the past after an id, and up to which id; shared by all who ask for the same at the same time."""
        shared = self._pages.get(cursor)
        if shared is None:
            shared = self._pages[cursor] = asyncio.create_task(self._read(cursor))
            shared.add_done_callback(lambda done: self._has_read(cursor, done))
        return await asyncio.shield(shared)

    def _has_read(self, cursor: int, done: asyncio.Task[tuple[list[Rendered], int]]) -> None:
        self._pages.pop(cursor, None)
        if not done.cancelled():
            done.exception()  # seen, also where nobody waits any more

    async def _read(self, cursor: int) -> tuple[list[Rendered], int]:
        page = await self.hub.read(self.topic, cursor, self.position, PAGE)
        payloads = await self._rendered(page.events)
        rendered = [(e.id, p) for e, p in zip(page.events, payloads, strict=True) if p is not None]
        if self._is_open and page.end >= self._floor > cursor:
            self._remember_before(cursor, [one for one in rendered if one[0] <= self._floor])
        return rendered, page.end

    def _remember_before(self, cursor: int, older: Sequence[Rendered]) -> None:
        """After a restart everybody comes back with about the same cursor: the first of them reads for all."""
        size = sum(len(payload) for _, payload in older)
        if len(self._recent) + len(older) <= MAX_RECENT and self._recent_bytes + size <= MAX_RECENT_BYTES:
            self._recent.extendleft(reversed(older))
            self._recent_bytes += size
            self._floor = cursor

    async def _rendered(self, events: Sequence[Event]) -> Sequence[bytes | None]:
        if not events:
            return []
        waits = iter(RETRY_SECONDS)
        while True:
            try:
                return await self._render(events)
            except Unavailable as error:
                _log.warning("%d events wait for the catalog: %s", len(events), error.message)
                await asyncio.sleep(next(waits, RETRY_SECONDS[-1]))
            except Exception:  # noqa: BLE001  # one event that cannot be told must not hold up those behind it
                if len(events) == 1:
                    _log.exception("event %d cannot be rendered, and is left out", events[0].id)
                    return [None]
                return [(await self._rendered([event]))[0] for event in events]
