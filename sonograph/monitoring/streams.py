"""Streams that accounts watch: made, changed and stopped by their owner alone.

A live stream needs an entitlement for each that is watched at once; test streams are free and few. What is stopped
keeps its history, and is never started again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, Final

import asyncpg

from sonograph.egress.addresses import Network
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


class Keep(Enum):
    """Stands for a member that a change leaves as it is."""

    KEEP = "keep"


KEEP: Final = Keep.KEEP


@dataclass(frozen=True, slots=True)
class Wish:
    """What a new stream shall be."""

    url: str
    name: str | None = None
    format: StreamFormat | None = None
    detection_mode: DetectionMode = DetectionMode.BALANCED
    outage_notifications: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """What shall be otherwise; at least one member."""

    url: str | Keep = KEEP
    name: str | Keep | None = KEEP
    format: StreamFormat | Keep | None = KEEP
    detection_mode: DetectionMode | Keep = KEEP
    outage_notifications: bool | Keep = KEEP


async def create_stream(
    pool: asyncpg.Pool, account_id: int, wish: Wish, *, test: bool, allowed: Sequence[Network]
) -> Stream:
    """A new stream, watched from now on; its URL is listened to first. `allowed`: networks that the operator opened.

    Raises `Invalid` for a URL that is no audio stream, `PlanRequired` where the account may watch none, and
    `LimitReached` where it watches as many as it may.
    """
    raise NotImplementedError


async def list_streams(pool: asyncpg.Pool, account_id: int, *, test: bool, first: int = 1000) -> list[Stream]:
    """The account's, active and stopped, newest first."""
    raise NotImplementedError


async def get_stream(pool: asyncpg.Pool, account_id: int, number: int, *, test: bool) -> Stream | None:
    """One of the account's; None for other people's, too."""
    raise NotImplementedError


async def change_stream(  # noqa: PLR0913  # a stream, and what is changed of it
    pool: asyncpg.Pool,
    account_id: int,
    number: int,
    change: Change,
    *,
    test: bool,
    allowed: Sequence[Network],
) -> Stream:
    """The stream as it is then; whoever watches it is told. Raises `NotFound`, and `Invalid` as for a new one."""
    raise NotImplementedError


async def stop_stream(pool: asyncpg.Pool, account_id: int, number: int, *, test: bool) -> bool:
    """Watch it no longer; whether it was watched until now. Its history stays. Raises `NotFound`."""
    raise NotImplementedError


async def ensure_station(pool: asyncpg.Pool, account_id: int, base_url: str) -> None:
    """The account's test stream of the sandbox station is there: made when a test key first lists or listens."""
    raise NotImplementedError


async def stop_over_limit(pool: asyncpg.Pool, at: datetime) -> int:
    """Stop the newest streams of accounts that watch more than they may, saying why; how many."""
    raise NotImplementedError
