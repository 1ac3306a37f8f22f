"""The log of events in the database."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg
import orjson

from sonograph.events.event import Event, EventType, NewEvent
from sonograph.events.topic import Topic

CHANNEL = "sonograph_event"
# Any constant will do. Who appends holds it until its transaction has ended, so that ids commit in their order and a
# reader that has seen an id never finds a smaller one later. NOTIFY takes a lock of the whole server at commit anyway.
LOCK = 0x6576656E
# One statement, because everybody else waits from its lock to the commit. Nothing is numbered before the lock is held:
# rows come out of the join with it.
_APPEND = f"""
with held as materialized (select pg_advisory_xact_lock({LOCK})),
given as (
  select g.* from held, unnest($1::int[], $2::bool[], $3::smallint[], $4::int[], $5::timestamptz[], $6::jsonb[])
    with ordinality as g(account_id, test, type, stream_id, created_at, data, place)
),
put as (
  insert into accounts.event (account_id, test, type, stream_id, created_at, data)
  select account_id, test, type, stream_id, created_at, data from given order by place
  returning id
),
told as materialized (select pg_notify('{CHANNEL}', max(id)::text) from put)
select put.id from put, told order by put.id
"""
_COLUMNS = "id, account_id, test, type, stream_id, created_at, data"
_LATEST = "select coalesce(max(id), 0) from accounts.event"
_NEW = f"""
select top.id as top, new.* from (select coalesce(max(id), 0) as id from accounts.event) top
left join lateral (
  select {_COLUMNS} from accounts.event where id > $1 and id <= top.id order by id limit $2
) new on true
order by new.id
"""
_READ = f"""
select {_COLUMNS} from accounts.event
where account_id = $1 and test = $2 and id > $3 and id <= $4 and type = any($5::smallint[])
  and ($6::int[] is null or stream_id = any($6))
order by id limit $7
"""
_SWEPT = "select swept_id from accounts.event_horizon where account_id = $1 and test = $2 and swept_id > $3"
_TYPES: Mapping[int, EventType] = {kind.value: kind for kind in EventType}


@dataclass(frozen=True, slots=True)
class Page:
    """Events of a topic in order: all there are after the cursor it was read with, up to the id `end`."""

    events: Sequence[Event]
    end: int


async def append(connection: Any, events: Sequence[NewEvent]) -> list[int]:
    """Write events as the last thing that the caller's transaction does; their ids, in order.

    The transaction should end at once: nobody else can append before it has.
    """
    if not events:
        return []
    rows = await connection.fetch(
        _APPEND,
        [one.account_id for one in events],
        [one.test for one in events],
        [one.type.value for one in events],
        [one.stream_id for one in events],
        [one.created_at for one in events],
        [orjson.dumps(dict(one.data)).decode() for one in events],
    )
    return [row["id"] for row in rows]


async def latest(pool: asyncpg.Pool) -> int:
    """The id of the newest event; 0 where there is none."""
    return int(await pool.fetchval(_LATEST))


async def read_new(
    pool: asyncpg.Pool, after: int, limit: int, feeds: Collection[tuple[int, bool]]
) -> tuple[list[Event], int, bool]:
    """(events of these feeds, up to which id, whether there are more) of the next `limit` events of the log.

    A feed is (account, test). They may change while this waits: they are looked at when the events are here.
    """
    rows = await pool.fetch(_NEW, after, limit)
    events = [_event(row) for row in rows if (row["account_id"], row["test"]) in feeds and row["type"] in _TYPES]
    is_full = len(rows) == limit
    return events, max(rows[-1]["id"] if is_full else rows[0]["top"], after), is_full


async def read(pool: asyncpg.Pool, topic: Topic, after: int, until: int, limit: int) -> Page:
    """The first events of a topic after one id, and up to another one."""
    rows = await pool.fetch(
        _READ,
        topic.account_id,
        topic.test,
        after,
        until,
        [kind.value for kind in topic.types],
        None if topic.streams is None else list(topic.streams),
        limit,
    )
    return Page([_event(row) for row in rows], rows[-1]["id"] if len(rows) == limit else max(until, after))


async def swept(pool: asyncpg.Pool, topic: Topic, after: int) -> int | None:
    """The newest id that is not kept any more, where that is newer than a cursor: events between them may be lost."""
    found: int | None = await pool.fetchval(_SWEPT, topic.account_id, topic.test, after)
    return found


def _event(row: Any) -> Event:
    return Event(
        row["id"],
        row["account_id"],
        row["test"],
        _TYPES[row["type"]],
        row["stream_id"],
        row["created_at"],
        orjson.loads(row["data"]),
    )


def data_time(at: datetime) -> str:
    """A time inside an event's data."""
    return at.isoformat()
