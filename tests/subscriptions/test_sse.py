"""graphql-sse: a stream for one operation, and the single connection for all."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import orjson
import pytest
import pytest_asyncio

from sonograph.events.event import event_id
from tests.service import Service
from tests.subscriptions.conftest import Radio, Tune

pytestmark = pytest.mark.database

PLAYS = "subscription ($after: ID) { plays(after: $after) { id play { track { title } } } }"
STREAM = {"accept": "text/event-stream"}
TOKEN = "x-graphql-event-stream-token"
Json = dict[str, Any]


class Events:
    """Events of a stream, as (event, id, data)."""

    def __init__(self, response: httpx.Response) -> None:
        assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
        self._lines = response.aiter_lines()

    async def next(self) -> tuple[str, str | None, Any]:
        fields: dict[str, str] = {}
        async for line in self._lines:
            if not line and fields:
                data = fields.get("data", "")
                return fields["event"], fields.get("id"), json.loads(data) if data else None
            name, _, value = line.partition(":")
            if name:
                fields[name] = value.removeprefix(" ")
        raise AssertionError("the stream has ended")


@pytest_asyncio.fixture
async def radio(tune: Tune) -> Radio:
    return await tune()


@pytest_asyncio.fixture
async def http(service: Service, radio: Radio) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"x-api-key": radio.key}
    async with httpx.AsyncClient(base_url=service.url, headers=headers, timeout=30) as client:
        yield client


async def test_a_stream_for_one_operation(http: httpx.AsyncClient, radio: Radio) -> None:
    first, second = await radio.airs(1, 2)
    body: Json = {"query": PLAYS, "variables": {"after": event_id(first)}}
    async with http.stream("POST", "/graphql", json=body, headers=STREAM) as response:
        assert response.headers["cache-control"] == "no-store"
        events = Events(response)
        kind, number, data = await events.next()
        assert (kind, number, data["data"]["plays"]["id"]) == ("next", event_id(second), event_id(second))
        (third,) = await radio.airs(3)
        assert (await events.next())[1] == event_id(third)
    parameters = {"query": PLAYS, "variables": json.dumps({"after": event_id(third)})}
    again = {**STREAM, "last-event-id": event_id(second)}  # as EventSource comes back to the address it was given
    async with http.stream("GET", "/graphql", params=parameters, headers=again) as response:
        assert (await Events(response).next())[1] == event_id(third)


@pytest.mark.parametrize(
    ("query", "code"),
    [("{ nothing }", "BAD_USER_INPUT"), ("{", "BAD_USER_INPUT"), ("subscription { plays(after: 5) { id } }", None)],
)
async def test_what_is_wrong_is_told_in_the_stream(http: httpx.AsyncClient, query: str, code: str | None) -> None:
    answer = await http.post("/graphql", json={"query": query}, headers=STREAM)
    assert answer.status_code == 200
    kind, data, *rest = answer.text.split("\n")
    assert kind == "event: next"
    assert json.loads(data.removeprefix("data: "))["errors"][0]["extensions"]["code"] == (code or "BAD_USER_INPUT")
    assert rest == ["", "event: complete", "data:", "", ""]


async def test_queries_and_mutations(http: httpx.AsyncClient) -> None:
    for query, data in (("{ __typename }", "Query"), ("mutation { __typename }", "Mutation")):
        answer = await http.post("/graphql/stream", json={"query": query}, headers=STREAM)
        assert json.loads(answer.text.split("\n")[1].removeprefix("data: ")) == {"data": {"__typename": data}}


async def test_who_takes_json_alone_or_both(http: httpx.AsyncClient) -> None:
    refused = await http.post("/graphql", json={"query": PLAYS})
    assert (refused.status_code, refused.json()["errors"][0]["extensions"]["code"]) == (400, "BAD_USER_INPUT")
    both = {"accept": "application/graphql-response+json, application/json, text/event-stream"}
    answer = await http.post("/graphql", json={"query": "{ __typename }"}, headers=both)
    assert answer.json() == {"data": {"__typename": "Query"}}
    async with http.stream("POST", "/graphql", json={"query": PLAYS}, headers=both) as response:
        Events(response)


async def test_the_door(http: httpx.AsyncClient) -> None:
    nobody = {"x-api-key": "svk_test_wrong"}
    assert (await http.post("/graphql", json={"query": PLAYS}, headers=STREAM | nobody)).status_code == 401
    assert (await http.put("/graphql/stream", headers=nobody)).status_code == 401
    assert (await http.post("/graphql", content=b"nonsense", headers=STREAM)).status_code == 415
    assert (await http.patch("/graphql/stream")).status_code == 405
    for method in ("GET", "POST", "DELETE"):
        answer = await http.request(method, "/graphql/stream", headers={TOKEN: "unknown"})
        assert answer.status_code == 404
        assert answer.json()["errors"][0]["extensions"]["code"] == "NOT_FOUND"


async def test_the_single_connection(http: httpx.AsyncClient, service: Service, radio: Radio) -> None:
    reserved = await http.put("/graphql/stream")
    assert reserved.status_code == 201
    token = {TOKEN: reserved.text}

    async def start(name: str, query: str, **variables: Any) -> httpx.Response:
        body = {"query": query, "variables": variables, "extensions": {"operationId": name}}
        return await http.post("/graphql/stream", json=body, headers=token)

    assert (await start("early", "{ __typename }")).status_code == 202  # it waits for the stream
    # EventSource has no headers: the token is enough.
    async with (
        httpx.AsyncClient(base_url=service.url, timeout=30) as browser,
        browser.stream("GET", "/graphql/stream", params={"token": reserved.text}, headers=STREAM) as response,
    ):
        events = Events(response)
        assert await events.next() == ("next", None, {"id": "early", "payload": {"data": {"__typename": "Query"}}})
        assert await events.next() == ("complete", None, {"id": "early"})
        assert (await browser.get("/graphql/stream", params={"token": reserved.text})).status_code == 409
        (first,) = await radio.airs(1)
        assert (await start("plays", PLAYS, after=event_id(0))).status_code == 202
        kind, _, data = await events.next()
        assert (kind, data["id"], data["payload"]["data"]["plays"]["id"]) == ("next", "plays", event_id(first))
        assert (await start("plays", PLAYS)).status_code == 409
        assert (await start("", PLAYS)).status_code == 400
        assert (await start("wrong", "{ nothing }")).status_code == 400
        assert (await start("refused", PLAYS, after="x")).status_code == 202
        kind, _, data = await events.next()
        assert (kind, data["id"]) == ("next", "refused")
        assert data["payload"]["errors"][0]["extensions"] == {"code": "BAD_USER_INPUT", "field": "after"}
        assert await events.next() == ("complete", None, {"id": "refused"})
        stopped = await http.delete("/graphql/stream", params={"operationId": "plays"}, headers=token)
        assert stopped.status_code == 200
        assert await events.next() == ("complete", None, {"id": "plays"})
        await radio.airs(2)
        assert (await start("last", "mutation { __typename }")).status_code == 202
        assert (await events.next())[2]["id"] == "last"


async def test_an_operation_that_arrives_behind_the_end_of_its_stream(http: httpx.AsyncClient) -> None:
    """It is refused, and nobody listens for it: whoever is gone would not end it."""
    reserved = await http.put("/graphql/stream")
    token = {TOKEN: reserved.text}
    body = orjson.dumps({"query": PLAYS, "extensions": {"operationId": "late"}})
    opened, ended = asyncio.Event(), asyncio.Event()

    async def slowly() -> AsyncIterator[bytes]:
        yield body[:10]
        opened.set()  # the first part is sent
        await ended.wait()
        yield body[10:]

    async with http.stream("GET", "/graphql/stream", headers=token | STREAM):
        headers = token | {"content-type": "application/json"}
        late = asyncio.create_task(http.post("/graphql/stream", content=slowly(), headers=headers))
        await opened.wait()
    async with asyncio.timeout(30):
        while (await http.delete("/graphql/stream", headers=token)).status_code == 200:
            continue  # until the service has heard of it
    ended.set()
    assert (await late).status_code == 404
