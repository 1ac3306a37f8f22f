"""Server-sent events as the feed writes them: ASCII on one line, each event one chunk of HTTP/1.1.

Comments and `retry` lines have no blank line behind them. Some clients (httpx-sse, fetch-event-source) take every blank
line for an event, and an empty one is no JSON.
"""

import asyncio
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from random import randint

import orjson
from starlette.types import Scope, Send

from sonograph.accounts.principal import Principal
from sonograph.errors import SonographError, Unavailable
from sonograph.events.broadcast import Broadcast
from sonograph.events.event import Event, event_id
from sonograph.events.member import Ending, Member
from sonograph.events.outlet import MAX_BEHIND, TAKE_SECONDS, Outlet, chunk
from sonograph.events.subscription import Closing

COMMENT = b":\n"
GAP = "sonograph.gap"
FINISH_SECONDS = 5.0  # for one that is let go to hear of it
MAX_KEPT = 1_000  # framed events kept for topics that overlap: about a kilobyte each
# After how many milliseconds to come back. After a restart everybody comes at once: each draws a time of its own.
RETRY, RETRY_AFTER_RESTART = 2_000, (500, 4_000)
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")

Bodies = Callable[[Sequence[Event]], Awaitable[Sequence[bytes]]]


def frame(number: int, kind: str, body: bytes) -> bytes:
    """An event of the feed; `body` is JSON in UTF-8 without line breaks."""
    return b"event: %b\ndata: %b\nid: %b\n\n" % (kind.encode(), ascii_json(body), event_id(number).encode())


def number_of(framed: bytes) -> int:
    """The number of the event in a chunk of `frame`, which ends in its id."""
    return int(framed[framed.rindex(b"_") + 1 :].split(b"\n", 1)[0])


def gap_frame(number: int, created: int) -> bytes:
    """Says that events up to this one are not kept any more."""
    body = {"id": event_id(number), "type": GAP, "created": created, "data": {"until": event_id(number)}}
    return frame(number, GAP, orjson.dumps(body))


def retry(milliseconds: int) -> bytes:
    return b"retry: %d\n" % milliseconds


def ascii_json(body: bytes) -> bytes:
    """The same JSON in ASCII: Python's text splits lines at U+0085 and U+2028, too, and so does the vendor's client."""
    if body.isascii():
        return body
    return _BEYOND_ASCII.sub(_escaped, body.decode()).encode()


def _escaped(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x10000:  # noqa: PLR2004  # beyond: two halves of UTF-16
        return f"\\u{code:04x}"
    code -= 0x10000
    return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"


class Frames:
    """Renders events as chunks of the feed, those that several topics share once."""

    def __init__(self, bodies: Bodies) -> None:
        self._bodies = bodies
        self._kept: OrderedDict[int, bytes] = OrderedDict()

    async def render(self, events: Sequence[Event]) -> Sequence[bytes | None]:
        """Raises `Unavailable` when the catalog does not answer."""
        made = {event.id: kept for event in events if (kept := self._kept.get(event.id)) is not None}
        missing = [event for event in events if event.id not in made]
        if missing:
            for event, body in zip(missing, await self._bodies(missing), strict=True):
                made[event.id] = self._kept[event.id] = chunk(frame(event.id, event.type.wire, body))
        while len(self._kept) > MAX_KEPT:
            self._kept.popitem(last=False)
        return [made[event.id] for event in events]


class Listener(Member):
    """A connection of the feed: it is written to at once, and its transport's buffer is its queue.

    A slow one is not told of events until it has taken what is there; what it missed meanwhile comes from the log, as
    fast as it reads. One that takes nothing for half a minute is cut off.
    """

    __slots__ = ("_broadcast", "_last", "_now", "_outlet", "_position", "_send", "_task", "ended", "scope")

    def __init__(self, outlet: Outlet, scope: Scope, send: Send, now: Callable[[], int]) -> None:
        """`now` is the time of day in unix seconds."""
        self._outlet, self.scope, self._send, self._now = outlet, scope, send, now
        self.ended: Ending | None = None
        self._broadcast: Broadcast | None = None
        self._position = 0
        self._last: bytes | None = None  # written: it says which event it is
        self._task: asyncio.Task[None] | None = None  # that catches up, or finishes

    async def join(self, broadcast: Broadcast, after: int) -> None:
        """Be told of all events after one; raises as `Broadcast.join` does."""
        self._broadcast, self._position = broadcast, after
        await broadcast.join(self, after)

    def offer(self, payload: bytes) -> bool:
        outlet = self._outlet
        if outlet.behind > MAX_BEHIND:
            return False
        self._last = payload
        outlet.put(payload)
        return True

    async def take(self, payload: bytes) -> None:
        if self.ended is not None or not self._outlet.is_open:
            raise ConnectionResetError("the listener is gone")
        self._last = payload
        self._outlet.put(payload)
        if self._outlet.behind:
            async with asyncio.timeout(TAKE_SECONDS):
                await self._outlet.drained()

    def missed(self, until: int) -> None:
        self._outlet.put(chunk(gap_frame(until, self._now())))

    def end(self, why: Ending) -> None:
        if self.ended is None:
            if why is not Ending.SLOW:
                self.ended = why
            self._task = asyncio.create_task(self._catch_up() if why is Ending.SLOW else self.finish())

    def close(self) -> None:
        """The connection is gone."""
        if self._broadcast is not None:
            self._broadcast.leave(self)
        if self._task is not None:
            self._task.cancel()

    async def _catch_up(self) -> None:
        try:
            async with asyncio.timeout(TAKE_SECONDS):
                await self._outlet.drained()
            if self._broadcast is not None:
                self._position = self._position if self._last is None else number_of(self._last)
                await self._broadcast.join(self, self._position)
        except (Unavailable, Closing):
            self.ended = Ending.CLOSING
            await self.finish()
        except (TimeoutError, OSError):
            if self.ended is None:
                self.ended = Ending.SLOW
                self._outlet.abort()

    def beat(self) -> None:
        """A comment, so that nobody between takes the connection for idle."""
        if not self._outlet.behind:
            self._outlet.put(chunk(COMMENT))

    def still(self, principal: Principal) -> None:
        """Its key is in force; the plan may be another one."""
        if not principal.paid:
            self.end(Ending.REFUSED)

    def refused(self, _: SonographError) -> None:
        """Its key is not: whoever comes back hears why."""
        self.end(Ending.REFUSED)

    async def finish(self) -> None:
        """Say when to come back and end the answer; whoever does not take even that is cut off."""
        milliseconds = randint(*RETRY_AFTER_RESTART) if self.ended is Ending.CLOSING else RETRY  # noqa: S311  # spreads load
        last = {"type": "http.response.body", "body": retry(milliseconds), "more_body": False}
        with suppress(TimeoutError, OSError, RuntimeError):  # RuntimeError: it has ended already
            async with asyncio.timeout(FINISH_SECONDS):
                await self._send(last)
                return
        self._outlet.abort()
