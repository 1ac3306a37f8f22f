"""The ASGI application: routes in one literal, the hot paths before the router."""

import asyncio
import gc
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace

import asyncpg
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import billing, health, station
from api.auth import Authenticator, permit
from api.client_address import Proxies
from api.connections import Connections
from api.feed import open_feed
from api.graphql import GraphQLEndpoint
from api.graphql_sse import GraphQLStream, takes_only_streams
from api.graphql_sse_single import PATH as STREAM
from api.graphql_sse_single import SingleStream
from api.live import Live
from api.pages import accounts
from api.pages.explorers import Explorers, wants_html
from api.pages.visit import missing, reader
from api.persisted import load_persisted
from api.recheck import Recheck
from api.subscribing import Subscribing
from api.throttle import open_throttle
from api.uploads import UploadEndpoint
from api.websocket import GraphQLSocket
from compat_rest.v1.answers import PREFIX, Rest
from compat_rest.v1.openapi import openapi
from schema.build import build
from schema.projection.check import check
from schema.projection.plans import Plans
from schema.resolvers.services import Services
from schema.types.upload import PATH as UPLOADS
from sonograph.accounts.billing import open_billing
from sonograph.accounts.credits import Credits
from sonograph.accounts.people import open_people
from sonograph.engine import Engine, open_engine, waiting_seconds
from sonograph.errors import Misconfigured, SonographError
from sonograph.events.hub import Hub
from sonograph.monitoring.station.audio import Station
from sonograph.postgres.waiting import entered
from sonograph.recognition.recogniser import Recogniser
from sonograph.recognition.uploads.uploads import Uploads
from sonograph.settings import Settings
from workers.run import Loop, chosen, together

NOSNIFF = {"X-Content-Type-Options": "nosniff"}

_log = logging.getLogger(__name__)


