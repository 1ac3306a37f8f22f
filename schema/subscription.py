"""Root fields that go on: each answers what to listen to (schema/resolvers/live.py)."""

from collections.abc import AsyncGenerator, Callable, Sequence
from functools import partial
from typing import Annotated, Any, cast

import strawberry

from schema.resolvers import live
from schema.resolvers.services import Services
from schema.resolvers.streams import check_watcher, one
from schema.types.context import Info, number_of, services_of, viewer_of
from schema.types.play_event import PlayEvent
from schema.types.stream import KIND, Play, Stream
from sonograph.accounts.principal import Principal
from sonograph.errors import Invalid, NotFound
from sonograph.events.event import Event, EventType, parse_event_id
from sonograph.monitoring import play_history


def _listened(description: str) -> Callable[[Callable[..., Any]], Any]:
    """`strawberry.subscription` for a method that answers what to listen to: as a decorator, that one has no type."""

    def wrap(function: Callable[..., Any]) -> Any:
        return strawberry.subscription(resolver=function, description=description)

    return wrap


def _text(description: str) -> object:
    return strawberry.argument(description=description)


StreamId = Annotated[strawberry.ID, _text("Id of one of one's streams.")]


@strawberry.type(
    description="What goes on: over graphql-transport-ws or graphql-sse. Of one's own streams, for paid plans; "
    "needs the scope `streams`, and costs no credits."
)
class Subscription:
    @_listened(
        "Each airing as it begins. Nothing is left out and nothing comes twice for whoever passes the id of the last "
        "event as `after`; without it, what happens from now on is told."
    )
    async def plays(
        self,
        info: Info,
        stream_ids: Annotated[list[strawberry.ID] | None, _text("Of these streams, at most 100; null is all.")] = None,
        after: Annotated[
            strawberry.ID | None, _text("Id of the last event that was received: those behind it come first.")
        ] = None,
        ended: Annotated[bool, _text("Tell the ends of airings, too.")] = False,  # noqa: FBT002  # GraphQL arguments are named
    ) -> AsyncGenerator[PlayEvent, None]:
        services, viewer = services_of(info), viewer_of(info)
        check_watcher(viewer)
        streams = None
        if stream_ids is not None:
            numbers = [number_of(KIND, text) for text in stream_ids]
            streams = await live.own_streams(services, viewer, numbers)
        types = {EventType.PLAY_STARTED} | ({EventType.PLAY_ENDED} if ended else set())
        topic = live.topic_of(viewer, frozenset(types), streams)
        return _as_stream(live.EventFeed(topic, event_number(after), partial(_play_events, services)))

    @_listened("What plays on a stream: at once as it is, then each change; null in talk, silence and outages.")
    async def now_playing(self, info: Info, stream_id: StreamId) -> AsyncGenerator[Play | None, None]:
        return _as_stream(await _state(info, stream_id, _on_air))

    @_listened("A stream with what is going on with it: at once as it is, then each change of its status.")
    async def stream_status(self, info: Info, stream_id: StreamId) -> AsyncGenerator[Stream, None]:
        return _as_stream(await _state(info, stream_id, _as_it_is))


def event_number(after: str | None) -> int | None:
    """The number in `after`; raises `Invalid` for what is no id of an event."""
    if after is None:
        return None
    number = parse_event_id(after)
    if number is None:
        raise Invalid("after: not the id of an event", "after")
    return number


def _as_stream(feed: live.EventFeed | live.StateFeed) -> AsyncGenerator[Any, None]:
    """Strawberry reads the type of what comes out of a subscription from the method; this is what it comes from."""
    return cast("AsyncGenerator[Any, None]", feed)


async def _play_events(services: Services, events: Sequence[Event]) -> list[PlayEvent]:
    plays = await live.plays_told(services, events)
    return [PlayEvent.of(event, play) for event, play in zip(events, plays, strict=True)]


async def _state(info: Info, stream_id: str, value: Callable[..., Any]) -> live.StateFeed:
    services, viewer = services_of(info), viewer_of(info)
    check_watcher(viewer)
    number = number_of(KIND, stream_id)
    streams = await live.own_streams(services, viewer, [number])
    topic = live.topic_of(viewer, live.STATES, streams)
    return live.StateFeed(topic, number, partial(value, services, viewer, number))


async def _on_air(services: Services, _: Principal, number: int) -> Play | None:
    found = (await play_history.on_air(services.engine.accounts, [number])).get(number)
    return None if found is None else Play.of(found)


async def _as_it_is(services: Services, viewer: Principal, number: int) -> Stream:
    found = await one(services, viewer, number)
    if found is None:
        raise NotFound("Not found")
    return Stream.of(found)
