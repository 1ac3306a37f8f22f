"""Limits and credits as clients meet them: headers, statuses, words; through /v1, GraphQL and the vendor's client."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from sonovault import SonoVault, SonoVaultError

from sonograph.accounts import keyring, plan_changes
from sonograph.accounts.plans import PlanTable
from tests.credits.books import Books, books
from tests.credits.conftest import Make
from tests.service import Service

pytestmark = pytest.mark.database

PLANS = """
[plans.free]
monthly_credits = 12
burst = 1000
operation_cost = 150
[plans.starter]
burst = 3
[plans.scale]
burst = 1000
"""
FIELDS = ("ratelimit-limit", "ratelimit-remaining", "ratelimit-reset", "ratelimit-policy", "ratelimit")
GENRE = "{ genre(databaseId: 1) { name } }"
PUBLIC = "https://sonograph.example"
NewKey = Callable[..., Awaitable[tuple[str, int]]]


@pytest.fixture(scope="module")
def limited(migrated: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service with small plans."""
    folder = tmp_path_factory.mktemp("limited")
    (folder / "plans.toml").write_text(PLANS, encoding="utf-8")
    running = Service(folder, database_url=migrated, plans_file=str(folder / "plans.toml"), public_url=PUBLIC)
    try:
        running.wait_until_ready()
        yield running
        assert running.stop() == 0, running.log_text
    finally:
        running.kill()


@pytest.fixture
def new_key(pool: asyncpg.Pool, account: Make) -> NewKey:
    """Makes an account with a key: the key and the account's number."""

    async def make(plan: str, *, test: bool = False) -> tuple[str, int]:
        who = await account(plan)
        _, text = await keyring.create_key(pool, who.account_id, name="", test=test)
        return text, who.account_id

    return make


def client_of(service: Service, key: str) -> httpx.Client:
    return httpx.Client(base_url=service.url, headers={"x-api-key": key}, timeout=20)


def graphql(client: httpx.Client, query: str, **more: Any) -> httpx.Response:
    return client.post("/graphql", json={"query": query, **more}, headers={"x-sonograph-cost": "1"})


async def test_every_answer_to_a_known_key_tells_the_limit(limited: Service, new_key: NewKey) -> None:
    key, _ = await new_key("scale")
    with client_of(limited, key) as client:
        for number, (path, status) in enumerate(
            [
                ("/v1/genres", 200),
                ("/v1/tracks/2000000000", 404),
                ("/v1/nowhere", 404),
                ("/v1/artists/search", 400),
                ("/v1/tracks/resolve", 405),
                ("/graphql?query=%7B__typename%7D", 200),
                ("/graphql", 400),
            ],
            start=1,
        ):
            answer = client.get(path)
            assert answer.status_code == status, path
            limit, remaining, reset, policy, state = (answer.headers[name] for name in FIELDS)
            assert (limit, remaining) == ("1000", str(1000 - number))
            assert 0 < int(reset) <= 60
            assert policy == '"burst";q=1000;w=60'
            assert re.fullmatch(rf'"burst";r={remaining};t={reset}', state)
    with client_of(limited, "svk_live_nobody") as client:
        nobody = client.get("/v1/genres")
    assert nobody.status_code == 401
    assert "ratelimit-limit" not in nobody.headers


def test_the_log_says_where_the_socket_is_and_what_clients_use(limited: Service) -> None:
    assert f"listening on {limited.url}, for clients {PUBLIC}" in limited.log_text


def test_a_ready_service_tells_how_often_the_store_of_limits_was_away(limited: Service) -> None:
    answer = httpx.get(f"{limited.url}/health/ready").json()
    assert answer == {"status": "ready", "limits": {"failures": {"burst": 0, "attempts": 0}}}