class App:
    """Dispatches /graphql and /v1 itself; everything else, lifespan included, goes to Starlette."""

    def __init__(self, settings: Settings, test_key: str | None = None, workers: Sequence[str] | None = None) -> None:
        """`workers` names loops to run in this process, [] all of them; that of the index runs in any case."""
        self.settings = settings
        self._loops = chosen(["index"]) | ({} if workers is None else chosen(workers))
        self._proxies = Proxies(settings.trusted_proxies)
        self._explorers = Explorers.build(settings, test_key, reader_of=reader)
        self._graphql: ASGIApp = _starting
        self._rest: ASGIApp = _starting
        self._socket: ASGIApp = _starting
        self._stream: ASGIApp = _starting
        self._single: ASGIApp = _starting
        self._uploads: ASGIApp = _starting
        self._refusal = ""
        self.leaving = False  # told to stop, perhaps before it has started
        self._stop = asyncio.Event()  # of the loops beside the service
        on_air = Station()
        self._drains: list[Callable[[], Awaitable[None]]] = [on_air.drain]
        self._router = Starlette(
            routes=[
                *self._explorers.routes(),
                Route("/graphql", self._explorers.graphiql),
                *accounts.routes(),
                *billing.routes(),
                *station.routes(on_air),
                Route("/openapi.json", self._openapi),
                Route("/health/live", health.live),
                Route("/health/ready", health.ready),
            ],
            exception_handlers={404: _not_found},
            lifespan=self._lifespan,
        )

    async def drain(self) -> None:
        """The server is about to stop: what would never end by itself (feeds, subscriptions) is ended now."""
        self._stop.set()  # first: who watches our own station shall not take its end for an outage
        await asyncio.sleep(0)
        for drain in self._drains:
            await drain()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._proxies.trusted and scope["type"] != "lifespan":
            self._proxies.reveal(scope)
        if scope["type"] == "websocket" and scope["path"] == "/graphql":
            await self._socket(scope, receive, send)
            return
        if scope["type"] == "http":
            path = scope["path"]
            if path in ("/graphql", STREAM):
                await self._graphql_for(scope)(scope, receive, send)
                return
            if path.startswith(PREFIX):
                await self._rest(scope, receive, send)
                return
            if path.startswith(UPLOADS):
                await self._uploads(scope, receive, send)
                return
        if scope["type"] == "lifespan":
            send = self._saying_why(send)
        await self._router(scope, receive, send)

    def _graphql_for(self, scope: Scope) -> ASGIApp:
        """Who answers a request to /graphql: programs get JSON or a stream, people a page."""
        if scope["path"] == STREAM:
            return self._single
        if takes_only_streams(scope):
            return self._stream
        if scope["method"] == "GET" and wants_html(_accept(scope)):
            return self._router
        return self._graphql

    def _saying_why(self, send: Send) -> Send:
        """A start that fails for a known reason (no database, no folder) says it in a line, without a traceback."""

        async def said(message: Message) -> None:
            if message["type"] == "lifespan.startup.failed" and self._refusal:
                message["message"] = self._refusal
            await send(message)

        return said

    @asynccontextmanager
    async def _lifespan(self, app: Starlette) -> AsyncIterator[None]:
        try:
            wait = waiting_seconds(self.settings)
            async with entered(lambda: self._running(app), wait, lambda: self.leaving):
                yield
        except SonographError as error:
            self._refusal = error.message
            raise

    @asynccontextmanager
    async def _running(self, _: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            engine = await stack.enter_async_context(open_engine(self.settings))
            plans = Plans(
                build(),
                size=self.settings.plan_cache_size,
                compiled_reads=self.settings.compiled_reads,
                introspection=self.settings.introspection,
                hide_suggestions=not self.settings.field_suggestions,
            )
            await _check(engine, plans)
            operations = self.settings.persisted_operations
            persisted = load_persisted(operations, plans, only=self.settings.persisted_only)
            authenticator = await stack.enter_async_context(
                Authenticator(engine.accounts, engine.plans).open(engine.dsn)
            )
            counted = await stack.enter_async_context(Credits(engine.accounts, engine.plans))
            throttle = await stack.enter_async_context(open_throttle(self.settings.limits_url, engine.plans))
            recogniser = await stack.enter_async_context(Recogniser(self.settings, engine.live, engine.sandbox))
            uploads = await stack.enter_async_context(Uploads(engine.accounts, self.settings.data_dir / "uploads"))
            self._uploads = UploadEndpoint(uploads)
            hub = await stack.enter_async_context(Hub(engine.accounts, engine.dsn))
            services = Services(engine, counted, engine.plans, recogniser, uploads, hub)
            self._graphql = endpoint = GraphQLEndpoint(engine, plans, authenticator, services, throttle, persisted)
            recheck = await stack.enter_async_context(Recheck(authenticator).open())
            connections = Connections(engine.plans)
            live = Live(endpoint, Subscribing(services), recheck, connections)
            self._socket = socket = GraphQLSocket(live)
            self._stream = stream = GraphQLStream(live)
            self._single = single = SingleStream(live, stream)
            self._drains[1:] = [hub.drain, single.drain]  # a start may be tried more than once
            stack.push_async_callback(socket.drain)
            stack.push_async_callback(single.finish)
            feed = open_feed(services, plans, authenticator, throttle, recheck, connections)
            self._rest = Rest(engine, plans, authenticator.principal, services, throttle.admit, permit, feed)
            self._router.state.engine = engine
            self._router.state.throttle = throttle
            self._router.state.services = services
            self._router.state.billing = open_billing(self.settings, engine.accounts)
            stack.push_async_callback(self._router.state.billing.close)
            self._router.state.plans = plans
            self._router.state.people = await stack.enter_async_context(open_people(self.settings, engine.accounts))
            self._stop = await stack.enter_async_context(_working(self._loops, engine))
            # What stands now stands for good: out of the collector's sight, its full passes take 5 ms instead of 90.
            gc.collect()
            gc.freeze()
            _log.info("listening on %s", _where(self.settings))
            yield
            self._graphql = self._rest = self._uploads = _starting
            self._socket = self._stream = self._single = _starting

    async def _openapi(self, _: Request) -> Response:
        return JSONResponse(openapi(self.settings.base_url), headers=NOSNIFF)


@asynccontextmanager
async def _working(loops: Mapping[str, Loop], engine: Engine) -> AsyncIterator[asyncio.Event]:
    """Loops beside the service: they are told to stop by what this gives, or at its end, and waited for."""
    stop = asyncio.Event()
    task = asyncio.create_task(together(loops, engine, stop))
    try:
        yield stop
    finally:
        stop.set()
        await task


async def _check(engine: Engine, plans: Plans) -> None:
    """Refuse to serve declarations that do not fit the database, before the first request finds out."""
    connection = await asyncpg.connect(engine.dsn, server_settings={"search_path": "catalog"})
    try:
        faults = await check(plans.schema, connection)
    finally:
        await connection.close()
    if faults:
        raise Misconfigured("The schema does not fit the database:\n" + "\n".join(faults))


def _where(settings: Settings) -> str:
    """The socket, and the address that clients use where it is another one."""
    socket = replace(settings, public_url=None).base_url
    return socket if settings.base_url == socket else f"{socket}, for clients {settings.base_url}"


def _accept(scope: Scope) -> str:
    return next((value.decode("latin-1") for name, value in scope["headers"] if name == b"accept"), "")


async def _not_found(request: Request, _: Exception) -> Response:
    """A page for people; JSON for programs, and for files that a page asks for."""
    if request.method in ("GET", "HEAD") and wants_html(request.headers.get("accept", "")):
        return await missing(request)
    return JSONResponse({"error": "Not found"}, status_code=404, headers=NOSNIFF)


async def _starting(scope: Scope, receive: Receive, send: Send) -> None:
    """Before the start and after the end of the lifespan."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close"})  # before it is accepted: a 403
        return
    answer = JSONResponse({"error": "Starting"}, status_code=503, headers={"Retry-After": "1"})
    await answer(scope, receive, send)
