"""graphql-transport-ws to the letter: what is answered, and with which code a connection is closed."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
import pytest_asyncio
from websockets.asyncio.client import connect

from sonograph.accounts.store import create_key
from tests.graphql_accounts.conftest import Json, Make
from tests.service import Service
from tests.websocket_client import PROTOCOL, Client, connected

TRACK = "{ track(by: { databaseId: 1 }) { title } }"
TITLE = {"data": {"track": {"title": "One More Time"}}}


async def test_queries_and_mutations(service: Service, test_key: str) -> None:
    async with connected(service, origin="https://elsewhere.example") as client:
        assert client.link.subprotocol == PROTOCOL
        await client.begin(test_key)
        assert (await client.ask(TRACK))["payload"] == TITLE
        query = "query A($n: Int!) { track(by: { databaseId: $n }) { title } } query B { __typename }"
        named = await client.ask(query, operationName="A", variables={"n": 1})
        assert named["payload"] == TITLE
        assert (await client.ask("mutation { __typename }"))["payload"] == {"data": {"__typename": "Mutation"}}
        partly = await client.ask("{ genre(databaseId: 100) { name } newReleases(first: 0) { nextCursor } }")
        assert partly["type"] == "next"
        assert partly["payload"]["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_answers_are_those_of_http(service: Service, test_key: str, api: httpx.Client) -> None:
    ask = partial(api.post, "/graphql")
    query = "{ newReleases(first: 20) { nodes { title releaseDate artist { name } tracks { title bpm } } } }"
    async with connected(service) as client:
        await client.begin(test_key)
        assert (await client.ask(query))["payload"] == ask(json={"query": query}).json()


async def test_operations_run_side_by_side(service: Service, test_key: str) -> None:
    async with connected(service) as client:
        await client.begin(test_key)
        for n in range(1, 21):
            await client.send(
                id=f"op{n}",
                type="subscribe",
                payload={"query": f"{{ track(by: {{ databaseId: {n} }}) {{ databaseId }} }}"},
            )
        seen: dict[str, list[str]] = {}
        while sum(kinds[-1:] == ["complete"] for kinds in seen.values()) < 20:
            answer = await client.get()
            seen.setdefault(answer["id"], []).append(answer["type"])
            if answer["type"] == "next":
                assert answer["payload"]["data"]["track"] == {"databaseId": int(answer["id"][2:])}
        assert set(map(tuple, seen.values())) == {("next", "complete")}


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ({"query": "{ nothing }"}, "BAD_USER_INPUT"),
        ({"query": "{"}, "BAD_USER_INPUT"),
        ({"query": 5}, "BAD_USER_INPUT"),
        ({}, "BAD_USER_INPUT"),
        ({"query": TRACK, "variables": []}, "BAD_USER_INPUT"),
        ({"query": "subscription { nothing }"}, "BAD_USER_INPUT"),
        ({"query": TRACK + " " * 20_001}, "COST_LIMIT"),
        ({"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}}}, "PERSISTED_QUERY_NOT_FOUND"),
        ({"documentId": "sha256:" + "0" * 64}, "PERSISTED_QUERY_NOT_FOUND"),
    ],
)
async def test_refused_operations_leave_the_connection_open(
    service: Service, test_key: str, payload: Json, code: str
) -> None:
    async with connected(service) as client:
        await client.begin(test_key)
        await client.send(id="x", type="subscribe", payload=payload)
        answer = await client.get()
        assert (answer["id"], answer["type"]) == ("x", "error")
        assert answer["payload"][0]["extensions"]["code"] == code
        assert (await client.ask(TRACK, "x"))["payload"] == TITLE


async def test_the_key_may_come_in_the_headers_or_the_payload(service: Service, test_key: str) -> None:
    async with connected(service, additional_headers={"x-api-key": test_key}) as client:
        await client.send(type="connection_init")
        assert await client.get() == {"type": "connection_ack"}
    async with connected(service) as client:
        await client.send(type="connection_init", payload={"Authorization": f"Bearer {test_key}"})
        assert await client.get() == {"type": "connection_ack"}
        assert (await client.ask("{ viewer { account { plan } } }"))["payload"]["data"]["viewer"]["account"]


async def test_the_price_is_told_when_asked_for(service: Service, test_key: str) -> None:
    async with connected(service) as client:
        await client.begin(test_key, **{"x-sonograph-cost": "1"})
        cost = (await client.ask(TRACK))["payload"]["extensions"]["cost"]
        assert cost["credits"] == 0
        assert cost["requested"] > 0


@pytest.mark.parametrize(
    "payload", [None, {}, {"x-api-key": "svk_live_wrong"}, {"x-api-key": 5}, {"authorization": "x"}]
)
async def test_without_a_key_it_is_closed(service: Service, payload: Any) -> None:
    async with connected(service) as client:
        await client.send(type="connection_init", payload=payload)
        assert await client.closed() == (4403, "Forbidden: Missing or invalid API key")


async def test_an_operation_before_the_beginning(service: Service, test_key: str) -> None:
    async with connected(service, additional_headers={"x-api-key": test_key}) as client:
        await client.send(id="1", type="subscribe", payload={"query": TRACK})
        assert await client.closed() == (4401, "Unauthorized")


async def test_two_beginnings(service: Service, test_key: str) -> None:
    async with connected(service) as client:
        await client.begin(test_key)
        await client.send(type="connection_init")
        assert await client.closed() == (4429, "Too many initialisation requests")


@pytest_asyncio.fixture(scope="module", autouse=True)
async def silent(service: Service) -> AsyncIterator[asyncio.Task[tuple[int, str]]]:
    """How a connection that never begins is closed: it waits out its 10 s while the other tests run."""

    async def end() -> tuple[int, str]:
        async with connected(service) as client:
            return await client.closed(within=120)

    task = asyncio.create_task(end())
    yield task
    task.cancel()
    await asyncio.wait((task,))


@pytest.mark.parametrize("protocols", [None, ("graphql-ws",)])
async def test_another_protocol(service: Service, protocols: tuple[str, ...] | None) -> None:
    async with connected(service, protocols=protocols) as client:
        code, reason = await client.closed()
        assert code == 4406
        assert PROTOCOL in reason


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "[]",
        "5",
        "{}",
        '{"type": 5}',
        '{"type": "unheard_of"}',
        '{"type": "subscribe"}',
        '{"type": "subscribe", "id": 5, "payload": {}}',
        '{"type": "subscribe", "id": "", "payload": {}}',
        '{"type": "subscribe", "id": "1", "payload": []}',
        '{"type": "subscribe", "id": "1"}',
        '{"type": "complete"}',
        '{"type": "ping", "payload": 5}',
        '{"type": "subscribe", "id": "' + "x" * 201 + '", "payload": {}}',
        b'{"type": "ping"}',
    ],
)
async def test_messages_that_are_none(service: Service, test_key: str, text: str | bytes) -> None:
    async with connected(service) as client:
        await client.begin(test_key)
        await client.link.send(text)
        assert (await client.closed())[0] == 4400


async def test_a_message_that_is_too_large(service: Service, test_key: str) -> None:
    async with connected(service) as client:
        await client.begin(test_key)
        await client.link.send(json.dumps({"type": "ping", "payload": {"x": "x" * 262_144}}))
        assert (await client.closed())[0] == 1009


async def test_an_id_that_is_in_use(service: Service, test_key: str, database: Any) -> None:
    async with connected(service) as client, database.transaction():
        await database.execute("lock table sandbox.genre in access exclusive mode")
        await client.begin(test_key)
        for _ in range(2):
            await client.send(id="x", type="subscribe", payload={"query": "{ genres { name } }"})
        assert await client.closed() == (4409, "Subscriber for x already exists")


async def test_a_client_may_lose_interest(service: Service, test_key: str, database: Any) -> None:
    async with connected(service) as client:
        await client.begin(test_key)
        async with database.transaction():
            await database.execute("lock table sandbox.genre in access exclusive mode")
            await client.send(id="x", type="subscribe", payload={"query": "{ genres { name } }"})
            await asyncio.sleep(0.2)
            await client.send(id="x", type="complete")
            await client.send(id="nobody's", type="complete")
            await asyncio.sleep(0.2)
        answer = await client.ask(TRACK, "x")  # the id is free again, and nothing came for its first use
        assert answer["payload"] == TITLE


async def test_so_many_operations_at_once(service: Service, test_key: str, database: Any) -> None:
    async with connected(service) as client:
        await client.begin(test_key)
        async with database.transaction():
            await database.execute("lock table sandbox.genre in access exclusive mode")
            for n in range(51):
                await client.send(id=str(n), type="subscribe", payload={"query": "{ genres { name } }"})
            answer = await client.get()
        assert (answer["id"], answer["type"]) == ("50", "error")
        assert answer["payload"][0]["extensions"]["code"] == "COST_LIMIT"


async def test_ping_and_pong(service: Service, test_key: str) -> None:
    async with connected(service) as client:
        await client.send(type="ping")
        assert await client.get() == {"type": "pong"}
        await client.begin(test_key)
        await client.send(type="ping", payload={"a": [1]})
        assert await client.get() == {"type": "pong", "payload": {"a": [1]}}
        await client.send(type="pong")
        assert (await client.ask(TRACK))["payload"] == TITLE


async def test_a_revoked_key_closes_its_connections(service: Service, person: Make, database: Any) -> None:
    someone = await person()
    async with connected(service) as client:
        await client.begin(someone.key)
        await database.execute(
            "update api_key set revoked_at = now() from account a where a.id = account_id and a.email = $1",
            someone.email,
        )
        assert await client.closed() == (4403, "Forbidden: Missing or invalid API key")


async def test_a_key_revokes_itself_over_its_own_connection(service: Service, person: Make) -> None:
    someone = await person()
    (key,) = someone.ask("{ viewer { keys { nodes { id } } } }")["viewer"]["keys"]["nodes"]
    async with connected(service) as client:
        await client.begin(someone.key)
        done = await client.ask(
            "mutation ($i: ApiKeyRevokeInput!) { apiKeyRevoke(input: $i) { ... on ApiKeyRevokePayload { revoked } } }",
            variables={"i": {"id": key["id"]}},
        )
        assert done["payload"]["data"]["apiKeyRevoke"] == {"revoked": True}
        assert (await client.closed())[0] == 4403


async def test_operations_count_as_requests_do(service: Service, person: Make) -> None:
    someone = await person("starter")  # 60 in a minute
    async with connected(service) as client:
        await client.begin(someone.key)
        answers = [await client.ask("{ __typename }") for _ in range(61)]
        assert [answer["type"] for answer in answers] == ["next"] * 60 + ["error"]
        extensions = answers[-1]["payload"][0]["extensions"]
        assert extensions["code"] == "RATE_LIMITED"
        assert 0 < extensions["retryAfter"] <= 60
    assert someone.client.get("/v1/tracks/1").status_code == 429


async def test_other_paths_are_no_websockets(service: Service) -> None:
    with pytest.raises(Exception, match="403"):
        async with connect(f"{service.url.replace('http', 'ws', 1)}/v1/genres", proxy=None):
            pass


async def test_a_shutdown_says_so(service: Service, database_url: str, open_folder: Path) -> None:
    assert service.url
    other = Service(open_folder / "socket", database_url=database_url)
    plays = "subscription { plays { id } }"
    try:
        other.wait_until_ready()
        key = await create_key(database_url, "shutdown@graphql.invalid", "scale", test=True)
        headers = {"x-api-key": key, "accept": "text/event-stream"}
        async with (
            connected(other) as client,
            connected(other) as subscriber,
            httpx.AsyncClient(base_url=other.url, headers=headers, timeout=60) as http,
            http.stream("POST", "/graphql", json={"query": plays}) as stream,
            AsyncExitStack() as stack,
        ):
            await client.begin(key)
            await subscriber.begin(key)
            await subscriber.send(id="1", type="subscribe", payload={"query": plays})
            assert (await subscriber.ask("{ __typename }", "2"))["type"] == "next"
            token = {"x-graphql-event-stream-token": (await http.put("/graphql/stream")).text}
            idle = await stack.enter_async_context(http.stream("GET", "/graphql/stream", headers=token))
            other.process.terminate()
            assert (await client.closed())[0] == 1012
            code, reason = await subscriber.closed()
            assert code == 1012
            assert "`after`" in reason
            told = (await stream.aread()).decode()
            assert "retry: " in told
            assert "complete" not in told  # clients come back by themselves
            parts = idle.aiter_raw()
            assert await anext(parts) == b":\n\n"
            assert b"retry: " in await anext(parts)
            with pytest.raises(httpx.RemoteProtocolError):  # it has no end: npm's graphql-sse might not heed one
                await anext(parts)
        assert await asyncio.to_thread(other.stop) == 0, other.log_text
    finally:
        other.kill()


async def test_connections_of_an_account_are_bounded(service: Service, person: Make) -> None:
    someone, other = await person("free"), await person("free")
    async with AsyncExitStack() as stack:

        async def begun() -> Client:
            client = await stack.enter_async_context(connected(service))
            await client.begin(someone.key)
            return client

        clients = await asyncio.gather(*(begun() for _ in range(12)))  # of tests/plans.toml
        async with connected(service) as one_more:
            await one_more.send(type="connection_init", payload={"x-api-key": someone.key})
            assert await one_more.get() == {"type": "connection_ack"}
            assert await one_more.closed() == (1013, "At most 12 connections at once are included")
        async with connected(service) as another:
            await another.begin(other.key)
        await clients[0].link.close()
        async with connected(service) as again:
            await again.begin(someone.key)
            assert (await again.ask(TRACK))["payload"] == TITLE


async def test_no_beginning_at_all(silent: asyncio.Task[tuple[int, str]]) -> None:
    assert await silent == (4408, "Connection initialisation timeout")


async def test_refusals_of_a_known_key_are_counted(
    service: Service, person: Make, database: asyncpg.Connection
) -> None:
    somebody = await person()
    await database.execute(
        "update api_key set networks = '{198.51.100.0/24}' "
        "where account_id = (select id from account where email = $1)",
        somebody.email,
    )
    async with connected(service) as client:
        await client.send(type="connection_init", payload={"x-api-key": somebody.key})
        code, reason = await client.closed()
    assert (code, reason) == (4403, "Forbidden: This key may not be used from 127.0.0.1")
    told = somebody.send("{ __typename }").headers
    assert int(told["ratelimit-limit"]) - int(told["ratelimit-remaining"]) == 2
