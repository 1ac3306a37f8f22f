"""When sound was on air, as far as its arrival tells."""

from collections import deque

_MEMORY = 10.0  # seconds over which arrivals are compared
# What a pause counts of them: who did not listen for long, as a process that stood still itself, finds all that came
# meanwhile at once, and shall not take the first of it for late.
_PAUSE = 1.0
_STILL = 1.0  # seconds late for all of them: the stream stood still, and is that much later from then on
_CREEP = 0.005  # share of a block by which times follow clocks that differ: 50 ppm is usual, 5,000 is the most
_SETTLED = 0.4  # seconds without more than real time: the burst is over
_EDGE = 0.1  # seconds that count as more
LONGEST_BURST = 3.0  # seconds that are waited for it


class Arrivals:
    """Counts sound against the clock.

    The end of what is there by `now` was on air at `now` at the latest; so the beginning of a connection was on air at
    the least that `now - seconds` has been. A server that sends a burst first shows so that it lies in the past. What
    arrives late on its way makes it no later, as long as the next arrive in time.
    """

    def __init__(self, now: float, *, live: bool) -> None:
        self._began = now
        self._live = live
        self._origin = now  # when position 0 was on air
        self._least = float("inf")  # of now - position, so far
        self._now = now  # when something arrived last
        self._gained = now  # when the least last fell
        self._counted = 0.0  # seconds, without what pauses took beyond `_PAUSE`
        self._recent: deque[tuple[float, float]] = deque()  # (counted, now - position): falling minima are enough
        self._position = 0.0  # seconds of sound that arrived
        self._told = 0.0  # seconds of sound whose time was asked for
        self._last = 0.0  # time that was told last

    @property
    def ahead(self) -> float:
        """Seconds by which there is more sound than time."""
        return self.early if self._live else 0.0

    def arrived(self, now: float, seconds: float) -> None:
        self._counted += min(now - self._now, _PAUSE)
        self._now = now
        self._position += seconds
        start = now - self._position
        if start < self._least - _EDGE:
            self._gained = now
        self._least = min(self._least, start)
        while self._recent and (self._recent[-1][1] >= start):
            self._recent.pop()
        self._recent.append((self._counted, start))
        while self._recent[0][0] < self._counted - _MEMORY:
            self._recent.popleft()

    def settled(self, now: float) -> bool:
        """Whether the burst at the beginning is over, so that times can be told."""
        return not self._live or now - self._gained >= _SETTLED or now - self._began >= LONGEST_BURST

    def begin(self) -> None:
        """Sets the time of the beginning, once it settled."""
        if self._live:
            self._origin = self._least

    def tell(self, seconds: float) -> float:
        """When the next so many seconds of sound began to be on air."""
        if self._live and self._told:
            self._follow(seconds)
        at = max(self._last, self._origin + self._told)
        if self._live and at > self._now - seconds:  # no sound is of the future: a burst goes on after its times began
            at = max(self._last, self._now - seconds)
            self._origin = at - self._told
        self._told += seconds
        self._last = at
        return at

    @property
    def early(self) -> float:
        """Seconds by which more sound came than time passed."""
        return self._position - (self._now - self._began)

    @property
    def next(self) -> float:
        """When what is told next began, as of now."""
        return max(self._last, self._origin + self._told)

    def _follow(self, seconds: float) -> None:
        late = self._recent[0][1] - self._origin
        if late > _STILL:
            self._origin += late
        elif late > 0:
            self._origin += min(late, _CREEP * seconds)
        else:
            self._origin += max(late, -seconds / 2)  # a burst that went on: times do not run back, they halve
