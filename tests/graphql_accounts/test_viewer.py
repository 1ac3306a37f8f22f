"""`viewer`: what an account sees of itself, and what a key of a restricted scope does not."""

import asyncpg
import httpx
import pytest

from sonograph import clock
from sonograph.accounts.entitlements import set_streams
from tests.graphql_accounts.conftest import Make, Person
from tests.service import Service

pytestmark = pytest.mark.database

ACCOUNT = "{ viewer { account { email emailVerified name plan reviewer createdAt databaseId } } }"
CREATE = """mutation ($input: ApiKeyCreateInput!) { apiKeyCreate(input: $input) {
  __typename ... on ApiKeyCreatePayload { secret key { id hint name scopes } } ... on Problem { message } } }"""


def with_key(service: Service, key: str, query: str) -> httpx.Response:
    return httpx.post(f"{service.url}/graphql", json={"query": query}, headers={"x-api-key": key}, timeout=20)


async def test_the_account(person: Make, database: asyncpg.Connection) -> None:
    someone = await person("growth")
    row = await database.fetchrow("select id, created_at from account where email = $1", someone.email)
    assert someone.ask(ACCOUNT)["viewer"]["account"] == {
        "email": someone.email,
        "emailVerified": True,
        "name": "",
        "plan": "growth",
        "reviewer": False,
        "createdAt": row["created_at"].strftime("%Y-%m-%dT%H:%M:%SZ"),
        "databaseId": row["id"],
    }


async def test_credits_are_those_of_the_plan(person: Make) -> None:
    someone = await person("starter", test=False)
    query = "{ viewer { account { credits { used limit remaining resetsAt } } } }"
    before = someone.ask(query)["viewer"]["account"]["credits"]
    assert before["limit"] == 50_000
    assert before["used"] + before["remaining"] == before["limit"]
    assert before["resetsAt"].endswith("-01T00:00:00Z")
    for _ in range(3):
        someone.client.get("/v1/genres")
    later = someone.ask(query)["viewer"]["account"]["credits"]
    assert later["used"] == before["used"] + 3


async def test_an_account_may_be_asked_together_with_the_catalog(person: Make) -> None:
    data = (await person()).ask("{ viewer { account { plan } } t: track(by: {databaseId: 1}) { name: title } }")
    assert data == {"viewer": {"account": {"plan": "scale"}}, "t": {"name": "One More Time"}}


async def test_streams_and_the_invoice(person: Make, database: asyncpg.Connection, database_url: str) -> None:
    someone = await person()
    query = """{ viewer { account { streams { allowed kept } invoice {
      periodFrom periodUntil totalCents nextCents lines { quantity amountCents description } } } } }"""
    nothing = someone.ask(query)["viewer"]["account"]
    assert nothing["streams"] == {"allowed": 0, "kept": 0}
    assert (nothing["invoice"]["totalCents"], nothing["invoice"]["lines"]) == (0, [])
    number = await database.fetchval("select id from account where email = $1", someone.email)
    async with asyncpg.create_pool(
        database_url, min_size=1, max_size=1, server_settings={"search_path": "accounts", "timezone": "UTC"}
    ) as pool:
        await set_streams(pool, number, 3, clock.now())
    found = someone.ask(query)["viewer"]["account"]
    assert found["streams"] == {"allowed": 3, "kept": 3}
    (line,) = found["invoice"]["lines"]
    assert line["quantity"] == 3
    assert 0 < found["invoice"]["totalCents"] == line["amountCents"] <= 3 * 2_900
    assert found["invoice"]["nextCents"] == 3 * 2_900


