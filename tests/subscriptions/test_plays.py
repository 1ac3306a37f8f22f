"""Subscriptions over graphql-transport-ws: what is told, what is replayed, and who is refused."""

import asyncio
import json
import socket
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from sonograph.events.event import event_id
from sonograph.ids import global_id
from tests.service import Service
from tests.subscriptions.conftest import Radio, Tune
from tests.websocket_client import Client, Json, connected

pytestmark = pytest.mark.database

PLAYS = """subscription ($streams: [ID!], $after: ID, $ended: Boolean! = false) {
  plays(streamIds: $streams, after: $after, ended: $ended) {
    id type createdAt play { startedAt endedAt playedDuration confidence track { databaseId title } stream { id name } }
  }
}"""
SHORT = "subscription ($after: ID) { plays(after: $after) { id play { track { databaseId } } } }"


async def subscribe(client: Client, query: str, name: str = "1", **variables: Any) -> None:
    """Begin an operation, and wait until it listens: what is asked behind it is answered behind its beginning."""
    await client.send(id=name, type="subscribe", payload={"query": query, "variables": variables})


async def told(client: Client, count: int, name: str = "1") -> list[Json]:
    """The next events of `plays`."""
    found = []
    for _ in range(count):
        message = await client.get()
        assert (message["type"], message["id"]) == ("next", name), message
        assert "errors" not in message["payload"], message
        found.append(message["payload"]["data"]["plays"])
    return found


async def refused(client: Client, query: str, **variables: Any) -> Json:
    """The error that a subscription does not begin with."""
    await subscribe(client, query, "refused", **variables)
    message = await client.get()
    assert (message["type"], message["id"]) == ("error", "refused"), message
    (error,) = message["payload"]
    found: Json = error
    return found


async def test_airings_are_told_as_they_begin_and_again_for_who_comes_back(service: Service, tune: Tune) -> None:
    radio = await tune()
    first, second = await radio.airs(1, 2)
    async with connected(service) as client:
        await client.begin(radio.key)
        await subscribe(client, PLAYS, after=event_id(0))
        one, two = await told(client, 2)
        assert [one["id"], two["id"]] == [event_id(first), event_id(second)]
        assert one["type"] == "STARTED"
        assert one["play"] | {"startedAt": None} == {
            "startedAt": None,
            "endedAt": None,
            "playedDuration": None,
            "confidence": 0.9,
            "track": {"databaseId": 1, "title": "One More Time"},
            "stream": {"id": radio.stream, "name": one["play"]["stream"]["name"]},
        }
        (third,) = await radio.airs(3)
        ended = await radio.ends()
        (fourth,) = await radio.airs(4)
        assert [play["id"] for play in await told(client, 2)] == [event_id(third), event_id(fourth)]
        await client.send(id="1", type="complete")
        await subscribe(client, PLAYS, after=event_id(second), ended=True)  # the id is free again
        again = await told(client, 3)
        assert [play["id"] for play in again] == [event_id(third), event_id(ended), event_id(fourth)]
        assert [play["type"] for play in again] == ["STARTED", "ENDED", "STARTED"]
        assert again[0]["play"]["endedAt"] is None  # as it was then
        assert again[1]["play"]["playedDuration"] == 200
        await radio.airs(5)
        assert [play["play"]["track"]["databaseId"] for play in await told(client, 1)] == [5]


async def test_streams_that_are_named(service: Service, tune: Tune) -> None:
    radio, other = await tune(), await tune()
    await radio.add_stream()
    async with connected(service) as client:
        await client.begin(radio.key)
        await subscribe(client, PLAYS, "second", streams=[global_id("Stream", radio.stream_ids[1])], after=event_id(0))
        await radio.airs(1)
        await other.airs(2)
        await radio.airs(3, stream=1)
        (play,) = await told(client, 1, "second")
        assert play["play"]["track"]["databaseId"] == 3


async def test_who_is_refused(service: Service, tune: Tune) -> None:
    radio, other, free = await tune(), await tune(), await tune("free")
    live = await tune(test=False)
    async with connected(service) as client:
        await client.begin(radio.key)
        for streams, code in (
            ([other.stream], "NOT_FOUND"),
            ([radio.stream, other.stream], "NOT_FOUND"),
            ([live.stream], "NOT_FOUND"),
            (["nonsense"], "NOT_FOUND"),
            ([global_id("Track", 1)], "NOT_FOUND"),
            ([], "BAD_USER_INPUT"),
            ([radio.stream] * 101, "BAD_USER_INPUT"),
        ):
            assert (await refused(client, PLAYS, streams=streams))["extensions"]["code"] == code
        for after in ("", "17", "evt_", "evt_x", "evt_-1", "evt_" + "9" * 19):
            error = await refused(client, SHORT, after=after)
            assert error["extensions"] == {"code": "BAD_USER_INPUT", "field": "after"}
            assert error["path"] == ["plays"]
        assert (await refused(client, PLAYS, streams=5.5))["extensions"]["code"] == "BAD_USER_INPUT"
        assert (await refused(client, PLAYS, ended="yes"))["extensions"]["code"] == "BAD_USER_INPUT"
        for field in ("nowPlaying", "streamStatus"):
            query = f"subscription ($id: ID!) {{ {field}(streamId: $id) {{ id }} }}"
            assert (await refused(client, query, id=other.stream))["extensions"]["code"] == "NOT_FOUND"
        assert (await client.ask("{ __typename }"))["type"] == "next"  # nothing of this has harmed the connection
    async with connected(service) as client:
        await client.begin(free.key)
        assert (await refused(client, SHORT))["extensions"]["code"] == "PLAN_REQUIRED"
    await radio.pool.execute("update api_key set scopes = '{read}' where account_id = $1", other.account_id)
    async with connected(service) as client:
        await client.begin(other.key)
        assert (await refused(client, SHORT))["extensions"]["code"] == "FORBIDDEN"


