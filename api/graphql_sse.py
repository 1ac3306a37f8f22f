"""GraphQL over server-sent events (https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md): one request, one
stream of answers, also of queries and mutations. The protocol's other mode is in graphql_sse_single.

An answer of `plays` carries its event as `id:`; `Last-Event-ID` resumes as the argument `after` does.
"""

import asyncio
import logging
from typing import Any

import orjson
from graphql import GraphQLError
from starlette.types import Receive, Scope, Send

from api.answer import Answer, next_event
from api.auth import key_in, permit
from api.graphql import STATUS, STREAM, TELL_COST, UNCACHED, BadRequest, Request
from api.heart import Heart
from api.http import Header, respond
from api.listener import Listener
from api.live import Live
from api.outlet import ChunkedOutlet, outlet_of
from api.subscribing import Subscribed
from schema.projection.lanes import public_error
from schema.projection.pricing import UNNAMED
from schema.projection.subscribing import Refused
from schema.resolvers.streams import PAID_ONLY
from sonograph.accounts.bill import Bill
from sonograph.accounts.principal import Principal
from sonograph.errors import LimitReached, NotFound, PlanRequired, SonographError, Unavailable
from sonograph.events.event import parse_event_id
from sonograph.events.member import Ending
from sonograph.events.outlet import chunk
from sonograph.events.subscription import Closing

ALIVE_SECONDS = 15.0  # between comments that keep proxies from closing a quiet stream
HEADERS: tuple[Header, ...] = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
)
COMMENT = chunk(b":\n\n")
COMPLETE = b"event: complete\ndata:\n\n"
COMPLETED = chunk(COMPLETE)
BACK_SOON = b"retry: 2000\n: the server is restarting or busy: come back, with the id of the last event\n\n"
TOO_SLOW = chunk(b"retry: 2000\n: too slow: come back, with the id of the last event\n\n")

heart = Heart(ALIVE_SECONDS)
_log = logging.getLogger(__name__)


def takes_only_streams(scope: Scope) -> bool:
    """Whether the client takes server-sent events and no JSON: all of its operations are answered as a stream."""
    return any(name == b"accept" and STREAM in value and b"json" not in value for name, value in scope["headers"])


class StreamListener(Listener):
    """A subscription that has a stream to itself."""

    __slots__ = ("scope",)

    def __init__(self, outlet: ChunkedOutlet, subscribed: Subscribed, scope: Scope) -> None:
        super().__init__(outlet, subscribed)
        self.scope = scope

    def framed(self, answer: Answer) -> bytes:
        return answer.sse

    def beat(self) -> None:
        """Keep the stream alive."""
        self.outlet.put(COMMENT)

    def end(self, why: Ending) -> None:
        if why is Ending.REFUSED:
            self.fail(NotFound("There is no such stream any more."))
        else:
            self.close(TOO_SLOW if why is Ending.SLOW else chunk(BACK_SOON))

    def fail(self, error: SonographError) -> None:
        self.close(chunk(next_event(problems(error)) + COMPLETE))

    def close(self, last: bytes) -> None:
        """End the stream with these bytes."""
        outlet = self.outlet
        assert isinstance(outlet, ChunkedOutlet)  # noqa: S101  # by the constructor
        outlet.finish(last)

    def still(self, principal: Principal) -> None:
        if not principal.paid:
            self.leave()
            self.fail(PlanRequired(PAID_ONLY))

    def refused(self, error: SonographError) -> None:
        self.leave()
        self.fail(error)


