"""GraphQL over HTTP (https://graphql.github.io/graphql-over-http/draft/): POST and GET, persisted operations, ETags.

A plain ASGI application without a framework's request and response objects: it stands before the router, because a
compiled read costs less than routing would.
"""

import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl

import orjson
from graphql import GraphQLError
from starlette.types import Message, Receive, Scope, Send

from api.auth import Authenticator, permit
from api.http import Header, negotiate, respond
from api.persisted import Mismatch, NotRegistered, Persisted, PersistedOnly
from api.throttle import Throttle
from compat_rest.body import BodyTooLarge, BodyTooSlow, read_body
from schema.projection.lanes import answer, public_error
from schema.projection.limits import TOO_MUCH
from schema.projection.plans import Plan, Plans
from schema.projection.pricing import UNNAMED, are_reads, prices
from schema.resolvers.services import Services
from schema.scopes import check_scopes
from sonograph.accounts.bill import Bill, Run
from sonograph.accounts.principal import Principal
from sonograph.engine import Engine
from sonograph.errors import SonographError, Unauthenticated

MAX_BODY = 256 * 1024
MAX_VALUES = 500  # in variables, lists and members counted: coercing one takes 6 µs, refusing it 47
STREAM = b"text/event-stream"
RESPONSE_JSON, JSON = "application/graphql-response+json", "application/json"
NOSNIFF: Header = (b"x-content-type-options", b"nosniff")
UNCACHED: tuple[Header, ...] = ((b"cache-control", b"no-store"), NOSNIFF)
CACHED: tuple[Header, ...] = (  # answers to GET, with an ETag: kept by the client alone, and asked for each time
    (b"cache-control", b"private, no-cache"),
    (b"vary", b"x-api-key, authorization, accept"),
    NOSNIFF,
)
CLOSE: Header = (b"connection", b"close")
TELL_COST: Header = (b"x-sonograph-cost", b"1")  # the request header that asks for extensions.cost
NOT_HERE = "Subscriptions are answered over a WebSocket (graphql-transport-ws), or as text/event-stream (graphql-sse)."
STATUS = {
    "UNAUTHENTICATED": 401,
    "EMAIL_NOT_VERIFIED": 403,
    "FORBIDDEN": 403,
    "QUOTA_EXCEEDED": 429,
    "RATE_LIMITED": 429,
    "TIMEOUT": 503,
    "UNAVAILABLE": 503,
}

_log = logging.getLogger(__name__)


class BadRequest(Exception):  # an answer, not a fault
    """The request is no GraphQL request."""

    def __init__(self, status: int, message: str, code: str = "BAD_USER_INPUT", *headers: Header) -> None:
        super().__init__(message)
        self.status, self.message, self.code, self.headers = status, message, code, headers


@dataclass(frozen=True, slots=True)
class Request:
    """The members of a GraphQL request."""

    query: str | None
    operation_name: str | None
    variables: Mapping[str, Any] | None
    extensions: Mapping[str, Any] | None
    document_id: str | None = None  # of a persisted operation


Streaming = Callable[[Scope, Receive, Send, Principal, Request], Awaitable[None]]


