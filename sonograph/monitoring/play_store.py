"""What was heard, written: plays, gaps, conditions and events of many streams in one transaction.

Nothing is written of a stream that is not the monitor's own any more, or is stopped.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sonograph import clock
from sonograph.events.event import EventType, NewEvent
from sonograph.events.store import append, data_time
from sonograph.monitoring.facts import (
    CameOnline,
    Condition,
    Fact,
    GapBegan,
    GapEnded,
    PlayEnded,
    PlayStarted,
    WentOffline,
)

# In the order of their numbers, so that two writers wait for each other and never both.
_OWNED = """
select id, account_id, test, outage_notifications from stream
where id = any($1::int[]) and monitor_id = $2 and stopped_at is null order by id for no key update
"""
_START = """
insert into play (account_id, stream_id, test, track_id, started_at, heard_until, confidence)
select * from unnest($1::int[], $2::int[], $3::bool[], $4::int[], $5::timestamptz[], $6::timestamptz[], $7::real[])
on conflict (stream_id, started_at) do nothing
returning id, stream_id, started_at, track_id
"""
_END = """
update play p set ended_at = greatest(g.ended_at, p.started_at), heard_until = greatest(g.ended_at, p.started_at),
  played_ms = greatest(0, round(extract(epoch from g.ended_at - p.started_at) * 1000))::int
from unnest($1::int[], $2::timestamptz[], $3::timestamptz[]) g(stream_id, started_at, ended_at)
where p.stream_id = g.stream_id and p.started_at = g.started_at and p.ended_at is null
  and p.started_at between $4 and $5
returning p.id, p.stream_id, p.track_id, p.started_at, p.ended_at, p.played_ms
"""
_HEARD = """
update play p set heard_until = g.heard_until
from unnest($1::int[], $2::timestamptz[], $3::timestamptz[]) g(stream_id, started_at, heard_until)
where p.stream_id = g.stream_id and p.started_at = g.started_at and p.ended_at is null
  and p.heard_until < g.heard_until and p.started_at between $4 and $5
"""
_GAP = """
insert into stream_gap (stream_id, kind, started_at, reason)
select * from unnest($1::int[], $2::smallint[], $3::timestamptz[], $4::text[])
on conflict (stream_id, started_at, kind) do nothing
"""
_GAP_ENDED = """
update stream_gap p set ended_at = greatest(g.ended_at, p.started_at)
from unnest($1::int[], $2::smallint[], $3::timestamptz[], $4::timestamptz[]) g(stream_id, kind, started_at, ended_at)
where p.stream_id = g.stream_id and p.kind = g.kind and p.started_at = g.started_at and p.ended_at is null
"""
_OFFLINE = "update stream set offline_since = $2 where id = $1 and offline_since is null returning id"
_ONLINE = "update stream set offline_since = null where id = $1 and offline_since is not null returning id"
_NOTE = """
insert into outage_note (account_id, stream_id, type, at, reason, noted_at)
values ($1, $2, $3, $4, $5, clock_timestamp())
"""
_CONDITION = """
update stream s set
  runtime_status = coalesce(g.status, s.runtime_status),
  status_reason = case when g.status is null then s.status_reason else g.reason end,
  status_at = case when g.status <> s.runtime_status then g.at else s.status_at end,
  heard_at = greatest(s.heard_at, g.heard_at),
  last_recognized_at = greatest(s.last_recognized_at, g.recognized_at),
  tuning = coalesce(g.tuning, s.tuning), airing = coalesce(g.airing, s.airing),
  on_air = coalesce(g.on_air, s.on_air)
from unnest($1::int[], $2::smallint[], $3::text[], $4::timestamptz[], $5::timestamptz[], $6::timestamptz[],
  $7::jsonb[], $8::jsonb[], $9::timestamptz[])
  g(id, status, reason, at, heard_at, recognized_at, tuning, airing, on_air)
