"""One graphql-transport-ws connection, from `connection_init` to its end."""

import asyncio
import logging
from typing import Any

import orjson
from graphql import GraphQLError
from starlette.types import Receive, Scope

from api.auth import key_in, permit
from api.graphql import TELL_COST, BadRequest, checked
from api.listener import PAUSE_BEHIND
from api.live import Live
from api.recheck import REFUSALS
from api.subscribing import Subscribed
from api.websocket_listener import SocketListener
from api.websocket_protocol import RESTART_REASON, LeanWebSocket, text_header
from schema.projection.lanes import public_error
from schema.projection.limits import TOO_MUCH
from schema.projection.pricing import UNNAMED
from schema.projection.subscribing import Refused
from schema.resolvers.streams import PAID_ONLY
from sonograph.accounts.bill import Bill
from sonograph.accounts.principal import Principal
from sonograph.errors import PlanRequired, SonographError
from sonograph.events.member import Ending

MAX_MESSAGE = 256 * 1024  # bytes, as a body over HTTP; the server refuses larger ones with 1009
MAX_OPERATIONS = 50  # under way at once
MAX_ID = 200  # characters
INIT_SECONDS = 10.0  # for `connection_init` to arrive
SEND_SECONDS = 30.0  # for a client to take a message
MEMBERS = ("query", "operationName", "variables", "extensions", "documentId")

BAD_REQUEST, UNAUTHORIZED, FORBIDDEN, INIT_TIMEOUT, SAME_ID, TWO_INITS = 4400, 4401, 4403, 4408, 4409, 4429
TOO_LARGE, INTERNAL, RESTART, LATER = 1009, 1011, 1012, 1013  # graphql-ws clients come back after the last two
SLOW_REASON = "Too slow: connect again, and subscribe with `after`, the id of the last event"

_log = logging.getLogger(__name__)


