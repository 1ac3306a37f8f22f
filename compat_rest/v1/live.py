"""GET /v1/streams/live: the events of an account's streams as they happen, as server-sent events.

An EventSource gives up for good on any status but 200. So whoever is refused for a while only is answered 200, told
when to come back, and let go: always where the server is in trouble or restarting, and where it resumes (it sends
`Last-Event-ID`) for the limits, too. Whoever has not begun yet hears of a limit as everywhere else: 429.
"""

import logging
import secrets
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from random import randint
from typing import Any, Protocol
from urllib.parse import parse_qsl

from starlette.types import Receive, Scope, Send

from compat_rest.v1 import errors
from compat_rest.v1.answers import ALWAYS, MAX_FIELDS, Admit, Authenticate, Headers, Permit
from compat_rest.v1.event_stream import COMMENT, RETRY, Frames, Listener, retry
from schema.event_bodies import EventBodies
from schema.resolvers.services import Services
from sonograph import clock
from sonograph.accounts.bill import Bill
from sonograph.accounts.principal import Principal
from sonograph.errors import Invalid, NotFound, PlanRequired, SonographError, Unavailable
from sonograph.events.event import TYPE_OF, USUAL, event_id, parse_event_id
from sonograph.events.member import Ending
from sonograph.events.outlet import OUTLET, Outlet, chunk
from sonograph.events.subscription import Closing
from sonograph.events.topic import Topic
from sonograph.ids import MAX_INT
from sonograph.monitoring import stream_store

PATH = "/v1/streams/live"
PRICE = ((f"GET {PATH}", 0),)
MAX_STREAMS = 100  # that one listener names
TROUBLE_MILLISECONDS = 5_000
# no-transform and the third are for proxies: what is compressed or buffered arrives late.
HEADERS: Headers = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store, no-transform"),
    (b"x-accel-buffering", b"no"),
    *(header for header in ALWAYS if header[0] not in (b"content-type", b"cache-control")),
)
LATER = ("RATE_LIMITED", "LIMIT_REACHED")  # refusals that pass

_log = logging.getLogger(__name__)


class Pulse(Protocol):
    """Calls `beat` of each of its members every 15 seconds: api/heart.py."""

    def add(self, member: Listener) -> None: ...

    def discard(self, member: Listener) -> None: ...


@dataclass(frozen=True, slots=True)
class Keeping:
    """What the service does with connections that last: it counts them, looks at their keys, and keeps them awake."""

    counted: Callable[[Principal], AbstractContextManager[None]]  # raises `LimitReached`
    add: Callable[[Listener], None]
    discard: Callable[[Listener], None]
    pulse: Pulse


@dataclass(frozen=True, slots=True)
class Wish:
    """What a request asks for."""

    topic: Topic
    after: int | None


