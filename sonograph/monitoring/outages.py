"""Whether a stream is there: what its owner is told of it, and the gaps in its day. Pure: times come from outside.

| away for | what happens |
|---|---|
| 10 s | its status is `errored`, with the reason; a gap of the kind outage begins where the sound ended |
| 60 s | `stream.offline`, also for a stream that never came up since it is watched |
| back for 10 s | `stream.online`, if offline was told; the status and the gap change with the first sound |

Reconnecting within ten seconds is not told at all: stations do it every hour. Half a minute of dead air is a gap of the
kind silence; the stream runs, and the status says that it is silent.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sonograph.monitoring.facts import CameOnline, Condition, Fact, GapBegan, GapEnded, WentOffline, moment
from sonograph.monitoring.vocabulary import GapKind, RuntimeStatus

ERRORED_SECONDS = 10.0
OFFLINE_SECONDS = 60.0
ONLINE_SECONDS = 10.0
SILENCE_SECONDS = 30.0
UNWATCHED_SECONDS = 30.0  # without anybody who listened, from which on it is a gap

SILENT = "The stream is connected, but there is nothing to hear."
UNWATCHED = "Nobody listened: Sonograph did not run, or was too busy."
NO_SOUND = "No sound has arrived yet."
Said = tuple[list[Fact], Condition | None]


@dataclass(frozen=True, slots=True)
class Known:
    """What whoever watched before has left. Unix seconds."""

    status: RuntimeStatus = RuntimeStatus.PENDING
    offline: bool = False  # told, and not yet that it is back
    outage_since: float | None = None  # of the gap that is open
    silent_since: float | None = None
    heard_at: float | None = None


class Presence:
    """Of one stream, from `at` on."""

    def __init__(self, stream: int, at: float, known: Known | None = None) -> None:
        self._stream = stream
        known = known or Known()
        self._status = known.status
        self._shown: str | None = None  # the reason beside the status; None: whatever stands there
        self._reason = ""  # of the last trouble
        self._told = known.offline
        self._heard = known.heard_at
        self._away: float | None = at if known.outage_since is None else known.outage_since
        self._outage: float | None = known.outage_since  # start of the gap that is written
        self._dead: float | None = known.silent_since
        self._silence: float | None = known.silent_since
        self._back: float | None = None  # since when it is there again after it was told to be away

    @property
    def away_since(self) -> float | None:
        """Where the sound ended, while there is none."""
        return self._away

    def sound(self, at: float, until: float, now: float) -> Said:
        """Sound that was on air from `at` until `until`."""
        facts: list[Fact] = []
        condition = None
        if self._away is not None:
            facts += self._returned(at)
            condition = self._become(RuntimeStatus.RUNNING, None, now)
            self._away = None
            self._back = now if self._told else None
        self._heard = max(until, self._heard or until)
        return facts, condition

    def trouble(self, at: float, reason: str) -> Said:
        """There is no sound, for a reason; what follows from it is said by `tick`."""
        self._reason = reason
        facts: list[Fact] = []
        if self._away is None:
            self._away = min(at, self._heard or at)
            self._back = None
            facts += self._sounded(self._away)
        return facts, self._become(RuntimeStatus.ERRORED, reason, at) if self._is_errored(at) else None

    def dead_air(self, since: float) -> None:
        self._dead = since

    def sound_again(self, at: float, now: float) -> Said:
        facts = self._sounded(at)
        return facts, self._become(RuntimeStatus.RUNNING, None, now) if facts else None

    def tick(self, now: float) -> Said:
        """What time brings: ask every second or so."""
        if self._away is not None:
            return self._still_away(self._away, now)
        facts: list[Fact] = []
        if self._back is not None and now - self._back >= ONLINE_SECONDS:
            facts.append(CameOnline(self._stream, moment(self._back)))
            self._back, self._told = None, False
        if self._dead is not None and self._silence is None and now - self._dead >= SILENCE_SECONDS:
            self._silence = self._dead
            facts.append(GapBegan(self._stream, GapKind.SILENCE, moment(self._dead), None))
            return facts, self._become(RuntimeStatus.RUNNING, SILENT, now)
        return facts, None

    def close(self, at: float) -> Said:
        """It is another stream from now on: gaps end, and nobody is told."""
        facts = self._sounded(at)
        if self._outage is not None:
            facts.append(GapEnded(self._stream, GapKind.OUTAGE, moment(self._outage), moment(at)))
            self._outage = None
        return facts, None

    def _still_away(self, since: float, now: float) -> Said:
        facts: list[Fact] = []
        reason = self._reason or NO_SOUND
        if now - since < ERRORED_SECONDS:
            return facts, None
        if self._outage is None:
            self._outage = since
            facts.append(GapBegan(self._stream, GapKind.OUTAGE, moment(since), reason))
        if now - since >= OFFLINE_SECONDS and not self._told:
            self._told = True
            facts.append(WentOffline(self._stream, moment(since), reason))
        return facts, self._become(RuntimeStatus.ERRORED, reason, now)

    def _is_errored(self, now: float) -> bool:
        return self._away is not None and now - self._away >= ERRORED_SECONDS

    def _returned(self, at: float) -> Sequence[Fact]:
        """The gap ends; one that nobody has noted, for want of a watcher, is noted."""
        if self._outage is not None:
            facts: list[Fact] = [GapEnded(self._stream, GapKind.OUTAGE, moment(self._outage), moment(at))]
            self._outage = None
            return facts
        if self._heard is not None and at - self._heard >= UNWATCHED_SECONDS:
            start = moment(self._heard)
            return [
                GapBegan(self._stream, GapKind.OUTAGE, start, UNWATCHED),
                GapEnded(self._stream, GapKind.OUTAGE, start, moment(at)),
            ]
        return []

    def _sounded(self, at: float) -> list[Fact]:
        """Dead air is over, or the stream is gone."""
        since, self._dead, self._silence = self._silence, None, None
        return [] if since is None else [GapEnded(self._stream, GapKind.SILENCE, moment(since), moment(at))]

    def _become(self, status: RuntimeStatus, reason: str | None, now: float) -> Condition | None:
        """None where that is how it is already."""
        if (status, reason or "") == (self._status, self._shown):
            return None
        self._status, self._shown = status, reason or ""
        return Condition(status=status, reason=reason, at=moment(now))