class GraphQLEndpoint:
    """The endpoint of one schema."""

    def __init__(  # noqa: PLR0913, PLR0917  # the parts of the service that requests go through
        self,
        engine: Engine,
        plans: Plans,
        authenticator: Authenticator,
        services: Services,
        throttle: Throttle,
        persisted: Persisted | None = None,
    ) -> None:
        self.engine, self.plans, self.authenticator = engine, plans, authenticator
        self.services, self.throttle = services, throttle
        self.persisted = persisted if persisted is not None else Persisted({})
        self.streaming: Streaming | None = None  # answers subscriptions of clients that take a stream as well as JSON

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = scope["headers"]
        media_type = JSON
        try:
            media_type = self._media_type(headers)
            principal = await self.authenticator.principal(scope)
            admission = await self.throttle.admit(principal)
            send = telling(admission.headers, send)
            if admission.refusal is not None:
                Bill(self.services.credits, principal, UNNAMED).end(answered=False, refused=True)
            admission.check()
            permit(principal, scope)
            request = await self.request(scope, receive)
            is_get = scope["method"] == "GET"
            plan = self.plan(request, is_get=is_get)
            if plan.is_subscription and self.streaming is not None and wants_stream(scope):
                await self.streaming(scope, receive, send, principal, request)
                return
            body = await self.answer(plan, request, principal, scope.get("client"), tell_cost=TELL_COST in headers)
            status = 200
            if media_type != JSON and body.startswith(b'{"errors"'):
                status = 400  # nothing was executed
            if is_get and not plan.errors:
                await self._send_get(send, headers, status, media_type, body)
            else:
                await self._send(send, status, media_type, body)
        except BadRequest as error:
            await self._refuse(send, error.status, media_type, error.message, error.code, *error.headers)
        except Unauthenticated as error:
            await self._refuse(send, 401, media_type, error.message, error.code, (b"www-authenticate", b"Bearer"))
        except SonographError as error:
            await self._refuse(send, STATUS.get(error.code, 200), media_type, error.message, error.code)
        except GraphQLError as error:
            await self._send(send, 400, media_type, orjson.dumps({"errors": [public_error(error)]}))
        except Exception:  # noqa: BLE001  # the last line of defence, and the only one that logs an accident
            # Nothing internal reaches a client: it gets an id under which the log has the whole story.
            request_id = secrets.token_hex(8)
            _log.exception("request %s failed", request_id)
            masked = {"message": "Internal error.", "extensions": {"code": "INTERNAL", "requestId": request_id}}
            await self._send(send, 500, media_type, orjson.dumps({"errors": [masked]}))

    async def answer(
        self,
        plan: Plan,
        request: Request,
        principal: Principal,
        client: tuple[str, int] | None,
        *,
        tell_cost: bool = False,
    ) -> bytes:
        """The answer to an operation, whichever way it came: over HTTP or a WebSocket; it is charged here.

        Raises `QuotaExceeded`, or GraphQLError for an operation that costs more than the account's plan includes.
        """
        if plan.errors:
            return orjson.dumps({"errors": [public_error(e) for e in plan.errors]})
        if plan.is_subscription:
            raise BadRequest(400, NOT_HERE)
        check_scopes(principal, plan)
        limit = self.check_cost(plan, principal)
        name, variables = request.operation_name, request.variables
        bill = Bill(self.services.credits, principal, (items := prices(plan, variables)))
        answered = False
        try:
            run: Run = self.engine.catalog(test=principal.test).value
            if plan.is_query:  # a mutation is charged for what it does, by its resolvers
                if principal.paid and not are_reads(
                    items
                ):  # on the free plan suggestions are refused, and cost nothing
                    await bill.pay()
                run = bill.before(run)
            body = await answer(plan, run, variables, name, principal, self.services, client, bill)
            bill.check()
            answered = True
        finally:
            bill.end(answered=answered)
        if tell_cost:
            cost = {"requested": plan.cost, "limit": limit, "credits": bill.used}
            return b'%b,"extensions":{"cost":%b}}' % (body[:-1], orjson.dumps(cost))
        return body

    def check_cost(self, plan: Plan, principal: Principal) -> int:
        """The most that an operation may cost; raises GraphQLError for one that costs more."""
        limit = self.engine.plans.of(principal.plan).operation_cost
        if plan.cost > limit:
            raise GraphQLError(f"Too much: cost {plan.cost} of {limit} in this plan.", extensions=TOO_MUCH)
        return limit

    @staticmethod
    def _media_type(headers: list[Header]) -> str:
        accept = next((value for name, value in headers if name == b"accept"), None)
        if accept is None or accept in (b"*/*", b"application/json"):
            return JSON
        chosen = negotiate(accept.decode("latin-1"), (JSON, RESPONSE_JSON))
        if chosen is None:
            raise BadRequest(406, f"Answers are {RESPONSE_JSON} or {JSON}.")
        return chosen

    async def request(self, scope: Scope, receive: Receive) -> Request:
        """What is asked for; raises `BadRequest`."""
        if scope["method"] == "GET":
            return self._from_query_string(scope["query_string"])
        if scope["method"] != "POST":
            raise BadRequest(405, "Use POST or GET.", "BAD_USER_INPUT", (b"allow", b"GET, POST"))
        kind = next((value for name, value in scope["headers"] if name == b"content-type"), b"")
        if kind != b"application/json":
            main, _, parameters = kind.decode("latin-1").lower().partition(";")
            charset = dict(parse_qsl(parameters.replace(" ", "").replace('"', ""), separator=";")).get(
                "charset", "utf-8"
            )
            if main.strip() != JSON or charset not in ("utf-8", "utf8"):
                raise BadRequest(415, f"Send {JSON}, in UTF-8.")
        try:
            body = await read_body(scope, receive, MAX_BODY)
        except BodyTooLarge:
            raise BadRequest(413, f"Requests end at {MAX_BODY} bytes.", "COST_LIMIT") from None
        except BodyTooSlow:
            raise BadRequest(408, "The body did not arrive in time.", "BAD_USER_INPUT", CLOSE) from None
        try:
            members = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise BadRequest(400, f"The body is not JSON: {error}") from None
        if isinstance(members, list):
            raise BadRequest(400, "Batches are not taken: send one operation a request.")
        if not isinstance(members, dict):
            raise BadRequest(400, "The body must be a JSON object.")
        return checked(
            members.get("query"),
            members.get("operationName"),
            members.get("variables"),
            members.get("extensions"),
            members.get("documentId"),
        )

    def _from_query_string(self, query_string: bytes) -> Request:
        try:
            # A key is needed, and it is never in the address: no other site's form or link can send a request.
            given = dict(
                parse_qsl(query_string.decode("ascii"), strict_parsing=False, max_num_fields=20, errors="strict")
            )
            variables, extensions = (
                orjson.loads(given[name]) if name in given else None for name in ("variables", "extensions")
            )
        except (ValueError, UnicodeError):
            raise BadRequest(400, "variables and extensions must be JSON in UTF-8.") from None
        query, name = given.get("query"), given.get("operationName")
        return checked(query, name, variables, extensions, given.get("documentId"))

    def plan(self, request: Request, *, is_get: bool = False) -> Plan:
        """The plan of what is asked for; raises `BadRequest` where there is none."""
        plan = self.plans.get(self._text(request), request.operation_name)
        if is_get and not plan.errors and not plan.is_query and not plan.is_subscription:
            raise BadRequest(405, "Only queries may be sent by GET.", "BAD_USER_INPUT", (b"allow", b"POST"))
        return plan

    def _text(self, request: Request) -> str:
        """The text of the operation: sent, or known by an id (Apollo's `persistedQuery`, or `documentId`)."""
        text, given = request.query, request.document_id
        if request.extensions and (persisted := request.extensions.get("persistedQuery")) is not None:
            given = persisted.get("sha256Hash") if isinstance(persisted, dict) else None
            if not isinstance(given, str) or persisted.get("version") != 1:
                raise BadRequest(400, "extensions.persistedQuery must be { version: 1, sha256Hash }.")
        try:
            if text is None:
                if given is None:
                    raise BadRequest(400, "query is missing.")
                return self.persisted.by_id(given)
            if given is None:
                self.persisted.check(text)
            else:
                self.plans.limits.check_text(text)
                self.persisted.register(given, text)
        except NotRegistered:
            raise BadRequest(200, "PersistedQueryNotFound", "PERSISTED_QUERY_NOT_FOUND") from None
        except Mismatch:
            raise BadRequest(400, "sha256Hash is not that of the query.") from None
        except PersistedOnly:
            raise BadRequest(403, "Only persisted operations are served here.", "PERSISTED_ONLY") from None
        return text

    async def _send_get(self, send: Send, headers: list[Header], status: int, media_type: str, body: bytes) -> None:
        tag = b'"%b"' % sha256(body).hexdigest()[:32].encode()
        cached: tuple[Header, ...] = ((b"etag", tag), *CACHED)
        if status == 200 and any(name == b"if-none-match" and tag in value for name, value in headers):  # noqa: PLR2004
            await respond(send, 304, b"", *cached)
            return
        await respond(send, status, body, _content_type(media_type), *cached)

    @staticmethod
    async def _send(send: Send, status: int, media_type: str, body: bytes, *headers: Header) -> None:
        await respond(send, status, body, _content_type(media_type), *UNCACHED, *headers)

    async def _refuse(  # the parts of an answer
        self, send: Send, status: int, media_type: str, message: str, code: str, *headers: Header
    ) -> None:
        body = orjson.dumps({"errors": [{"message": message, "extensions": {"code": code}}]})
        await self._send(send, status, media_type, body, *headers)


