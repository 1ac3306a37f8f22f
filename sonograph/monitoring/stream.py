"""A stream: what its owner wants, and what is going on with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sonograph.monitoring.vocabulary import DetectionMode, RuntimeStatus, StreamFormat, StreamState


@dataclass(frozen=True, slots=True)
class Stream:
    """A row of `stream`."""

    id: int
    account_id: int
    test: bool
    url: str
    name: str | None
    format: StreamFormat | None
    detection_mode: DetectionMode
    outage_notifications: bool
    created_at: datetime
    stopped_at: datetime | None  # None while it is watched
    revision: int  # grows with each change that its watcher must take up
    monitor_id: int | None  # who watches it
    runtime_status: RuntimeStatus
    status_reason: str | None
    status_at: datetime  # since when it is so
    heard_at: datetime | None  # how far it was listened to
    last_recognized_at: datetime | None
    offline_since: datetime | None
    tuning: Mapping[str, Any] | None  # what was learnt from the station's own titles

    @property
    def state(self) -> StreamState:
        return StreamState.ACTIVE if self.stopped_at is None else StreamState.STOPPED
