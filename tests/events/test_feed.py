"""GET /v1/streams/live on the running service."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import datetime

import asyncpg
import httpx
import pytest
import pytest_asyncio
from sonovault import SonoVault

from sonograph import clock
from sonograph.accounts.store import create_key
from sonograph.events.event import EventType, NewEvent, event_id
from sonograph.events.retention import sweep_events
from sonograph.events.store import data_time
from tests.events.conftest import play, written
from tests.events.listening import listening
from tests.service import Service

pytestmark = pytest.mark.database
START = "evt_000000000000000"
AWKWARD = (  # each of them has been the end of some reader of event streams
    "Plain",
    "Motörhead \u0085 next line",
    "Line\u2028separator\u2029paragraph",
    "Emoji 🎧👩‍👩‍👧 flag 🇨🇭",
    "東京事変 群青日和",
    "שלום עולם",
    "سلام \u202eright to left\u202c",
    "\"quotes\" and 'others' “these”",
    "back\\slash \\u0085 \\ud83d \\n",
    "tab\there",
    "new\nline\r\nand return",
    "\u001c\u001d\u001e\u000b\u000c controls",
    "data: x",
    ": comment",
    "id: 7",
    "event: stream.offline",
    "e\u0301 combining Z̸͑a̵l̷g̴o̶",
    "\ufeffbyte order mark",
    "\u007f\u0080\u009f",
    "\U0010ffff last",
    "]]>&lt;",
    "100 % {} [] null",
)


class Person:
    """An account with a key of the live catalog, its client, and what it listens to."""

    def __init__(self, account_id: int, key: str, client: httpx.Client) -> None:
        self.account_id, self.key, self.client = account_id, key, client


@pytest_asyncio.fixture
async def person(service: Service, pool: asyncpg.Pool, database_url: str) -> AsyncIterator[Person]:
    key = await create_key(database_url, f"feed{clock.now().timestamp()}@events.invalid", "scale", test=True)
    account = await pool.fetchval("select account_id from accounts.api_key order by id desc limit 1")
    with httpx.Client(base_url=service.url, headers={"x-api-key": key}, timeout=30) as client:
        yield Person(account, key, client)


@pytest.fixture
def titles() -> list[str]:
    """5,000 titles: each awkward one by itself, and all pairs and more, at every place of a chunk."""
    found = [*AWKWARD]
    for first in AWKWARD:
        found += [f"{first}{' ' * n}{AWKWARD[n % len(AWKWARD)]}" for n in range(226)]
    return [title.replace("\0", "") for title in found][:5000]


@pytest_asyncio.fixture
async def tracks(pool: asyncpg.Pool, titles: list[str]) -> AsyncIterator[list[int]]:
    """Ids of tracks with these titles in the live catalog."""
    begin = 900_000
    rows = [(begin + n, 0, 1, title, "", "") for n, title in enumerate(titles)]
    async with pool.acquire() as connection:
        await connection.copy_records_to_table(
            "track",
            schema_name="catalog",
            records=rows,
            columns=("id", "popularity", "origin_id", "title", "title_key", "search_text"),
        )
    yield [row[0] for row in rows]
    await pool.execute("delete from catalog.track where id >= $1", begin)


async def test_the_vendors_client_gets_every_title(
    service: Service, pool: asyncpg.Pool, database_url: str, titles: list[str], tracks: list[int]
) -> None:
    key = await create_key(database_url, "titles@events.invalid", "scale", test=False)
    account = await pool.fetchval("select account_id from accounts.api_key order by id desc limit 1")
    with SonoVault(key, base_url=service.url) as client:
        events = client.streams.live()  # type: ignore[no-untyped-call]  # the vendor's
        numbers = await written(pool, [play(account, track, test=False) for track in tracks])
        heard = [next(events) for _ in titles]
        events.close()
    assert [event["id"] for event in heard] == [event_id(number) for number in numbers]
    assert [event["data"]["track"]["title"] for event in heard] == titles


async def test_what_an_event_says(person: Person, pool: asyncpg.Pool, api: httpx.Client) -> None:
    now = clock.now()
    at = data_time(now)
    played = {"play_id": 1, "track_id": 3, "started_at": at}
    events = [
        NewEvent(person.account_id, True, kind, 77, now, data)  # noqa: FBT003  # of a test
        for kind, data in (
            (EventType.PLAY_STARTED, played),
            (EventType.PLAY_ENDED, {**played, "ended_at": at, "played_ms": 61_900}),
            (EventType.STREAM_OFFLINE, {"at": at, "reason": "Das Gerät antwortet nicht"}),
            (EventType.STREAM_ONLINE, {"at": at}),
            (EventType.PLAY_STARTED, {**played, "track_id": 123_456_789}),
        )
    ]
    numbers = await written(pool, events)
    with listening(person.client, "?types=stream.play.started,stream.play.ended&types=stream.offline", START) as feed:
        assert feed.response.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert feed.response.headers["x-accel-buffering"] == "no"
        assert feed.response.headers["transfer-encoding"] == "chunked"
        assert int(feed.response.headers["ratelimit-remaining"]) > 0
        started, ended, offline, gone = feed.take(4)
        assert feed.comments == 1
    moment = datetime.fromisoformat(at).strftime("%Y-%m-%dT%H:%M:%SZ")
    track = (await asyncio.to_thread(api.get, "/v1/tracks/3")).json()
    assert started.data == {
        "id": event_id(numbers[0]),
        "type": "stream.play.started",
        "created": int(now.timestamp()),
        "data": {"stream_id": "77", "started_at": moment, "track": track},
    }
    assert ended.data["data"] == {
        "stream_id": "77",
        "started_at": moment,
        "ended_at": moment,
        "played_duration": 62,
        "track": track,
    }
    assert offline.data["data"] == {"stream_id": "77", "at": moment, "reason": "Das Gerät antwortet nicht"}
    assert gone.data["data"]["track"] is None
    with listening(person.client, f"?last_event_id={event_id(numbers[0])}") as feed:
        assert [told.event for told in feed.take(3)] == ["stream.offline", "stream.online", "stream.play.started"]


async def test_live_then_resumed(person: Person, pool: asyncpg.Pool) -> None:
    with listening(person.client) as feed:
        begun = feed.response.headers["last-event-id"]
        first = await written(pool, [play(person.account_id) for _ in range(3)])
        seen = [told.id for told in feed.take(2)]
    second = await written(pool, [play(person.account_id) for _ in range(2)])
    with listening(person.client, last=seen[-1]) as feed:
        seen += [told.id for told in feed.take(3)]
    assert seen == [event_id(number) for number in first + second]
    with listening(person.client, f"?last_event_id={seen[-1]}", begun) as feed:  # the header is the newer one
        assert [told.id for told in feed.take(5)] == seen


async def test_a_slow_reader_loses_nothing(person: Person, pool: asyncpg.Pool) -> None:
    """It stops reading while far more comes than fits on the way, and reads on."""
    with listening(person.client) as feed:
        events = feed.events()
        first = await written(pool, [play(person.account_id)])
        seen = [next(events).id]
        rest = []
        for _ in range(6):
            rest += await written(pool, [play(person.account_id, 1 + n % 30) for n in range(2000)])
        seen += [next(events).id for _ in rest]
        assert seen == [event_id(number) for number in first + rest]


async def test_what_is_not_kept_any_more(person: Person, pool: asyncpg.Pool) -> None:
    old = await written(pool, [play(person.account_id) for _ in range(10_005)])
    with listening(person.client, last=event_id(old[2])) as feed:
        assert feed.take(1)[0].id == event_id(old[3])
    await pool.execute(
        "update accounts.event set created_at = now() - interval '25 hours' where account_id = $1", person.account_id
    )
    assert await sweep_events(pool, clock.now(), 24) >= 5
    kept = await pool.fetch("select id from accounts.event where account_id = $1 order by id", person.account_id)
    assert [row["id"] for row in kept] == old[5:]
    with listening(person.client, last=event_id(old[2])) as feed:
        gap, oldest = feed.take(2)
        assert (gap.event, gap.id) == ("sonograph.gap", event_id(old[4]))
        assert oldest.id == event_id(old[5])
    with listening(person.client, last=event_id(old[4])) as feed:
        assert feed.take(1)[0].id == event_id(old[5])


def test_refusals(person: Person, anonymous: httpx.Client, service: Service, free_test_key: str) -> None:
    path = "/v1/streams/live"
    assert anonymous.get(path).status_code == 401
    paid = anonymous.get(path, headers={"x-api-key": free_test_key})
    assert paid.status_code == 403
    assert "paid" in paid.json()["error"]
    for query, name in (
        ("types=stream.exploded", "types"),
        ("stream_id=x", "stream_id"),
        ("stream_id=1,-2", "stream_id"),
        ("last_event_id=42", "last_event_id"),
    ):
        refused = person.client.get(f"{path}?{query}")
        assert refused.status_code == 400
        assert name in refused.json()["error"]
    assert person.client.get(path, headers={"last-event-id": "other-7"}).status_code == 400
    assert person.client.get(f"{path}?stream_id=2147483647").status_code == 404
    posted = person.client.post(path)
    assert (posted.status_code, posted.headers["allow"]) == (405, "GET, HEAD")
    head = person.client.head(path)
    assert (head.status_code, head.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
    assert head.headers["last-event-id"].startswith("evt_0")
    assert service.url


async def test_a_revoked_key_ends_its_connections(person: Person, pool: asyncpg.Pool) -> None:
    with listening(person.client) as feed:
        await pool.execute("update accounts.api_key set revoked_at = now() where account_id = $1", person.account_id)
        assert list(feed.events()) == []  # until the server ends it
        assert len(feed.retries) == 2
    assert person.client.get("/v1/streams/live").status_code == 401


def test_a_limit_ends_nobody_for_good(service: Service, database_url: str) -> None:
    """The burst limit is a 429 for who begins, and a time to come back for an EventSource that resumes."""
    key = asyncio.run(create_key(database_url, "burst@events.invalid", "starter", test=True))
    with httpx.Client(base_url=service.url, headers={"x-api-key": key}, timeout=30) as client:
        for _ in range(60):
            assert client.head("/v1/streams/live").status_code == 200
        begun = client.get("/v1/streams/live")
        assert begun.status_code == 429
        assert int(begun.headers["retry-after"]) > 0
        resumed = client.get("/v1/streams/live", headers={"last-event-id": START})
        assert resumed.status_code == 200
        assert resumed.headers["content-type"] == "text/event-stream; charset=utf-8"
        comment, retry = resumed.text.splitlines()
        assert comment.startswith(": Too many requests")
        assert int(retry.removeprefix("retry: ")) >= 1000 * (int(begun.headers["retry-after"]) - 1)


async def test_one_of_its_streams(person: Person, pool: asyncpg.Pool) -> None:
    own, other = [
        await pool.fetchval(
            "insert into accounts.stream (account_id, test, url, detection_mode, outage_notifications, created_at, "
            "runtime_status, status_at) values ($1, true, 'http://radio.example/', 2, false, now(), 1, now()) "
            "returning id",
            person.account_id,
        )
        for _ in range(2)
    ]
    numbers = await written(pool, [play(person.account_id, 1, stream) for stream in (own, other, own)])
    with listening(person.client, f"?stream_id={own}&last_event_id={START}") as feed:
        assert [told.id for told in feed.take(2)] == [event_id(numbers[0]), event_id(numbers[2])]
    assert json.loads(person.client.get("/v1/streams/live?stream_id=999999").content) == {"error": "Not found"}
