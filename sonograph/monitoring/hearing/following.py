"""A reference that is followed through a stream, look by look, along a straight line."""

from dataclasses import dataclass, field

import numpy as np

from sonograph.monitoring.hearing.edges import end_of, start_of
from sonograph.monitoring.hearing.recent import Recent
from sonograph.monitoring.hearing.tracing import Straight, straightened, traced
from sonograph.recognition import confidence
from sonograph.recognition.agreement import agreement
from sonograph.recognition.chromaprint import SECONDS_PER_ITEM, Items
from sonograph.recognition.clip import SEEN_BY_ITEM
from sonograph.recognition.landmarks.check import Place, check
from sonograph.recognition.landmarks.peaks import FRAMES_PER_SECOND, Peaks

STRAIGHT = 20.0  # nats from which a window tells where the line lies
_STRAIGHTENED, _SHORTEST = 30.0, 5.0  # seconds along which a line is straightened, at most and at least
_ENDING = 20.0  # seconds before the end of a reference from which on others are looked for, too
_WELL, _LESS = 32.0, 0.6  # nats, and share of the usual ones, of what is heard well
_SPAN = 4.0  # frames by which the line may be wrong
_TRACED = 45.0  # seconds in which an end is looked for
_AGREEING = 0.004  # of speed beside 1, up to which items stay on their diagonal
_AGREES = 6.0  # standard deviations from which it is heard whatever its peaks say
_LAST_ITEMS = 3  # of the window, one of which agrees if it goes on
_ENOUGH = 150.0  # nats from which Chromaprint need not be asked: nothing would be surer
_SETTLED = 15.0  # seconds after which the end is known as well as it will be
_LAST, _GOES_ON = 3.0, 0.25  # seconds at the end of the window, and share of peaks in them, by which it goes on
# Stations leave silence at the beginning out: it is over where so many peaks come within so many frames
_FIRST_PEAKS, _WITHIN, _SILENT = 4, 30.0, 13.0  # and there is none if that is within 0.3 s
_FORGETS = 0.1  # share by which the usual score follows a lower one, each look
_STARTS_TRACED = 4  # looks after which the start is known as well as it will be


@dataclass(slots=True, eq=False)
class Followed:
    """Frames are those of the stream."""

    reference: int
    peaks: Peaks  # of the reference
    items: Items | None
    line: Straight
    least: float  # nats of a window in which it is heard
    score: float = 0.0  # of the last look
    evidence: float = 0.0
    since: float = 0.0
    until: float = 0.0
    heard_at: float = 0.0  # end of the last window in which it was heard
    looked_at: float = 0.0  # end of the last window
    looks: int = 0  # in which it was heard
    opens: float = field(init=False)  # frame of the reference at which something is heard first
    usual: float = 0.0  # score that it had lately, while it was heard well

    def __post_init__(self) -> None:
        self.opens = _opening(self.peaks)

    @property
    def length(self) -> float:
        """Frames of the reference."""
        return float(self.peaks.time[-1]) if len(self.peaks) else 0.0

    @property
    def confidence(self) -> float:
        return confidence.of(self.evidence, self.score)

    def position(self, frame: float) -> float:
        return self.line.at(frame)

    @property
    def ending(self) -> bool:
        """Whether something else may begin: its end is near, or it is heard less well than it was."""
        left = self.length - self.position(self.looked_at)
        return left < _ENDING * FRAMES_PER_SECOND or self.score < max(_WELL, _LESS * self.usual)

    def look(self, recent: Recent, start: float) -> None:
        """Compares the window from `start` to the end of what is known."""
        end = self.looked_at = recent.end
        query = recent.peaks(start, end)
        (found,) = check(query, [Place(self.peaks, self.line.at(start), self.line.speed)], _SPAN)
        self.score = found.score
        if self.score >= STRAIGHT:
            self._straighten(recent, start)
        self.evidence, agrees = self._agreed(recent, start) if self.score < _ENOUGH else (0.0, 0.0)
        if self.score >= self.least or self.evidence >= _AGREES:
            self.heard_at = end
            self.looks += 1
            self.usual = max(self.score, self.usual - (self.usual - self.score) * _FORGETS)
            if self.looks <= _STARTS_TRACED:
                self.since = self._start(recent)
        self.until = self._end(recent, start)
        if self.evidence >= _AGREES and agrees - self.until > _LAST * FRAMES_PER_SECOND:
            self.until = agrees  # there is too little in its peaks to tell

    def _straighten(self, recent: Recent, start: float) -> None:
        """By as much of it as was heard, up to half a minute: the longer, the better its speed is known."""
        low = max(recent.first, recent.end - _STRAIGHTENED * FRAMES_PER_SECOND, self.since) if self.looks else start
        low = min(low, recent.end - _SHORTEST * FRAMES_PER_SECOND)
        low = max(low, recent.first)
        self.line = straightened(recent.peaks(low, recent.end), low, recent.end, self.peaks, self.line)

    def _agreed(self, recent: Recent, start: float) -> tuple[float, float]:
        """What Chromaprint says of the window, in standard deviations, and up to which frame it does."""
        if self.items is None or abs(self.line.speed - 1) > _AGREEING:
            return 0.0, 0.0
        items, first = recent.items(start)
        offset = round(self.line.at(first) / FRAMES_PER_SECOND / SECONDS_PER_ITEM)
        agreed = agreement(items, self.items, offset) if len(items) else None
        if agreed is None:
            return 0.0, 0.0
        if agreed.end >= len(items) - _LAST_ITEMS:
            return agreed.evidence, recent.end
        until = agreed.end * SECONDS_PER_ITEM + SEEN_BY_ITEM / 2
        return agreed.evidence, min(recent.end, first + until * FRAMES_PER_SECOND)

    def _start(self, recent: Recent) -> float:
        own = self.line.when(self.opens)
        low = max(recent.first, own)
        if low >= recent.end:
            return own
        found = start_of(traced(recent.peaks(low, recent.end), low, recent.end, self.peaks, self.line), own)
        return max(0.0, found)

    def _end(self, recent: Recent, start: float) -> float:
        if recent.end - self.heard_at > _SETTLED * FRAMES_PER_SECOND:
            return self.until
        own = self.line.when(self.length)
        low = max(recent.first, self.since, recent.end - _LAST * FRAMES_PER_SECOND)
        if own > recent.end > low:
            last = traced(recent.peaks(low, recent.end), low, recent.end, self.peaks, self.line)
            if len(last.frame) and (last.heard - last.chance).sum() > _GOES_ON * (1 - last.chance).sum():
                return recent.end
        back = start if self.score >= STRAIGHT else recent.end - _TRACED * FRAMES_PER_SECOND
        low = max(recent.first, self.since, back)
        if low >= min(own, recent.end):
            return min(own, recent.end)
        found = end_of(traced(recent.peaks(low, recent.end), low, recent.end, self.peaks, self.line), own)
        return max(self.since, min(found, recent.end))


def _opening(peaks: Peaks) -> float:
    apart = peaks.time[_FIRST_PEAKS - 1 :] - peaks.time[: -_FIRST_PEAKS + 1]
    dense = np.flatnonzero(apart <= _WITHIN)
    opens = float(peaks.time[dense[0]]) if len(dense) else 0.0
    return opens if opens > _SILENT else 0.0
