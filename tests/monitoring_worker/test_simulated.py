"""Test streams air the station's schedule, whoever watches them and whatever happens on the way; time is told here."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncpg

from sonograph.events.event import EventType
from sonograph.monitoring.monitor import Monitor
from sonograph.monitoring.source.means import Means
from sonograph.monitoring.station.schedule import Kind, items
from sonograph.monitoring.streams import stop_stream
from tests.monitoring_worker import rows
from tests.monitoring_worker.process import setup

NOWHERE = "http://127.0.0.1:9/station.mp3"
SOME = 240.0  # seconds


class Hands:
    """A clock that goes when it is told to."""

    def __init__(self, at: float) -> None:
        self.at = at

    def now(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


@asynccontextmanager
async def monitor(dsn: str, data_dir: Path, hands: Hands) -> AsyncIterator[Monitor]:
    """In this process; at the end told to stop."""
    async with setup(dsn, data_dir, NOWHERE, "tests") as given:
        stop, one = asyncio.Event(), Monitor(replace(given, means=Means(clock=hands)))
        running = asyncio.create_task(one.run(stop))
        try:
            yield one
        finally:
            stop.set()
            await asyncio.wait_for(running, rows.PATIENCE)


async def goes_by(one: Monitor, hands: Hands, seconds: float) -> None:
    """Second by second; what it brings is written."""
    for _ in range(int(seconds)):
        hands.at += 1
        for watching in one.watched.values():
            watching.tick(hands.at)
    await one.keeper.flush()


async def watches(one: Monitor, streams: int = 1) -> None:
    async def all_of_them() -> bool:
        return len(one.watched) == streams

    await rows.until(all_of_them, "it watches")


async def heard(pool: asyncpg.Pool, stream: int) -> list[dict[str, Any]]:
    return [event for event in await rows.events(pool) if event["stream_id"] == stream]


async def test_what_the_schedule_airs_is_played_once_whoever_watches_and_when_they_change(
    dsn: str, accounts: asyncpg.Pool, tmp_path: Path
) -> None:
    owner = await rows.account(accounts)
    one, two = [await rows.stream(accounts, owner) for _ in range(2)]
    began = 1_790_000_040.0  # where a slot begins
    hands = Hands(began)
    async with monitor(dsn, tmp_path, hands) as first:
        await watches(first, 2)
        await goes_by(first, hands, SOME / 2 + 30)  # in the middle of a song
        assert await accounts.fetchval("select array_agg(distinct runtime_status) from stream") == [2]
    assert await accounts.fetchval("select count(*) from stream where monitor_id is null") == 2
    async with monitor(dsn, tmp_path, hands) as second:
        await watches(second, 2)
        await goes_by(second, hands, SOME / 2)
        assert await stop_stream(accounts, owner, two, test=True)
        await watches(second)
        await goes_by(second, hands, SOME / 2)

    songs = [item for item in items(began, hands.at - 5) if item.kind is Kind.SONG and item.ends_at < hands.at - 5]
    plays = await accounts.fetch(
        "select extract(epoch from started_at)::float8 as start, extract(epoch from ended_at)::float8 as ended "
        "from play where stream_id = $1 and ended_at is not null order by started_at",
        one,
    )
    assert [(play["start"], play["ended"]) for play in plays] == [(song.started_at, song.ends_at) for song in songs]
    events = await heard(accounts, one)
    assert [event["type"] for event in events][:4] == [EventType.PLAY_STARTED, EventType.PLAY_ENDED] * 2
    starts = [event["started_at"] for event in events if event["type"] is EventType.PLAY_STARTED]
    assert (
        len(starts)
        == len(set(starts))
        == await accounts.fetchval("select count(*) from play where stream_id = $1", one)
    )
    assert await accounts.fetchval("select count(*) from play where stream_id = $1 and ended_at is null", two) == 0
    silences = [item for item in items(began, hands.at - 5) if item.kind is Kind.SILENCE]
    assert await accounts.fetchval("select count(*) from stream_gap where stream_id = $1", one) == len(silences)


async def test_changes_of_a_stream_are_taken_up(dsn: str, accounts: asyncpg.Pool, tmp_path: Path) -> None:
    owner = await rows.account(accounts)
    number = await rows.stream(accounts, owner)
    hands = Hands(1_790_000_040.0)
    change = "update stream set revision = revision + 1, url = $2, detection_mode = $3 where id = $1"
    async with monitor(dsn, tmp_path, hands) as one:
        await watches(one)
        await goes_by(one, hands, 30)
        before = one.watched[number]
        assert [event["type"] for event in await heard(accounts, number)] == [EventType.PLAY_STARTED]

        await accounts.execute(change, number, "http://radio.example.org/live", 3)

        async def taken_up() -> bool:
            return one.watched[number].stream.revision == 2

        await rows.until(taken_up, "another mode")
        assert one.watched[number] is before

        await accounts.execute(change, number, "http://other.example.org/live", 3)

        async def another() -> bool:
            return one.watched.get(number, before) is not before

        await rows.until(another, "another address")
        await goes_by(one, hands, 2)
        # What was on air at the one address is over, and the other one is another listening.
        started, ended, again = await heard(accounts, number)
        assert (started["type"], ended["type"]) == (EventType.PLAY_STARTED, EventType.PLAY_ENDED)
        assert again["type"] is EventType.PLAY_STARTED
        assert again["started_at"] >= ended["ended_at"] > started["started_at"]


async def test_a_play_whose_watcher_died_long_ago_is_closed_where_it_was_heard_last(
    dsn: str, accounts: asyncpg.Pool, tmp_path: Path
) -> None:
    owner = await rows.account(accounts)
    number = await rows.stream(accounts, owner)
    hands = Hands(1_790_000_040.0)
    async with monitor(dsn, tmp_path, hands) as one:
        await watches(one)
        await goes_by(one, hands, 30)
    until = await accounts.fetchval("select heard_until from play where ended_at is null")
    hands.at += 3600
    async with monitor(dsn, tmp_path, hands) as one:
        await watches(one)
        await goes_by(one, hands, 2)
        found = await heard(accounts, number)
        assert [event["type"] for event in found][:2] == [EventType.PLAY_STARTED, EventType.PLAY_ENDED]
        assert found[1]["ended_at"] == until.isoformat()
        assert found[0]["play_id"] == found[1]["play_id"]