class GraphQLStream:
    """POST and GET of /graphql by clients that take server-sent events."""

    def __init__(self, live: Live) -> None:
        self._live, self._endpoint = live, live.endpoint
        self._endpoint.streaming = self.answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            principal = await self.admitted(scope)
            request = await self._endpoint.request(scope, receive)
        except BadRequest as error:
            await refuse(send, error.status, error.message, error.code, *error.headers)
        except Unavailable:
            await stream(send, BACK_SOON)
        except SonographError as error:
            await refuse(send, STATUS.get(error.code, 400), error.message, error.code)
        else:
            await self.answer(scope, receive, send, principal, request)

    async def admitted(self, scope: Scope, key: str | None = None) -> Principal:
        """Who asks, by the key of the request or one that is known; counted as a request. Raises what the door does."""
        principal = await self._endpoint.authenticator.principal_of_key(key or key_in(scope["headers"]))
        admission = await self._endpoint.throttle.admit(principal)
        if admission.refusal is not None:
            Bill(self._endpoint.services.credits, principal, UNNAMED).end(answered=False, refused=True)
        admission.check()
        permit(principal, scope)
        return principal

    async def answer(self, scope: Scope, receive: Receive, send: Send, principal: Principal, request: Request) -> None:
        """A stream of answers to a request that has been admitted."""
        try:
            with self._live.connections.counted(principal):
                done = await self.executed(scope, request, principal)
                if isinstance(done, bytes):
                    await stream(send, next_event(done) + COMPLETE)
                else:
                    await self._listen(scope, receive, send, done)
        except LimitReached as error:
            await refuse(send, 429, error.message, error.code)
        except (Closing, Unavailable):
            await stream(send, BACK_SOON)

    async def executed(self, scope: Scope, request: Request, principal: Principal) -> bytes | Subscribed:
        """The answer, errors included, or what is listened to. Raises `Closing` and `Unavailable`."""
        try:
            plan = self._endpoint.plan(request, is_get=scope["method"] == "GET")
            if plan.is_subscription:
                last = last_event(scope)
                return await self._live.subscribing.begin(self._endpoint, plan, request, principal, last)
            tell_cost = TELL_COST in scope["headers"]
            return await self._endpoint.answer(plan, request, principal, scope.get("client"), tell_cost=tell_cost)
        except (Closing, Unavailable):
            raise
        except Refused as refused:
            return orjson.dumps({"errors": refused.errors})
        except Exception as error:  # noqa: BLE001  # told as over HTTP: masked and logged unless it is ours
            return problems(error)

    async def _listen(self, scope: Scope, receive: Receive, send: Send, subscribed: Subscribed) -> None:
        """Until either side ends it."""
        key = key_in(scope["headers"])
        await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        outlet = outlet_of(scope)
        assert isinstance(outlet, ChunkedOutlet)  # noqa: S101  # it came over HTTP
        outlet.put(COMMENT)  # the head alone is kept back by some proxies
        listener = StreamListener(outlet, subscribed, scope)
        scope["headers"] = ()  # 1 KiB for as long as the stream lasts
        self._live.recheck.add(key, listener)
        heart.add(listener)
        joining = asyncio.create_task(_join(listener))
        try:
            while (await receive())["type"] != "http.disconnect":
                pass
        finally:
            joining.cancel()
            heart.discard(listener)
            self._live.recheck.discard(key, listener)
            listener.leave()


async def _join(listener: StreamListener) -> None:
    try:
        await listener.listen()
    except SonographError as error:
        listener.fail(error)
    except Exception:  # noqa: BLE001  # logged here, told to nobody
        _log.exception("a subscription over server-sent events failed")
        listener.close(chunk(BACK_SOON))


def last_event(scope: Scope) -> int | None:
    """The event behind which a client goes on that comes back by itself."""
    last = next((value for name, value in scope["headers"] if name == b"last-event-id"), b"")
    return parse_event_id(last.decode("latin-1"))


def problems(*errors: Exception) -> bytes:
    """An answer of errors alone: our own as they are, accidents masked."""
    return orjson.dumps({"errors": [_public(error) for error in errors]})


def _public(error: Exception) -> dict[str, Any]:
    if isinstance(error, BadRequest):
        return {"message": error.message, "extensions": {"code": error.code}}
    return public_error(error if isinstance(error, GraphQLError) else GraphQLError("", original_error=error))


async def stream(send: Send, body: bytes) -> None:
    """A stream that ends at once."""
    await respond(send, 200, body, *HEADERS)


async def refuse(send: Send, status: int, message: str, code: str, *headers: Header) -> None:
    """An answer that is no stream."""
    body = orjson.dumps({"errors": [{"message": message, "extensions": {"code": code}}]})
    await respond(send, status, body, (b"content-type", b"application/json; charset=utf-8"), *UNCACHED, *headers)
