"""nowPlaying and streamStatus: at once as it is, then each change."""

from typing import Any

import pytest

from tests.service import Service
from tests.subscriptions.conftest import Tune
from tests.websocket_client import Client, connected

pytestmark = pytest.mark.database

NOW = "subscription ($id: ID!) { nowPlaying(streamId: $id) { track { databaseId } endedAt } }"
STATUS = "subscription ($id: ID!) { streamStatus(streamId: $id) { id runtimeStatus statusReason } }"


async def state(client: Client, field: str, name: str = "1") -> Any:
    message = await client.get()
    assert (message["type"], message["id"]) == ("next", name), message
    assert "errors" not in message["payload"], message
    return message["payload"]["data"][field]


async def test_what_plays_now(service: Service, tune: Tune) -> None:
    radio = await tune()
    async with connected(service) as client:
        await client.begin(radio.key)
        await client.send(id="1", type="subscribe", payload={"query": NOW, "variables": {"id": radio.stream}})
        assert await state(client, "nowPlaying") is None
        await radio.airs(1)
        assert await state(client, "nowPlaying") == {"track": {"databaseId": 1}, "endedAt": None}
        await client.send(id="2", type="subscribe", payload={"query": NOW, "variables": {"id": radio.stream}})
        assert await state(client, "nowPlaying", "2") == {"track": {"databaseId": 1}, "endedAt": None}
        await client.send(id="1", type="complete")
        await radio.ends()
        assert await state(client, "nowPlaying", "2") is None
        # What is written in rows alone is found, too.
        await radio.pool.execute(
            "insert into play (account_id, stream_id, test, track_id, started_at, heard_until, confidence) "
            "values ($1, $2, true, 7, now(), now(), 1)",
            radio.account_id,
            radio.stream_ids[0],
        )
        assert await state(client, "nowPlaying", "2") == {"track": {"databaseId": 7}, "endedAt": None}


async def test_the_status_of_a_stream(service: Service, tune: Tune) -> None:
    radio = await tune()
    async with connected(service) as client:
        await client.begin(radio.key)
        await client.send(id="1", type="subscribe", payload={"query": STATUS, "variables": {"id": radio.stream}})
        pending = {"id": radio.stream, "runtimeStatus": "PENDING", "statusReason": None}
        assert await state(client, "streamStatus") == pending
        await radio.airs(1)  # an event that changes nothing of what was asked for is not told
        await radio.pool.execute(
            "update stream set runtime_status = 3, status_reason = 'It answers 404', status_at = now() where id = $1",
            radio.stream_ids[0],
        )
        errored = {"id": radio.stream, "runtimeStatus": "ERRORED", "statusReason": "It answers 404"}
        assert await state(client, "streamStatus") == errored
        await radio.pool.execute("delete from stream where id = $1", radio.stream_ids[0])
        gone = await client.get()
        assert (gone["type"], gone["id"]) == ("error", "1")
        assert gone["payload"][0]["extensions"]["code"] == "NOT_FOUND"
        assert (await client.ask("{ __typename }", "1"))["type"] == "next"
