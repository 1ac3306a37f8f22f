"""What a station's own titles say about how sure a recognition must be there.

Titles are evidence for thresholds alone: no play is ever made of them. They count only where they agree with what is
recognised without doubt, again and again, at the right time, and far beyond chance; a station whose titles lie, lag or
say nothing keeps the thresholds that everyone has.

A title is compared with what is heard between it and the next one, some seconds apart from both. Each track that was
heard there in two windows is one case, by the confidence of the second best of them: the title names it, or it does
not. Cases beyond doubt tell whether titles can be trusted; the others what weaker recognitions are worth.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import log, sqrt
from typing import TypeGuard

from sonograph.monitoring.station_titles import MAX_TITLE, TrackName, says

__all__ = ["EASIER", "HARDER", "Calibration", "Learnt", "TrackName"]

VERSION = 1
EASIER, HARDER = -2.0, 1.0  # the most that is learnt, in log-odds
STEP = 0.5  # by which it goes
BASE = log(0.7 / 0.3)  # log-odds of the least confidence that counts where nothing is learnt
SURE = log(0.98 / 0.02)  # from which on a recognition is beyond doubt

SETTLED = 15.0  # seconds after a title, and before the next one, in which either song may be on air
LONGEST = 900.0  # seconds after which a title says no longer what is on air
TRACKS = 30  # that are kept of what is heard under one title
WAITING = 64  # windows that wait for the seconds behind them
OTHERS = 6  # titles said before, which a track is compared with to know how often names agree by chance

FEWEST, DISTINCT = 8, 5  # cases beyond doubt, and tracks among those that agree, before titles are trusted
TRUSTED = 0.75  # share of them that agree, at the least
CHANCE = 0.15  # share of earlier titles that name a track, at the most
ENOUGH = 10  # weak cases before thresholds go down
RIGHT, WRONG = 0.85, 0.6  # share of weak cases that are right: at the least to go down, at the most to go up
DOUBT = 1.28  # standard deviations that a share may be off: nine times in ten it is on the safe side
REMEMBERED = 400.0  # cases; when there are more, all count half, so that what a station did last counts most
KEPT_TRACKS = 32

_EASY, _HARD = round(-EASIER / STEP), round(HARDER / STEP)


@dataclass(frozen=True, slots=True)
class Learnt:
    """`shift` is added to the log-odds (of confidence) that a recognition must have: EASIER to HARDER.

    Below 0 weaker recognitions than elsewhere are right on this station, above 0 even those just sure enough are wrong.
    """

    shift: float


@dataclass(slots=True)
class _Cases:
    agreed: float = 0.0
    not_agreed: float = 0.0

    @property
    def all(self) -> float:
        return self.agreed + self.not_agreed

    def bounds(self) -> tuple[float, float]:
        """Between which the share of agreement lies (Wilson)."""
        if not self.all:
            return 0.0, 1.0
        share, square = self.agreed / self.all, DOUBT**2 / self.all
        middle = share + square / 2
        off = DOUBT * sqrt(share * (1 - share) / self.all + square / (4 * self.all))
        return (middle - off) / (1 + square), (middle + off) / (1 + square)


@dataclass(slots=True)
class _Said:
    """A title, and the two best log-odds of each track that is heard under it."""

    at: float
    text: str
    heard: dict[int, tuple[float, float]] = field(default_factory=dict)
    names: dict[int, TrackName] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Window:
    end: float
    heard: tuple[tuple[int, float], ...]  # track, log-odds
    names: Mapping[int, TrackName]


class Calibration:
    """Of one stream. Times are seconds of one clock, the same for titles and windows. Memory is bounded."""

    def __init__(self) -> None:
        self._said: _Said | None = None
        self._before: deque[str] = deque(maxlen=OTHERS)
        self._waiting: deque[_Window] = deque(maxlen=WAITING)
        self._sure, self._chance = _Cases(), _Cases()
        self._agreed: list[int] = []  # tracks beyond doubt that titles named
        # By STEP below BASE, and above it
        self._below = [_Cases() for _ in range(_EASY)]
        self._above = [_Cases() for _ in range(_HARD)]

    def note_title(self, at: float, text: str) -> None:
        """The station says so from `at` on. What it says again is nothing new."""
        text = text[:MAX_TITLE].strip()
        said = self._said
        if said is not None and text == said.text and at - said.at < LONGEST:
            return
        self._take_until(at - SETTLED)
        self._close()
        self._said = _Said(at, text) if text else None

    def note_window(
        self, start: float, end: float, heard: Sequence[tuple[int, float]], names: Mapping[int, TrackName]
    ) -> None:
        """What was compared in [start, end): (track, confidence), those that were not sure enough too.

        `names` has the tracks among them that the catalog knows.
        """
        self._take_until(end - SETTLED)
        said = self._said
        if said is None or start < said.at + SETTLED or end > said.at + LONGEST or not heard:
            return
        odds = tuple((track, _log_odds(confidence)) for track, confidence in heard[:TRACKS])
        self._waiting.append(_Window(end, odds, {track: names[track] for track, _ in odds if track in names}))

    @property
    def learnt(self) -> Learnt | None:
        """None: nothing to go by, the thresholds stay."""
        if not self._trusted():
            return None
        together, easier = _Cases(), 0
        for number, cases in enumerate(self._below, 1):
            together = _Cases(together.agreed + cases.agreed, together.not_agreed + cases.not_agreed)
            if cases.agreed < WRONG * cases.all:
                break
            if cases.all and together.all >= ENOUGH and together.bounds()[0] >= RIGHT:
                easier = number
        if easier:
            return Learnt(-STEP * easier)
        harder = 0
        for number, cases in enumerate(self._above, 1):
            if cases.all < ENOUGH or cases.bounds()[1] > WRONG:
                break
            harder = number
        return Learnt(STEP * harder)

    def saved(self) -> dict[str, object]:
        """For the column stream.tuning."""
        return {
            "version": VERSION,
            "sure": _pair(self._sure),
            "chance": _pair(self._chance),
            "tracks": list(self._agreed),
            "below": [_pair(cases) for cases in self._below],
            "above": [_pair(cases) for cases in self._above],
        }

    @classmethod
    def restored(cls, saved: object) -> "Calibration":
        """From what `saved` gave; from anything else, a new one."""
        calibration = cls()
        if not isinstance(saved, dict) or saved.get("version") != VERSION:
            return calibration
        sure, chance, tracks = saved.get("sure"), saved.get("chance"), saved.get("tracks")
        below, above = saved.get("below"), saved.get("above")
        if not (_is_pair(sure) and _is_pair(chance) and _is_pairs(below, _EASY) and _is_pairs(above, _HARD)):
            return calibration
        if not isinstance(tracks, list) or not all(type(track) is int for track in tracks):
            return calibration
        calibration._sure, calibration._chance = _Cases(*sure), _Cases(*chance)
        calibration._agreed = tracks[-KEPT_TRACKS:]
        calibration._below = [_Cases(*pair) for pair in below]
        calibration._above = [_Cases(*pair) for pair in above]
        return calibration

    def _trusted(self) -> bool:
        distinct = len(set(self._agreed))
        if self._sure.all < FEWEST or distinct < DISTINCT or self._sure.bounds()[0] < TRUSTED:
            return False
        return self._chance.agreed <= CHANCE * self._chance.all

    def _take_until(self, end: float) -> None:
        """Windows that no title came after, for long enough, belong to the one before them."""
        while self._waiting and self._waiting[0].end <= end:
            window, said = self._waiting.popleft(), self._said
            if said is None:
                continue
            for track, odds in window.heard:
                best, second = said.heard.get(track, (-99.0, -99.0))
                if track in said.heard or len(said.heard) < TRACKS:
                    said.heard[track] = (max(best, odds), max(second, min(best, odds)))
            said.names.update({track: name for track, name in window.names.items() if track in said.heard})

    def _close(self) -> None:
        """Counts what was heard under the title that is over."""
        self._waiting.clear()
        said = self._said
        if said is None:
            return
        for track, (_, odds) in said.heard.items():
            name = said.names.get(track)
            if name is None or odds < BASE + EASIER:
                continue
            agrees = says(said.text, name)
            if odds >= SURE:
                self._note_sure(track, said, name, agrees=agrees)
            elif (cases := self._cases(odds)) is not None:
                _count(cases, agrees=agrees)
        if said.text not in self._before:
            self._before.append(said.text)
        if sum(cases.all for cases in (self._sure, *self._below, *self._above)) > REMEMBERED:
            for cases in (self._sure, self._chance, *self._below, *self._above):
                cases.agreed, cases.not_agreed = cases.agreed / 2, cases.not_agreed / 2

    def _note_sure(self, track: int, said: _Said, name: TrackName, *, agrees: bool) -> None:
        _count(self._sure, agrees=agrees)
        if agrees:
            self._agreed = [*self._agreed, track][-KEPT_TRACKS:]
        for text in self._before:
            if text != said.text:
                _count(self._chance, agrees=says(text, name))

    def _cases(self, odds: float) -> _Cases | None:
        if odds < BASE:
            return self._below[min(_EASY - 1, int((BASE - odds) / STEP))]
        step = int((odds - BASE) / STEP)
        return self._above[step] if step < _HARD else None


def _log_odds(confidence: float) -> float:
    confidence = min(1 - 1e-6, max(1e-6, confidence))
    return log(confidence / (1 - confidence))


def _count(cases: _Cases, *, agrees: bool) -> None:
    if agrees:
        cases.agreed += 1
    else:
        cases.not_agreed += 1


def _pair(cases: _Cases) -> list[float]:
    return [round(cases.agreed, 3), round(cases.not_agreed, 3)]


def _is_pair(value: object) -> TypeGuard[list[float]]:
    return (
        isinstance(value, list)
        and len(value) == 2  # noqa: PLR2004  (a pair)
        and all(type(one) in (int, float) and 0 <= one <= 2 * REMEMBERED * OTHERS for one in value)
    )


def _is_pairs(value: object, size: int) -> TypeGuard[list[list[float]]]:
    return isinstance(value, list) and len(value) == size and all(map(_is_pair, value))
