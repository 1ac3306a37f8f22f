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
# Accounts that have events, from place to place in the index instead of through all its rows.
_FEEDS = """
with recursive feed as (
  (select account_id, test from accounts.event order by account_id, test limit 1)
  union all
  select next.account_id, next.test from feed, lateral (
    select e.account_id, e.test from accounts.event e where (e.account_id, e.test) > (feed.account_id, feed.test)
    order by e.account_id, e.test limit 1
  ) next
)
select account_id, test from feed
"""
_NTH = """
select id from accounts.event where account_id = $1 and test = $2 order by id desc offset $3::int - 1 limit 1
"""
_DELETE = """
with gone as (
  delete from accounts.event where id = any(array(
    select id from accounts.event where account_id = $1 and test = $2 and id < $3 and created_at < $4
    order by id limit $5))
  returning id
),
noted as (
  insert into accounts.event_horizon (account_id, test, swept_id)
  select $1, $2, max(id) from gone having max(id) is not null
  on conflict (account_id, test) do update set swept_id = greatest(event_horizon.swept_id, excluded.swept_id)
)
select count(*) from gone
"""
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


async def feeds(pool: asyncpg.Pool) -> list[tuple[int, bool]]:
    """(account, test) of all that there are events of."""
    return [(row["account_id"], row["test"]) for row in await pool.fetch(_FEEDS)]


async def nth_newest(pool: asyncpg.Pool, account_id: int, *, test: bool, place: int) -> int | None:
    """The id of the event at a place, 1 for the newest one; None where there are fewer."""
    found: int | None = await pool.fetchval(_NTH, account_id, test, place)
    return found


async def delete_old(  # noqa: PLR0913  # what is deleted, and how much of it
    pool: asyncpg.Pool, account_id: int, below: int, before: datetime, limit: int, *, test: bool
) -> int:
    """Delete the first so many events below an id that are from before a time, and note up to where; how many."""
    return int(await pool.fetchval(_DELETE, account_id, test, below, before, limit))


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
