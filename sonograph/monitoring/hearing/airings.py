"""Windows become airings: one for each time that a track is played."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from sonograph.monitoring.hearing.airing import Airing, Change, Continued, Ended, OpenAiring, Started
from sonograph.monitoring.hearing.tuning import Tuning
from sonograph.monitoring.hearing.window import Sighting, Window

LAPSE = 8.0  # seconds after which a track that is not heard any more is not said to be on air
# Seconds that an end waits while nothing else is identified and the recording's line can still go on: under long talk,
# or where it is found again only when a search's turn comes. An end is traced back: telling it late costs nothing
_MAY_GO_ON = 60.0
_OVER = 6.0  # seconds after which an airing is over whose track was played to its end, or which another one followed
_TAIL = 5.0  # seconds before its end from which on a reference was played to its end
_LINE = 2.0  # seconds between two lines on which a track goes on as if nothing had been
_RESTART = 4.0  # seconds by which the beginning of a track may lie before the end of its airing before
_SAME_START = 5.0  # seconds within which two tracks explain the same sound
_STALE = 15.0  # seconds after which what never became sure is forgotten
_HELD = 0.25  # confidence that is enough for a track that is on air already
_PRESENT = 3.0  # seconds before the end of a window up to which a track must be heard to be on air now
_REMEMBERED = 180.0  # seconds in which what ended may turn out to have gone on: sound is traced back by 120
_TOUCHING = 0.5  # seconds before the end of the last window up to which a track must be heard to go on behind it
_UNSEEN = 6.0  # seconds behind the last window that may pass before the next one
_BREAK = 4.5  # seconds between two windows that count, from which on there was a break
_FEWEST = 2  # windows that agree before a track starts again, or while another one is heard


@dataclass(slots=True)
class _Open:
    airing: Airing
    begins: float | None = None  # when the reference's second 0 was; None for one that was taken over
    length: float | None = None  # seconds of the reference
    others: set[int] = field(default_factory=set)  # tracks that explain the same sound
    seen: float = float("-inf")  # up to when it was heard before its end was traced back
    followed: bool = False  # by another airing
    muted: bool = False  # said already: it was taken for over, or for another place of the same track

    def over(self) -> bool:
        """Whether its reference was played to its end."""
        if self.begins is None or self.length is None:
            return False
        return (self.airing.heard_until - self.begins) * self.airing.speed >= self.length - _TAIL

    def patience(self, dropout: float) -> float:
        """Seconds without it after which it is over."""
        if self.followed or self.over():
            return _OVER
        if self.begins is None or self.length is None:
            return dropout
        left = self.begins + self.length / self.airing.speed - self.airing.heard_until
        return max(dropout, min(_MAY_GO_ON, left + _OVER))

    def goes_on(self, sighting: Sighting, dropout: float) -> bool:
        """Whether what is heard of its track is still the same airing."""
        until = self.airing.heard_until
        if self.begins is not None and abs(sighting.begins - self.begins) <= _LINE:
            return True
        if sighting.begins >= until - _RESTART:
            return False  # it began anew
        return sighting.since - until <= dropout  # an edit, or a loop: it jumped within the track


@dataclass(slots=True)
class _Candidate:
    sighting: Sighting
    windows: int = 0
    best: float = 0.0
    first: float = float("inf")  # end of the first window that counted, of those without a break
    last: float = float("-inf")

    def counts(self, sighting: Sighting, end: float) -> None:
        """It is sure enough in a window."""
        self.sighting = sighting
        self.windows += 1
        self.best = max(self.best, sighting.confidence)
        if end - self.last > _BREAK:
            self.first = end
        self.last = end


class Airings:
    """Of one stream. Pure: the same windows make the same airings."""

    def __init__(self, tuning: Tuning, resume: OpenAiring | None = None) -> None:
        self._tuning = tuning
        self._open: list[_Open] = []  # in the order in which they started
        self._candidates: dict[tuple[int, bool], _Candidate] = {}
        self._end: float | None = None
        self._over: list[Airing] = []  # that ended lately
        if resume is not None:
            self._open.append(_Open(_resumed(resume)))

    @property
    def now(self) -> Airing | None:
        """What is on air: None within 15 seconds of talk, though the airing may yet continue."""
        heard = [one.airing for one in self._open if self._end is None or self._end - one.airing.heard_until <= LAPSE]
        return heard[-1] if heard else None

    def add(self, window: Window, tracks: Mapping[int, int]) -> list[Change]:
        """What a window changes. `tracks`: the track of each reference in it; one that is missing is not heard."""
        self._end = window.end
        changes = self._continued(window, tracks)
        changes += self._started(window, tracks)
        changes += self._ended(window.end)
        self._candidates = {
            key: one for key, one in self._candidates.items() if window.end - one.sighting.until < _STALE
        }
        return changes

    def finish(self, at: float) -> list[Change]:
        """Ends all that is open: the stream ends, or is out for long. Not for a change of the watcher."""
        ended = [Ended(replace(one.airing, ended_at=self._last(one, at))) for one in self._open if not one.muted]
        self._open, self._candidates, self._over = [], {}, []
        return list(ended)

    def _last(self, one: _Open, at: float) -> float:
        """When it ended, if nothing is heard after `at`: what was not looked at any more is taken for the same."""
        until = one.airing.heard_until
        if self._end is None or self._end - until > _TOUCHING or at - until > _UNSEEN:
            return min(at, until)
        if one.begins is not None and one.length is not None:
            at = min(at, one.begins + one.length / one.airing.speed)
        return max(at, until)

    def _continued(self, window: Window, tracks: Mapping[int, int]) -> list[Change]:
        changes: list[Change] = []
        for one in self._open:
            heard = [sighting for sighting in window.heard if self._of(one, sighting, tracks)]
            sure = [sighting for sighting in heard if sighting.confidence >= _HELD]
            if not heard:
                continue
            until = max(sighting.until for sighting in heard)
            airing = one.airing
            if sure:
                best = max(sure, key=lambda sighting: sighting.confidence)
                if tracks.get(best.reference) == airing.track_id:
                    one.begins, one.length = best.begins, best.length
                    confidence = max(airing.confidence, best.confidence)
                    airing = replace(airing, reference=best.reference, speed=best.speed, confidence=confidence)
            elif until > airing.heard_until:
                continue
            if until != one.airing.heard_until or airing != one.airing:
                one.airing = replace(airing, heard_until=max(airing.started_at, until))
                changes += [] if one.muted else [Continued(one.airing)]
        return changes

    def _of(self, one: _Open, sighting: Sighting, tracks: Mapping[int, int]) -> bool:
        track = tracks.get(sighting.reference)
        if track in one.others:
            return True
        return track == one.airing.track_id and one.goes_on(sighting, self._tuning.dropout)

    def _started(self, window: Window, tracks: Mapping[int, int]) -> list[Change]:
        changes: list[Change] = []
        for sighting in sorted(window.heard, key=lambda one: -one.confidence):
            track = tracks.get(sighting.reference)
            if track is None or any(self._of(one, sighting, tracks) for one in self._open):
                continue
            if sighting.confidence < self._tuning.least or window.end - sighting.until > _PRESENT:
                continue
            again = any(one.airing.track_id == track for one in self._open)
            candidate = self._candidates.setdefault((track, again), _Candidate(sighting))
            candidate.counts(sighting, window.end)
            if not self._sure(candidate, window, again=again):
                continue
            twin = self._explained(sighting)
            if twin is not None:
                twin.others.add(track)
                continue
            del self._candidates[track, again]
            changes += self._start(track, sighting, candidate.best, window.end)
        return changes

    def _sure(self, candidate: _Candidate, window: Window, *, again: bool) -> bool:
        beside = again or any(window.end - one.airing.heard_until < _PRESENT for one in self._open)
        if candidate.windows < (_FEWEST if beside else 1):
            return False
        if candidate.last - candidate.first < self._tuning.lasting:
            return False
        return candidate.best >= self._tuning.at_once or candidate.windows >= self._tuning.agreeing + beside

    def _explained(self, sighting: Sighting) -> _Open | None:
        """The airing that has been explaining the same sound since its start: of two tracks alike one is said."""
        for one in self._open:
            if sighting.since <= one.airing.started_at + _SAME_START and not one.followed:
                return one
        return None

    def _start(self, track: int, sighting: Sighting, confidence: float, end: float) -> list[Change]:
        position = sighting.position - (end - sighting.since) * sighting.speed
        airing = Airing(track, sighting.reference, sighting.since, position, sighting.speed, confidence, sighting.until)
        said = any(one.track_id == track and _same(one, sighting) for one in self._over)
        for one in self._open:
            one.followed = True
        self._open.append(_Open(airing, sighting.begins, sighting.length, muted=said))
        return [] if said else [Started(airing)]

    def _ended(self, end: float) -> list[Change]:
        changes: list[Change] = []
        for one in list(self._open):
            one.seen = max(one.seen, one.airing.heard_until)
            if end - (one.airing.heard_until if one.followed else one.seen) > one.patience(self._tuning.dropout):
                self._open.remove(one)
                self._over.append(one.airing)
                changes += [] if one.muted else [Ended(replace(one.airing, ended_at=one.airing.heard_until))]
        self._over = [one for one in self._over if end - one.heard_until < _REMEMBERED]
        return changes


def _same(ended: Airing, sighting: Sighting) -> bool:
    """Whether what is heard of its track was going on before it was taken for over."""
    if abs(sighting.since - ended.started_at) < _SAME_START:
        return True
    return max(sighting.since, sighting.begins) < ended.heard_until - _RESTART


def _resumed(of: OpenAiring) -> Airing:
    return Airing(
        track_id=of.track_id,
        reference=of.reference or 0,
        started_at=of.started_at,
        position=0.0,
        speed=1.0,
        confidence=of.confidence,
        heard_until=of.heard_until,
    )
