"""An event, and its kinds."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Any


class EventType(IntEnum):
    """Stored as a small integer: never renumber a member, never re-use a number."""

    PLAY_STARTED = 1
    PLAY_ENDED = 2
    STREAM_OFFLINE = 3
    STREAM_ONLINE = 4

    @property
    def wire(self) -> str:
        """Its name in /v1, webhooks and feeds."""
        return _WIRE[self]


_WIRE = {
    EventType.PLAY_STARTED: "stream.play.started",
    EventType.PLAY_ENDED: "stream.play.ended",
    EventType.STREAM_OFFLINE: "stream.offline",
    EventType.STREAM_ONLINE: "stream.online",
}
TYPE_OF = {name: kind for kind, name in _WIRE.items()}
# Those that come without being asked for; the end of a play must be.
USUAL = frozenset(EventType) - {EventType.PLAY_ENDED}


@dataclass(frozen=True, slots=True)
class NewEvent:
    """A fact to tell. `data`: what is needed to render it, ids rather than their contents (docs of each type)."""

    account_id: int
    test: bool
    type: EventType
    stream_id: int | None
    created_at: datetime
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Event:
    """A fact of the log. Ids grow in the order in which transactions ended."""

    id: int
    account_id: int
    test: bool
    type: EventType
    stream_id: int | None
    created_at: datetime
    data: Mapping[str, Any]


def event_id(number: int) -> str:
    """As clients see it: sorts as text in the order of events."""
    return f"evt_{number:015d}"


def parse_event_id(text: str) -> int | None:
    """The number in an event id; None for anything that is none."""
    digits = text.removeprefix("evt_")
    if digits == text or not digits.isascii() or not digits.isdecimal() or len(digits) > 18:  # noqa: PLR2004  # of a bigint
        return None
    return int(digits)
