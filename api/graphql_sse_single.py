"""The single connection of graphql-sse, on /graphql/stream: PUT reserves it and answers a token, GET with it is the
stream, POST with the token starts operations whose answers come over it, DELETE ends one of them. For browsers, which
open six connections to a server at most over HTTP/1.1.

The token is as good as the key that it was given for, and ends with the stream.
"""

import asyncio
import logging
import secrets
from contextlib import ExitStack
from urllib.parse import parse_qs

import orjson
from starlette.types import Receive, Scope, Send

from api.answer import Answer
from api.auth import key_in
from api.graphql import STATUS, BadRequest, Request
from api.graphql_sse import BACK_SOON, COMMENT, HEADERS, TOO_SLOW, GraphQLStream, heart, problems, refuse
from api.http import respond
from api.listener import PAUSE_BEHIND, Listener
from api.live import Live
from api.outlet import ChunkedOutlet, outlet_of
from api.subscribing import Subscribed
from schema.resolvers.streams import PAID_ONLY
from sonograph.accounts.principal import Principal
from sonograph.errors import NotFound, PlanRequired, SonographError, Unavailable
from sonograph.events.member import Ending
from sonograph.events.outlet import TAKE_SECONDS, Outlet, chunk
from sonograph.events.subscription import Closing

PATH = "/graphql/stream"
TOKEN = b"x-graphql-event-stream-token"
WAIT_SECONDS = 30.0  # from the reservation to the stream, and from an operation to it
CHANGE_SECONDS = 30.0  # at the end of the process, for mutations
MAX_OPERATIONS = 50  # under way at once
MAX_NAME = 200  # characters of an operation's id

ALLOWED = (b"allow", b"PUT, GET, POST, DELETE")

_log = logging.getLogger(__name__)


class Reservation:
    """A stream that somebody has a token for, and what is answered over it."""

    def __init__(self, key: str | None, scope: Scope) -> None:
        self.key, self.scope = key, scope
        self.token = secrets.token_urlsafe(24)
        self.outlet: ChunkedOutlet | None = None
        self.opened = asyncio.Event()
        self.operations: dict[str, asyncio.Task[None] | SingleListener] = {}
        self.changing = set[asyncio.Task[None]]()  # mutations
        self.expiry: asyncio.TimerHandle | None = None
        self.counted = ExitStack()

    def put(self, event: bytes, name: str, payload: bytes | None = None) -> None:
        """Send an event of an operation."""
        if self.outlet is not None:
            self.outlet.put(chunk(framed(event, orjson.dumps(name), payload)))

    async def drained(self) -> None:
        """Wait where the client takes nothing; raises TimeoutError."""
        if self.outlet is not None and self.outlet.behind > PAUSE_BEHIND:
            async with asyncio.timeout(TAKE_SECONDS):
                await self.outlet.drained()

    def forget(self, name: str, operation: object) -> None:
        if self.operations.get(name) is operation:
            del self.operations[name]
            self.changing.discard(operation)

    def close(self, last: bytes) -> None:
        """End the stream with these chunks, as a broken one.

        A stream that ends in order between an operation's POST and the answer to it is no error to npm's graphql-sse:
        that operation would wait for ever.
        """
        if self.outlet is not None:
            self.outlet.finish(last, end=b"")

    def beat(self) -> None:
        """Keep the stream alive."""
        if self.outlet is not None:
            self.outlet.put(COMMENT)

    def still(self, principal: Principal) -> None:
        if not principal.paid:
            for listener in [one for one in self.operations.values() if isinstance(one, SingleListener)]:
                listener.leave()
                self.forget(listener.name, listener)
                listener.fail(PlanRequired(PAID_ONLY))

    def refused(self, _error: SonographError) -> None:
        self.close(b"")


