"""How often landmarks may search: they cost most by far, and find nothing in talk and in music that nobody indexed."""

from sonograph.monitoring.hearing.tuning import Tuning
from sonograph.recognition.segments.landmark_search import LandmarkSearcher

# Milliseconds of CPU that a search takes that finds nothing: in an empty index, and for each million of postings looked
# at, which are at most 900,000. A key of a query equals one of other music 2.65 times in a hundred million pairs.
_LEAST_COST, _COST = 22.0, 115.0
_KEYS, _EQUAL, _MOST = 110_000, 2.65e-8, 0.9
_SAVED = 250.0  # milliseconds that may be saved up for when music begins
_FIRST, _LONGEST, _GROWTH = 3.0, 45.0, 1.6  # seconds between searches that find nothing


def cost_of(postings: int) -> float:
    """Milliseconds of CPU of a search in an index of so many postings."""
    return _LEAST_COST + _COST * min(_MOST, _KEYS * postings * _EQUAL / 1e6)


class Ration:
    """Reckons with what searches usually cost, not with a clock: the same sound is searched at the same places."""

    def __init__(self, tuning: Tuning) -> None:
        self._share = tuning.search
        self._saved = _SAVED
        self._at = 0.0
        self._wait = _FIRST
        self._next = 0.0

    def may(self, at: float, cost: float) -> bool:
        """Whether to search at a second of the stream, for so many milliseconds."""
        self._saved = min(max(_SAVED, cost), self._saved + (at - self._at) * self._share * 1000)
        self._at = at
        return at >= self._next and self._saved >= cost

    def searched(self, at: float, cost: float, *, found: bool) -> None:
        self._saved -= cost
        self._wait = _FIRST if found else min(_LONGEST, self._wait * _GROWTH)
        self._next = at + self._wait

    def changed(self, at: float) -> None:
        """Something else is on air: it is worth looking again."""
        self._wait = _FIRST
        self._next = at


def postings_of(searcher: LandmarkSearcher) -> int:
    return sum(part.segment.layout.postings for part in searcher._parts)  # noqa: SLF001  (it counts references alone)
