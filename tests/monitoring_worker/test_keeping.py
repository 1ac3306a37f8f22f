"""What was found out is kept once: by whoever has the stream, however often it is sent, wherever the database was."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from sonograph import clock
from sonograph.events.event import EventType
from sonograph.monitoring import lease_store
from sonograph.monitoring.facts import (
    CameOnline,
    Condition,
    Fact,
    GapBegan,
    GapEnded,
    PlayEnded,
    PlayStarted,
    WentOffline,
    moment,
)
from sonograph.monitoring.keeping import Keeper
from sonograph.monitoring.partitions import ensure_partitions
from sonograph.monitoring.play_store import write
from sonograph.monitoring.vocabulary import GapKind, RuntimeStatus
from tests.databases import name_of
from tests.monitoring_worker import rows


def at(seconds: float) -> datetime:
    """Of today's first hour."""
    return moment(clock.now().replace(hour=0, minute=0, second=0, microsecond=0).timestamp() + seconds)


def started(stream: int, seconds: float, track: int = 7) -> PlayStarted:
    return PlayStarted(stream, track, at(seconds), at(seconds + 5), 0.9)


async def owned(pool: asyncpg.Pool, streams: int = 1, *, mail: bool = False) -> tuple[int, list[int]]:
    """(monitor, its streams)."""
    owner, monitor = await rows.account(pool), await lease_store.register(pool, "tests", 10)
    numbers = [await rows.stream(pool, owner, mail=mail) for _ in range(streams)]
    await pool.execute("update stream set monitor_id = $1", monitor)
    return monitor, numbers


async def kinds(pool: asyncpg.Pool) -> list[EventType]:
    return [event["type"] for event in await rows.events(pool)]


async def test_a_play_its_end_and_their_events_are_written_once_however_often_they_are_sent(
    accounts: asyncpg.Pool,
) -> None:
    monitor, (one, two) = await owned(accounts, 2)
    facts: Sequence[Fact] = [
        started(one, 10),
        started(two, 20, track=8),
        PlayEnded(one, at(10), at(40.5)),
        started(one, 41),
        GapBegan(two, GapKind.SILENCE, at(60), None),
        GapEnded(two, GapKind.SILENCE, at(60), at(95)),
        WentOffline(two, at(100), "It is gone."),
        CameOnline(two, at(200)),
        WentOffline(two, at(300), "It is gone again."),
    ]
    conditions = {
        one: Condition(status=RuntimeStatus.RUNNING, at=at(9), heard_at=at(50), heard={at(41): at(55)}),
        two: Condition(status=RuntimeStatus.ERRORED, reason="It is gone again.", at=at(300)),
    }
    for _ in range(3):  # as after a connection that was lost while the transaction was ended
        async with accounts.acquire() as connection:
            await write(connection, monitor, facts, conditions)
        facts = facts[:-3]  # a stream may go offline again: only what has an identity is sent again at any time
    assert await kinds(accounts) == [
        EventType.PLAY_STARTED,
        EventType.PLAY_STARTED,
        EventType.PLAY_ENDED,
        EventType.PLAY_STARTED,
        EventType.STREAM_OFFLINE,
        EventType.STREAM_ONLINE,
        EventType.STREAM_OFFLINE,
    ]
    plays = await accounts.fetch("select * from play order by started_at")
    assert [(row["track_id"], row["played_ms"]) for row in plays] == [(7, 30_500), (8, None), (7, None)]
    assert plays[2]["heard_until"] == at(55)
    assert plays[0]["ended_at"] == plays[0]["heard_until"] == at(40.5)
    first, _, end, *_ = await rows.events(accounts)
    assert first == {
        "stream_id": one,
        "type": EventType.PLAY_STARTED,
        "play_id": plays[0]["id"],
        "track_id": 7,
        "started_at": at(10).isoformat(),
    }
    assert end == {**first, "type": EventType.PLAY_ENDED, "ended_at": at(40.5).isoformat(), "played_ms": 30_500}
    gap = await accounts.fetchrow("select * from stream_gap")
    assert (gap["stream_id"], gap["started_at"], gap["ended_at"]) == (two, at(60), at(95))
    row = await accounts.fetchrow("select * from stream where id = $1", two)
    assert (row["runtime_status"], row["status_reason"], row["offline_since"]) == (3, "It is gone again.", at(300))


