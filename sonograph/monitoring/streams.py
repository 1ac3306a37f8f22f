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

from sonograph import clock
from sonograph.accounts.entitlements import allowed_by_account, allowed_streams
from sonograph.accounts.names import checked_name
from sonograph.egress.addresses import Network
from sonograph.egress.urls import Rules, check_url
from sonograph.errors import Conflict, Invalid, LimitReached, NotFound, PlanRequired
from sonograph.events.event import EventType, NewEvent
from sonograph.events.store import append, data_time
from sonograph.ids import MAX_INT
from sonograph.monitoring import stream_store as store
from sonograph.monitoring.source.probe import probe
from sonograph.monitoring.stream import Stream
from sonograph.monitoring.vocabulary import DetectionMode, RuntimeStatus, StreamFormat

__all__ = ["KEEP", "Change", "Keep", "Reach", "Stream", "Wish"]

MOST_TEST = 5  # test streams of an account that are watched at once, the sandbox station among them
MOST_KEPT = 10_000  # of an account in one catalog, stopped ones included: a list of all is bounded, too
MOST_PAGE = 1_000
MAX_NAME = 200  # characters
STATION_PATH = "/sandbox/station.mp3"
STATION_NAME = "Sandbox station"
NO_STREAMS = "Watching a stream needs a paid plan with streams; this account has none."
OVER_LIMIT = "Stopped: the account has fewer streams than it watched."
STOPPED = "The stream is stopped: only its name can be changed."


class Keep(Enum):
    """Stands for a member that a change leaves as it is."""

    KEEP = "keep"


KEEP: Final = Keep.KEEP


@dataclass(frozen=True, slots=True)
class Reach:
    """Where streams may lead: the public internet, networks that the operator opened, and our own sandbox station."""

    allowed: Sequence[Network] = ()
    base_url: str = ""

    @property
    def station(self) -> str:
        """The URL of the sandbox station."""
        return self.base_url + STATION_PATH


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

    @property
    def members(self) -> dict[str, Any]:
        """Those that shall be otherwise."""
        given = {name: getattr(self, name) for name in self.__slots__}
        return {name: value for name, value in given.items() if value is not KEEP}


async def create_stream(pool: asyncpg.Pool, account_id: int, wish: Wish, *, test: bool, reach: Reach) -> Stream:
    """A new stream, watched from now on; a live one's URL is listened to first.

    Raises `Invalid` for a URL that is no audio stream, with the reason, `PlanRequired` where the account may watch
    none, and `LimitReached` where it watches as many as it may.
    """
    name = checked_name(wish.name, "name", MAX_NAME)
    await _check_limits(pool, account_id, test=test)
    await _check_source(wish.url, test=test, reach=reach)
    async with pool.acquire() as connection, connection.transaction():
        await store.lock_streams_of(connection, account_id)
        await _check_limits(connection, account_id, test=test)
        made = await store.insert_stream(
            connection,
            account_id,
            clock.now(),
            test=test,
            url=wish.url,
            name=name,
            format=wish.format,
            detection_mode=wish.detection_mode,
            outage_notifications=wish.outage_notifications,
        )
        await store.tell(connection, [made.id])
    return made


async def list_streams(
    pool: asyncpg.Pool, account_id: int, *, test: bool, first: int = MOST_PAGE, below: int | None = None
) -> list[Stream]:
    """The account's, active and stopped, newest first, of numbers below `below`."""
    return await store.fetch_streams(pool, account_id, test=test, first=min(first, MOST_KEPT + 1), below=below)


async def get_stream(pool: asyncpg.Pool, account_id: int, number: int, *, test: bool) -> Stream | None:
    """One of the account's; None for other people's, too."""
    return await store.fetch_stream(pool, account_id, number, test=test) if 0 < number <= MAX_INT else None


async def some_streams(pool: asyncpg.Pool, account_id: int, numbers: Sequence[int], *, test: bool) -> dict[int, Stream]:
    """Those of these numbers that are the account's, in one statement."""
    return await store.fetch_some(pool, account_id, [n for n in numbers if 0 < n <= MAX_INT], test=test)


async def count_all(pool: asyncpg.Pool, account_id: int, *, test: bool) -> int:
    """How many the account has, stopped ones included."""
    return (await store.count_streams(pool, account_id, test=test))[1]


