"""Windows become airings: one for each time that a track is played."""

from collections.abc import Mapping

from sonograph.monitoring.hearing.airing import Airing, Change, OpenAiring
from sonograph.monitoring.hearing.tuning import Tuning
from sonograph.monitoring.hearing.window import Window


class Airings:
    """Of one stream. Pure: the same windows make the same airings."""

    def __init__(self, tuning: Tuning, resume: OpenAiring | None = None) -> None:
        self._tuning, self._resume = tuning, resume

    @property
    def now(self) -> Airing | None:
        """What is on air: None within 15 seconds of talk, though the airing may yet continue."""
        raise NotImplementedError

    def add(self, window: Window, tracks: Mapping[int, int]) -> list[Change]:
        """What a window changes. `tracks`: the track of each reference in it; one that is missing is not heard."""
        raise NotImplementedError

    def finish(self, at: float) -> list[Change]:
        """Ends all that is open: the stream ends, or is out for long. Not for a change of the watcher."""
        raise NotImplementedError
