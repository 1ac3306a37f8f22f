"""An airing, and what is said of it. All times are seconds of the stream, as `Hearing` counts them."""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Airing:
    """One continuous play of a track."""

    track_id: int
    reference: int  # the one of the track's references that is heard, the last one if it changed
    started_at: float
    position: float  # the reference's second at `started_at`
    speed: float
    confidence: float  # the best so far
    heard_until: float
    ended_at: float | None = None  # None while it goes on

    def open(self) -> "OpenAiring":
        """What is to be kept for who takes the stream over."""
        return OpenAiring(self.track_id, self.started_at, self.heard_until, self.confidence, self.reference)


@dataclass(frozen=True, slots=True)
class OpenAiring:
    """An airing that was going on when its watcher was lost: it is continued without being said to start again.

    What stands in the row of a play is enough; `reference` makes it surer which of the same track's is continued.
    """

    track_id: int
    started_at: float
    heard_until: float
    confidence: float = 0.0
    reference: int | None = None


@dataclass(frozen=True, slots=True)
class Started:
    """Said once an airing, as soon as it is sure; `started_at` lies some seconds back."""

    airing: Airing


@dataclass(frozen=True, slots=True)
class Continued:
    """It is still heard, or heard again: `heard_until` has grown. Nothing to tell anybody, but worth keeping."""

    airing: Airing


@dataclass(frozen=True, slots=True)
class Ended:
    """It is over since `ended_at`, which lies some seconds back. The next airing may have started before."""

    airing: Airing


Change: TypeAlias = Started | Continued | Ended
