"""Keys made, rotated, renamed and revoked by mutations, and what they answer to nonsense."""

from time import monotonic, sleep
from typing import Any

import httpx
import pytest

from tests.graphql_accounts.conftest import Json, Make, Person
from tests.service import Service

pytestmark = pytest.mark.database

MEMBERS = "id databaseId hint name test inForce scopes networks expiresAt revokedAt replacedBy"
PROBLEM = "... on Problem { message } ... on InvalidInput { field }"
CREATE = f"""mutation ($input: ApiKeyCreateInput!) {{ done: apiKeyCreate(input: $input) {{
  __typename ... on ApiKeyCreatePayload {{ secret key {{ {MEMBERS} }} }} {PROBLEM} }} }}"""
ROTATE = f"""mutation ($input: ApiKeyRotateInput!) {{ done: apiKeyRotate(input: $input) {{
  __typename ... on ApiKeyRotatePayload {{ secret key {{ {MEMBERS} }} }} {PROBLEM} }} }}"""
RENAME = f"""mutation ($input: ApiKeyRenameInput!) {{ done: apiKeyRename(input: $input) {{
  __typename ... on ApiKeyRenamePayload {{ key {{ {MEMBERS} }} }} {PROBLEM} }} }}"""
REVOKE = f"""mutation ($input: ApiKeyRevokeInput!) {{ done: apiKeyRevoke(input: $input) {{
  __typename ... on ApiKeyRevokePayload {{ revoked }} {PROBLEM} }} }}"""
KEYS = f"{{ viewer {{ keys {{ nodes {{ {MEMBERS} }} }} }} }}"


def do(someone: Person, mutation: str, **members: Any) -> Json:
    done: Json = someone.ask(mutation, input=members)["done"]
    return done


def status_of(service: Service, key: str) -> int:
    return httpx.get(f"{service.url}/v1/tracks/1", headers={"x-api-key": key}, timeout=20).status_code


def until(service: Service, key: str, status: int, within: float = 8.0) -> None:
    end = monotonic() + within
    while status_of(service, key) != status:
        assert monotonic() < end
        sleep(0.1)


async def test_a_new_key_works_and_is_shown_once(service: Service, person: Make) -> None:
    someone = await person()
    made = do(someone, CREATE, name="  mine ", test=True, networks=["127.0.0.0/8", "::1"])
    assert made["__typename"] == "ApiKeyCreatePayload"
    assert made["key"]["name"] == "mine"
    assert made["key"]["networks"] == ["127.0.0.0/8", "::1/128"]
    assert made["key"]["hint"] == f"svk_test_…{made['secret'][-4:]}"
    assert status_of(service, made["secret"]) == 200
    assert made["secret"] not in someone.send(KEYS).text
    assert someone.ask(KEYS)["viewer"]["keys"]["nodes"][0] == made["key"]


async def test_live_keys_read_the_live_catalog(service: Service, person: Make) -> None:
    secret = do(await person(test=False), CREATE, name="live")["secret"]
    assert secret.startswith("svk_live_")
    assert status_of(service, secret) == 404


async def test_a_rotated_key_stays_for_the_overlap(service: Service, person: Make) -> None:
    someone = await person()
    old = do(someone, CREATE, name="old", test=True, scopes=["READ"])
    new = do(someone, ROTATE, id=old["key"]["id"])
    assert new["key"]["name"] == "old"
    assert new["key"]["scopes"] == ["READ"]
    assert status_of(service, old["secret"]) == status_of(service, new["secret"]) == 200
    keys = {key["id"]: key for key in someone.ask(KEYS)["viewer"]["keys"]["nodes"]}
    assert keys[old["key"]["id"]]["replacedBy"] == new["key"]["id"]
    assert keys[old["key"]["id"]]["expiresAt"] is not None
    again = do(someone, ROTATE, id=old["key"]["id"])
    assert again["__typename"] == "Conflict"
    at_once = do(someone, ROTATE, id=new["key"]["id"], overlapHours=0)
    until(service, new["secret"], 401)
    assert status_of(service, at_once["secret"]) == 200


