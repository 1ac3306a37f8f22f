"""A key gets no more rights than it has by making, rotating, renaming or revoking keys through GraphQL."""

import asyncpg
import httpx
import pytest

from tests.graphql_accounts.conftest import Json, Make, Person
from tests.graphql_accounts.test_keys import CREATE, KEYS, RENAME, REVOKE, ROTATE, do
from tests.service import Service

pytestmark = pytest.mark.database


def limited(service: Service, someone: Person, **members: object) -> Person:
    """The same account with a key of fewer rights."""
    secret = do(someone, CREATE, **members)["secret"]
    client = httpx.Client(base_url=service.url, headers={"x-api-key": secret}, timeout=20)
    return Person(someone.email, secret, client)


def refused(someone: Person, mutation: str, field: str, **members: object) -> None:
    answer = do(someone, mutation, **members)
    assert (answer["__typename"], answer["field"]) == ("InvalidInput", field), answer


async def test_a_test_key_makes_no_live_key(person: Make) -> None:
    someone = await person()
    refused(someone, CREATE, "test", test=False)
    assert do(someone, CREATE)["secret"].startswith("svk_test_")


async def test_a_limited_key_makes_keys_as_limited(service: Service, person: Make) -> None:
    owner = await person(test=False)
    acting = limited(service, owner, scopes=["ACCOUNT"], networks=["127.0.0.1"], expiresAt="2030-01-01T00:00:00Z")
    with acting.client:
        refused(acting, CREATE, "scopes", scopes=["ACCOUNT", "READ"])
        refused(acting, CREATE, "networks", networks=["127.0.0.0/8"])
        refused(acting, CREATE, "expiresAt", expiresAt="2030-01-02T00:00:00Z")
        for members in ({}, {"scopes": None, "networks": None, "expiresAt": None}):
            key: Json = do(acting, CREATE, **members)["key"]
            assert (key["test"], key["scopes"], key["networks"], key["expiresAt"]) == (
                False, ["ACCOUNT"], ["127.0.0.1/32"], "2030-01-01T00:00:00Z"
            )  # fmt: skip


async def test_stronger_keys_are_out_of_reach(service: Service, person: Make) -> None:
    owner = await person(test=False)
    (unlimited,) = owner.ask(KEYS)["viewer"]["keys"]["nodes"]
    acting = limited(service, owner, scopes=["ACCOUNT"])
    with acting.client:
        refused(acting, ROTATE, "id", id=unlimited["id"], overlapHours=0)
        refused(acting, RENAME, "id", id=unlimited["id"], name="mine")
        refused(acting, REVOKE, "id", id=unlimited["id"])
        mine = do(acting, CREATE)["key"]["id"]
        assert do(acting, REVOKE, id=mine)["revoked"] is True
    assert unlimited in owner.ask(KEYS)["viewer"]["keys"]["nodes"]


async def test_the_log_names_the_key(person: Make, database: asyncpg.Connection) -> None:
    someone = await person()
    own = await database.fetchrow(
        "select k.id, hint from api_key k join account a on a.id = account_id where email = $1", someone.email
    )
    made = do(someone, CREATE)["key"]["id"]
    do(someone, RENAME, id=made, name="n")
    new = do(someone, ROTATE, id=made)["key"]["id"]
    do(someone, REVOKE, id=new)
    log = someone.ask("{ viewer { account { audit(first: 4) { nodes { action detail } } } } }")
    lines = log["viewer"]["account"]["audit"]["nodes"]
    assert [line["action"] for line in lines] == ["key.revoked", "key.rotated", "key.renamed", "key.created"]
    assert [line["detail"]["by_key"] for line in lines] == [{"key_id": own["id"], "hint": own["hint"]}] * 4


async def test_hours_and_networks_in_words(person: Make) -> None:
    someone = await person()
    made = do(someone, CREATE)["key"]["id"]
    assert do(someone, ROTATE, id=made, overlapHours=721)["message"] == "overlapHours: must be 0 to 720 hours"
    assert "10.0.0.0/8 is meant?" in do(someone, CREATE, networks=["10.0.0.5/8"])["message"]


async def test_numbers_of_accounts_and_keys_are_not_those_of_rest(person: Make) -> None:
    someone = await person()
    for kind in ("Account", "ApiKey"):
        told = someone.ask(f'{{ __type(name: "{kind}") {{ fields {{ name description }} }} }}')["__type"]["fields"]
        (text,) = (field["description"] for field in told if field["name"] == "databaseId")
        assert "REST API calls" not in text


async def test_the_plan_in_force_and_the_plan_stored(person: Make, database: asyncpg.Connection) -> None:
    someone = await person("growth")
    query = "{ viewer { account { plan storedPlan credits { limit } } } }"
    account = someone.ask(query)["viewer"]["account"]
    assert (account["plan"], account["storedPlan"]) == ("growth", "growth")
    await database.execute("update account set plan = 'bygone' where email = $1", someone.email)
    assert someone.ask(query)["viewer"]["account"] == {
        "plan": "free", "storedPlan": "bygone", "credits": {"limit": 1_000}
    }  # fmt: skip
