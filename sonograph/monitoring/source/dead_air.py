"""Silence of a station that sends."""

import numpy as np
from numpy.typing import NDArray

from sonograph.monitoring.source.items import DeadAir, SoundAgain

_QUIET = 33.0  # -60 dB: below what any music fades to for long, above the hum of a mixing desk
_AFTER = 10.0  # seconds
_AGAIN = 60.0  # seconds, while it lasts


class Stillness:
    def __init__(self) -> None:
        self._since: float | None = None
        self._said: float | None = None

    def heard(self, at: float, pcm: NDArray[np.int16], seconds: float) -> DeadAir | SoundAgain | None:
        """What is to be said after this block."""
        wide = pcm.astype(np.float32)
        if float(np.dot(wide, wide)) > _QUIET * _QUIET * len(pcm):
            since, said = self._since, self._said
            self._since = self._said = None
            return None if since is None or said is None else SoundAgain(at, since)
        if self._since is None:
            self._since = at
        end = at + seconds
        if end - self._since < _AFTER or (self._said is not None and end - self._said < _AGAIN):
            return None
        self._said = end
        return DeadAir(end, self._since)
