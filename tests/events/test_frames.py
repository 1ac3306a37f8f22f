"""Framed events that several topics share."""

from collections.abc import Sequence

from compat_rest.v1.event_stream import MAX_KEPT, Frames
from sonograph import clock
from sonograph.events.event import Event, EventType


def event(number: int) -> Event:
    return Event(number, 1, test=True, type=EventType.STREAM_ONLINE, stream_id=1, created_at=clock.now(), data={})


async def test_an_event_that_is_forgotten_while_others_are_rendered_is_told() -> None:
    asked = list[int]()

    async def bodies(events: Sequence[Event]) -> list[bytes]:
        asked.extend(one.id for one in events)
        if events[0].id == 2:  # another topic has many new ones in this moment
            await frames.render([event(100 + n) for n in range(MAX_KEPT)])
        return [b"{}" for _ in events]

    frames = Frames(bodies)
    first = await frames.render([event(1)])
    both = await frames.render([event(1), event(2)])
    assert both[0] == first[0]
    assert None not in both
    assert asked[:2] == [1, 2]  # what is kept is not rendered again
