"""What goes on, for the pages: server-sent events under the session of who is signed in.

Why not a subscription at /graphql: that takes keys alone, never a cookie, so that no other site can ask in a reader's
name; and a page knows no key. This address takes the cookie alone, only reads, and answers our own pages: the cookie is
SameSite=Lax and the answer has no CORS header, so no other site's script reads it. It hears the same hub by the same
cursor, so what is missed during a reconnect comes behind it.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from time import monotonic
from typing import Any, Final

import orjson
from starlette.responses import Response, StreamingResponse

from api.pages.streams_words import lines, told
from api.pages.visit import NO_CONNECTION, Visit
from sonograph.accounts import sessions
from sonograph.errors import LimitReached, SonographError
from sonograph.events.event import Event, EventType, event_id, parse_event_id
from sonograph.events.subscription import Subscription
from sonograph.events.topic import Topic
from sonograph.monitoring.stream import Stream
from sonograph.monitoring.streams import list_streams

SHOWN: Final = 200  # streams on a page, and told of: the newest
MOST: Final = 10  # open live views of an account in a process
LOOK_SECONDS: Final = 10.0  # between two looks at what changes without an event: a status, the end of an airing
CHECK_SECONDS: Final = 60.0  # between two looks at the session: who has signed out hears no more
RETRY_MILLISECONDS: Final = 1500
EVERY: Final = frozenset(EventType)
HEADERS: Final = {
    "Cache-Control": "no-store, no-transform",
    "X-Accel-Buffering": "no",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class LiveViews:
    """Who looks on, by account."""

    def __init__(self) -> None:
        self._open: Counter[int] = Counter()

    async def feed(self, visit: Visit) -> Response:
        account_id = visit.me.account_id
        if self._open[account_id] >= MOST:
            raise LimitReached(f"An account may have {MOST} live views open at once; close one first.")
        after = visit.request.headers.get("last-event-id") or visit.request.query_params.get("after", "")
        topic = Topic(account_id, visit.is_sandbox, EVERY, _asked(visit))
        visit.services.live_hub.check_open()
        frames = self._counted(visit, topic, parse_event_id(after))
        return StreamingResponse(frames, headers=HEADERS, media_type="text/event-stream")

    async def _counted(self, visit: Visit, topic: Topic, after: int | None) -> AsyncIterator[bytes]:
        """Subscribes as the answer is sent: one that never is, because the reader has left, would not be closed."""
        account_id = topic.account_id
        if self._open[account_id] >= MOST:  # others began at the same time
            return
        self._open[account_id] += 1
        try:
            async with visit.services.live_hub.subscribe(topic, after) as subscription:
                async for frame in _frames(visit, subscription):
                    yield frame
        except (SonographError, *NO_CONNECTION):
            return  # the page comes back by itself, behind the last event it got
        finally:
            self._open[account_id] -= 1
            if not self._open[account_id]:
                del self._open[account_id]


def _asked(visit: Visit) -> frozenset[int] | None:
    """The stream of a page about one; others of the account are left out."""
    text = visit.request.query_params.get("stream", "")
    return frozenset({int(text)}) if text.isascii() and text.isdecimal() and len(text) < 10 else None  # noqa: PLR2004


def newest(visit: Visit) -> str:
    """The event up to which a page is drawn: its live view goes on from there."""
    return event_id(visit.services.live_hub.latest())


async def _frames(visit: Visit, subscription: Subscription) -> AsyncIterator[bytes]:
    yield b"retry: %d\n\n" % RETRY_MILLISECONDS
    before: dict[int, Any] = {}
    streams: dict[int, Stream] = {}
    checked = monotonic()
    event: Event | None = None
    while True:
        if monotonic() - checked >= CHECK_SECONDS:
            checked = monotonic()
            if not await _is_signed_in(visit):
                return
        test = subscription.topic.test
        changed: dict[str, Any] = {}
        if not streams or not subscription.is_behind:  # of events that are replayed, a page's last shows how things are
            found = await list_streams(visit.engine.accounts, visit.me.account_id, test=test, first=SHOWN)
            now = {line.stream.id: line.told() for line in await lines(visit, found, test=test)}
            changed = {str(number): line for number, line in now.items() if before.get(number) != line}
            before, streams = now, {stream.id: stream for stream in found}
        yield await _frame(visit, event, changed, streams)
        event = await _next(subscription)


async def _next(subscription: Subscription) -> Event | None:
    """The next event; None where there was none for a while."""
    try:
        async with asyncio.timeout(LOOK_SECONDS):
            return await anext(subscription)
    except TimeoutError:
        return None


async def _is_signed_in(visit: Visit) -> bool:
    found = await sessions.look_up(visit.engine.accounts, visit.token or "")
    return found is not None and found.id == visit.me.id


async def _frame(visit: Visit, event: Event | None, changed: dict[str, Any], streams: dict[int, Stream]) -> bytes:
    if event is None:
        return b"data: %b\n\n" % orjson.dumps({"streams": changed}) if changed else b":\n\n"
    data = orjson.dumps({"streams": changed, "line": await told(visit, event, streams)})
    return b"id: %b\ndata: %b\n\n" % (event_id(event.id).encode(), data)
