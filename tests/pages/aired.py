"""Streams that have been watched for a day, for tests and screenshots."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg

from sonograph import clock
from sonograph.events.event import EventType, NewEvent
from sonograph.events.store import append, data_time
from sonograph.monitoring.partitions import ensure_partitions
from sonograph.monitoring.station.store import track_ids
from sonograph.monitoring.vocabulary import DetectionMode, GapKind, RuntimeStatus

SETTINGS = {"search_path": "accounts", "timezone": "UTC"}
EVERY = timedelta(minutes=5)  # an airing begins
LASTS = timedelta(minutes=3, seconds=40)
BEFORE, BREAK = 20, 12  # airings of today's latest hours; then comes a break of so many airings' time
AIRINGS = 220  # a good eighteen hours of them
OUTAGE_REASON = "The station answers 503 Service Unavailable."
_STREAM = """insert into stream (account_id, test, url, name, detection_mode, outage_notifications, created_at,
    stopped_at, runtime_status, status_reason, status_at, last_recognized_at)
  values ($1, true, $2, $3, $4, false, $5, $6, $7, $8, $5, $9) returning id"""
_PLAYS = """insert into play (account_id, stream_id, test, track_id, started_at, heard_until, ended_at, played_ms,
    confidence)
  select $1, $2, true, p.* from unnest($3::int[], $4::timestamptz[], $5::timestamptz[], $6::timestamptz[], $7::int[],
    $8::real[]) as p"""
_GAP = "insert into stream_gap (stream_id, kind, started_at, ended_at, reason) values ($1, $2, $3, $4, $5)"


@dataclass(frozen=True, slots=True)
class Aired:
    """Numbers of the streams, all test ones: one that plays, one in trouble, one that is stopped."""

    playing: int
    troubled: int
    stopped: int
    tracks: list[int]  # of the playing one, in turn


async def air(pool: asyncpg.Pool, account_id: int) -> Aired:
    """`pool` is on the schema of accounts. The newest airing goes on."""
    now = clock.now().replace(microsecond=0)
    async with pool.acquire() as connection:
        await ensure_partitions(connection, now - timedelta(days=1))
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("set local search_path to sandbox")
        tracks = sorted((await track_ids(connection)).values())
    since = now - timedelta(days=1)
    running, errored, stopped = RuntimeStatus.RUNNING, RuntimeStatus.ERRORED, RuntimeStatus.STOPPED
    playing = await _stream(pool, account_id, "Harbour Radio", since, running, recognised=now)
    troubled = await _stream(pool, account_id, "Night Ferry FM", since, errored, reason=OUTAGE_REASON)
    ended = await _stream(pool, account_id, "Old Pier", since, stopped, stopped=now - timedelta(hours=2))
    places = [number if number < BEFORE else number + BREAK for number in range(AIRINGS)]
    starts = [now - timedelta(seconds=40) - place * EVERY for place in places]
    await pool.execute(
        _PLAYS,
        account_id,
        playing,
        [tracks[number % len(tracks)] for number in range(AIRINGS)],
        starts,
        [now, *(start + LASTS for start in starts[1:])],
        [None, *(start + LASTS for start in starts[1:])],
        [None, *(int(LASTS.total_seconds() * 1000) for _ in starts[1:])],
        [0.99 - number % 7 / 100 for number in range(AIRINGS)],
    )
    begins = starts[BEFORE] + EVERY
    outage, silence = timedelta(minutes=35), timedelta(minutes=12)
    await pool.execute(_GAP, playing, GapKind.OUTAGE.value, begins, begins + outage, OUTAGE_REASON)
    begins += outage + timedelta(minutes=4)
    await pool.execute(_GAP, playing, GapKind.SILENCE.value, begins, begins + silence, None)
    return Aired(playing, troubled, ended, tracks)


def air_for(database_url: str, account_id: int) -> Aired:
    async def made() -> Aired:
        async with asyncpg.create_pool(database_url, min_size=1, max_size=1, server_settings=SETTINGS) as pool:
            return await air(pool, account_id)

    return asyncio.run(made())


async def _stream(  # noqa: PLR0913  # the columns that matter
    pool: asyncpg.Pool,
    account_id: int,
    name: str,
    since: datetime,
    status: RuntimeStatus,
    *,
    reason: str | None = None,
    recognised: datetime | None = None,
    stopped: datetime | None = None,
) -> int:
    url = f"https://{name.lower().replace(' ', '-')}.example.org/live.mp3"
    mode = DetectionMode.BALANCED.value
    values = (account_id, url, name, mode, since, stopped, status.value, reason, recognised)
    return int(await pool.fetchval(_STREAM, *values))


def start_play(database_url: str, account_id: int, stream_id: int, track_id: int) -> int:
    """An airing begins, and its event is told; the event's number."""

    async def begin() -> int:
        pool = await asyncpg.create_pool(database_url, min_size=1, max_size=1, server_settings=SETTINGS)
        async with pool, pool.acquire() as connection, connection.transaction():
            now = clock.now()
            await connection.execute(
                "update play set ended_at = $2 where stream_id = $1 and ended_at is null", stream_id, now
            )
            lists = ([track_id], [now], [now], [None], [None], [0.97])
            await connection.execute(_PLAYS, account_id, stream_id, *lists)
            data = {"play_id": 0, "track_id": track_id, "started_at": data_time(now)}
            event = NewEvent(
                account_id, test=True, type=EventType.PLAY_STARTED, stream_id=stream_id, created_at=now, data=data
            )
            (number,) = await append(connection, [event])
            return number

    return asyncio.run(begin())