class Feed:
    """The feed. Plain ASGI: a listener is one task that waits, and what it is told is written by the broadcast."""

    def __init__(  # noqa: PLR0913, PLR0917  # the parts of the service that requests go through
        self,
        services: Services,
        bodies: EventBodies,
        authenticate: Authenticate,
        admit: Admit,
        permit: Permit,
        keeping: Keeping,
    ) -> None:
        self._services = services
        self._authenticate, self._admit, self._permit = authenticate, admit, permit
        self._keeping = keeping
        self._frames = Frames(bodies.bodies_of)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers: list[tuple[bytes, bytes]] = []
        try:
            principal, wish = await self._begin(scope, headers)
            if scope["method"] == "HEAD":
                headers += (*HEADERS, _said(self._services.live_hub.latest() if wish.after is None else wish.after))
                await send({"type": "http.response.start", "status": 200, "headers": headers})
                await send({"type": "http.response.body", "body": b""})
                return
            with self._keeping.counted(principal):
                await self._listen(wish, headers, scope, receive, send)
        except (Unavailable, Closing) as error:
            await _later(error.message, TROUBLE_MILLISECONDS, headers, send)
        except SonographError as error:
            wait = getattr(error, "retry_after", None)
            if error.code in LATER and _header(scope, b"last-event-id"):
                await _later(error.message, 1000 * (wait or 10) + randint(0, RETRY), headers, send)  # noqa: S311  # spreads load
            else:
                await _refuse(error, headers, scope, send)
        except Exception:  # noqa: BLE001  # the last line of defence, and the only one that logs an accident
            request_id = secrets.token_hex(8)
            _log.exception("request %s failed", request_id)
            await _later(f"{errors.INTERNAL} ({request_id})", TROUBLE_MILLISECONDS, headers, send)

    async def _begin(self, scope: Scope, headers: list[tuple[bytes, bytes]]) -> tuple[Principal, Wish]:
        """Who listens, and to what; the request is counted, and costs no credits."""
        principal = await self._authenticate(scope)
        admission = await self._admit(principal)
        headers += admission.headers
        bill, status = Bill(self._services.credits, principal, PRICE), 500
        try:
            admission.check()
            self._permit(principal, scope)
            if scope["method"] not in ("GET", "HEAD"):
                raise _NotAllowed(errors.NOT_ALLOWED)
            if not principal.paid:
                raise PlanRequired(errors.PAID_ONLY)
            self._services.live_hub.check_open()
            wish = await self._wish(scope, principal)
            status = 200
        except SonographError as error:
            status = errors.status_of(error)
            raise
        finally:
            bill.end(answered=status == 200, refused=status == errors.TOO_MANY)  # noqa: PLR2004  # OK
        return principal, wish

    async def _wish(self, scope: Scope, principal: Principal) -> Wish:
        given = _given(scope["query_string"])
        types = frozenset(_type(name) for name in given.get("types", ())) or USUAL
        streams = frozenset(_stream(text) for text in given.get("stream_id", ())) or None
        if streams is not None:
            await self._check(principal, streams)
        last = _header(scope, b"last-event-id") or "".join(given.get("last_event_id", ())[:1])
        after = parse_event_id(last) if last else None
        if last and after is None:
            raise Invalid("last_event_id must be the id of an event, evt_ and digits", "last_event_id")
        return Wish(Topic(principal.account_id, principal.test, types, streams), after)

    async def _check(self, principal: Principal, streams: frozenset[int]) -> None:
        if len(streams) > MAX_STREAMS:
            raise Invalid(f"stream_id: at most {MAX_STREAMS}", "stream_id")
        pool = self._services.engine.accounts
        found = await stream_store.fetch_some(pool, principal.account_id, list(streams), test=principal.test)
        if found.keys() != streams:
            raise NotFound(errors.NOT_FOUND)

    async def _listen(
        self, wish: Wish, headers: list[tuple[bytes, bytes]], scope: Scope, receive: Receive, send: Send
    ) -> None:
        outlet: Outlet = scope["extensions"][OUTLET]
        broadcast = self._services.live_hub.broadcast(wish.topic, "v1", self._frames.render)
        cursor = broadcast.position if wish.after is None else wish.after
        headers += (*HEADERS, _said(cursor))
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        listener = Listener(outlet, scope, send, _now)
        outlet.put(chunk(COMMENT + retry(RETRY)))
        self._keeping.add(listener)
        self._keeping.pulse.add(listener)
        try:
            await listener.join(broadcast, cursor)
            while (await receive())["type"] != "http.disconnect":
                continue
        except (Unavailable, Closing):
            listener.ended = Ending.CLOSING
            await listener.finish()
        except (OSError, TimeoutError):
            if listener.ended is None:
                outlet.abort()
        except Exception:  # noqa: BLE001  # the head is sent: whoever is cut off comes back
            _log.exception("a listener of the feed failed")
            outlet.abort()
        finally:
            listener.close()
            self._keeping.pulse.discard(listener)
            self._keeping.discard(listener)


class _NotAllowed(SonographError):
    code = "NOT_ALLOWED"


async def _later(text: str, milliseconds: int, headers: list[tuple[bytes, bytes]], send: Send) -> None:
    """Come back after a while."""
    body = b": %b\n%b" % (text.encode("ascii", "replace").replace(b"\n", b" "), retry(milliseconds))
    head = [*headers, *HEADERS, (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": head})
    await send({"type": "http.response.body", "body": body})


async def _refuse(error: SonographError, headers: list[tuple[bytes, bytes]], scope: Scope, send: Send) -> None:
    body = errors.body_of(error)
    head = [*headers, *errors.headers_of(error), *ALWAYS, (b"content-length", b"%d" % len(body))]
    status = errors.status_of(error)
    if isinstance(error, _NotAllowed):
        status = 405
        head.append((b"allow", b"GET, HEAD"))
    await send({"type": "http.response.start", "status": status, "headers": head})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})


def _said(cursor: int) -> tuple[bytes, bytes]:
    """After which event the feed begins: for whoever must miss nothing from its first connection on."""
    return b"last-event-id", event_id(cursor).encode()


def _now() -> int:
    return int(clock.now().timestamp())


def _header(scope: Scope, wanted: bytes) -> str:
    return next((value.decode("latin-1").strip() for name, value in scope["headers"] if name == wanted), "")


def _given(query_string: bytes) -> Mapping[str, list[str]]:
    """Parameters; lists may be given with commas or as the same one again."""
    try:
        pairs = parse_qsl(query_string.decode("ascii"), errors="strict", max_num_fields=MAX_FIELDS)
    except (ValueError, UnicodeError):
        raise Invalid("The query string must be UTF-8, percent-encoded, with at most 100 parameters") from None
    given: dict[str, list[str]] = {}
    for name, value in pairs:
        given.setdefault(name, []).extend(part for part in value.split(",") if part)
    return given


def _type(name: str) -> Any:
    kind = TYPE_OF.get(name)
    if kind is None:
        raise Invalid(f"types must be of {', '.join(TYPE_OF)}", "types")
    return kind


def _stream(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > len(str(MAX_INT)) or not 0 < int(text) <= MAX_INT:
        raise Invalid("stream_id must be ids of streams", "stream_id")
    return int(text)