async def change_stream(  # noqa: PLR0913  # a stream, and what is changed of it
    pool: asyncpg.Pool, account_id: int, number: int, change: Change, *, test: bool, reach: Reach
) -> Stream:
    """The stream as it is then; whoever watches it is told.

    Raises `NotFound`, `Conflict` for a stopped one of which more than the name shall change, and `Invalid`.
    """
    members = change.members
    if not members:
        raise Invalid("a change needs at least one member that shall be otherwise")
    if "name" in members:
        members["name"] = checked_name(members["name"], "name", MAX_NAME)
    before = await get_stream(pool, account_id, number, test=test)
    if before is None:
        raise NotFound("Not found")
    moves = members.get("url", before.url) != before.url
    if moves and before.stopped_at is None:
        await _check_source(members["url"], test=test, reach=reach)
    async with pool.acquire() as connection, connection.transaction():
        found = await store.fetch_stream(connection, account_id, number, test=test, lock=True)
        if found is None:
            raise NotFound("Not found")
        if found.stopped_at is not None and members.keys() != {"name"}:
            raise Conflict(STOPPED)
        values = {name: value.value if isinstance(value, Enum) else value for name, value in members.items()}
        if moves:
            now = clock.now()
            values |= {"runtime_status": RuntimeStatus.PENDING.value, "status_reason": None, "status_at": now}
        changed = await store.update_stream(connection, number, values)
        await store.tell(connection, [number])
    return changed


async def stop_stream(pool: asyncpg.Pool, account_id: int, number: int, *, test: bool) -> bool:
    """Watch it no longer; whether it was watched until now. Its history stays. Raises `NotFound`."""
    if await get_stream(pool, account_id, number, test=test) is None:
        raise NotFound("Not found")
    return bool(await _stop(pool, [number], clock.now(), None))


async def ensure_station(pool: asyncpg.Pool, account_id: int, base_url: str) -> None:
    """The account's test stream of the sandbox station is there: made when a test key first lists or listens.

    One that the account has stopped is not made again; where we have moved, its URL follows.
    """
    url = Reach(base_url=base_url).station
    known = await store.fetch_station(pool, account_id, STATION_PATH)
    if known is not None and (known.url == url or known.stopped_at is not None):
        return
    async with pool.acquire() as connection, connection.transaction():
        await store.lock_streams_of(connection, account_id)
        known = await store.fetch_station(connection, account_id, STATION_PATH)
        if known is None:
            known = await store.insert_stream(
                connection,
                account_id,
                clock.now(),
                test=True,
                url=url,
                name=STATION_NAME,
                format=None,
                detection_mode=DetectionMode.BALANCED,
                outage_notifications=False,
            )
        elif known.url != url:
            await store.update_stream(connection, known.id, {"url": url})
        await store.tell(connection, [known.id])


async def stop_over_limit(pool: asyncpg.Pool, at: datetime) -> int:
    """Stop the newest streams of accounts that watch more than they may, saying why; how many."""
    active = await store.active_by_account(pool)
    allowed = await allowed_by_account(pool, at)
    stopped = 0
    for account_id, numbers in active.items():
        over = numbers[allowed.get(account_id, 0) :]
        if over:
            stopped += len(await _stop(pool, over, at, OVER_LIMIT))
    return stopped


async def _stop(pool: asyncpg.Pool, numbers: Sequence[int], at: datetime, reason: str | None) -> list[int]:
    """Stop streams, with the airings and gaps that are open; which of them were watched until now."""
    async with pool.acquire() as connection, connection.transaction():
        stopped = await store.stop_rows(connection, numbers, at, reason)
        ended = await store.end_open(connection, stopped, at)
        await store.tell(connection, stopped)
        await append(connection, [_ended(play, at) for play in ended])
    return stopped


def _ended(play: Mapping[str, Any], at: datetime) -> NewEvent:
    data = {
        "play_id": play["id"],
        "track_id": play["track_id"],
        "started_at": data_time(play["started_at"]),
        "ended_at": data_time(play["ended_at"]),
        "played_ms": play["played_ms"],
    }
    return NewEvent(play["account_id"], play["test"], EventType.PLAY_ENDED, play["stream_id"], at, data)


async def _check_limits(connection: Any, account_id: int, *, test: bool) -> None:
    """Raises `PlanRequired` and `LimitReached`."""
    active, kept = await store.count_streams(connection, account_id, test=test)
    allowed = MOST_TEST if test else await allowed_streams(connection, account_id, clock.now())
    if not allowed:
        raise PlanRequired(NO_STREAMS)
    if active >= allowed:
        kind = "test stream" if test else "stream"
        one = "" if allowed == 1 else "s"
        raise LimitReached(f"This account may watch {allowed} {kind}{one} at once; stop one first.")
    if kept >= MOST_KEPT:
        raise LimitReached(f"An account has at most {MOST_KEPT:,} streams, stopped ones included.")


async def _check_source(url: str, *, test: bool, reach: Reach) -> None:
    """Whether there is a stream at the URL; raises `Invalid` with the reason. Of test streams only its form counts."""
    if test and url == reach.station:
        return
    check_url(url, Rules(schemes=("http", "https"), ports=None, allowed=tuple(reach.allowed)))
    if not test:
        await probe(url, allowed=reach.allowed)
