"""Listens to a stream: what is heard in its last seconds, every few seconds."""

import numpy as np
from numpy.typing import NDArray

from sonograph.monitoring.hearing.tuning import Tuning
from sonograph.monitoring.hearing.window import Window
from sonograph.recognition.matcher import Matcher


class Hearing:
    """Of one stream. Synchronous and bound to the CPU, for use in a thread; the matcher may be shared by threads.

    Times are seconds that count the samples from `at`, of the first one. After a break in the stream begin a new one,
    and keep the `Airings`: these bridge what is short.
    """

    def __init__(self, matcher: Matcher, tuning: Tuning, at: float = 0.0) -> None:
        self._matcher, self._tuning, self._at = matcher, tuning, at

    @property
    def now(self) -> float:
        """When the last sample that was fed ended."""
        return self._at

    def feed(self, pcm: NDArray[np.int16]) -> list[Window]:
        """Takes samples (mono, 11,025 Hz, any number); the windows that were looked at. Blocks make no difference."""
        raise NotImplementedError
