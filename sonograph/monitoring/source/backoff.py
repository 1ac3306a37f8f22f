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
        self._tries = self._lasting = 0  # in a row without sound worth it, of either kind
        self._waited = 0.0  # seconds, in these tries

    def after(self, fault: Fault, sound: float) -> float:
        """Seconds to wait after a connection that gave so many seconds of sound; never more than `Patience` says."""
        if sound >= _ON_AIR:
            self._tries = self._lasting = 0
            self._waited = 0.0
            if fault.ended:
                return 0.0
        patience = self._patience
        if fault.lasting:
            first, most, tries = min(_LASTING, patience.lasting_wait), patience.lasting_wait, self._lasting
            self._lasting += 1
        else:
            most = patience.longest_wait if self._waited < patience.outage else patience.later_wait
            first, tries = patience.shortest_wait, self._tries
            self._tries, self._lasting = tries + 1, 0
        wait = min(most / (1 + _JITTER), first * 2.0 ** min(tries, 16))
        wait *= random.uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311  (no secret)
        self._waited += wait
        return wait