async def test_the_log_pages_newest_first(person: Make) -> None:
    someone = await person()
    for name in ("one", "two", "three"):
        someone.ask(CREATE, input={"name": name})
    page = """query ($after: String) { viewer { account { audit(first: 2, after: $after) {
      nodes { action at address detail } edges { cursor node { action } } nextCursor totalCount
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } } }"""
    seen, after, total = [], None, None
    while True:
        got = someone.ask(page, after=after)["viewer"]["account"]["audit"]
        seen += [(line["action"], line["detail"].get("name")) for line in got["nodes"]]
        assert [edge["node"]["action"] for edge in got["edges"]] == [line["action"] for line in got["nodes"]]
        assert got["pageInfo"]["endCursor"] == got["edges"][-1]["cursor"]
        assert got["pageInfo"]["hasPreviousPage"] is (after is not None)
        assert got["pageInfo"]["hasNextPage"] is (got["nextCursor"] is not None)
        total, after = got["totalCount"], got["nextCursor"]
        if after is None:
            break
    assert seen[:3] == [("key.created", name) for name in ("three", "two", "one")]
    assert len(seen) == total
    mine = someone.ask("{ viewer { account { audit(first: 1) { nodes { address } } } } }")["viewer"]["account"]
    assert mine["audit"]["nodes"] == [{"address": "127.0.0.1"}]


async def test_keys_page_newest_first(person: Make) -> None:
    someone = await person()
    for name in ("one", "two", "three"):
        someone.ask(CREATE, input={"name": name, "scopes": ["READ", "ACCOUNT"]})
    query = """query ($after: String) { viewer { keys(first: 3, after: $after) {
      totalCount nextCursor nodes { name test inForce scopes networks hint lastUsedAt } } } }"""
    first = someone.ask(query)["viewer"]["keys"]
    second = someone.ask(query, after=first["nextCursor"])["viewer"]["keys"]
    assert [key["name"] for key in first["nodes"]] == ["three", "two", "one"]
    assert first["nodes"][0] | {"hint": ""} == {
        "name": "three",
        "test": True,
        "inForce": True,
        "scopes": ["READ", "ACCOUNT"],
        "networks": None,
        "hint": "",
        "lastUsedAt": None,
    }
    assert (first["totalCount"], second["totalCount"], second["nextCursor"]) == (4, 4, None)
    assert [key["hint"] for key in second["nodes"]] == [f"svk_test_…{someone.key[-4:]}"]


async def test_usage_names_days_keys_and_endpoints(person: Make, database: asyncpg.Connection) -> None:
    someone = await person()
    number = await database.fetchval("select id from account where email = $1", someone.email)
    key = await database.fetchval("select id from api_key where account_id = $1", number)
    await database.executemany(
        "insert into usage_day (account_id, day, key_id, endpoint, requests, refused, credits) "
        "values ($1, $2::text::date, $3, $4, $5, 1, $6)",
        [
            (number, "2020-02-01", key, "/v1/genres", 7, 6),
            (number, "2020-02-02", key, "track", 2, 1),
            (number, "2020-02-02", 2_000_000_000, "/v1/genres", 3, 3),
            (number, "2020-02-03", key, "track", 9, 9),
        ],
    )
    query = """query ($from: Date, $to: Date, $keyId: ID) { viewer { usage(from: $from, to: $to, keyId: $keyId) {
      day endpoint requests refused credits key { databaseId } } } }"""
    rows = someone.ask(query, **{"from": "2020-02-01", "to": "2020-02-02"})["viewer"]["usage"]
    assert [(r["day"], r["endpoint"], r["requests"], r["credits"]) for r in rows] == [
        ("2020-02-01", "/v1/genres", 7, 6),
        ("2020-02-02", "track", 2, 1),
        ("2020-02-02", "/v1/genres", 3, 3),
    ]
    assert [r["key"] for r in rows] == [{"databaseId": key}, {"databaseId": key}, None]
    key_id = someone.ask("{ viewer { keys { nodes { id } } } }")["viewer"]["keys"]["nodes"][0]["id"]
    of_one = someone.ask(query, **{"from": "2020-02-01", "to": "2020-02-02", "keyId": key_id})["viewer"]["usage"]
    assert len(of_one) == 2
    for wrong in (
        {"from": "2020-02-02", "to": "2020-02-01"},
        {"from": "2020-01-01", "to": "2020-12-31"},
        {"keyId": "VHJhY2s6MQ=="},
    ):
        assert someone.refused(query, **wrong) == "BAD_USER_INPUT"


