"""What was heard on a stream: its history by pages, what is on air now, and any part of a day as it went.

Times are shown in whole seconds. Who passes the newest of them back as `since` gets what began in a later second:
neither the same airing again, nor one less.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import asyncpg

from sonograph import clock
from sonograph.errors import Invalid
from sonograph.monitoring import play_history_store as store
from sonograph.monitoring.plays import Play, Timeline
from sonograph.monitoring.stream import Stream
from sonograph.postgres.found import Order, encode_cursor, page

# An airing that goes on is heard anew every few seconds; of one that was not, whoever watched has died.
STILL_HEARD = timedelta(seconds=60)
LONGEST_TIMELINE = timedelta(hours=49)  # two days, one of which has 25 hours
MOST_IN_TIMELINE = 5_000
LIST = "plays"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EARLIEST, _LATEST = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)
_BY_START = (Order("started_at", "bigint", desc=True),)  # microseconds since 1970


@dataclass(frozen=True, slots=True)
class PlayPage:
    """Airings, newest first, each with its cursor; `more`: whether there are older ones."""

    rows: list[Play]
    cursors: list[str]
    more: bool


async def history(
    pool: asyncpg.Pool, stream: Stream, *, first: int = 20, after: str | None = None, since: datetime | None = None
) -> PlayPage:
    """A page of a stream's airings, newest first; `since` is exclusive. Raises `Invalid`."""
    return await between(pool, stream, _behind(since), _LATEST, first=first, after=after)


async def between(  # noqa: PLR0913  # a page of a part of a history
    pool: asyncpg.Pool, stream: Stream, since: datetime, until: datetime, *, first: int = 20, after: str | None = None
) -> PlayPage:
    """A page of a stream's airings that began in [since, until), newest first. Raises `Invalid`."""
    before = min(until, before_of(after, first))
    rows = await store.fetch_plays(pool, stream.id, since, before, first + 1)
    shown = rows[:first]
    return PlayPage(shown, [cursor_of(play) for play in shown], len(rows) > first)


async def count(pool: asyncpg.Pool, stream: Stream, *, since: datetime | None = None) -> int:
    """How many airings the history has, counted up to 100,000."""
    return await store.count_plays(pool, stream.id, _behind(since), _LATEST)


async def count_between(pool: asyncpg.Pool, stream: Stream, since: datetime, until: datetime) -> int:
    """How many airings began in [since, until), counted up to 100,000."""
    return await store.count_plays(pool, stream.id, since, until)


def cursor_of(play: Play) -> str:
    """What leads to the airings before this one."""
    return encode_cursor(LIST, [str((play.started_at - _EPOCH) // timedelta(microseconds=1))])


def before_of(after: str | None, first: int) -> datetime:
    """Airings that began before this moment are behind a cursor; raises `Invalid`."""
    decoded = page("", (), _BY_START, first, after, name=LIST).after
    return _LATEST if decoded is None else _moment(int(decoded[0]))


async def on_air(pool: asyncpg.Pool, stream_ids: Sequence[int]) -> dict[int, Play]:
    """What plays now, by stream, in one statement; streams with talk, silence or nothing are left out."""
    now = clock.now()
    return await store.fetch_open(pool, stream_ids, now - STILL_HEARD, now - store.LONGEST)


async def timeline(pool: asyncpg.Pool, stream: Stream, since: datetime, until: datetime) -> Timeline:
    """Airings and gaps of which a part lies in [since, until), at most two days of them. Raises `Invalid`."""
    if not _EARLIEST < since < until < _LATEST:
        raise Invalid("until: must be later than from", "until")
    if until - since > LONGEST_TIMELINE:
        raise Invalid("until: a timeline shows two days at most", "until")
    airings, gaps = await asyncio.gather(
        store.fetch_airings(pool, stream.id, since, until, MOST_IN_TIMELINE),
        store.fetch_gaps(pool, stream.id, since, until, MOST_IN_TIMELINE),
    )
    return Timeline(since, until, airings, gaps)


def _behind(since: datetime | None) -> datetime:
    """The first moment of the second after the one that `since` lies in."""
    if since is None:
        return _EARLIEST
    whole = min(max(since, _EARLIEST), _LATEST).astimezone(UTC).replace(microsecond=0)
    return whole + timedelta(seconds=1)


def _moment(microseconds: int) -> datetime:
    try:
        return min(max(_EPOCH + timedelta(microseconds=microseconds), _EARLIEST), _LATEST)
    except OverflowError:
        raise Invalid("after: not a cursor of this list", "after") from None