class Closed(Exception):  # how a connection ends, not a fault
    """The connection is to be closed with a code and a reason (of at most 123 bytes)."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


class Gone(Exception):  # not a fault, either
    """The client has closed the connection, or the server is shutting down."""


class Connection:
    """One connection from `connection_init` to its end."""

    __slots__ = (
        "_changing",
        "_endpoint",
        "_key",
        "_live",
        "_operations",
        "_outlet",
        "_receive",
        "_tell_cost",
        "scope",
    )

    def __init__(self, live: Live, scope: Scope, receive: Receive, outlet: LeanWebSocket) -> None:
        self._live, self._endpoint, self.scope = live, live.endpoint, scope
        self._receive, self._outlet = receive, outlet
        self._key: str | None = None
        self._tell_cost = TELL_COST in scope["headers"]
        self._operations: dict[str, asyncio.Task[None] | SocketListener] = {}
        self._changing = set[str]()  # ids of those that are mutations

    async def begin(self) -> Principal:
        """Wait for `connection_init`, and acknowledge it."""
        try:
            async with asyncio.timeout(INIT_SECONDS):
                while (message := await self._message())["type"] in ("ping", "pong"):
                    await self._pong(message)
        except TimeoutError:
            raise Closed(INIT_TIMEOUT, "Connection initialisation timeout") from None
        if message["type"] != "connection_init":
            raise Closed(UNAUTHORIZED, "Unauthorized")
        payload = _payload(message)
        given = {name.lower(): value for name, value in payload.items() if isinstance(value, str)}
        headers = [
            (name.encode(), given[name].encode("latin-1", "replace"))
            for name in ("x-api-key", "authorization")
            if name in given
        ]
        self._key = key_in(headers or self.scope["headers"])
        self._tell_cost = self._tell_cost or given.get(TELL_COST[0].decode()) == TELL_COST[1].decode()
        principal = await self._principal()
        self.scope["headers"] = ()  # 2 KiB for as long as the connection lasts
        await self._tell({"type": "connection_ack"})
        return principal

    async def serve(self) -> None:
        """Answer until either side ends it."""
        self._live.recheck.add(self._key, self)
        while True:
            message = await self._message()
            match message["type"]:
                case "ping" | "pong":
                    await self._pong(message)
                case "subscribe":
                    self._subscribe(message, await self._principal())
                case "complete":
                    self._complete(_id(message))
                case "connection_init":
                    raise Closed(TWO_INITS, "Too many initialisation requests")
                case _:
                    raise Closed(BAD_REQUEST, "Invalid message type")

    def end(self) -> list[asyncio.Task[None]]:
        """Stop everything but mutations, which are left to finish: they are returned."""
        self._live.recheck.discard(self._key, self)
        left = []
        for name, operation in self._operations.items():
            if isinstance(operation, SocketListener):
                operation.leave()
            elif name in self._changing:
                left.append(operation)
            else:
                operation.cancel()
        self._operations.clear()
        return left

    def still(self, principal: Principal) -> None:
        """Subscriptions end with the plan that included them."""
        if self._operations and not principal.paid:
            for listener in [one for one in self._operations.values() if isinstance(one, SocketListener)]:
                listener.leave()
                self._forget(listener.name, listener)
                listener.fail(PlanRequired(PAID_ONLY))

    def refused(self, error: SonographError) -> None:
        """The key is not in force any more."""
        self._outlet.close_now(FORBIDDEN, f"Forbidden: {error.message}"[:120])

    async def _principal(self) -> Principal:
        """Who is asking, still; refusals of a known key are counted as requests, as over HTTP."""
        try:
            principal = await self._endpoint.authenticator.principal_of_key(self._key)
            try:
                permit(principal, self.scope)
            except REFUSALS:
                await self._endpoint.throttle.admit(principal)
                raise
            else:
                return principal
        except REFUSALS as error:
            raise Closed(FORBIDDEN, f"Forbidden: {error.message}"[:120]) from None
        except SonographError as error:  # the database is away
            raise Closed(LATER, error.message[:120]) from None

    async def _message(self) -> dict[str, Any]:
        """The next message; raises `Gone`, and `Closed` for what is none."""
        event = await self._receive()
        if event["type"] == "websocket.disconnect":
            raise Gone
        text = event.get("text")
        if text is None:
            raise Closed(BAD_REQUEST, "Messages are JSON in text frames")
        if len(text) > MAX_MESSAGE:
            raise Closed(TOO_LARGE, f"Messages end at {MAX_MESSAGE} bytes")
        try:
            message = orjson.loads(text)
        except orjson.JSONDecodeError:
            raise Closed(BAD_REQUEST, "Invalid message: not JSON") from None
        if not isinstance(message, dict) or not isinstance(message.get("type"), str):
            raise Closed(BAD_REQUEST, "Invalid message: no object with a type")
        return message

    def _subscribe(self, message: dict[str, Any], principal: Principal) -> None:
        name, payload = _id(message), _payload(message)
        if name in self._operations:
            raise Closed(SAME_ID, f"Subscriber for {name} already exists"[:120])
        fits = len(self._operations) < MAX_OPERATIONS
        task = self._operations[name] = asyncio.create_task(self._answer(name, payload, principal, fits=fits))
        task.add_done_callback(lambda done: self._forget(name, done))

    def _complete(self, name: str) -> None:
        """The client has lost interest."""
        operation = self._operations.get(name)
        if isinstance(operation, SocketListener):
            operation.leave()
            self._forget(name, operation)
        elif operation is not None and name not in self._changing:  # a mutation is left to finish
            operation.cancel()

    def _forget(self, name: str, operation: object) -> None:
        """The operation is over; its id may stand for another one already."""
        if self._operations.get(name) is operation:
            self._operations.pop(name, None)
            self._changing.discard(name)

    async def _admit(self, principal: Principal, *, fits: bool) -> None:
        """Count the operation as a request; raises `RateLimited`, and GraphQLError for too many at once."""
        if not fits:
            raise GraphQLError(f"At most {MAX_OPERATIONS} operations at once.", extensions=TOO_MUCH)
        admission = await self._endpoint.throttle.admit(principal)
        if admission.refusal is not None:
            Bill(self._endpoint.services.credits, principal, UNNAMED).end(answered=False, refused=True)
        admission.check()

    async def _answer(self, name: str, payload: dict[str, Any], principal: Principal, *, fits: bool) -> None:
        try:
            body = await self._executed(name, payload, principal, fits=fits)
            if isinstance(body, Subscribed):
                await self._listen(name, body)
                return
            self._forget(name, asyncio.current_task())  # done: the client may use the id again as soon as it hears so
            if body.startswith(b'{"errors"'):  # nothing was executed
                await self._tell({"id": name, "type": "error", "payload": orjson.Fragment(_errors(body))})
                return
            await self._tell({"id": name, "type": "next", "payload": orjson.Fragment(body)})
            await self._tell({"id": name, "type": "complete"})
        except TimeoutError:
            self._outlet.abort()
        except Exception:  # noqa: BLE001  # logged here, told to nobody
            _log.exception("an operation over WebSocket failed")
            self._outlet.close_now(INTERNAL, "Internal error")

    async def _listen(self, name: str, subscribed: Subscribed) -> None:
        """Bring a listener up to date; then it is the operation, in the place of this task."""
        listener = SocketListener(self._outlet, subscribed, name, self._let_go)
        task = asyncio.current_task()
        try:
            if await listener.listen() and self._operations.get(name) is task:
                self._operations[name] = listener
                listener = None  # type: ignore[assignment]  # it stays
        except SonographError as error:
            listener.fail(error)
        finally:
            if listener is not None:
                listener.leave()

    def _let_go(self, listener: SocketListener, why: Ending) -> None:
        """The server ends a subscription: clients that come back with the last event's id lose nothing."""
        self._forget(listener.name, listener)
        if why is Ending.SLOW:
            self._outlet.close_now(LATER, SLOW_REASON)
        elif why is Ending.CLOSING:
            self._outlet.close_now(RESTART, RESTART_REASON)

    async def _executed(
        self, name: str, payload: dict[str, Any], principal: Principal, *, fits: bool
    ) -> bytes | Subscribed:
        try:
            await self._admit(principal, fits=fits)
            request = checked(*(payload.get(member) for member in MEMBERS))
            plan = self._endpoint.plan(request)
            if plan.is_subscription:
                return await self._live.subscribing.begin(self._endpoint, plan, request, principal)
            if not plan.errors and not plan.is_query:
                self._changing.add(name)
            client = self.scope.get("client")
            return await self._endpoint.answer(plan, request, principal, client, tell_cost=self._tell_cost)
        except Refused as refused:
            return orjson.dumps({"errors": refused.errors})
        except BadRequest as error:
            problem: dict[str, Any] = {"message": error.message, "extensions": {"code": error.code}}
        except GraphQLError as error:
            problem = public_error(error)
        except Exception as error:  # noqa: BLE001  # told as over HTTP: masked and logged unless it is ours
            problem = public_error(GraphQLError("", original_error=error))
            if wait := getattr(error, "retry_after", None):
                problem["extensions"]["retryAfter"] = wait
        return orjson.dumps({"errors": [problem]})

    async def _pong(self, message: dict[str, Any]) -> None:
        if message["type"] == "ping":
            payload = _payload(message)
            await self._tell({"type": "pong", "payload": payload} if payload else {"type": "pong"})

    async def _tell(self, message: dict[str, Any]) -> None:
        """Send a message, and wait where the client takes none; raises TimeoutError."""
        text = orjson.dumps(message)
        self._outlet.put(text_header(len(text)) + text)
        if self._outlet.behind > PAUSE_BEHIND:
            async with asyncio.timeout(SEND_SECONDS):
                await self._outlet.drained()


def _id(message: dict[str, Any]) -> str:
    name = message.get("id")
    if not isinstance(name, str) or not 0 < len(name) <= MAX_ID:
        raise Closed(BAD_REQUEST, f"Invalid message: id must be text of 1 to {MAX_ID} characters")
    return name


def _payload(message: dict[str, Any]) -> dict[str, Any]:
    payload = message.get("payload")
    if payload is None and message["type"] != "subscribe":
        return {}
    if not isinstance(payload, dict):
        raise Closed(BAD_REQUEST, "Invalid message: payload must be an object")
    return payload


def _errors(body: bytes) -> bytes:
    """The list in an answer that has errors alone."""
    return orjson.dumps(orjson.loads(body)["errors"])
