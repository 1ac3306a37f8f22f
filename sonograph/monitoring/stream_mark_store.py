"""What changes about a stream, in one statement for many."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

# The airing that is on air is found as in play_history_store: heard lately, not ended, and said by the watcher.
_MARKS = """
select s.id, s.runtime_status, s.status_reason, s.status_at, s.revision, s.offline_since, s.stopped_at,
  (select max(p.id) from accounts.play p
   where p.stream_id = s.id and p.ended_at is null and p.heard_until >= $2 and p.started_at >= $3
     and p.started_at = coalesce(s.on_air, p.started_at)) as on_air
from accounts.stream s where s.id = any($1::int[])
"""


async def fetch_marks(
    connection: Any, numbers: Sequence[int], heard_since: datetime, started_since: datetime
) -> dict[int, tuple[object, ...]]:
    """By stream, what of it changes."""
    rows = await connection.fetch(_MARKS, numbers, heard_since, started_since)
    return {row["id"]: tuple(row)[1:] for row in rows}