async def test_refusals_at_the_door_are_counted_and_tell_the_limit(
    limited: Service, new_key: NewKey, pool: asyncpg.Pool
) -> None:
    """A key that is known and may not: unverified, without the scope, from elsewhere."""
    unverified, account_id = await new_key("scale")
    await pool.execute("update account set email_verified_at = null where id = $1", account_id)
    _, account_id = await new_key("scale")
    _, scoped = await keyring.create_key(pool, account_id, name="", test=True, scopes=["account"])
    _, fenced = await keyring.create_key(pool, account_id, name="", test=True, networks=["198.51.100.0/24"])
    for key, words, closed_by_graphql in (
        (unverified, "Email not verified", True),
        (scoped, "This key has no scope 'read'", False),
        (fenced, "This key may not be used from 127.0.0.1", True),
    ):
        with client_of(limited, key) as client:
            rest = client.get("/v1/genres"), client.get("/v1/genres")
            answers = (*rest, graphql(client, GENRE))
        for number, answer in enumerate(answers, start=1):
            assert answer.headers["ratelimit-remaining"] == str(1000 - number), (words, number)
            assert set(FIELDS) <= set(answer.headers)
            assert answer.status_code == 403
        assert [answer.json() for answer in rest] == [{"error": words}] * 2
        assert (words in answers[2].text) or not closed_by_graphql
    key, account_id = await new_key("starter")
    await pool.execute("update account set email_verified_at = null where id = $1", account_id)
    with client_of(limited, key) as client:
        assert [client.get("/v1/genres").status_code for _ in range(4)] == [403, 403, 403, 429]
        assert graphql(client, GENRE).status_code == 429


async def test_the_burst_is_refused_with_retry_after(limited: Service, new_key: NewKey) -> None:
    key, account_id = await new_key("starter")
    with client_of(limited, key) as client:
        assert [client.get("/v1/genres").status_code for _ in range(3)] == [200] * 3
        for refused in (client.get("/v1/genres"), graphql(client, GENRE)):
            assert refused.status_code == 429
            assert 1 <= int(refused.headers["retry-after"]) <= 60
            assert refused.headers["ratelimit-remaining"] == "0"
        assert refused.json()["errors"][0]["extensions"]["code"] == "RATE_LIMITED"
        assert "Too many requests" in client.get("/v1/genres").json()["error"]
    with pytest.raises(SonoVaultError) as raised:
        SonoVault(key, base_url=limited.url, max_retries=0).tracks.get(1)
    assert raised.value.is_rate_limited
    assert account_id


async def test_the_month_is_refused_without_retry_after(limited: Service, new_key: NewKey, pool: asyncpg.Pool) -> None:
    key, account_id = await new_key("free")
    vendor = SonoVault(key, base_url=limited.url, max_retries=5)
    with client_of(limited, key) as client:
        assert [client.get("/v1/genres").status_code for _ in range(5)] == [200] * 5
        assert client.get("/v1/tracks/2000000000").status_code == 404  # it was looked for: a credit
        for path in (
            "/v1/tracks/nothing",
            "/v1/artists/search",
            "/v1/nowhere",
            "/v1/tracks/search?artist=a&title=b&cursor=x",
        ):
            assert client.get(path).status_code in (400, 404)  # refused before anything was read: none
        answer = graphql(client, "{ a: genre(databaseId: 1) { name } b: genre(databaseId: 2) { name } __typename }")
        assert answer.json()["extensions"]["cost"]["credits"] == 2
        lines = client.post("/v1/tracks/resolve", json={"input_type": "isrc", "items": ["GBDUW0000053"] * 6}).json()
        assert (lines["processed"], lines["partial"], lines["credits_used"], lines["credits_remaining"]) == (
            4,
            True,
            4,
            0,
        )
        assert lines["message"]
        assert [line["status"] for line in lines["results"]] == ["not_found"] * 4 + ["skipped_no_credits"] * 2
        spent = client.get("/v1/genres")
        assert spent.status_code == 429
        assert "retry-after" not in spent.headers
        assert "12 credits" in spent.json()["error"]
        refused = graphql(client, GENRE)
        assert refused.status_code == 429
        assert "retry-after" not in refused.headers
        assert refused.json()["errors"][0]["extensions"]["code"] == "QUOTA_EXCEEDED"
        assert graphql(client, "{ __typename }").status_code == 200, "what costs nothing is still answered"
        before = int(client.get("/v1/genres").headers["ratelimit-remaining"])
        with pytest.raises(SonoVaultError) as raised:
            vendor.tracks.get(1)
        assert raised.value.is_rate_limited
        after = int(client.get("/v1/genres").headers["ratelimit-remaining"])
        assert before - after == 2, "the vendor's client did not try again"
    await settled(pool, account_id)
    assert await books(pool, account_id) == Books(12, 12, 12, 0)