async def test_a_revoked_key_is_refused_within_seconds(service: Service, person: Make) -> None:
    someone = await person()
    made = do(someone, CREATE, test=True)
    assert status_of(service, made["secret"]) == 200
    assert do(someone, REVOKE, id=made["key"]["id"]) == {"__typename": "ApiKeyRevokePayload", "revoked": True}
    until(service, made["secret"], 401)
    assert do(someone, REVOKE, id=made["key"]["id"])["revoked"] is False


async def test_a_key_may_revoke_itself(service: Service, person: Make) -> None:
    someone = await person()
    (mine,) = someone.ask(KEYS)["viewer"]["keys"]["nodes"]
    assert do(someone, REVOKE, id=mine["id"])["revoked"] is True
    until(service, someone.key, 401)


async def test_names(person: Make) -> None:
    someone = await person()
    made = do(someone, CREATE, name="a")["key"]
    assert do(someone, RENAME, id=made["id"], name="Ü 🎧")["key"] == made | {"name": "Ü 🎧"}


@pytest.mark.parametrize(
    ("members", "field"),
    [
        ({"name": "x" * 101}, "name"),
        ({"name": "a\0b"}, "name"),
        ({"scopes": []}, "scopes"),
        ({"networks": ["home"]}, "networks"),
        ({"expiresAt": "2020-01-01T00:00:00Z"}, "expiresAt"),
        ({"expiresAt": "2020-01-01T00:00:00"}, "expiresAt"),
        ({"expiresAt": "3000-01-01T00:00:00Z"}, "expiresAt"),
    ],
)
async def test_what_does_not_fit_is_named(person: Make, members: Json, field: str) -> None:
    refused = do(await person(), CREATE, **members)
    assert refused["__typename"] == "InvalidInput"
    assert refused["field"] == field
    assert "_" not in refused["message"]


@pytest.mark.parametrize("overlap", [-1, 721, 2_147_483_647])
async def test_overlaps_out_of_bounds(person: Make, overlap: int) -> None:
    someone = await person()
    made = do(someone, CREATE)["key"]
    refused = do(someone, ROTATE, id=made["id"], overlapHours=overlap)
    assert (refused["__typename"], refused["field"]) == ("InvalidInput", "overlapHours")


async def test_other_peoples_keys_do_not_exist(person: Make) -> None:
    someone, other = await person(), await person()
    theirs = do(other, CREATE)["key"]["id"]
    unknown = "QXBpS2V5OjIwMDAwMDAwMDA="  # ApiKey:2000000000
    answers = []
    for key_id in (theirs, unknown, "x", "VHJhY2s6MQ=="):
        for mutation, more in ((ROTATE, {}), (REVOKE, {}), (RENAME, {"name": "z"})):
            refused = do(someone, mutation, id=key_id, **more)
            assert refused["__typename"] == "NotFound", (key_id, mutation)
            answers.append((mutation, refused["message"]))
    assert other.ask(KEYS)["viewer"]["keys"]["nodes"][0]["inForce"] is True
    assert len(set(answers[:6])) == 3  # theirs and unknown ones read alike


async def test_there_are_so_many_keys(person: Make) -> None:
    someone = await person("free")
    answers = [do(someone, CREATE, name=str(n)) for n in range(6)]
    assert [a["__typename"] for a in answers][:4] == ["ApiKeyCreatePayload"] * 4
    assert answers[-1]["__typename"] == "LimitReached"
    assert "5" in answers[-1]["message"]


async def test_operators_of_documents_get_one_change_after_the_other(person: Make) -> None:
    """Mutations of one document run in order."""
    someone = await person()
    text = (
        "mutation { "
        + " ".join(
            f'm{n}: apiKeyCreate(input: {{ name: "{n}" }}) {{ ... on ApiKeyCreatePayload {{ key {{ databaseId }} }} }}'
            for n in range(5)
        )
        + " }"
    )
    numbers = [made["key"]["databaseId"] for made in someone.ask(text).values()]
    assert numbers == sorted(numbers)
