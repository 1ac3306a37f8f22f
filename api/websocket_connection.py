"""One graphql-transport-ws connection, from `connection_init` to its end."""

import asyncio
import logging
from typing import Any

import orjson
from graphql import GraphQLError
from starlette.types import Receive, Scope, Send

from api.auth import key_in, permit
from api.graphql import TELL_COST, BadRequest, GraphQLEndpoint, checked
from schema.projection.lanes import public_error
from schema.projection.limits import TOO_MUCH
from schema.projection.pricing import UNNAMED
from sonograph.accounts.bill import Bill
from sonograph.accounts.principal import Principal
from sonograph.errors import EmailNotVerified, Forbidden, SonographError, Unauthenticated

MAX_MESSAGE = 256 * 1024  # bytes, as a body over HTTP; the server refuses larger ones with 1009
MAX_OPERATIONS = 50  # under way at once
MAX_ID = 200  # characters
INIT_SECONDS = 10.0  # for `connection_init` to arrive
RECHECK_SECONDS = 3.0  # a key that is revoked closes its connections within this and the authenticator's 5 s
SEND_SECONDS = 30.0  # for a client to take a message
MEMBERS = ("query", "operationName", "variables", "extensions", "documentId")

BAD_REQUEST, UNAUTHORIZED, FORBIDDEN, INIT_TIMEOUT, SAME_ID, TWO_INITS = 4400, 4401, 4403, 4408, 4409, 4429
TOO_LARGE, INTERNAL, LATER = 1009, 1011, 1013
REFUSALS = (Unauthenticated, EmailNotVerified, Forbidden)

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

    def __init__(self, endpoint: GraphQLEndpoint, scope: Scope, receive: Receive, send: Send) -> None:
        self.endpoint, self.scope = endpoint, scope
        self._receive, self._send = receive, send
        self._key: str | None = None
        self._tell_cost = TELL_COST in scope["headers"]
        self._operations: dict[str, asyncio.Task[None]] = {}
        self._changing = set[str]()  # ids of those that are mutations
        self._ended = asyncio.get_running_loop().create_future()  # by something else than what the client sends
        self._watch: asyncio.Task[None] | None = None

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
        await self._tell({"type": "connection_ack"})
        return principal

    async def serve(self) -> None:
        """Answer until either side ends it."""
        self._watch = asyncio.create_task(self._keep_checking())
        while True:
            message = await self._message()
            match message["type"]:
                case "ping" | "pong":
                    await self._pong(message)
                case "subscribe":
                    self._subscribe(message, await self._principal())
                case "complete":
                    if (task := self._operations.get(_id(message))) and _id(message) not in self._changing:
                        task.cancel()  # a mutation is left to finish
                case "connection_init":
                    raise Closed(TWO_INITS, "Too many initialisation requests")
                case _:
                    raise Closed(BAD_REQUEST, "Invalid message type")

    def end(self) -> list[asyncio.Task[None]]:
        """Stop everything but mutations, which are left to finish: they are returned."""
        if self._watch is not None:
            self._watch.cancel()
        if self._ended.done() and not self._ended.cancelled():
            self._ended.exception()  # seen
        self._ended.cancel()
        left = []
        for name, task in self._operations.items():
            if name in self._changing:
                left.append(task)
            else:
                task.cancel()
        return left

    async def _principal(self, *, counted: bool = True) -> Principal:
        """Who is asking, still; refusals of a known key are counted as requests, as over HTTP."""
        try:
            principal = await self.endpoint.authenticator.principal_of_key(self._key)
            try:
                permit(principal, self.scope)
            except REFUSALS:
                if counted:
                    await self.endpoint.throttle.admit(principal)
                raise
            else:
                return principal
        except REFUSALS as error:
            raise Closed(FORBIDDEN, f"Forbidden: {error.message}"[:120]) from None
        except SonographError as error:  # the database is away
            raise Closed(LATER, error.message[:120]) from None

    async def _keep_checking(self) -> None:
        """Close the connection when its key is not in force any more."""
        while not self._ended.done():
            await asyncio.sleep(RECHECK_SECONDS)
            try:
                await self._principal(counted=False)  # we ask, not the client
            except Closed as closed:
                if closed.code == FORBIDDEN:
                    self._stop(closed)

    def _stop(self, error: Exception) -> None:
        if not self._ended.done():
            self._ended.set_exception(error)

    async def _message(self) -> dict[str, Any]:
        """The next message; raises `Gone`, and `Closed` for what is none."""
        reading = asyncio.ensure_future(self._receive())
        try:
            await asyncio.wait((reading, self._ended), return_when=asyncio.FIRST_COMPLETED)
            if self._ended.done():
                self._ended.result()
            event = reading.result()
        finally:
            reading.cancel()
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
        task = self._operations[name] = asyncio.create_task(self._answer(name, payload, principal))
        task.add_done_callback(lambda done: self._forget(name, done))

    def _forget(self, name: str, task: asyncio.Task[Any] | None) -> None:
        """The operation is over; its id may stand for another one already."""
        if self._operations.get(name) is task:
            self._operations.pop(name, None)
            self._changing.discard(name)

    async def _admit(self, principal: Principal) -> None:
        """Count the operation as a request; raises `RateLimited`, and GraphQLError for too many at once."""
        if len(self._operations) > MAX_OPERATIONS:
            raise GraphQLError(f"At most {MAX_OPERATIONS} operations at once.", extensions=TOO_MUCH)
        admission = await self.endpoint.throttle.admit(principal)
        if admission.refusal is not None:
            Bill(self.endpoint.services.credits, principal, UNNAMED).end(answered=False, refused=True)
        admission.check()

    async def _answer(self, name: str, payload: dict[str, Any], principal: Principal) -> None:
        try:
            body = await self._executed(name, payload, principal)
            self._forget(name, asyncio.current_task())  # done: the client may use the id again as soon as it hears so
            if body.startswith(b'{"errors"'):  # nothing was executed
                await self._tell({"id": name, "type": "error", "payload": orjson.Fragment(_errors(body))})
                return
            await self._tell({"id": name, "type": "next", "payload": orjson.Fragment(body)})
            await self._tell({"id": name, "type": "complete"})
        except (OSError, TimeoutError):
            self._stop(Gone())
        except Exception:  # noqa: BLE001  # logged here, told to nobody
            _log.exception("an operation over WebSocket failed")
            self._stop(Closed(INTERNAL, "Internal error"))

    async def _executed(self, name: str, payload: dict[str, Any], principal: Principal) -> bytes:
        try:
            await self._admit(principal)
            request = checked(*(payload.get(member) for member in MEMBERS))
            plan = self.endpoint.plan(request)
            if not plan.errors and not plan.is_query:
                self._changing.add(name)
            client = self.scope.get("client")
            return await self.endpoint.answer(plan, request, principal, client, tell_cost=self._tell_cost)
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
        async with asyncio.timeout(SEND_SECONDS):
            await self._send({"type": "websocket.send", "text": orjson.dumps(message).decode()})


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
