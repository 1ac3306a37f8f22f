"""What was heard on streams, read back. Streams are the caller's: whose they are was asked before.

An airing lasts less than a day, so that looking for those that reach into a time begins a day before it: of all months,
PostgreSQL reads the ones that are needed.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sonograph.monitoring.plays import Gap, Play
from sonograph.monitoring.vocabulary import GapKind

LONGEST = timedelta(days=1)
MOST_COUNTED = 100_000

_COLUMNS = """p.id, p.account_id, p.stream_id, p.test, p.track_id, p.started_at, p.heard_until, p.ended_at, p.played_ms,
  p.confidence"""
_NEWEST = f"""
select {_COLUMNS} from accounts.play p
where p.stream_id = $1 and p.started_at >= $2 and p.started_at < $3 order by p.started_at desc limit $4
"""  # noqa: S608  # columns of ours, here and below
_OPEN = f"""
select distinct on (p.stream_id) {_COLUMNS} from accounts.play p join accounts.stream s on s.id = p.stream_id
where p.stream_id = any($1::int[]) and p.ended_at is null and p.heard_until >= $2 and p.started_at >= $3
  and p.started_at = coalesce(s.on_air, p.started_at)
order by p.stream_id, p.started_at desc
"""  # noqa: S608
_COUNT = """
select count(*) from (
  select from accounts.play where stream_id = $1 and started_at >= $2 and started_at < $3 limit $4) n
"""
_AIRINGS = f"""
select {_COLUMNS} from accounts.play p
where p.stream_id = $1 and p.started_at >= $2 and p.started_at < $4 and coalesce(p.ended_at, p.heard_until) > $3
order by p.started_at limit $5
"""  # noqa: S608
_GAPS = """
select stream_id, kind, started_at, ended_at, reason from accounts.stream_gap
where stream_id = $1 and started_at < $3 and (ended_at is null or ended_at > $2) order by started_at, kind limit $4
"""


async def fetch_plays(connection: Any, stream_id: int, since: datetime, before: datetime, first: int) -> list[Play]:
    """Airings that began in [since, before), newest first."""
    return [Play(**dict(row)) for row in await connection.fetch(_NEWEST, stream_id, since, before, first)]


async def count_plays(connection: Any, stream_id: int, since: datetime, before: datetime) -> int:
    """How many those are, counted up to 100,000."""
    return int(await connection.fetchval(_COUNT, stream_id, since, before, MOST_COUNTED))


async def fetch_open(
    connection: Any, stream_ids: Sequence[int], heard_since: datetime, started_since: datetime
) -> dict[int, Play]:
    """The airing that is on air, by stream: heard lately, not ended, and the one that its watcher says, if it does."""
    rows = await connection.fetch(_OPEN, stream_ids, heard_since, started_since)
    return {row["stream_id"]: Play(**dict(row)) for row in rows}


async def fetch_airings(connection: Any, stream_id: int, since: datetime, until: datetime, most: int) -> list[Play]:
    """Airings of which a part lies in [since, until), oldest first."""
    rows = await connection.fetch(_AIRINGS, stream_id, since - LONGEST, since, until, most)
    return [Play(**dict(row)) for row in rows]


async def fetch_gaps(connection: Any, stream_id: int, since: datetime, until: datetime, most: int) -> list[Gap]:
    """Silences and outages of which a part lies in [since, until), oldest first."""
    rows = await connection.fetch(_GAPS, stream_id, since, until, most)
    return [Gap(**{**dict(row), "kind": GapKind(row["kind"])}) for row in rows]
