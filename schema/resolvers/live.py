"""What subscriptions listen to: who may, which events, and what is read for each of them."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from schema.resolvers.services import Services
from schema.resolvers.streams import check_watcher
from sonograph.accounts.principal import Principal
from sonograph.errors import Invalid, NotFound, Unavailable
from sonograph.events.event import Event, EventType
from sonograph.events.topic import Topic
from sonograph.monitoring import play_event_store, stream_store
from sonograph.monitoring.plays import Play
from sonograph.postgres.trouble import TROUBLE

MOST_STREAMS = 100  # that one subscription names
STATES = frozenset(EventType)  # events after which the state of a stream is read anew


class _Listening:
    """graphql-core asks for something to iterate over; equal subscriptions share that in api/subscribing.py."""

    __slots__ = ()

    def __aiter__(self) -> AsyncIterator[Any]:
        raise TypeError("subscriptions are listened to by api/subscribing.py")


@dataclass(frozen=True, slots=True)
class EventFeed(_Listening):
    """Each event of the topic is one answer, those behind `after` (an event's number) first.

    `values` makes the events of a batch into what the subscription field answers, in their order, None for none.
    """

    topic: Topic
    after: int | None
    values: Callable[[Sequence[Event]], Awaitable[Sequence[Any]]]


@dataclass(frozen=True, slots=True)
class StateFeed(_Listening):
    """The state of a stream: `value` reads it, at once and when it may have changed; `topic` tells of most changes."""

    topic: Topic
    stream_id: int
    value: Callable[[], Awaitable[Any]]


async def own_streams(services: Services, viewer: Principal, numbers: Sequence[int]) -> frozenset[int]:
    """Streams that the viewer may listen to. Raises `Forbidden`, `PlanRequired`, `Invalid` and `NotFound`."""
    check_watcher(viewer)
    if not 0 < len(numbers) <= MOST_STREAMS:
        raise Invalid(f"streamIds: 1 to {MOST_STREAMS}", "streamIds")
    wanted = frozenset(numbers)
    found = await stream_store.fetch_some(services.engine.accounts, viewer.account_id, list(wanted), test=viewer.test)
    if found.keys() != wanted:
        raise NotFound("Not found")
    return wanted


def topic_of(viewer: Principal, types: frozenset[EventType], streams: frozenset[int] | None) -> Topic:
    """Events of the viewer's streams: of test streams for test keys."""
    return Topic(viewer.account_id, viewer.test, types, streams)


async def plays_told(services: Services, events: Sequence[Event]) -> list[Play | None]:
    """The airing of each event as it was then: at its start it had no end. Raises `Unavailable`."""
    keys = [_key(event) for event in events]
    try:
        found = await play_event_store.fetch_told(services.engine.accounts, keys)
    except TROUBLE as error:
        raise Unavailable("The database does not answer.") from error
    return [
        _then(found.get(number), ended=event.type is EventType.PLAY_ENDED)
        for event, (_, _, number) in zip(events, keys, strict=True)
    ]


def _key(event: Event) -> tuple[int, datetime, int]:
    return event.stream_id or 0, datetime.fromisoformat(event.data["started_at"]), event.data["play_id"]


def _then(play: Play | None, *, ended: bool) -> Play | None:
    return play if play is None or ended else replace(play, ended_at=None, played_ms=None)