async def test_usage_of_too_many_rows_is_refused(person: Make, database: asyncpg.Connection) -> None:
    someone = await person()
    number = await database.fetchval("select id from account where email = $1", someone.email)
    await database.execute(
        "insert into usage_day (account_id, day, key_id, endpoint, requests, credits) "
        "select $1, '2020-02-01', n, 'x', 1, 1 from generate_series(1, 1001) n",
        number,
    )
    query = '{ viewer { usage(from: "2020-02-01", to: "2020-02-01") { requests } } }'
    assert someone.refused(query) == "BAD_USER_INPUT"
    await database.execute("delete from usage_day where account_id = $1 and key_id > 1000", number)
    assert len(someone.ask(query)["viewer"]["usage"]) == 1000


@pytest.mark.parametrize("bad", ["first: 0", "first: 101", 'after: "x"', 'after: "WyJ4Il0="'])
@pytest.mark.parametrize("field", ["keys", "suggestions", "account { audit"])
async def test_pages_out_of_bounds(person: Make, field: str, bad: str) -> None:
    someone = await person()
    query = f"{{ viewer {{ {field}({bad}) {{ nextCursor }} {'}' * field.count('{')} }} }}"
    assert someone.refused(query) == "BAD_USER_INPUT"


async def restricted(someone: Person, *scopes: str) -> str:
    made = someone.ask(CREATE, input={"scopes": list(scopes), "test": True})["apiKeyCreate"]
    secret: str = made["secret"]
    return secret


async def test_a_key_without_the_scope_sees_nothing_of_the_account(service: Service, person: Make) -> None:
    someone = await person()
    key = await restricted(someone, "READ")
    for query in (
        ACCOUNT,
        "{ viewer { keys { totalCount } } }",
        "{ viewer { usage { day } } }",
        "{ viewer { suggestions { totalCount } } }",
        "{ viewer { suggestion(databaseId: 1) { note } } }",
        "{ viewer { suggestionsToReview { totalCount } } }",
        'mutation { apiKeyCreate(input: { name: "more" }) { __typename } }',
        'mutation { apiKeyRevoke(input: { id: "x" }) { __typename } }',
        'mutation { apiKeyRename(input: { id: "x", name: "y" }) { __typename } }',
        'mutation { apiKeyRotate(input: { id: "x" }) { __typename } }',
        'mutation { suggestionCreate(input: { trackId: "x", genreId: "y" }) { __typename } }',
        'mutation { suggestionApprove(input: { id: "x" }) { __typename } }',
        'mutation { suggestionReject(input: { id: "x", reason: "y" }) { __typename } }',
    ):
        body = with_key(service, key, query).json()
        assert body["errors"][0]["extensions"]["code"] == "FORBIDDEN", query
    assert with_key(service, key, "{ genre(databaseId: 100) { name } }").json()["data"]["genre"] == {"name": "House"}
    assert with_key(service, key, "{ viewer { __typename } }").json()["data"] == {"viewer": {"__typename": "Viewer"}}


async def test_a_key_for_the_account_alone(service: Service, person: Make) -> None:
    someone = await person()
    key = await restricted(someone, "ACCOUNT")
    assert with_key(service, key, ACCOUNT).json()["data"]["viewer"]["account"]["email"] == someone.email
    body = with_key(service, key, "{ viewer { suggestions { totalCount } } }").json()
    assert body["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_an_account_that_is_not_verified(person: Make, database: asyncpg.Connection, service: Service) -> None:
    someone = await person()
    await database.execute("update account set email_verified_at = null where email = $1", someone.email)
    answer = with_key(service, someone.key, ACCOUNT)
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (403, "EMAIL_NOT_VERIFIED")