async def test_subscriptions_are_held_to_the_limits(service: Service, tune: Tune) -> None:
    radio = await tune()
    async with connected(service) as client:
        await client.begin(radio.key)
        many = "".join(f" a{n}: id" for n in range(60))
        assert (await refused(client, f"subscription {{ plays {{{many} }} }}"))["extensions"]["code"] == "COST_LIMIT"
        two = "subscription { plays { id } other: plays { id } }"
        assert (await refused(client, two))["extensions"]["code"] == "BAD_USER_INPUT"
        await subscribe(client, SHORT, "x")
        await subscribe(client, SHORT, "x")
        assert await client.closed() == (4409, "Subscriber for x already exists")


async def test_a_plan_that_ends_takes_its_subscriptions_along(service: Service, tune: Tune) -> None:
    radio = await tune()
    async with connected(service) as client:
        await client.begin(radio.key)
        await subscribe(client, SHORT, "x", after=event_id(0))
        await radio.airs(1)
        await told(client, 1, "x")
        await radio.pool.execute("update account set plan = 'free' where id = $1", radio.account_id)
        message = await client.get()
        assert (message["type"], message["id"]) == ("error", "x")
        assert message["payload"][0]["extensions"]["code"] == "PLAN_REQUIRED"


async def test_what_is_not_kept_any_more_is_said(service: Service, tune: Tune) -> None:
    radio = await tune()
    first, second, third = await radio.airs(1, 2, 3)
    await radio.pool.execute("delete from event where id in ($1, $2)", first, second)
    await radio.pool.execute("insert into event_horizon values ($1, true, $2)", radio.account_id, second)
    async with connected(service) as client:
        await client.begin(radio.key)
        await subscribe(client, SHORT, after=event_id(first))
        payload = (await client.get())["payload"]
        assert payload["extensions"] == {"missed": {"until": event_id(second)}}
        assert payload["data"]["plays"]["id"] == event_id(third)
        await radio.airs(4)
        assert (await client.get())["payload"].keys() == {"data"}
        await subscribe(client, SHORT, "ahead", after="evt_" + "9" * 18)  # as after a restored backup: from now on
        await client.ask("{ __typename }", "between")
        (fifth,) = await radio.airs(5)
        seen = {message["id"]: message for message in (await client.get(), await client.get())}
        assert seen["ahead"]["payload"]["data"]["plays"]["id"] == event_id(fifth)


async def slow_client(service: Service, radio: Radio, copies: int) -> list[str]:
    """What a client gets that reads nothing for a while, and comes back: ids of events, by its first operation."""
    query = SHORT.replace("databaseId", "".join(f" t{n}: title d{n}: databaseId" for n in range(20)))
    got: list[str] = []
    link = socket.socket()
    link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    link.settimeout(0)
    await asyncio.get_running_loop().sock_connect(link, ("127.0.0.1", service.port))
    async with connected(service, sock=link, max_queue=1, ping_interval=None, compression=None) as client:
        await client.begin(radio.key)
        for n in range(copies):
            await subscribe(client, query, str(n), after=event_id(0))
        await radio.airs(1)
        for _ in range(copies):
            got += [play["id"] for play in await _first(client)]
        for _ in range(10):
            await radio.airs(*[1] * 20)
        closed = None
        while closed is None:
            try:
                got += [play["id"] for play in await _first(client)]
            except ConnectionClosed as end:
                closed = end.rcvd
        assert closed.code == 1013
        assert "`after`" in closed.reason
    async with connected(service) as client:
        await client.begin(radio.key)
        await subscribe(client, SHORT, "0", after=got[-1])
        while len(got) < 201:
            got += [play["id"] for play in await _first(client)]
    return got


async def _first(client: Client) -> list[Json]:
    message = json.loads(await asyncio.wait_for(client.link.recv(), 15))
    return [message["payload"]["data"]["plays"]] if message["id"] == "0" else []


async def test_a_slow_reader_is_cut_and_loses_nothing(service: Service, tune: Tune) -> None:
    radio = await tune()
    got = await slow_client(service, radio, 40)
    assert len(got) == 201
    assert got == sorted(set(got))
