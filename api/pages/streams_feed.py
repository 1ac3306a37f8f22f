"""What goes on, for the pages: server-sent events under the session of who is signed in.

Why not a subscription at /graphql: that takes keys alone, never a cookie, so that no other site can ask in a reader's
name; and a page knows no key. This address takes the cookie alone, only reads, and answers our own pages: the cookie is
SameSite=Lax and the answer has no CORS header, so no other site's script reads it. It hears the same hub by the same
cursor, so what is missed during a reconnect comes behind it.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any, Final

import orjson
from starlette.responses import Response, StreamingResponse

from api.pages.streams_words import lines, told
from api.pages.visit import NO_CONNECTION, Visit
from sonograph.accounts import sessions
from sonograph.errors import LimitReached, SonographError, Unavailable
from sonograph.events.event import Event, EventType, event_id, parse_event_id
from sonograph.events.hub import Hub
from sonograph.events.subscription import Subscription
from sonograph.events.topic import Topic
from sonograph.monitoring.stream import Stream
from sonograph.monitoring.streams import list_streams

SHOWN: Final = 200  # streams on a page, and told of: the newest
MOST: Final = 10  # open live views of an account in a process
LOOK_SECONDS: Final = 10.0  # between two looks at what changes without an event: a status, the end of an airing
CHECK_LOOKS: Final = 6  # looks after which the session is looked up again: who has signed out hears no more
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
        topic = Topic(account_id, visit.request.query_params.get("catalog") == "sandbox", EVERY, _asked(visit))
        subscription = _hub(visit).subscribe(topic, parse_event_id(after))
        return StreamingResponse(self._counted(visit, subscription), headers=HEADERS, media_type="text/event-stream")

    async def _counted(self, visit: Visit, subscription: Subscription) -> AsyncIterator[bytes]:
        self._open[visit.me.account_id] += 1
        try:
            async with subscription:
                async for frame in _frames(visit, subscription):
                    yield frame
        except (SonographError, *NO_CONNECTION):
            return  # the page comes back by itself, behind the last event it got
        finally:
            self._open[visit.me.account_id] -= 1


def _asked(visit: Visit) -> frozenset[int] | None:
    """The stream of a page about one; others of the account are left out."""
    text = visit.request.query_params.get("stream", "")
    return frozenset({int(text)}) if text.isascii() and text.isdecimal() and len(text) < 10 else None  # noqa: PLR2004


def newest(visit: Visit) -> str:
    """The event up to which a page is drawn: its live view goes on from there."""
    return event_id(_hub(visit).latest())


def _hub(visit: Visit) -> Hub:
    hub = visit.services.hub
    if hub is None:
        raise Unavailable("This process tells nobody of events.")
    return hub


async def _frames(visit: Visit, subscription: Subscription) -> AsyncIterator[bytes]:
    yield b"retry: %d\n\n" % RETRY_MILLISECONDS
    before: dict[int, Any] = {}
    looks = 0
    event: Event | None = None
    while True:
        if looks >= CHECK_LOOKS:
            looks = 0
            if not await _is_signed_in(visit):
                return
        test = subscription.topic.test
        streams = await list_streams(visit.engine.accounts, visit.me.account_id, test=test, first=SHOWN)
        now = {line.stream.id: line.told() for line in await lines(visit, streams, test=test)}
        changed = {str(number): line for number, line in now.items() if before.get(number) != line}
        before = now
        yield await _frame(visit, event, changed, {stream.id: stream for stream in streams})
        event = await _next(subscription)
        looks += event is None


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
