"""The /v1 application: route, authenticate, read, answer. Plain ASGI, as it is a hot path."""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol
from urllib.parse import parse_qsl

from graphql import GraphQLError
from starlette.types import ASGIApp, Receive, Scope, Send

from compat_rest.body import content_type, read_body
from compat_rest.v1 import errors, resolve
from compat_rest.v1.routes import ROUTES, Route
from compat_rest.v1.takes import Exchange, Flow, NotJson, Takes
from schema.documents import document
from schema.projection.lanes import stored, stored_executed
from schema.projection.limits import UNLIMITED
from schema.projection.plans import Plan, Plans
from schema.resolvers.services import Services
from sonograph.accounts.bill import Bill, Items
from sonograph.accounts.principal import Principal
from sonograph.engine import Engine
from sonograph.errors import Invalid, NotFound, PlanRequired, SonographError

PREFIX = "/v1/"
LIVE = ("/v1/streams/live", "/v1/streams/live/")
MAX_FIELDS = 100  # parameters in a query string
SEND_SECONDS = 60.0  # for a client to take a piece of a large answer

_log = logging.getLogger(__name__)

Authenticate = Callable[[Scope], Awaitable[Principal]]
Permit = Callable[[Principal, Scope], None]
Headers = Sequence[tuple[bytes, bytes]]
# Answers belong to a key, and no shared cache knows it.
ALWAYS: Headers = (
    (b"content-type", b"application/json"),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
)
ANSWERED = (200, 201, 204, 404)  # what costs: an answer, and that there is none


class Admission(Protocol):
    """What the burst limit says of a request."""

    @property
    def headers(self) -> Headers:
        """What its answer says of the limit."""

    def check(self) -> None:
        """Raises `RateLimited` for what may not go on."""


Admit = Callable[[Principal], Awaitable[Admission]]


@dataclass(frozen=True, slots=True)
class _Ready:
    """A route with its plan, made once."""

    route: Route
    plan: Plan | None  # None where the route reads nothing
    price: Items  # what usage calls the route, and what a request costs


@dataclass(frozen=True, slots=True)
class _Place:
    """A path with its routes by method."""

    segments: tuple[str, ...]
    methods: dict[str, _Ready]

    @property
    def allow(self) -> bytes:
        """What may be done there, as the header says it."""
        return ", ".join([*self.methods, "HEAD"] if "GET" in self.methods else self.methods).encode()

    def match(self, segments: list[str]) -> dict[str, str] | None:
        """The path parameters, None when the path is another one."""
        found = {}
        for pattern, segment in zip(self.segments, segments, strict=True):
            if pattern[0] == "{":
                found[pattern[1:-1]] = segment
            elif pattern != segment:
                return None
        return found


