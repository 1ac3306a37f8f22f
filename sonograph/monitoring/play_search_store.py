"""Airings of some tracks of a stream, and which tracks it had. Whose the stream is was asked before."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sonograph.monitoring.plays import Play

MOST_TRACKS = 5_000

_TRACKS = """
select track_id from accounts.play where stream_id = $1 and started_at >= $2 and started_at < $3
group by track_id order by max(started_at) desc limit $4
"""
_PLAYS = """
select id, account_id, stream_id, test, track_id, started_at, heard_until, ended_at, played_ms, confidence
from accounts.play where stream_id = $1 and started_at >= $2 and started_at < $3 and track_id = any($4::int[])
order by started_at desc limit $5
"""


async def fetch_tracks(connection: Any, stream_id: int, since: datetime, until: datetime) -> list[int]:
    """Tracks that were on air, those that were last first, at most 5,000."""
    rows = await connection.fetch(_TRACKS, stream_id, since, until, MOST_TRACKS)
    return [row["track_id"] for row in rows]


async def fetch_plays_of(  # noqa: PLR0913, PLR0917  # what a page of a search is cut from
    connection: Any, stream_id: int, tracks: Sequence[int], since: datetime, before: datetime, first: int
) -> list[Play]:
    """Airings of these tracks that began in [since, before), newest first."""
    rows = await connection.fetch(_PLAYS, stream_id, since, before, tracks, first)
    return [Play(**dict(row)) for row in rows]