async def test_nothing_is_written_of_streams_that_others_have_or_that_are_stopped(accounts: asyncpg.Pool) -> None:
    monitor, (one, two, three) = await owned(accounts, 3)
    other = await lease_store.register(accounts, "other", 10)
    await accounts.execute("update stream set monitor_id = $1 where id = $2", other, one)
    await accounts.execute("update stream set stopped_at = now() where id = $1", two)
    keeper = Keeper(accounts, lambda: monitor)
    keeper.note([started(one, 10), started(two, 10), started(three, 10), WentOffline(one, at(20), "Gone.")])
    keeper.condition(one, Condition(status=RuntimeStatus.ERRORED, reason="Gone.", at=at(20)))
    assert await keeper.flush()
    assert [(event["stream_id"], event["type"]) for event in await rows.events(accounts)] == [
        (three, EventType.PLAY_STARTED)
    ]
    assert await accounts.fetchval("select array_agg(stream_id) from play") == [three]
    assert await accounts.fetchval("select runtime_status from stream where id = $1", one) == RuntimeStatus.PENDING

    fenced = Keeper(accounts, lambda: None)  # it could not be seen for some seconds
    fenced.note([started(three, 30)])
    assert not await fenced.flush()
    assert fenced.waiting == 1
    assert await accounts.fetchval("select count(*) from play") == 1


async def test_a_month_without_a_place_gets_one_and_others_stay_as_they_are(accounts: asyncpg.Pool) -> None:
    monitor, (one,) = await owned(accounts)
    keeper = Keeper(accounts, lambda: monitor)
    then = at(0).replace(year=2031, month=12, day=31, hour=23, minute=59)
    keeper.note([PlayStarted(one, 7, then + timedelta(minutes=number), then, 0.9) for number in range(3)])
    assert await keeper.flush()
    found = await accounts.fetch("select tableoid::regclass::text as name, count(*) from play group by 1 order by 1")
    assert [tuple(row) for row in found] == [("play_2031_12", 1), ("play_2032_01", 2)]


async def test_partitions_are_made_once_by_many(accounts: asyncpg.Pool) -> None:
    async def make() -> list[str]:
        async with accounts.acquire() as connection:
            return await ensure_partitions(connection, at(0).replace(year=2040, month=11, day=5), 2)

    made = await asyncio.gather(*(make() for _ in range(6)))
    assert sorted(name for names in made for name in names) == ["play_2040_11", "play_2040_12", "play_2041_01"]


@asynccontextmanager
async def away(dsn: str) -> AsyncIterator[None]:
    """The database lets nobody in, and nobody stays."""
    name = name_of(dsn)
    control = await asyncpg.connect(urlunsplit(urlsplit(dsn)._replace(path="/postgres")))
    try:
        await control.execute(f'alter database "{name}" allow_connections false')
        await control.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", name)
        yield
        await control.execute(f'alter database "{name}" allow_connections true')
    finally:
        await control.close()


async def test_what_happens_while_the_database_is_away_is_written_when_it_is_back(
    dsn: str, accounts: asyncpg.Pool
) -> None:
    monitor, (one, two) = await owned(accounts, 2)
    keeper, stop = Keeper(accounts, lambda: monitor), asyncio.Event()
    running = asyncio.create_task(keeper.run(stop))
    keeper.note([started(one, 10)])
    await rows.until(lambda: rows.events(accounts), "the first play")
    async with away(dsn):
        keeper.note([PlayEnded(one, at(10), at(50)), started(one, 51), started(two, 52)])
        keeper.condition(one, Condition(status=RuntimeStatus.RUNNING, at=at(12), heard={at(51): at(60)}), soon=True)
        assert not await keeper.flush()
        keeper.note([PlayEnded(two, at(52), at(80)), GapBegan(two, GapKind.OUTAGE, at(80), "Gone.")])
        keeper.condition(one, Condition(heard={at(51): at(70)}))
        assert not await keeper.flush()
        assert keeper.waiting == 5

    async def written() -> bool:
        return keeper.waiting == 0 and len(await kinds(accounts)) == 5

    await rows.until(written, "all is written")
    assert [(event["stream_id"], event["type"]) for event in await rows.events(accounts)] == [
        (one, EventType.PLAY_STARTED),
        (one, EventType.PLAY_ENDED),
        (one, EventType.PLAY_STARTED),
        (two, EventType.PLAY_STARTED),
        (two, EventType.PLAY_ENDED),
    ]
    assert await accounts.fetchval("select heard_until from play where ended_at is null") == at(70)
    stop.set()
    keeper.condition(one, Condition(heard_at=at(71)), soon=True)
    await running


async def test_what_can_never_be_written_does_not_hold_up_the_rest(accounts: asyncpg.Pool) -> None:
    monitor, (one, two) = await owned(accounts, 2)
    keeper = Keeper(accounts, lambda: monitor)
    keeper.note([started(one, 10, track=1 << 40), started(two, 10)])
    assert await keeper.flush()
    assert keeper.dropped == 1
    assert [event["stream_id"] for event in await rows.events(accounts)] == [two]
