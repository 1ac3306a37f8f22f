"""Streams: made, listed, seen, changed and stopped, through each door; whose they are, and how many there may be."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sonovault import SonoVault

from sonograph.accounts.entitlements import set_streams
from sonograph.ids import global_id
from sonograph.monitoring.facts import NOTHING
from sonograph.monitoring.streams import MOST_TEST, OVER_LIMIT, stop_over_limit
from tests.contract.doors import Refused
from tests.contract.shapes import TRACK, Optional, Shape, is_shaped
from tests.contract.stream_doors import GraphQLStreams, RestStreams, StreamDoor, VendorStreams
from tests.contract.watchers import Aired, Watcher, station, watcher
from tests.monitoring_source.sounds import mp3
from tests.service import Service

pytestmark = pytest.mark.database
URL = "https://radio.example.com/live.mp3"
MEMBERS = (
    *("id", "url", "name", "status", "format", "detection_mode", "outage_notifications", "created_at", "stopped_at"),
)
STATUS = (*MEMBERS, "runtime_status", "status_reason", "now_playing", "last_recognized_at")


@pytest.fixture
def account(service: Service, database_url: str) -> Iterator[Watcher]:
    """An account of its own with a test key."""
    made = watcher(service, database_url)
    with made.client:
        yield made


@pytest.fixture(params=["rest", "graphql", "vendor"])
def streams(request: pytest.FixtureRequest, account: Watcher, service: Service) -> Iterator[StreamDoor]:
    if request.param == "vendor":
        with SonoVault(account.key, base_url=service.url, max_retries=0) as client:
            yield VendorStreams(client)
    else:
        yield RestStreams(account.client) if request.param == "rest" else GraphQLStreams(account.client)


@pytest.fixture(scope="module")
def on_air() -> Iterator[str]:
    """URL of a station, without a path."""
    with station(mp3(4.0)) as url:
        yield url


def test_a_stream_from_its_making_to_its_end(streams: StreamDoor, account: Watcher) -> None:
    made = streams.create(url=URL, name="  Radio One ", format="pop", outage_notifications=True)
    assert tuple(made) == MEMBERS
    assert made["id"].isdecimal()
    assert made | {"id": "", "created_at": ""} == {
        "id": "",
        "url": URL,
        "name": "Radio One",
        "status": "active",
        "format": "pop",
        "detection_mode": "balanced",
        "outage_notifications": True,
        "created_at": "",
        "stopped_at": None,
    }
    assert streams.listed()[-1] == made or made in streams.listed()

    seen = streams.get(made["id"])
    assert tuple(seen) == STATUS
    assert (seen["runtime_status"], seen["now_playing"], seen["last_recognized_at"]) == ("pending", None, None)

    changed = streams.update(made["id"], name="Two", format=None, detection_mode="broad")
    assert changed == {"id": made["id"], "name": "Two", "format": None, "detection_mode": "broad"}
    assert streams.get(made["id"])["outage_notifications"] is True

    now = datetime.now(UTC)
    account.air(made["id"], Aired(1, now - timedelta(seconds=200), 199.5, ended=False))
    playing = streams.get(made["id"])["now_playing"]
    assert is_shaped(playing["track"], TRACK)
    assert playing["track"]["title"] == "One More Time"

    streams.stop(made["id"])
    streams.stop(made["id"])
    stopped = streams.get(made["id"])
    assert (stopped["status"], stopped["runtime_status"], stopped["now_playing"]) == ("stopped", "stopped", None)
    assert stopped["stopped_at"] is not None
    (heard,) = streams.history(made["id"])["results"]
    assert heard["track"]["id"] == 1
    with pytest.raises(Refused, match="stopped") as refused:
        streams.update(made["id"], detection_mode="precise")
    assert refused.value.status == 409
    assert streams.update(made["id"], name=None) == {"id": made["id"], "name": None}


def test_nothing_is_on_air_in_talk_though_the_airing_may_go_on(account: Watcher) -> None:
    number = RestStreams(account.client).create(url=URL)["id"]
    now = datetime.now(UTC)
    earlier, later = (now - timedelta(seconds=one) for one in (100, 50))
    account.air(number, Aired(1, earlier, 99.0, ended=False), Aired(2, later, 49.0, ended=False))
    query = f"{{ viewer {{ stream(databaseId: {number}) {{ nowPlaying {{ track {{ databaseId }} }} }} }} }}"

    def playing(said: datetime | None) -> tuple[int | None, int | None]:
        """(REST, GraphQL): the tracks, where the watcher says that the play which began then is on air."""
        account.execute("update stream set on_air = $2 where id = $1", int(number), said)
        rest = RestStreams(account.client).get(number)["now_playing"]
        answer = account.client.post("/graphql", json={"query": query}).json()
        graphql = answer["data"]["viewer"]["stream"]["nowPlaying"]
        return rest and rest["track"]["id"], graphql and graphql["track"]["databaseId"]

    assert playing(None) == (2, 2)  # nobody has said anything
    assert playing(later) == (2, 2)
    assert playing(NOTHING) == (None, None)
    assert playing(earlier) == (1, 1)
    account.execute("update play set heard_until = heard_until - interval '1 minute' where stream_id = $1", int(number))
    assert playing(earlier) == (None, None)  # whoever said so is dead


def test_the_end_of_an_airing_is_told_when_its_stream_is_stopped(account: Watcher) -> None:
    rest = RestStreams(account.client)
    made = rest.create(url=URL)
    account.air(made["id"], Aired(1, datetime.now(UTC) - timedelta(seconds=100), 90.0, ended=False))
    rest.stop(made["id"])
    rows = account.run(
        lambda pool: pool.fetch(
            "select type, data->>'played_ms' as ms from event where stream_id = $1", int(made["id"])
        )
    )
    assert [tuple(row) for row in rows] == [(2, "90000")]


def test_the_sandbox_station_is_there_from_the_first_look_on(
    streams: StreamDoor, account: Watcher, service: Service
) -> None:
    (found,) = streams.listed()
    assert (found["name"], found["url"]) == ("Sandbox station", f"{service.url}/sandbox/station.mp3")
    assert streams.listed() == [found]
    streams.stop(found["id"])
    (stopped,) = streams.listed()
    assert stopped["status"] == "stopped"
    assert account.client.get("/v1/streams").headers["ratelimit-limit"]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({}, "url"),
        ({"url": ""}, "url"),
        ({"url": "ftp://radio.example.com/a"}, "url: must begin with http:// or https://"),
        ({"url": "http://10.0.0.1/a"}, "url: 10.0.0.1 is not an address of the public internet"),
        ({"url": "http://user:word@radio.example.com/"}, "url: a user name"),
        ({"url": URL, "name": "x" * 201}, "name"),
        ({"url": URL, "name": "Radio\nOne"}, "name must be text of at most 200 characters, without control characters"),
        ({"url": URL, "name": "Radio \u202eenO"}, "name must be text"),
        ({"url": URL, "format": "jazz"}, "format must be one of electronic, classical, pop"),
        ({"url": URL, "detection_mode": None}, "detection_mode must be one of precise, balanced, broad"),
        ({"url": URL, "outage_notifications": "yes"}, "outage_notifications must be a flag"),
        ({"url": 5}, "url must be text"),
    ],
)
def test_what_does_not_fit_is_refused_by_its_name(account: Watcher, body: dict[str, Any], text: str) -> None:
    answer = account.client.post("/v1/streams", json=body)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(text)


def test_a_change_needs_a_member_that_is_known(account: Watcher) -> None:
    number = RestStreams(account.client).create(url=URL)["id"]
    for body in ({}, {"unheard_of": 1}):
        answer = account.client.patch(f"/v1/streams/{number}", json=body)
        assert answer.status_code == 400
        assert answer.json()["error"].startswith("at least one of url, name, format")
    assert account.client.patch(f"/v1/streams/{number}", content=b"{}").status_code == 415


def test_graphql_names_members_as_it_knows_them(account: Watcher) -> None:
    number = RestStreams(account.client).create(url=URL)["id"]
    query = """mutation($input: StreamUpdateInput!) { streamUpdate(input: $input) { __typename
      ... on Problem { message } } }"""
    for member in ("detectionMode", "outageNotifications"):
        asked = {"id": global_id("Stream", int(number)), member: None}
        answer = account.client.post("/graphql", json={"query": query, "variables": {"input": asked}}).json()
        assert answer["data"]["streamUpdate"]["message"] == f"{member}: must not be null"


def test_other_peoples_streams_are_not_there(streams: StreamDoor, service: Service, database_url: str) -> None:
    other = watcher(service, database_url)
    with other.client:
        theirs = RestStreams(other.client).create(url=URL)["id"]
    for number in (theirs, "999999999", "0", "x", "01"):
        for ask in (streams.get, streams.stop, streams.history, lambda n: streams.update(n, name="mine")):
            with pytest.raises(Refused) as refused:
                ask(number)
            assert (refused.value.status, refused.value.text) == (404, "Not found")
    assert theirs not in [stream["id"] for stream in streams.listed()]


def test_test_streams_are_few(streams: StreamDoor) -> None:
    for _ in range(MOST_TEST):
        last = streams.create(url=URL)
    with pytest.raises(Refused, match=f"{MOST_TEST} test streams") as refused:
        streams.create(url=URL)
    assert refused.value.status == 429
    streams.stop(last["id"])
    streams.create(url=URL)


def test_streams_are_for_paid_plans(service: Service, database_url: str) -> None:
    free = watcher(service, database_url, "free")
    with free.client as client:
        for method, path in (("GET", "/v1/streams"), ("POST", "/v1/streams"), ("GET", "/v1/streams/1")):
            answer = client.request(method, path, json={"url": URL} if method == "POST" else None)
            assert answer.status_code == 403
            assert "paid" in answer.json()["error"]
        body = client.post("/graphql", json={"query": "{ viewer { streams { nodes { id } } } }"}).json()
        assert body["errors"][0]["extensions"]["code"] == "PLAN_REQUIRED"


def test_live_streams_need_an_entitlement_and_audio(service: Service, database_url: str, on_air: str) -> None:
    live = watcher(service, database_url, test=False)
    with live.client as client:
        refused = client.post("/v1/streams", json={"url": f"{on_air}/live.mp3"})
        assert refused.status_code == 403
        assert "paid" in refused.json()["error"]
        live.entitle(2)
        for path in ("/page", "/nothing"):
            refused = client.post("/v1/streams", json={"url": on_air + path})
            assert refused.status_code == 400, path
            assert refused.json()["error"].startswith("url"), path
        streams = RestStreams(client)
        first, second = (streams.create(url=f"{on_air}/live.mp3") for _ in range(2))
        with pytest.raises(Refused, match="2 streams") as full:
            streams.create(url=f"{on_air}/live.mp3")
        assert full.value.status == 429
        moved = streams.update(first["id"], url=f"{on_air}/other.mp3")
        assert moved == {"id": first["id"], "url": f"{on_air}/other.mp3"}
        with pytest.raises(Refused) as no_audio:
            streams.update(first["id"], url=f"{on_air}/page")
        assert no_audio.value.status == 400

        later = datetime.now(UTC) + timedelta(days=40)
        account_id = live.account_id

        async def shrink(pool: Any) -> int:
            await set_streams(pool, account_id, 1, datetime.now(UTC))
            return await stop_over_limit(pool, later)

        live.run(shrink)
        assert streams.get(first["id"])["status"] == "active"
        gone = streams.get(second["id"])
        assert (gone["status"], gone["status_reason"]) == ("stopped", OVER_LIMIT)


def test_streams_of_test_keys_and_of_live_keys_do_not_mix(
    account: Watcher, service: Service, database_url: str
) -> None:
    number = RestStreams(account.client).create(url=URL)["id"]
    live = watcher(service, database_url, test=False)
    with live.client as client:
        assert RestStreams(client).listed() == []
        assert client.get(f"/v1/streams/{number}").status_code == 404


def test_methods_that_a_path_does_not_know_are_named(account: Watcher) -> None:
    for path, allow in (
        ("/v1/streams", "POST, GET, HEAD"),
        ("/v1/streams/1", "GET, PATCH, DELETE, HEAD"),
        ("/v1/streams/1/history", "GET, HEAD"),
    ):
        answer = account.client.put(path, json={})
        assert answer.status_code == httpx.codes.METHOD_NOT_ALLOWED
        assert answer.headers["allow"] == allow


def test_what_graphql_shows_beside(account: Watcher) -> None:
    number = RestStreams(account.client).create(url=URL)["id"]
    now = datetime.now(UTC)
    day = now.replace(hour=0, minute=0, second=0, microsecond=0)
    account.air(number, Aired(1, day + timedelta(seconds=1), 60.4), Aired(2, day - timedelta(seconds=30), 60.0))
    account.execute(
        "insert into stream_gap (stream_id, kind, started_at, ended_at, reason) values ($1, 2, $2, $3, 'Gone')",
        int(number),
        day + timedelta(seconds=70),
        day + timedelta(seconds=80),
    )
    query = """query($number: Int!, $from: DateTime!, $until: DateTime!) { viewer { stream(databaseId: $number) {
      runtimeStatus statusSince offlineSince
      plays { totalCount nodes { endedAt playedDuration stream { databaseId } } }
      timeline(from: $from, until: $until) { from until airings { startedAt track { databaseId } }
        gaps { kind startedAt endedAt reason } } } } }"""
    variables = {"number": int(number), "from": day.isoformat(), "until": (day + timedelta(days=1)).isoformat()}
    found = account.client.post("/graphql", json={"query": query, "variables": variables}).json()
    stream = found["data"]["viewer"]["stream"]
    assert stream["plays"]["totalCount"] == 2
    assert [play["playedDuration"] for play in stream["plays"]["nodes"]] == [60, 60]
    assert [airing["track"]["databaseId"] for airing in stream["timeline"]["airings"]] == [2, 1]
    (gap,) = stream["timeline"]["gaps"]
    assert (gap["kind"], gap["reason"]) == ("OUTAGE", "Gone")
    too_long = variables | {"until": (day + timedelta(days=3)).isoformat()}
    refused = account.client.post("/graphql", json={"query": query, "variables": too_long}).json()
    assert refused["errors"][0]["extensions"] == {"code": "BAD_USER_INPUT", "field": "until"}


def test_shapes_are_those_of_the_contract(account: Watcher) -> None:
    number = RestStreams(account.client).create(url=URL)["id"]
    account.air(number, Aired(1, datetime.now(UTC), 1.0, ended=False))
    playing = Shape({"track": TRACK, "started_at": lambda value: isinstance(value, str)})
    assert is_shaped(RestStreams(account.client).get(number)["now_playing"], Optional(playing))
