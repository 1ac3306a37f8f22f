"""Airings that events tell of."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sonograph.monitoring.plays import Play

# The bounds of all starts stand beside the join: by them PostgreSQL reads the months that are needed and no others.
_TOLD = """
select p.id, p.account_id, p.stream_id, p.test, p.track_id, p.started_at, p.heard_until, p.ended_at, p.played_ms,
  p.confidence
from unnest($1::int[], $2::timestamptz[], $3::bigint[]) told(stream_id, started_at, id)
join accounts.play p on p.stream_id = told.stream_id and p.started_at = told.started_at and p.id = told.id
where p.started_at >= $4 and p.started_at <= $5
"""


async def fetch_told(connection: Any, keys: Iterable[tuple[int, datetime, int]]) -> dict[int, Play]:
    """Airings by their number; keys are (stream, start, number)."""
    told = list(dict.fromkeys(keys))
    if not told:
        return {}
    streams, starts, numbers = (list(column) for column in zip(*told, strict=True))
    rows = await connection.fetch(_TOLD, streams, starts, numbers, min(starts), max(starts))
    return {row["id"]: Play(**dict(row)) for row in rows}
