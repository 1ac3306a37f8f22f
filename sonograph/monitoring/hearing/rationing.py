"""How often landmarks may search: they cost most by far, and find nothing in talk and in music that nobody indexed."""

from dataclasses import dataclass

import numpy as np

from sonograph.monitoring.hearing.tuning import Tuning
from sonograph.recognition.segments.landmark_search import LandmarkSearcher

# Milliseconds of CPU that a search takes that finds nothing: in an empty index, and for each million of postings looked
# at, which are at most 900,000. A key of a query equals one of other music 2.65 times in a hundred million pairs.
_LEAST_COST, _COST = 22.0, 115.0
_KEYS, _EQUAL, _MOST = 110_000, 2.65e-8, 0.9
_QUICK = 0.35  # of that, for a search of fewer seconds, peaks and speeds
_SAVED = 5.0  # quick searches for which milliseconds may be saved up until music begins
# Seconds between searches that find nothing: while what is on air changes, and while it stays the same
_FIRST, _SOON, _LATE = 3.0, 4.5, 15.0
_NEW = 0.2  # novelty from which it changes
_CHANGES = 6.0  # seconds that a change is worth searching for
_THOROUGH = 4  # of so many searches in a row one is thorough


def cost_of(postings: int) -> float:
    """Milliseconds of CPU of a search in an index of so many postings."""
    return _LEAST_COST + _COST * min(_MOST, _KEYS * postings * _EQUAL / 1e6)


class Ration:
    """Reckons with what searches usually cost, not with a clock: the same sound is searched at the same places."""

    def __init__(self, tuning: Tuning) -> None:
        self._share = tuning.search
        self._saved = np.inf
        self._at = 0.0
        self._last, self._wait = -_LATE, _SOON  # the last search, and seconds to wait since
        self._new = 0.0  # when something last changed
        self._number = 0

    def noticed(self, at: float, novelty: float) -> None:
        """How new what is on air is, at a second of the stream."""
        if novelty >= _NEW:
            self._new = at

    def may(self, at: float, postings: int) -> "Search | None":
        """Which search to make at a second of the stream in an index of so many postings."""
        whole = cost_of(postings)
        self._saved = min(_SAVED * _QUICK * whole, self._saved + (at - self._at) * self._share * 1000)
        self._at = at
        thorough = self._number % _THOROUGH == _THOROUGH - 1
        cost = whole if thorough else whole * _QUICK
        wait = self._wait if at - self._new < _CHANGES else _LATE
        return Search(thorough, cost) if at >= self._last + wait and self._saved >= cost else None

    def searched(self, at: float, search: "Search", *, found: bool) -> None:
        self._saved -= search.cost
        self._number = 0 if found else self._number + 1
        self._last, self._wait = at, _FIRST if found else _SOON

    def changed(self, at: float) -> None:
        """What was heard is not heard any more: it is worth looking again."""
        self._last, self._wait, self._number, self._new = at, _FIRST, 0, at


@dataclass(frozen=True, slots=True)
class Search:
    thorough: bool
    cost: float  # milliseconds


def postings_of(searcher: LandmarkSearcher) -> int:
    return sum(part.segment.layout.postings for part in searcher._parts)  # noqa: SLF001  (it counts references alone)
