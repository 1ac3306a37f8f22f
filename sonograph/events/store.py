"""The log of events in the database."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson

from sonograph.events.event import NewEvent

CHANNEL = "sonograph_event"
# Any constant will do. Who appends holds it until its transaction has ended, so that ids commit in their order and a
# reader that has seen an id never finds a smaller one later. NOTIFY takes a lock of the whole server at commit anyway.
LOCK = 0x6576656E
_APPEND = """
insert into accounts.event (account_id, test, type, stream_id, created_at, data)
select * from unnest($1::int[], $2::bool[], $3::smallint[], $4::int[], $5::timestamptz[], $6::jsonb[])
returning id
"""


async def append(connection: Any, events: Sequence[NewEvent]) -> list[int]:
    """Write events as the last thing that the caller's transaction does; their ids, in order.

    The transaction should end at once: nobody else can append before it has.
    """
    if not events:
        return []
    await connection.execute("select pg_advisory_xact_lock($1)", LOCK)
    rows = await connection.fetch(
        _APPEND,
        [one.account_id for one in events],
        [one.test for one in events],
        [one.type.value for one in events],
        [one.stream_id for one in events],
        [one.created_at for one in events],
        [orjson.dumps(dict(one.data)).decode() for one in events],
    )
    ids = [row["id"] for row in rows]
    await connection.execute("select pg_notify($1, $2)", CHANNEL, str(ids[-1]))
    return ids


def data_time(at: datetime) -> str:
    """A time inside an event's data."""
    return at.isoformat()
