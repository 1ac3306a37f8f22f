"""Who watches what, in the database. All times are those of its clock: machines' clocks differ."""

from collections.abc import Sequence
from typing import Any

import orjson

from sonograph.monitoring.stream import Stream
from sonograph.monitoring.vocabulary import DetectionMode, RuntimeStatus, StreamFormat

CHANNEL = "sonograph_stream"  # told by whoever changes a stream, or frees one

# While the server was away nobody could be seen, and nobody is dead for that.
_SEEN = "greatest(seen_at, pg_postmaster_start_time())"
_DEAD = f"select id from monitor where {_SEEN} < clock_timestamp() - make_interval(secs => $1)"
_FREE = f"(s.monitor_id is null or s.monitor_id in ({_DEAD}))"
# The only streams that cost something to watch: those of test keys are simulated, but for our own station.
_REAL = "(not s.test or s.url = $2)"

_REGISTER = """
insert into monitor (name, started_at, seen_at, capacity) values ($1, clock_timestamp(), clock_timestamp(), $2)
returning id
"""
_BEAT = "update monitor set seen_at = clock_timestamp() where id = $1 returning id"
_MEMBERS = f"""
select m.id, m.capacity, count(s.id) filter (where {_REAL}) as real, count(s.id) filter (where not {_REAL}) as simulated
from monitor m left join stream s on s.monitor_id = m.id and s.stopped_at is null
where greatest(m.seen_at, pg_postmaster_start_time()) >= clock_timestamp() - make_interval(secs => $1)
group by m.id order by m.id
"""
_FREE_ONES = f"""
select count(*) filter (where {_REAL}) as real, count(*) filter (where not {_REAL}) as simulated
from stream s where s.stopped_at is null and {_FREE}
"""
_TAKE = f"""
update stream set monitor_id = $3 where id in (
  select s.id from stream s where s.stopped_at is null and {_FREE} and {_REAL} = $5
  order by s.id limit $4 for no key update skip locked)
returning id
"""
_HELD = f"select id, revision, {_REAL} as real from stream s where monitor_id = $1 and stopped_at is null order by id"
_GIVE = "update stream set monitor_id = null where monitor_id = $1 and id = any($2::int[])"
_LEAVE = "with own as (update stream set monitor_id = null where monitor_id = $1) delete from monitor where id = $1"
_FORGET = "delete from monitor where seen_at < clock_timestamp() - make_interval(secs => $1)"
# For people: who starts the database to look at it has not seen anybody by that.
_STANDING = """
with live as (select id from monitor where seen_at >= clock_timestamp() - make_interval(secs => $1)),
  active as (select monitor_id, created_at from stream where stopped_at is null)
select (select count(*) from live) as monitors, (select max(seen_at) from monitor) as last_seen,
  (select count(*) from active) as streams,
  (select count(*) from active where created_at < clock_timestamp() - make_interval(secs => $1)
    and (monitor_id is null or monitor_id not in (select id from live))) as unwatched
"""
_LOAD = """
select s.id, s.account_id, s.test, s.url, s.name, s.format, s.detection_mode, s.outage_notifications, s.created_at,
  s.stopped_at, s.revision, s.monitor_id, s.runtime_status, s.status_reason, s.status_at, s.heard_at,
  s.last_recognized_at, s.offline_since, s.tuning, s.airing
from stream s where s.id = any($1::int[]) and s.monitor_id = $2 and s.stopped_at is null
"""
_OPEN_PLAYS = """
select stream_id, track_id, started_at, heard_until, confidence from play
where stream_id = any($1::int[]) and ended_at is null order by started_at
"""
_OPEN_GAPS = """
select stream_id, kind, started_at, reason from stream_gap
where stream_id = any($1::int[]) and ended_at is null order by started_at
"""


async def register(connection: Any, name: str, capacity: int) -> int:
    """The number of a new monitor."""
    return int(await connection.fetchval(_REGISTER, name, capacity))


async def beat(connection: Any, monitor: int) -> bool:
    """Be seen; False for a monitor that was taken for dead so long ago that it is forgotten."""
    return await connection.fetchval(_BEAT, monitor) is not None


async def members(connection: Any, dead_after: float, station: str) -> list[Any]:
    """(id, capacity, real, simulated) of all that live, with how many streams of each kind they have."""
    return list(await connection.fetch(_MEMBERS, dead_after, station))


async def free(connection: Any, dead_after: float, station: str) -> tuple[int, int]:
    """How many streams nobody watches: (real, simulated)."""
    row = await connection.fetchrow(_FREE_ONES, dead_after, station)
    return row["real"], row["simulated"]


async def take(  # noqa: PLR0913  # what, how many, of whom
    connection: Any, monitor: int, dead_after: float, station: str, *, limit: int, real: bool
) -> list[int]:
    """Make free streams the monitor's own; which."""
    rows = await connection.fetch(_TAKE, dead_after, station, monitor, limit, real)
    return [row["id"] for row in rows]


async def held(connection: Any, monitor: int, station: str) -> list[Any]:
    """(id, revision, real) of what is the monitor's own, by id."""
    return list(await connection.fetch(_HELD, monitor, station))


async def standing(connection: Any, dead_after: float) -> Any:
    """(monitors, last_seen, streams, unwatched): who was seen lately, and how many active streams nobody watches.

    A stream that was made just now is not counted among these: it is taken within seconds.
    """
    return await connection.fetchrow(_STANDING, dead_after)


async def give(connection: Any, monitor: int, streams: Sequence[int]) -> None:
    """Free some of the monitor's own streams, and say so."""
    await connection.execute(_GIVE, monitor, list(streams))
    await connection.execute("select pg_notify($1, '')", CHANNEL)


async def leave(connection: Any, monitor: int) -> None:
    """Free all, and be no more."""
    await connection.execute(_LEAVE, monitor)
    await connection.execute("select pg_notify($1, '')", CHANNEL)


async def forget(connection: Any, after: float) -> int:
    """Delete monitors that were not seen for so many seconds; how many. What they had is free."""
    return int((await connection.execute(_FORGET, after)).split()[-1])


async def load(connection: Any, monitor: int, streams: Sequence[int]) -> list[tuple[Stream, Any]]:
    """Those of these streams that are the monitor's own, each with what is remembered of its airing (JSON text)."""
    found = []
    for row in await connection.fetch(_LOAD, list(streams), monitor):
        values = dict(row)
        airing = values.pop("airing")
        values["format"] = None if values["format"] is None else StreamFormat(values["format"])
        values["detection_mode"] = DetectionMode(values["detection_mode"])
        values["runtime_status"] = RuntimeStatus(values["runtime_status"])
        values["tuning"] = None if values["tuning"] is None else orjson.loads(values["tuning"])
        found.append((Stream(**values), airing))
    return found


async def open_plays(connection: Any, streams: Sequence[int]) -> list[Any]:
    """(stream_id, track_id, started_at, heard_until, confidence) of airings that go on, oldest first."""
    return list(await connection.fetch(_OPEN_PLAYS, list(streams)))


async def open_gaps(connection: Any, streams: Sequence[int]) -> list[Any]:
    """(stream_id, kind, started_at, reason) of gaps that go on, oldest first."""
    return list(await connection.fetch(_OPEN_GAPS, list(streams)))