def wants_stream(scope: Scope) -> bool:
    """Whether the client takes server-sent events."""
    return any(name == b"accept" and STREAM in value for name, value in scope["headers"])


def checked(query: Any, operation_name: Any, variables: Any, extensions: Any, document_id: Any = None) -> Request:
    """The members of a request, each of its type and within bounds; raises `BadRequest`."""
    for name, value, kind in (
        ("query", query, str),
        ("operationName", operation_name, str),
        ("variables", variables, dict),
        ("extensions", extensions, dict),
        ("documentId", document_id, str),
    ):
        if value is not None and not isinstance(value, kind):
            raise BadRequest(400, f"{name} must be {'a string' if kind is str else 'an object'}.")
    if variables and _has_too_many_values(variables):
        raise BadRequest(400, f"Variables end at {MAX_VALUES} values.", "COST_LIMIT")
    return Request(query, operation_name, variables, extensions, document_id)


def _content_type(media_type: str) -> Header:
    return b"content-type", f"{media_type}; charset=utf-8".encode()


def telling(headers: Sequence[Header], send: Send) -> Send:
    """Sends each answer with these headers, too."""

    async def told(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], *headers]
        await send(message)

    return told


def _has_too_many_values(variables: Mapping[str, Any]) -> bool:
    """Whether lists and objects hold more than `MAX_VALUES` between them; looks at no more than that many."""
    waiting: list[Any] = [variables]
    count = 0
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict | list):
            count += len(value)
            if count > MAX_VALUES:
                return True
            waiting += value.values() if isinstance(value, dict) else value
    return False
