"""Streams for both skins: who may watch, and what a request reads of them."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import asyncpg

from schema.resolvers.services import Services
from sonograph.accounts import scopes
from sonograph.accounts.principal import Principal
from sonograph.engine import Engine
from sonograph.errors import PlanRequired
from sonograph.monitoring import play_history, streams
from sonograph.monitoring.plays import Play
from sonograph.monitoring.stream import Stream
from sonograph.monitoring.streams import Change, Reach, Wish

SCOPE = "streams"
PAID_ONLY = "Watching streams needs a paid plan."


def check_watcher(viewer: Principal) -> None:
    """Whether the key may watch streams and read what they played; raises `Forbidden` and `PlanRequired`."""
    scopes.require(viewer.scopes, SCOPE)
    if not viewer.paid:
        raise PlanRequired(PAID_ONLY)


def reach_of(engine: Engine) -> Reach:
    """Where streams may lead."""
    return Reach(engine.allowed, engine.settings.base_url)


async def create(services: Services, viewer: Principal, wish: Wish) -> Stream:
    """A new stream of the viewer's. Raises what `create_stream` does."""
    check_watcher(viewer)
    engine = services.engine
    return await streams.create_stream(
        engine.accounts, viewer.account_id, wish, test=viewer.test, reach=reach_of(engine)
    )


async def change(services: Services, viewer: Principal, number: int, wanted: Change) -> Stream:
    """A stream of the viewer's as it is then. Raises what `change_stream` does."""
    check_watcher(viewer)
    engine = services.engine
    return await streams.change_stream(
        engine.accounts, viewer.account_id, number, wanted, test=viewer.test, reach=reach_of(engine)
    )


async def stop(services: Services, viewer: Principal, number: int) -> bool:
    """Whether a stream of the viewer's was watched until now. Raises `NotFound`."""
    check_watcher(viewer)
    return await streams.stop_stream(services.engine.accounts, viewer.account_id, number, test=viewer.test)


async def one(services: Services, viewer: Principal, number: int) -> Stream | None:
    """A stream of the viewer's; None for other people's, too."""
    check_watcher(viewer)
    return await streams.get_stream(services.engine.accounts, viewer.account_id, number, test=viewer.test)


async def listed(services: Services, viewer: Principal, first: int, below: int | None) -> tuple[list[Stream], bool]:
    """The viewer's streams, newest first, and whether there are older ones. With test keys the station is there."""
    check_watcher(viewer)
    engine = services.engine
    if viewer.test and below is None:
        await streams.ensure_station(engine.accounts, viewer.account_id, engine.settings.base_url)
    rows = await streams.list_streams(
        engine.accounts, viewer.account_id, test=viewer.test, first=first + 1, below=below
    )
    return rows[:first], len(rows) > first


def in_utc(at: datetime) -> datetime:
    """A time of a request: without a zone it is UTC."""
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at


class OnAir:
    """What plays now on some streams: asked for once, when the first of them wants to know."""

    def __init__(self, pool: asyncpg.Pool, stream_ids: Sequence[int]) -> None:
        self._pool, self._stream_ids = pool, stream_ids
        self._asked: asyncio.Future[dict[int, Play]] | None = None

    async def of(self, stream_id: int) -> Play | None:
        if self._asked is None:
            self._asked = asyncio.ensure_future(play_history.on_air(self._pool, self._stream_ids))
        return (await self._asked).get(stream_id)
