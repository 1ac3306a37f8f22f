"""What a subscription tells of airings."""

from datetime import datetime
from enum import Enum

import strawberry

from schema.types.shared import describe
from schema.types.stream import Play
from sonograph.events.event import Event, EventType, event_id
from sonograph.monitoring import plays


class PlayEventType(Enum):
    STARTED = EventType.PLAY_STARTED
    ENDED = EventType.PLAY_ENDED


describe(
    PlayEventType,
    "What happened to an airing.",
    {"STARTED": "It began: once for each airing.", "ENDED": "It ended."},
)


@strawberry.type(description="Something that happened to an airing.")
class PlayEvent:
    id: strawberry.ID = strawberry.field(
        description="Id of the event, `evt_…`, as in feeds and webhooks: the last one is what to pass as `after`."
    )
    type: PlayEventType = strawberry.field(description="What happened.")
    created_at: datetime = strawberry.field(description="When it was found out: some seconds after it was heard.")
    play: Play | None = strawberry.field(
        description="The airing as it was then: at its start without an end; null where it was deleted since."
    )

    @classmethod
    def of(cls, event: Event, play: plays.Play | None) -> "PlayEvent":
        return cls(
            id=strawberry.ID(event_id(event.id)),
            type=PlayEventType(event.type),
            created_at=event.created_at,
            play=None if play is None else Play.of(play),
        )
