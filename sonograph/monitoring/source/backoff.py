"""How long to wait after a fault."""

import random

from sonograph.monitoring.source.faults import Fault
from sonograph.monitoring.source.patience import Patience

_ON_AIR = 30.0  # seconds of sound after which a station counts as having been on air
_LASTING = 15.0  # seconds to begin with where trying again is of little use
_JITTER = 0.25  # as share: a server that comes back is not asked by all in the same moment


class Backoff:
    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._tries = 0  # in a row without sound worth it

    def after(self, fault: Fault, sound: float) -> float:
        """Seconds to wait after a connection that gave so many seconds of sound."""
        if sound >= _ON_AIR:
            self._tries = 0
            if fault.ended:
                return 0.0
        patience = self._patience
        first, most = patience.shortest_wait, patience.longest_wait
        if fault.lasting:
            first, most = min(_LASTING, patience.lasting_wait), patience.lasting_wait
        wait = min(most, first * 2.0 ** min(self._tries, 16))
        self._tries += 1
        return wait * random.uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311  (no secret)