async def test_the_vendors_client_tells_403_and_401(limited: Service, new_key: NewKey) -> None:
    key, _ = await new_key("free", test=True)
    with pytest.raises(SonoVaultError) as raised:
        SonoVault(key, base_url=limited.url, max_retries=0).tracks.browse(year=2001)
    assert raised.value.is_forbidden
    assert "paid" in str(raised.value)
    with pytest.raises(SonoVaultError) as raised:
        SonoVault(key[:-1] + ("a" if key[-1] != "a" else "b"), base_url=limited.url, max_retries=0).tracks.get(1)
    assert raised.value.is_auth_error


async def test_test_keys_are_never_charged(limited: Service, new_key: NewKey, pool: asyncpg.Pool) -> None:
    key, account_id = await new_key("free", test=True)
    with client_of(limited, key) as client:
        assert {client.get("/v1/genres").status_code for _ in range(20)} == {200}
        answer = client.post("/v1/tracks/resolve", json={"input_type": "isrc", "items": ["GBDUW0000053"] * 20}).json()
        assert (answer["credits_used"], answer["partial"]) == (0, False)
    assert await books(pool, account_id) == Books(0, 0, 0, 0)


async def test_an_operation_may_cost_what_the_plan_includes(limited: Service, new_key: NewKey) -> None:
    key, _ = await new_key("free")
    with client_of(limited, key) as client:
        dear = graphql(client, '{ searchArtists(name: "a", first: 100) { nodes { name country } } }')
        assert dear.status_code == 400
        assert dear.json()["errors"][0]["extensions"]["code"] == "COST_LIMIT"
        cheap = graphql(client, GENRE).json()["extensions"]["cost"]
        assert cheap == {"requested": cheap["requested"], "limit": 150, "credits": 1}
        assert 0 < cheap["requested"] < 150
        wrong = graphql(client, "query($id: Int!) { genre(databaseId: $id) { name } }", variables={"id": "x"})
        assert wrong.json()["extensions"]["cost"]["credits"] == 0
        by_lines = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }"
        assert (
            graphql(client, by_lines, variables={"ids": ["x", "y", "z"]}).json()["extensions"]["cost"]["credits"] == 3
        )


async def test_a_new_plan_is_in_force_at_once(limited: Service, new_key: NewKey, pool: asyncpg.Pool) -> None:
    key, account_id = await new_key("free")
    email = await pool.fetchval("select email from account where id = $1", account_id)
    with client_of(limited, key) as client:
        assert client.get("/v1/tracks/browse?year=2001").status_code == 403
        await plan_changes.set_plan(pool, PlanTable(), email, "scale")
        for _ in range(40):  # a notification takes a moment
            if client.get("/v1/tracks/browse?year=2001").status_code == 200:
                break
            await asyncio.sleep(0.05)
        else:
            pytest.fail("still the old plan after two seconds")


async def settled(pool: asyncpg.Pool, account_id: int) -> None:
    """Wait until the service has written what it counted."""
    for _ in range(200):
        if (await books(pool, account_id)).leased == 0:
            return
        await asyncio.sleep(0.1)
    raise AssertionError(await books(pool, account_id))


def test_nothing_failed_on_the_way(limited: Service) -> None:
    assert "Traceback" not in Path(limited.log).read_text(encoding="utf-8")
