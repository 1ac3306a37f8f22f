"""Who may ask, and which catalog answers."""

# ruff: noqa: ASYNC212  # the service is another process, and nothing else runs in this loop
import asyncio
from time import monotonic

import asyncpg
import httpx
import pytest

from api.auth import REMEMBERED_SECONDS
from sonograph.accounts.keys import generate
from sonograph.accounts.store import create_key, list_keys, revoke_key

pytestmark = pytest.mark.database

REFUSAL = {"error": "Missing or invalid API key"}
QUERY = {"query": "{ __typename }"}


def _broken(key: str) -> dict[str, dict[str, str]]:
    return {
        "none": {},
        "empty": {"x-api-key": ""},
        "of another form": {"x-api-key": "not-a-key"},
        "too short": {"x-api-key": key[:-1]},
        "too long": {"x-api-key": key + "0"},
        "wrong checksum": {"x-api-key": key[:-1] + ("0" if key[-1] != "0" else "1")},
        "of the other kind": {"x-api-key": key.replace("svk_test_", "svk_live_")},
        "never made": {"x-api-key": generate(test=True).text},
        "basic": {"authorization": f"Basic {key}"},
        "bearer without a key": {"authorization": "Bearer"},
        "bearer of nonsense": {"authorization": "Bearer nonsense"},
    }


@pytest.mark.parametrize("case", _broken("x" * 45))
def test_refused(anonymous: httpx.Client, test_key: str, case: str) -> None:
    headers = _broken(test_key)[case]
    for path in ("/v1/genres", "/v1/tracks/2000000", "/v1/nowhere"):
        answer = anonymous.get(path, headers=headers)
        assert (answer.status_code, answer.json()) == (401, REFUSAL)
        assert answer.headers["www-authenticate"] == "Bearer"
    answer = anonymous.post("/graphql", json=QUERY, headers=headers)
    assert answer.status_code == 401
    assert answer.json()["errors"][0]["message"] == REFUSAL["error"]
    assert answer.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_bearer_is_as_good(anonymous: httpx.Client, test_key: str, scheme: str) -> None:
    headers = {"authorization": f"{scheme} {test_key}"}
    assert anonymous.get("/v1/genres", headers=headers).status_code == 200
    assert anonymous.post("/graphql", json=QUERY, headers=headers).json() == {"data": {"__typename": "Query"}}


def test_test_keys_read_the_sandbox_and_live_keys_the_catalog(
    anonymous: httpx.Client, test_key: str, live_key: str
) -> None:
    """The live catalog of these tests is empty but for the genres."""
    sandbox, live = {"x-api-key": test_key}, {"x-api-key": live_key}
    assert anonymous.get("/v1/tracks/1", headers=sandbox).json()["title"] == "One More Time"
    assert anonymous.get("/v1/tracks/1", headers=live).status_code == 404
    assert anonymous.get("/v1/releases/new", headers=live).json() == {"results": [], "next_cursor": None}
    assert anonymous.get("/v1/genres", headers=live).json() == anonymous.get("/v1/genres", headers=sandbox).json()
    query = {"query": "{ track(by: { databaseId: 1 }) { title } }"}
    assert anonymous.post("/graphql", json=query, headers=live).json() == {"data": {"track": None}}
    assert anonymous.post("/graphql", json=query, headers=sandbox).json()["data"]["track"]["title"] == "One More Time"


async def test_a_revoked_key_is_refused_within_seconds(anonymous: httpx.Client, database_url: str) -> None:
    key = await create_key(database_url, "revoked@contract.invalid", "starter", test=True)
    headers = {"x-api-key": key}
    assert anonymous.get("/v1/genres", headers=headers).status_code == 200
    (row,) = [row for row in await list_keys(database_url) if row.email == "revoked@contract.invalid"]
    assert await revoke_key(database_url, row.id)
    began = monotonic()
    while anonymous.get("/v1/genres", headers=headers).status_code == 200:
        assert monotonic() - began < REMEMBERED_SECONDS + 1
        await asyncio.sleep(0.1)
    assert anonymous.get("/v1/genres", headers=headers).json() == REFUSAL
    assert not await revoke_key(database_url, row.id)


async def test_an_account_whose_email_is_not_verified(anonymous: httpx.Client, database_url: str) -> None:
    key = await create_key(database_url, "unverified@contract.invalid", "starter", test=True)
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute(
            "update accounts.account set email_verified_at = null where email = 'unverified@contract.invalid'"
        )
    finally:
        await connection.close()
    answer = anonymous.get("/v1/genres", headers={"x-api-key": key})
    assert (answer.status_code, answer.json()) == (403, {"error": "Email not verified"})
    answer = anonymous.post("/graphql", json=QUERY, headers={"x-api-key": key})
    assert answer.json()["errors"][0]["extensions"]["code"] == "EMAIL_NOT_VERIFIED"


def test_keys_are_kept_as_hashes(test_key: str, database_url: str) -> None:
    async def rows() -> str:
        connection = await asyncpg.connect(database_url)
        try:
            return str(await connection.fetch("select * from accounts.api_key"))
        finally:
            await connection.close()

    kept = asyncio.run(rows())
    assert test_key not in kept
    assert test_key[9:-6] not in kept
