"""The log and its readers: commit order, no gap and no repeat, whatever happens beside them."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

import asyncpg
import pytest

from sonograph.events import store
from sonograph.events.event import Event, EventType, NewEvent, event_id, parse_event_id
from sonograph.events.hub import Hub
from sonograph.events.member import Ending, QueueMember
from sonograph.events.store import append
from sonograph.events.subscription import Closing, Lagging, Subscription
from sonograph.events.topic import Topic
from tests.events.conftest import ids, play, topic, written

pytestmark = pytest.mark.database
LIMIT = 30.0  # seconds: only bounds what hangs


async def taken(subscription: Subscription, until: int) -> list[Event]:
    """Everything up to an event."""
    events: list[Event] = []
    async with asyncio.timeout(LIMIT):
        while not events or events[-1].id < until:
            events.append(await anext(subscription))
    return events


async def named(events: Sequence[Event]) -> list[bytes]:
    return [b"%d" % event.id for event in events]


async def test_ids_are_in_the_order_of_the_events(pool: asyncpg.Pool, account: int) -> None:
    given = [play(account, track, stream) for track, stream in zip(range(1, 51), [3, 1, 2, 5, 4] * 10, strict=True)]
    numbers = await written(pool, given)
    assert numbers == sorted(numbers)
    page = await store.read(pool, topic(account), 0, numbers[-1], 100)
    assert ids(page.events) == numbers
    assert [(e.data["track_id"], e.stream_id) for e in page.events] == [
        (e.data["track_id"], e.stream_id) for e in given
    ]
    assert (await store.read(pool, topic(account), numbers[9], numbers[19], 5)).end == numbers[14]
    only = await store.read(pool, topic(account, streams=frozenset({5})), 0, numbers[-1], 100)
    assert {event.stream_id for event in only.events} == {5}
    assert len(only.events) == 10


async def test_an_append_that_is_undone_says_nothing(pool: asyncpg.Pool, account: int, hub: Hub) -> None:
    subscription = hub.subscribe(topic(account))
    with suppress(ZeroDivisionError):
        async with pool.acquire() as connection, connection.transaction():
            await append(connection, [play(account)])
            raise ZeroDivisionError
    (number,) = await written(pool, [play(account)])
    assert ids(await taken(subscription, number)) == [number]


async def test_replay_in_pages_then_live(pool: asyncpg.Pool, account: int, hub: Hub) -> None:
    old = await written(pool, [play(account) for _ in range(450)])
    subscription = hub.subscribe(topic(account), after=0)
    assert ids(await taken(subscription, old[-1])) == old
    new = await written(pool, [play(account) for _ in range(5)])
    assert ids(await taken(subscription, new[-1])) == new
    member = QueueMember(max_messages=1000)
    assert await hub.broadcast(topic(account), "ids", named).join(member, 0) is None
    assert [int(payload) for payload in member._queue] == old + new


async def test_history_is_read_once_for_all_who_come_back(pool: asyncpg.Pool, account: int, hub: Hub) -> None:
    """After a restart thousands come back with the same cursor, or nearly so."""
    numbers = await written(pool, [play(account) for _ in range(20)])
    await hub.refresh()
    rendered = 0

    async def render(events: Sequence[Event]) -> list[bytes]:
        nonlocal rendered
        rendered += len(events)
        return await named(events)

    members = [QueueMember() for _ in range(500)]
    broadcast = hub.broadcast(topic(account), "ids", render)
    await asyncio.gather(*(broadcast.join(member, numbers[9]) for member in members))
    await broadcast.join(late := QueueMember(), numbers[14])
    assert rendered == 10
    (new,) = await written(pool, [play(account)])
    async with asyncio.timeout(LIMIT):
        async for payload in late:
            if int(payload) == new:
                break
    assert rendered == 11
    queues = {tuple(member._queue) for member in members}
    assert queues == {tuple(b"%d" % number for number in [*numbers[10:], new])}
    assert len({id(member._queue[-1]) for member in members}) == 1  # the same bytes for everybody


async def test_a_slow_member_is_let_go_and_loses_nothing(pool: asyncpg.Pool, account: int, hub: Hub) -> None:
    slow, quick = QueueMember(max_messages=3), QueueMember()
    broadcast = hub.broadcast(topic(account), "ids", named)
    await broadcast.join(slow)
    await broadcast.join(quick)
    numbers = await written(pool, [play(account) for _ in range(10)])
    seen: list[int] = []
    async with asyncio.timeout(LIMIT):
        async for payload in quick:
            seen.append(int(payload))
            if seen[-1] == numbers[-1]:
                break
    assert seen == numbers
    assert slow.ended is Ending.SLOW
    assert len(broadcast) == 1
    got = [int(payload) async for payload in slow]
    assert got == numbers[:3]
    again = QueueMember()
    await broadcast.join(again, got[-1])
    assert [int(payload) for payload in again._queue] == numbers[3:]


async def test_a_reader_that_never_reads_is_told_so(pool: asyncpg.Pool, account: int, hub: Hub) -> None:
    subscription = hub.subscribe(topic(account))
    begun = hub.latest()
    await written(pool, [play(account) for _ in range(1500)])
    await hub.refresh()
    seen: list[Event] = []
    with pytest.raises(Lagging):  # noqa: PT012  # it comes after what was there
        while True:
            seen += await taken(subscription, subscription.position + 1)
    again = hub.subscribe(topic(account), subscription.position)
    rest = await taken(again, hub.latest())
    assert ids(seen + rest) == list(range(begun + 1, begun + 1501))
    assert len(rest) >= 500


async def test_a_cursor_ahead_of_this_process(pool: asyncpg.Pool, account: int, database_url: str) -> None:
    """Another process has told an event that this one has not read yet; or the log comes from a backup."""
    async with Hub(pool, database_url) as hub:
        hub._listening._heard = lambda _: None  # deaf, and told of nothing before it is asked
        other = hub.subscribe(topic(account))
        first, second = await written(pool, [play(account), play(account)])
        subscription = hub.subscribe(topic(account), first)
        assert ids(await taken(subscription, second)) == [second]
        assert ids(await taken(other, second)) == [first, second]
        await hub.broadcast(topic(account), "ids", named).join(member := QueueMember(), 10**15)
        (third,) = await written(pool, [play(account)])
        await hub.refresh()
        async with asyncio.timeout(LIMIT):
            assert int(await anext(aiter(member))) == third


async def test_without_notifications_the_log_is_asked(pool: asyncpg.Pool, account: int, database_url: str) -> None:
    """Behind a pooler, LISTEN seems to work and nothing comes."""
    async with Hub(pool, database_url, poll_seconds=0.02) as hub:
        hub._listening._heard = lambda _: None
        hub._listening.works = False
        subscription = hub.subscribe(topic(account))
        (number,) = await written(pool, [play(account)])
        assert ids(await taken(subscription, number)) == [number]


async def test_a_lost_connection_is_made_anew(pool: asyncpg.Pool, account: int, hub: Hub) -> None:
    async def listeners() -> set[int]:
        rows = await pool.fetch(
            "select pid from pg_stat_activity where application_name = 'sonograph sonograph_event' "
            "and datname = current_database()"
        )
        return {row["pid"] for row in rows}

    before = await listeners()
    await pool.fetch(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'sonograph sonograph_event' "
        "and datname = current_database()"
    )
    subscription = hub.subscribe(topic(account))
    (number,) = await written(pool, [play(account)])
    assert ids(await taken(subscription, number)) == [number]
    async with asyncio.timeout(LIMIT):
        while not (now := await listeners()) or now & before:  # noqa: ASYNC110  # the database has no event for it
            await asyncio.sleep(0.05)


async def test_what_cannot_be_rendered_holds_nobody_up(pool: asyncpg.Pool, account: int, hub: Hub) -> None:
    async def render(events: Sequence[Event]) -> list[bytes]:
        if any(event.data["track_id"] == 13 for event in events):
            raise ValueError("a bug")
        return await named(events)

    await hub.broadcast(topic(account), "some", render).join(member := QueueMember())
    numbers = await written(pool, [play(account, track) for track in (1, 13, 2)])
    async with asyncio.timeout(LIMIT):
        got = [int(await anext(aiter(member))) for _ in range(2)]
    assert got == [numbers[0], numbers[2]]


async def test_draining(account: int, hub: Hub) -> None:
    subscription = hub.subscribe(topic(account))
    await hub.broadcast(topic(account), "ids", named).join(member := QueueMember())
    await hub.drain()
    assert member.ended is Ending.CLOSING
    with pytest.raises(Closing):
        await anext(subscription)
    with pytest.raises(Closing):
        hub.subscribe(topic(account))
    with pytest.raises(Closing):
        await hub.broadcast(topic(account), "ids", named).join(QueueMember())


async def test_types_must_be_asked_for(pool: asyncpg.Pool, account: int, hub: Hub) -> None:
    begun = play(account)
    ended = NewEvent(account, True, EventType.PLAY_ENDED, 1, begun.created_at, begun.data)  # noqa: FBT003  # of a test
    first, second, third = await written(pool, [begun, ended, begun])
    assert ids(await taken(hub.subscribe(topic(account), first - 1), third)) == [first, third]
    all_types = Topic(account, test=True, types=frozenset(EventType))
    assert ids(await taken(hub.subscribe(all_types, first - 1), third)) == [first, second, third]
    live = Topic(account, test=False)
    assert (await store.read(pool, live, 0, third, 10)).events == []


def test_ids_of_events() -> None:
    assert parse_event_id(event_id(42)) == 42
    assert event_id(42) == "evt_000000000000042"
    for text in ("", "42", "evt_", "evt_-1", "evt_٣", "evt_1.0", "EVT_1", "evt_" + "9" * 19):
        assert parse_event_id(text) is None