class SingleListener(Listener):
    """A subscription on a stream that it shares with others."""

    __slots__ = ("_quoted", "_reservation", "name")

    def __init__(
        self,
        reservation: Reservation,
        outlet: Outlet,
        subscribed: Subscribed,
        name: str,
    ) -> None:
        super().__init__(outlet, subscribed)
        self.name, self._quoted, self._reservation = name, orjson.dumps(name), reservation

    def framed(self, answer: Answer) -> bytes:
        return chunk(framed(b"next", self._quoted, answer))

    def end(self, why: Ending) -> None:
        if why is Ending.REFUSED:
            self.fail(NotFound("There is no such stream any more."))
        else:
            self._reservation.close(TOO_SLOW if why is Ending.SLOW else chunk(BACK_SOON))
        self._reservation.forget(self.name, self)

    def fail(self, error: SonographError) -> None:
        self._reservation.put(b"next", self.name, problems(error))
        self._reservation.put(b"complete", self.name)


class SingleStream:
    """All methods of /graphql/stream; requests without a token are those of /graphql."""

    def __init__(self, live: Live, distinct: GraphQLStream) -> None:
        self._live, self._distinct = live, distinct
        self._by_token: dict[str, Reservation] = {}
        self._changes = set[asyncio.Task[None]]()  # mutations: they are finished, also for clients that went away

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._dispatch(scope, receive, send)
        except BadRequest as error:
            await refuse(send, error.status, error.message, error.code, *error.headers)
        except SonographError as error:
            await refuse(send, STATUS.get(error.code, 429), error.message, error.code)

    async def drain(self) -> None:
        """End the streams: those without an operation would hold up the end of the process."""
        for reservation in list(self._by_token.values()):
            reservation.close(chunk(BACK_SOON))

    async def finish(self) -> None:
        """Wait for mutations whose clients went away."""
        if self._changes:
            await asyncio.wait(self._changes, timeout=CHANGE_SECONDS)

    async def _dispatch(self, scope: Scope, receive: Receive, send: Send) -> None:
        token, method = token_in(scope), scope["method"]
        if method == "PUT":
            await self._reserve(scope, send)
        elif token is None and method in ("GET", "POST"):
            await self._distinct(scope, receive, send)
        elif method == "GET":
            await self._open(self._reservation(token), scope, receive, send)
        elif method == "POST":
            await self._start(self._reservation(token), scope, receive, send)
        elif method == "DELETE":
            self._end(self._reservation(token), _parameter(scope, "operationId") or "")
            await respond(send, 200, b"")
        else:
            raise BadRequest(405, "Use PUT, GET, POST or DELETE.", "BAD_USER_INPUT", ALLOWED)

    def _reservation(self, token: str | None) -> Reservation:
        found = self._by_token.get(token or "")
        if found is None:
            raise BadRequest(404, "There is no such stream: reserve one by PUT.", "NOT_FOUND")
        return found

    async def _reserve(self, scope: Scope, send: Send) -> None:
        """A token; it lasts for some seconds, in which it counts as a connection, or as long as its stream."""
        principal = await self._distinct.admitted(scope)
        with ExitStack() as stack:
            stack.enter_context(self._live.connections.counted(principal))
            reservation = Reservation(key_in(scope["headers"]), {"client": scope.get("client"), "path": scope["path"]})
            reservation.counted = stack.pop_all()
        self._by_token[reservation.token] = reservation
        reservation.expiry = asyncio.get_running_loop().call_later(WAIT_SECONDS, self._over, reservation)
        await respond(send, 201, reservation.token.encode(), (b"content-type", b"text/plain; charset=utf-8"))

    async def _open(self, reservation: Reservation, scope: Scope, receive: Receive, send: Send) -> None:
        """The stream, until either side ends it."""
        if reservation.outlet is not None:
            raise BadRequest(409, "This stream is open already.", "CONFLICT")
        outlet = outlet_of(scope)
        assert isinstance(outlet, ChunkedOutlet)  # noqa: S101  # it came over HTTP
        reservation.outlet = outlet
        if reservation.expiry is not None:
            reservation.expiry.cancel()
        try:
            await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
            outlet.put(COMMENT)
            scope["headers"] = ()
            heart.add(reservation)
            self._live.recheck.add(reservation.key, reservation)
            reservation.opened.set()
            while (await receive())["type"] != "http.disconnect":
                pass
        finally:
            self._over(reservation)

    def _over(self, reservation: Reservation) -> None:
        """The stream has ended, or nobody came for it."""
        self._by_token.pop(reservation.token, None)
        self._live.recheck.discard(reservation.key, reservation)
        heart.discard(reservation)
        reservation.counted.close()
        for operation in list(reservation.operations.values()):
            if isinstance(operation, SingleListener):
                operation.leave()
            elif operation not in reservation.changing:  # mutations are left to finish
                operation.cancel()

    async def _start(self, reservation: Reservation, scope: Scope, receive: Receive, send: Send) -> None:
        """Begin an operation: 202, and the rest comes over the stream."""
        principal = await self._distinct.admitted(scope, reservation.key)
        request = await self._live.endpoint.request(scope, receive)
        self._reservation(reservation.token)  # it may have ended meanwhile: nobody would end the operation
        self._live.endpoint.services.live_hub.check_open()
        name = (request.extensions or {}).get("operationId")
        if not isinstance(name, str) or not 0 < len(name) <= MAX_NAME:
            raise BadRequest(400, f"extensions.operationId must be text of 1 to {MAX_NAME} characters.")
        if name in reservation.operations:
            raise BadRequest(409, "There is an operation of this id.", "CONFLICT")
        if len(reservation.operations) >= MAX_OPERATIONS:
            raise BadRequest(429, f"At most {MAX_OPERATIONS} operations at once.", "COST_LIMIT")
        plan = self._live.endpoint.plan(request)
        if plan.errors:
            await respond(send, 400, problems(*plan.errors), (b"content-type", b"application/json; charset=utf-8"))
            return
        task = asyncio.create_task(self._run(reservation, scope, request, name, principal))
        reservation.operations[name] = task
        if not plan.is_query and not plan.is_subscription:
            reservation.changing.add(task)
            self._changes.add(task)
            task.add_done_callback(self._changes.discard)
        task.add_done_callback(lambda done: reservation.forget(name, done))
        await respond(send, 202, b"")

    async def _run(
        self, reservation: Reservation, scope: Scope, request: Request, name: str, principal: Principal
    ) -> None:
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                await reservation.opened.wait()
            done = await self._distinct.executed(scope, request, principal)
            if isinstance(done, Subscribed):
                await self._listen(reservation, done, name)
                return
            reservation.put(b"next", name, done)
            reservation.forget(name, asyncio.current_task())
            reservation.put(b"complete", name)
            await reservation.drained()
        except (Closing, Unavailable):
            reservation.close(chunk(BACK_SOON))
        except TimeoutError:
            reservation.close(TOO_SLOW)
        except Exception:  # noqa: BLE001  # logged here, told to nobody
            _log.exception("an operation over server-sent events failed")
            reservation.close(chunk(BACK_SOON))

    async def _listen(self, reservation: Reservation, subscribed: Subscribed, name: str) -> None:
        """Bring a listener up to date; then it is the operation, in the place of this task."""
        assert reservation.outlet is not None  # noqa: S101  # it has been opened
        listener = SingleListener(reservation, reservation.outlet, subscribed, name)
        stays = False
        try:
            stays = await listener.listen() and reservation.operations.get(name) is asyncio.current_task()
            if stays:
                reservation.operations[name] = listener
        except SonographError as error:
            listener.fail(error)
        finally:
            if not stays:
                listener.leave()

    @staticmethod
    def _end(reservation: Reservation, name: str) -> None:
        """The client has lost interest."""
        operation = reservation.operations.get(name)
        if isinstance(operation, SingleListener):
            operation.leave()
            reservation.forget(name, operation)
            reservation.put(b"complete", name)
        elif operation is not None and operation not in reservation.changing:
            operation.cancel()


def framed(event: bytes, name: bytes, payload: bytes | None = None) -> bytes:
    """An event of an operation whose id is quoted already."""
    if payload is None:
        return b'event: %b\ndata: {"id":%b}\n\n' % (event, name)
    return b'event: %b\ndata: {"id":%b,"payload":%b}\n\n' % (event, name, payload)


def token_in(scope: Scope) -> str | None:
    """The token of a request: a header, or a parameter where a browser opens the stream."""
    given = next((value for name, value in scope["headers"] if name == TOKEN), None)
    return _parameter(scope, "token") if given is None else given.decode("latin-1")


def _parameter(scope: Scope, name: str) -> str | None:
    values = parse_qs(scope["query_string"].decode("latin-1"), max_num_fields=20).get(name)
    return values[0] if values else None