where s.id = g.id
"""


class _Owner(NamedTuple):
    account_id: int
    test: bool
    notifications: bool


class Told(NamedTuple):
    """What a transaction wrote: of each fact, whether it was new, and the streams that are not ours any more."""

    started: int
    ended: int
    events: list[int]
    lost: frozenset[int]


async def write(connection: Any, monitor: int, facts: Sequence[Fact], conditions: Mapping[int, Condition]) -> Told:
    """Write what is new, the events last, in a transaction of its own."""
    streams = {fact.stream_id for fact in facts} | conditions.keys()
    async with connection.transaction():
        rows = await connection.fetch(_OWNED, sorted(streams), monitor)
        owners = {row[0]: _Owner(*list(row)[1:]) for row in rows}
        ours = [fact for fact in facts if fact.stream_id in owners]
        events: list[tuple[int, NewEvent]] = []
        started = await _start(connection, ours, owners, events)
        ended = await _end(connection, ours, owners, events)
        await _heard(connection, {one: conditions[one] for one in conditions if one in owners})
        await _gaps(connection, ours)
        await _outages(connection, ours, owners, events)
        await _conditions(connection, {one: conditions[one] for one in conditions if one in owners})
        ids = await append(connection, [event for _, event in sorted(events, key=lambda one: one[0])])
    return Told(started, ended, ids, frozenset(streams - owners.keys()))


async def _start(
    connection: Any, facts: Sequence[Fact], owners: Mapping[int, _Owner], events: list[tuple[int, NewEvent]]
) -> int:
    places = {
        (fact.stream_id, fact.started_at): (place, fact)
        for place, fact in enumerate(facts)
        if isinstance(fact, PlayStarted)
    }
    if not places:
        return 0
    new = [fact for _, fact in places.values()]
    rows = await connection.fetch(
        _START,
        [owners[one.stream_id].account_id for one in new],
        [one.stream_id for one in new],
        [owners[one.stream_id].test for one in new],
        [one.track_id for one in new],
        [one.started_at for one in new],
        [one.heard_until for one in new],
        [one.confidence for one in new],
    )
    for row in rows:
        place, _ = places[row["stream_id"], row["started_at"]]
        events.append((place, _event(EventType.PLAY_STARTED, row["stream_id"], owners, _play_data(row))))
    return len(rows)


async def _end(
    connection: Any, facts: Sequence[Fact], owners: Mapping[int, _Owner], events: list[tuple[int, NewEvent]]
) -> int:
    places = {
        (fact.stream_id, fact.started_at): (place, fact)
        for place, fact in enumerate(facts)
        if isinstance(fact, PlayEnded)
    }
    if not places:
        return 0
    ends = [fact for _, fact in places.values()]
    starts = [one.started_at for one in ends]
    rows = await connection.fetch(
        _END, [one.stream_id for one in ends], starts, [one.ended_at for one in ends], min(starts), max(starts)
    )
    for row in rows:
        place, _ = places[row["stream_id"], row["started_at"]]
        data = _play_data(row) | {"ended_at": data_time(row["ended_at"]), "played_ms": row["played_ms"]}
        events.append((place, _event(EventType.PLAY_ENDED, row["stream_id"], owners, data)))
    return len(rows)


async def _heard(connection: Any, conditions: Mapping[int, Condition]) -> None:
    heard = [(stream, *times) for stream, one in conditions.items() for times in one.heard.items()]
    if heard:
        streams, starts, untils = (list(column) for column in zip(*heard, strict=True))
        await connection.execute(_HEARD, streams, starts, untils, min(starts), max(starts))


async def _gaps(connection: Any, facts: Sequence[Fact]) -> None:
    began = [fact for fact in facts if isinstance(fact, GapBegan)]
    if began:
        await connection.execute(_GAP, *_gap_columns(began), [one.reason for one in began])
    ended = [fact for fact in facts if isinstance(fact, GapEnded)]
    if ended:
        await connection.execute(_GAP_ENDED, *_gap_columns(ended), [one.ended_at for one in ended])


def _gap_columns(gaps: Sequence[GapBegan] | Sequence[GapEnded]) -> tuple[list[int], list[int], list[datetime]]:
    return [one.stream_id for one in gaps], [one.kind.value for one in gaps], [one.started_at for one in gaps]


async def _outages(
    connection: Any, facts: Sequence[Fact], owners: Mapping[int, _Owner], events: list[tuple[int, NewEvent]]
) -> None:
    """One by one, as they are rare: of one stream there may be several, and their order counts."""
    for place, fact in enumerate(facts):
        if isinstance(fact, WentOffline):
            changed = await connection.fetchval(_OFFLINE, fact.stream_id, fact.at)
            kind, reason = EventType.STREAM_OFFLINE, fact.reason
            data = {"at": data_time(fact.at), "reason": fact.reason}
        elif isinstance(fact, CameOnline):
            changed = await connection.fetchval(_ONLINE, fact.stream_id)
            kind, reason = EventType.STREAM_ONLINE, None
            data = {"at": data_time(fact.at)}
        else:
            continue
        if not changed:
            continue
        events.append((place, _event(kind, fact.stream_id, owners, data)))
        owner = owners[fact.stream_id]
        if owner.notifications:
            await connection.execute(_NOTE, owner.account_id, fact.stream_id, kind.value, fact.at, reason)


async def _conditions(connection: Any, conditions: Mapping[int, Condition]) -> None:
    if not conditions:
        return
    values: Iterable[Condition] = conditions.values()
    await connection.execute(
        _CONDITION,
        list(conditions),
        [None if one.status is None else one.status.value for one in values],
        [one.reason for one in values],
        [one.at for one in values],
        [one.heard_at for one in values],
        [one.recognized_at for one in values],
        [one.tuning for one in values],
        [one.airing for one in values],
        [one.on_air for one in values],
    )


def _play_data(row: Any) -> dict[str, Any]:
    return {"play_id": row["id"], "track_id": row["track_id"], "started_at": data_time(row["started_at"])}


def _event(kind: EventType, stream_id: int, owners: Mapping[int, _Owner], data: Mapping[str, Any]) -> NewEvent:
    owner = owners[stream_id]
    return NewEvent(owner.account_id, owner.test, kind, stream_id, clock.now(), data)
