"""What was heard on streams: each row an airing."""

from dataclasses import dataclass
from datetime import datetime

from sonograph.monitoring.vocabulary import GapKind


def whole_seconds(milliseconds: int) -> int:
    """Rounded, as the length of an airing is told everywhere."""
    return (milliseconds + 500) // 1000


@dataclass(frozen=True, slots=True)
class Play:
    """A row of `play`: an airing, from its first second to its last."""

    id: int
    account_id: int
    stream_id: int
    test: bool
    track_id: int
    started_at: datetime
    heard_until: datetime
    ended_at: datetime | None  # None while it goes on
    played_ms: int | None
    confidence: float

    @property
    def seconds(self) -> int | None:
        """For how long it was on air; None while it goes on."""
        return None if self.played_ms is None else whole_seconds(self.played_ms)


@dataclass(frozen=True, slots=True)
class Gap:
    """What a stream had on air that is no music: a row of `stream_gap`."""

    stream_id: int
    kind: GapKind
    started_at: datetime
    ended_at: datetime | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Timeline:
    """A part of a stream's time: what lies between airings and gaps is talk and the unknown."""

    since: datetime
    until: datetime
    airings: list[Play]
    gaps: list[Gap]
