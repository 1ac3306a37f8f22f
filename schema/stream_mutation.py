"""Root fields that make, change and stop streams."""

from typing import Annotated, Any

import strawberry

from schema.resolvers import streams as watching
from schema.types.context import Info, number_of, resolved, services_of, viewer_of
from schema.types.problems import Input, Problems, outcome, result
from schema.types.stream import KIND, Stream
from sonograph.errors import Invalid, NotFound
from sonograph.monitoring.streams import KEEP, Change, Wish
from sonograph.monitoring.vocabulary import DetectionMode, StreamFormat

UNSET: Any = strawberry.UNSET


def _text(description: str, **options: Any) -> Any:
    return strawberry.field(description=description, **options)


@strawberry.input(description="A stream to watch.")
class StreamCreateInput:
    url: str = _text("Where it is heard: an audio stream, or a playlist of one.")
    name: str | None = _text("Its name, at most 200 characters.", default=None)
    format: StreamFormat | None = _text("What it plays; null where that is not known.", default=None)
    detection_mode: DetectionMode = _text("How sure a recognition must be.", default=DetectionMode.BALANCED)
    outage_notifications: bool = _text(
        "Whether outages are told by e-mail; events are written in any case.", default=False
    )


@strawberry.input(description="A stream to change: members that are left out stay as they are.")
class StreamUpdateInput:
    id: strawberry.ID = _text("Id of the stream.")
    url: str | None = _text("Where it is heard now; it keeps its id and history.", default=UNSET)
    name: str | None = _text("Its name; null for none.", default=UNSET)
    format: StreamFormat | None = _text("What it plays; null where that is not known.", default=UNSET)
    detection_mode: DetectionMode | None = _text("How sure a recognition must be.", default=UNSET)
    outage_notifications: bool | None = _text("Whether outages are told by e-mail.", default=UNSET)


@strawberry.input(description="A stream to watch no longer.")
class StreamStopInput:
    id: strawberry.ID = _text("Id of the stream.")


@strawberry.type(description="A stream is watched.")
class StreamCreatePayload:
    stream: Stream = _text("The stream.")


@strawberry.type(description="A stream was changed; it is so within a minute.")
class StreamUpdatePayload:
    stream: Stream = _text("The stream as it is now.")


@strawberry.type(description="A stream is watched no longer.")
class StreamStopPayload:
    stopped: bool = _text("Whether it was watched until now.")
    stream: Stream = _text("The stream; its history stays.")


StreamCreateResult = Annotated[StreamCreatePayload | Problems, result("StreamCreateResult")]
StreamUpdateResult = Annotated[StreamUpdatePayload | Problems, result("StreamUpdateResult")]
StreamStopResult = Annotated[StreamStopPayload | Problems, result("StreamStopResult")]


@strawberry.type
class StreamMutation:
    @resolved(
        "Watch a stream. A live one needs an entitlement, and its URL is listened to first. For paid plans; needs the "
        "scope `streams`."
    )
    async def stream_create(self, info: Info, input: Annotated[StreamCreateInput, Input]) -> StreamCreateResult:  # noqa: A002  # the contract's name, here and below
        services, viewer = services_of(info), viewer_of(info)

        async def work() -> StreamCreatePayload:
            wish = Wish(input.url, input.name, input.format, input.detection_mode, input.outage_notifications)
            return StreamCreatePayload(stream=Stream.of(await watching.create(services, viewer, wish)))

        return await outcome(work())

    @resolved("Change a stream, at least one member of it. For paid plans; needs the scope `streams`.")
    async def stream_update(self, info: Info, input: Annotated[StreamUpdateInput, Input]) -> StreamUpdateResult:  # noqa: A002
        services, viewer = services_of(info), viewer_of(info)

        async def work() -> StreamUpdatePayload:
            watching.check_watcher(viewer)
            changed = await watching.change(services, viewer, number_of(KIND, input.id), _change(input))
            return StreamUpdatePayload(stream=Stream.of(changed))

        return await outcome(work())

    @resolved("Watch a stream no longer; its history stays. For paid plans; needs the scope `streams`.")
    async def stream_stop(self, info: Info, input: Annotated[StreamStopInput, Input]) -> StreamStopResult:  # noqa: A002
        services, viewer = services_of(info), viewer_of(info)

        async def work() -> StreamStopPayload:
            watching.check_watcher(viewer)
            number = number_of(KIND, input.id)
            stopped = await watching.stop(services, viewer, number)
            found = await watching.one(services, viewer, number)
            if found is None:  # the account was deleted in this moment
                raise NotFound("Not found")
            return StreamStopPayload(stopped=stopped, stream=Stream.of(found))

        return await outcome(work())


def _change(asked: StreamUpdateInput) -> Change:
    """Raises `Invalid` for null where there must be a value."""
    given = {
        name: KEEP if (value := getattr(asked, name)) is UNSET else value
        for name in ("url", "name", "format", "detection_mode", "outage_notifications")
    }
    for name, called in (
        ("url", "url"),
        ("detection_mode", "detectionMode"),
        ("outage_notifications", "outageNotifications"),
    ):
        if given[name] is None:
            raise Invalid(f"{called}: must not be null", called)
    return Change(**given)
