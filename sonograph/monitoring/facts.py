"""What happened on a stream, as it is to be kept: in the order in which it happened. Times are UTC, to the millisecond.

Each can be written twice: a statement that is sent again changes nothing, and tells nobody.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeAlias

from sonograph.monitoring.vocabulary import GapKind, RuntimeStatus

NOTHING = datetime(1970, 1, 1, tzinfo=UTC)  # no play began then


@dataclass(frozen=True, slots=True)
class PlayStarted:
    stream_id: int
    track_id: int
    started_at: datetime
    heard_until: datetime
    confidence: float


@dataclass(frozen=True, slots=True)
class PlayEnded:
    stream_id: int
    started_at: datetime
    ended_at: datetime


@dataclass(frozen=True, slots=True)
class GapBegan:
    stream_id: int
    kind: GapKind
    started_at: datetime
    reason: str | None


@dataclass(frozen=True, slots=True)
class GapEnded:
    stream_id: int
    kind: GapKind
    started_at: datetime
    ended_at: datetime


@dataclass(frozen=True, slots=True)
class WentOffline:
    stream_id: int
    at: datetime  # since when it is away
    reason: str


@dataclass(frozen=True, slots=True)
class CameOnline:
    stream_id: int
    at: datetime


Fact: TypeAlias = PlayStarted | PlayEnded | GapBegan | GapEnded | WentOffline | CameOnline


@dataclass(slots=True)
class Condition:
    """How a stream is now: of each member only the last value counts, and None is nothing new."""

    status: RuntimeStatus | None = None
    reason: str | None = None  # goes with the status
    at: datetime | None = None  # of the status
    heard_at: datetime | None = None
    recognized_at: datetime | None = None
    tuning: str | None = None  # JSON
    airing: str | None = None  # JSON
    on_air: datetime | None = None  # start of the play that is heard just now, or NOTHING
    heard: dict[datetime, datetime] = field(default_factory=dict)  # of plays: until when, by their start

    def updated(self, later: "Condition") -> "Condition":
        """This one, and what was found later."""
        status = later if later.status is not None else self
        return Condition(
            status.status,
            status.reason,
            status.at,
            later.heard_at or self.heard_at,
            later.recognized_at or self.recognized_at,
            later.tuning or self.tuning,
            later.airing or self.airing,
            later.on_air or self.on_air,
            self.heard | later.heard,
        )


def moment(at: float) -> datetime:
    """Unix seconds as they are kept."""
    return datetime.fromtimestamp(round(at, 3), UTC)
