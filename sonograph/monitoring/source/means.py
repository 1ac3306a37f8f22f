"""What listening works with: name server, certificates, time, threads, patience. Tests bring their own."""

import ssl
from concurrent.futures import Executor
from dataclasses import dataclass, field

from sonograph.egress.connection import Resolve, resolve
from sonograph.monitoring.source.clock import Clock, SystemClock
from sonograph.monitoring.source.patience import Patience


@dataclass(frozen=True, slots=True)
class Means:
    ask: Resolve = resolve
    context: ssl.SSLContext | None = None  # of the machine
    clock: Clock = field(default_factory=SystemClock)
    patience: Patience = field(default_factory=Patience)
    pool: Executor | None = None  # where sound is decoded; None: one that all streams of the process share
