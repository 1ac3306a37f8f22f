"""History: newest first, by pages, and what is new since the last look."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sonovault import SonoVault

from tests.contract.doors import Refused
from tests.contract.shapes import TRACK, faults
from tests.contract.stream_doors import GraphQLStreams, RestStreams, StreamDoor, VendorStreams
from tests.contract.watchers import Aired, Watcher, watcher
from tests.service import Service

pytestmark = pytest.mark.database
START = datetime(2026, 5, 31, 23, 55, tzinfo=UTC)  # so that airings lie in two months
PLAYS = 5


@pytest.fixture(scope="module")
def account(service: Service, database_url: str) -> Iterator[Watcher]:
    made = watcher(service, database_url)
    with made.client:
        yield made


@pytest.fixture(scope="module")
def number(account: Watcher) -> str:
    """A stream with five airings of three minutes, each beginning in the middle of a second."""
    made: str = RestStreams(account.client).create(url="https://radio.example.com/live.mp3")["id"]
    begins = [START + timedelta(minutes=3 * n, milliseconds=500) for n in range(PLAYS)]
    account.air(made, *(Aired(n + 1, at) for n, at in enumerate(begins)))
    return made


@pytest.fixture(params=["rest", "graphql", "vendor"])
def streams(request: pytest.FixtureRequest, account: Watcher, service: Service) -> Iterator[StreamDoor]:
    if request.param == "vendor":
        with SonoVault(account.key, base_url=service.url, max_retries=0) as client:
            yield VendorStreams(client)
    else:
        yield RestStreams(account.client) if request.param == "rest" else GraphQLStreams(account.client)


def test_what_was_heard_newest_first(streams: StreamDoor, number: str) -> None:
    found = streams.history(number)
    assert list(found) == ["results", "next_cursor"]
    assert found["next_cursor"] is None
    assert [row["track"]["id"] for row in found["results"]] == [5, 4, 3, 2, 1]
    for row in found["results"]:
        assert list(row) == ["track", "started_at", "confidence"]
        assert list(faults(row["track"], TRACK)) == []
        assert row["confidence"] == 0.97
    assert found["results"][0]["started_at"] == "2026-06-01T00:07:00Z"


def test_since_the_newest_one_there_is_nothing_and_nothing_is_left_out(streams: StreamDoor, number: str) -> None:
    everything = streams.history(number)["results"]
    for place, row in enumerate(everything):
        newer = streams.history(number, since=row["started_at"])["results"]
        assert newer == everything[:place]
    before = "2026-06-01T00:06:59Z"
    assert streams.history(number, since=before)["results"] == everything[:1]
    assert len(streams.history(number, since="2026-05-01")["results"]) == PLAYS


@pytest.mark.parametrize("door", [RestStreams, GraphQLStreams])
def test_pages_are_the_list_in_parts(account: Watcher, number: str, door: type[RestStreams | GraphQLStreams]) -> None:
    streams = door(account.client)
    seen, cursor = [], None
    while True:
        page = streams.history(number, limit=2, **({"cursor": cursor} if cursor else {}))
        seen += page["results"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == streams.history(number)["results"]


def test_times_with_other_zones_and_bad_ones(account: Watcher, number: str) -> None:
    rest = RestStreams(account.client)
    for since in ("2026-06-01T02:06:59+02:00", "2026-06-01T00:06:59", "2026-06-01T00:06:59.900Z"):
        assert len(rest.history(number, since=since)["results"]) == 1
    blank = account.client.get(f"/v1/streams/{number}/history?since=2026-06-01T02:06:59+02:00")  # + is a blank there
    assert len(blank.json()["results"]) == 1
    for name, value in (("since", "yesterday"), ("limit", "0"), ("limit", "101"), ("cursor", "nonsense")):
        with pytest.raises(Refused, match=name) as refused:
            rest.history(number, **{name: value})
        assert refused.value.status == httpx.codes.BAD_REQUEST


def test_a_cursor_of_another_list_is_refused(account: Watcher, number: str) -> None:
    found = account.client.get("/v1/releases/new", params={"limit": 1}).json()["next_cursor"]
    with pytest.raises(Refused, match="cursor"):
        RestStreams(account.client).history(number, cursor=found)