class Rest:
    """The routes of the table over one engine."""

    def __init__(  # noqa: PLR0913, PLR0917  # the parts of the service that requests go through
        self,
        engine: Engine,
        plans: Plans,
        authenticate: Authenticate,
        services: Services | None = None,
        admit: Admit | None = None,
        permit: Permit | None = None,
        live: ASGIApp | None = None,
    ) -> None:
        """Without `admit` there is no burst limit, without credits in `services` nothing is charged.

        `live` is the feed, compat_rest/v1/live.py.

        `permit` raises for who is known and may not; that is asked after the request was counted.
        """
        self.engine, self.authenticate, self.admit, self.permit = engine, authenticate, admit, permit
        self.services = services or Services(engine)
        self.live = live
        stored_plans = Plans(plans.strawberry, UNLIMITED, size=2 * len(ROUTES))
        self._by_length: dict[int, list[_Place]] = {}
        places: dict[str, _Place] = {}
        for route in ROUTES:  # in order: literal segments before parameters
            if route.path not in places:
                segments = tuple(route.path.removeprefix(PREFIX).split("/"))
                place = places[route.path] = _Place(segments, {})
                self._by_length.setdefault(len(segments), []).append(place)
            plan = None
            if route.reads:
                plan = stored_plans.get(document("v1", route.operation), path=route.answer, rest=True)
                if plan.errors:
                    raise plan.errors[0]
            places[route.path].methods[route.method] = _Ready(route, plan, ((route.key, route.credits),))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.live is not None and scope["path"] in LIVE:
            await self.live(scope, receive, send)
            return
        status, headers = 500, list[tuple[bytes, bytes]]()
        body: bytes | Flow = b""
        bill: Bill | None = None
        try:
            principal = await self.authenticate(scope)
            admission = await self.admit(principal) if self.admit is not None else None
            if admission is not None:
                headers += admission.headers
            place, given = self._place(scope["path"])
            method = "GET" if scope["method"] == "HEAD" else scope["method"]
            ready = place.methods.get(method) or next(iter(place.methods.values()))
            bill = Bill(self.services.credits, principal, ready.price)
            if admission is not None:
                admission.check()
            if self.permit is not None:
                self.permit(principal, scope)
            status = ready.route.status
            if method in place.methods:
                body = await self._answer(ready, given, scope, receive, bill)
            else:
                status, body = 405, errors.body(errors.NOT_ALLOWED)
                headers.append((b"allow", place.allow))
        except SonographError as error:
            status, body = errors.status_of(error), errors.body_of(error)
            headers += errors.headers_of(error)
        except Exception:  # noqa: BLE001  # the last line of defence, and the only one that logs an accident
            request_id = secrets.token_hex(8)
            _log.exception("request %s failed", request_id)
            status, body = 500, errors.body(f"{errors.INTERNAL} ({request_id})")
        finally:
            if bill is not None:
                bill.end(answered=status in ANSWERED, refused=status == errors.TOO_MANY)
        if isinstance(body, Flow):
            await _pour(body, headers, scope, send)
            return
        headers += ALWAYS
        headers.append((b"content-length", str(len(body)).encode()))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})

    def _place(self, path: str) -> tuple[_Place, dict[str, str]]:
        segments = path.removeprefix(PREFIX).rstrip("/").split("/")
        for place in self._by_length.get(len(segments), ()):
            given = place.match(segments)
            if given is not None:
                return place, given
        raise NotFound(errors.NOT_FOUND)

    async def _answer(
        self, ready: _Ready, given: dict[str, str], scope: Scope, receive: Receive, bill: Bill
    ) -> bytes | Flow:
        route = ready.route
        if route.takes is not None:
            return await self._post(ready, route.takes, given, scope, receive, bill)
        if route.pour is not None:
            return await route.pour(self._exchange(ready, given, scope, receive, bill))
        if route.serve is not None:
            return await route.serve(self._exchange(ready, given, scope, receive, bill))
        return await self._get(ready, given, scope["query_string"], bill)

    def _exchange(self, ready: _Ready, given: dict[str, str], scope: Scope, receive: Receive, bill: Bill) -> Exchange:
        """What a route that answers by itself works with. Raises `PlanRequired`, and `Invalid` for its parameters."""
        if ready.route.paid and not bill.principal.paid:
            raise PlanRequired(errors.PAID_ONLY)
        variables = self._variables(ready.route, {**_query(scope["query_string"]), **given})
        read = partial(self._read, ready, bill=bill)
        return Exchange(self.services, bill, ready.price[0][0], scope, receive, variables, read)

    async def _get(self, ready: _Ready, given: dict[str, str], query_string: bytes, bill: Bill) -> bytes:
        route = ready.route
        if route.paid and not bill.principal.paid:
            raise PlanRequired(errors.PAID_ONLY)
        if query_string:
            given = {**_query(query_string), **given}
        text = await self._read(ready, self._variables(route, given), bill)
        if text is None:
            raise NotFound(errors.NOT_FOUND)
        if route.around:
            text = f"{route.around[0]}{text}{route.around[1]}"
        return text.encode()

    async def _post(  # noqa: PLR0913, PLR0917  # a request in its parts
        self, ready: _Ready, takes: Takes, given: dict[str, str], scope: Scope, receive: Receive, bill: Bill
    ) -> bytes:
        if ready.route.paid and not bill.principal.paid:
            raise PlanRequired(errors.PAID_ONLY)
        if takes.serve is not None:
            return await takes.serve(self._exchange(ready, given, scope, receive, bill))
        if content_type(scope) != "application/json":
            raise NotJson(errors.NOT_JSON)
        variables = takes.parse(await read_body(scope, receive, takes.maximum))
        if takes.act is not None:
            variables = {**self._variables(ready.route, given), **variables}
            await bill.pay()
            text = await self._read(ready, await takes.act(self.services, bill.principal, variables), bill)
            if text is None:
                raise NotFound(errors.NOT_FOUND)
            return (takes.trim(variables, text) if takes.trim else text).encode()
        lines = len(variables["items"])
        bill.items = ((ready.price[0][0], lines),)
        charge = await bill.pay(least=1)
        text = await self._read(ready, {**variables, "atMost": charge.granted}, bill)
        return resolve.envelope(text or "[]", lines, charge).encode()

    async def _read(self, ready: _Ready, variables: dict[str, Any], bill: Bill) -> str | None:
        principal = bill.principal
        if ready.plan is None:
            raise TypeError("a route without a document reads nothing")
        run = bill.before(self.engine.catalog(test=principal.test).value)
        try:
            if ready.route.own:
                await bill.pay()
                return await stored_executed(ready.plan, run, variables, principal, self.services)
            return await stored(ready.plan, run, variables, principal)
        except GraphQLError as error:
            original = error.original_error
            raise (original if isinstance(original, SonographError) else Invalid(error.message)) from error

    @staticmethod
    def _variables(route: Route, given: Mapping[str, str]) -> dict[str, Any]:
        variables = {p.target: p.parse(given.get(p.name)) for p in route.params}
        if route.one_of is not None:
            variables[route.one_of.variable] = route.one_of.parse(given)
        if route.needs_any and all(variables[name] is None for name in route.needs_any):
            raise Invalid(f"one of {', '.join(route.needs_any)} is required", route.needs_any[0])
        if variables.get("genre") is not None and variables.get("genreId") is not None:
            raise Invalid("genre and genreId exclude each other", "genre")
        return variables


async def _pour(flow: Flow, headers: list[tuple[bytes, bytes]], scope: Scope, send: Send) -> None:
    """Send pieces as they come. What fails in the middle cuts the connection: no half is taken for the whole."""
    headers += ((b"content-type", flow.content_type), *ALWAYS[1:])
    if flow.file_name:
        headers.append((b"content-disposition", b'attachment; filename="%b"' % flow.file_name.encode()))
    async with aclosing(flow.pieces) as pieces:
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        if scope["method"] != "HEAD":
            await _send_piece(flow.first, send)
            async for piece in pieces:
                await _send_piece(piece, send)
    await send({"type": "http.response.body", "body": b""})


async def _send_piece(piece: bytes, send: Send) -> None:
    async with asyncio.timeout(SEND_SECONDS):
        await send({"type": "http.response.body", "body": piece, "more_body": True})


def _query(query_string: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(
            query_string.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS
        )
    except (ValueError, UnicodeError):
        raise Invalid("The query string must be UTF-8, percent-encoded, with at most 100 parameters") from None
    given: dict[str, str] = {}
    for name, value in pairs:
        given.setdefault(name, value)
    return given
