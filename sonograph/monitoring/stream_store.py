"""Streams in the database. Every statement names the owner, or takes rows that the caller has locked."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson

from sonograph.monitoring.stream import Stream
from sonograph.monitoring.vocabulary import DetectionMode, RuntimeStatus, StreamFormat

CHANNEL = "sonograph_stream"  # told the number of each stream that its watcher must take up anew

_COLUMNS = """s.id, s.account_id, s.test, s.url, s.name, s.format, s.detection_mode, s.outage_notifications,
  s.created_at, s.stopped_at, s.revision, s.monitor_id, s.runtime_status, s.status_reason, s.status_at, s.heard_at,
  s.last_recognized_at, s.offline_since, s.tuning"""
_INSERT = f"""
insert into accounts.stream as s (account_id, test, url, name, format, detection_mode, outage_notifications, created_at,
  runtime_status, status_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, {RuntimeStatus.PENDING.value}, $8) returning {_COLUMNS}
"""  # noqa: S608  # columns and numbers of ours, here and below
_OWN = "s.account_id = $1 and s.test = $2"
_PAGE = f"""
select {_COLUMNS} from accounts.stream s
where {_OWN} and ($3::int is null or s.id < $3) order by s.id desc limit $4
"""  # noqa: S608
# A lock of its own, for as long as the transaction: of many requests at once, each counts what the others made.
_ONE_AT_A_TIME = "select pg_advisory_xact_lock(hashtext('sonograph streams'), $1::int)"
_COUNT = """
select count(*) filter (where stopped_at is null) as active, count(*) as kept
from accounts.stream where account_id = $1 and test = $2
"""
_STATION = f"""
select {_COLUMNS} from accounts.stream s
where s.account_id = $1 and s.test and right(s.url, length($2)) = $2 order by s.id limit 1
"""  # noqa: S608
_STOP = f"""
update accounts.stream s set stopped_at = $2, revision = revision + 1, status_reason = $3, status_at = $2,
  runtime_status = {RuntimeStatus.STOPPED.value}, offline_since = null
where s.id = any($1::int[]) and s.stopped_at is null returning s.id
"""  # noqa: S608
# How far it was heard is where it ended: what came after, nobody listened to.
_END_PLAYS = """
update accounts.play p set ended_at = p.heard_until,
  played_ms = (extract(epoch from p.heard_until - p.started_at) * 1000)::int
where p.stream_id = any($1::int[]) and p.ended_at is null
returning p.id, p.account_id, p.stream_id, p.test, p.track_id, p.started_at, p.ended_at, p.played_ms
"""
_END_GAPS = "update accounts.stream_gap set ended_at = $2 where stream_id = any($1::int[]) and ended_at is null"
_ACTIVE = """
select account_id, array_agg(id order by id) as ids from accounts.stream
where not test and stopped_at is null group by account_id
"""


async def lock_streams_of(connection: Any, account_id: int) -> None:
    """Until the transaction ends, nobody else makes or stops streams of this account."""
    await connection.execute(_ONE_AT_A_TIME, account_id)


async def count_streams(connection: Any, account_id: int, *, test: bool) -> tuple[int, int]:
    """(watched now, ever made) of an account."""
    row = await connection.fetchrow(_COUNT, account_id, test)
    return row["active"], row["kept"]


async def insert_stream(  # noqa: PLR0913  # the row
    connection: Any,
    account_id: int,
    at: datetime,
    *,
    test: bool,
    url: str,
    name: str | None,
    format: StreamFormat | None,  # noqa: A002  # the column's name
    detection_mode: DetectionMode,
    outage_notifications: bool,
) -> Stream:
    kind = None if format is None else format.value
    row = await connection.fetchrow(
        _INSERT, account_id, test, url, name, kind, detection_mode.value, outage_notifications, at
    )
    return _stream(row)


async def fetch_station(connection: Any, account_id: int, path: str) -> Stream | None:
    """The account's first test stream whose URL ends in this path, stopped or not."""
    row = await connection.fetchrow(_STATION, account_id, path)
    return None if row is None else _stream(row)


async def fetch_streams(
    connection: Any, account_id: int, *, test: bool, first: int, below: int | None = None
) -> list[Stream]:
    """The newest streams of an account, of numbers below `below`."""
    return [_stream(row) for row in await connection.fetch(_PAGE, account_id, test, below, first)]


async def fetch_some(connection: Any, account_id: int, numbers: Sequence[int], *, test: bool) -> dict[int, Stream]:
    """Those of these numbers that are the account's."""
    sql = f"select {_COLUMNS} from accounts.stream s where {_OWN} and s.id = any($3::int[])"  # noqa: S608
    return {row["id"]: _stream(row) for row in await connection.fetch(sql, account_id, test, numbers)}


async def fetch_stream(
    connection: Any, account_id: int, number: int, *, test: bool, lock: bool = False
) -> Stream | None:
    """One of the account's; `lock` keeps others from changing it until the transaction ends."""
    locked = " for no key update" if lock else ""
    sql = f"select {_COLUMNS} from accounts.stream s where {_OWN} and s.id = $3{locked}"  # noqa: S608
    row = await connection.fetchrow(sql, account_id, test, number)
    return None if row is None else _stream(row)


async def update_stream(connection: Any, number: int, values: Mapping[str, Any]) -> Stream:
    """Set columns of a row that the caller has locked; its revision grows."""
    sets = ", ".join(f"{column} = ${place}" for place, column in enumerate(values, 2))
    sql = f"update accounts.stream s set revision = revision + 1, {sets} where s.id = $1 returning {_COLUMNS}"  # noqa: S608
    return _stream(await connection.fetchrow(sql, number, *values.values()))


async def stop_rows(connection: Any, numbers: Sequence[int], at: datetime, reason: str | None) -> list[int]:
    """Stop those that are watched; which those were."""
    return [row["id"] for row in await connection.fetch(_STOP, numbers, at, reason)]


async def end_open(connection: Any, numbers: Sequence[int], at: datetime) -> list[Mapping[str, Any]]:
    """End what is open on streams, airings and gaps; the airings' rows."""
    await connection.execute(_END_GAPS, numbers, at)
    return [dict(row) for row in await connection.fetch(_END_PLAYS, numbers)]


async def tell(connection: Any, numbers: Sequence[int]) -> None:
    """Have watchers take these streams up anew when the transaction has ended."""
    for number in numbers:
        await connection.execute("select pg_notify($1, $2)", CHANNEL, str(number))


async def active_by_account(connection: Any) -> dict[int, list[int]]:
    """Live streams that are watched, oldest first, by account."""
    return {row["account_id"]: list(row["ids"]) for row in await connection.fetch(_ACTIVE)}


def _stream(row: Any) -> Stream:
    values = dict(row)
    values["format"] = None if values["format"] is None else StreamFormat(values["format"])
    values["detection_mode"] = DetectionMode(values["detection_mode"])
    values["runtime_status"] = RuntimeStatus(values["runtime_status"])
    values["tuning"] = None if values["tuning"] is None else orjson.loads(values["tuning"])
    return Stream(**values)
