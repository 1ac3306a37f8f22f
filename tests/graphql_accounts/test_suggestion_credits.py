"""What `suggestionCreate` costs: a credit when it is made, nothing when it ends in a problem."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest
import pytest_asyncio

from sonograph.ids import global_id
from tests.graphql_accounts.conftest import Make, Person
from tests.graphql_accounts.test_suggestions import CREATE, DISCO, do

pytestmark = pytest.mark.database

TRACK = 1_999_999_001
SPENT = """insert into credit_month (account_id, month, used)
  select id, date_trunc('month', now()), $2 from account where email = $1"""


@pytest_asyncio.fixture
async def live_track(database: asyncpg.Connection) -> AsyncIterator[int]:
    """A track of the live catalog, which is empty."""
    columns = await database.fetch(
        "select column_name from information_schema.columns where table_schema = 'sandbox' and table_name = 'track' "
        "and is_generated = 'NEVER' and column_name <> 'id'"
    )
    names = ", ".join(f'"{row[0]}"' for row in columns)
    await database.execute(
        f"insert into catalog.track (id, {names}) select {TRACK}, {names} from sandbox.track where id = 1"
    )
    yield TRACK
    await database.execute("delete from catalog.track where id = $1", TRACK)
    await database.execute("delete from suggestion where track_id = $1", TRACK)


def members(track: int, genre: int = DISCO, note: str | None = None) -> dict[str, object]:
    return {"trackId": global_id("Track", track), "genreId": global_id("Genre", genre), "note": note}


def told(someone: Person, query: str, **variables: object) -> tuple[dict[str, str], int]:
    """The kinds of the answers, and what they cost."""
    answer = someone.client.post(
        "/graphql", json={"query": query, "variables": variables}, headers={"x-sonograph-cost": "1"}
    ).json()
    assert "errors" not in answer, answer
    kinds = {name: done["__typename"] for name, done in answer["data"].items()}
    return kinds, answer["extensions"]["cost"]["credits"]


async def test_a_plan_without_suggestions_says_so_with_its_month_spent_too(
    person: Make, database: asyncpg.Connection
) -> None:
    someone = await person("free")
    await database.execute(SPENT, someone.email, 1_000_000)
    answer = someone.client.post("/graphql", json={"query": "{ viewer { suggestions { nodes { id } } } }"}).json()
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["PLAN_REQUIRED"]


async def spent(database: asyncpg.Connection, someone: Person) -> tuple[int, int]:
    """Credits and requests that usage tells, when there is one of them."""
    for _ in range(100):
        row = await database.fetchrow(
            "select sum(credits)::int, sum(requests)::int from usage_day u join account a on a.id = u.account_id "
            "where email = $1 and endpoint = 'Mutation.suggestionCreate'",
            someone.email,
        )
        if row[1]:
            return row[0], row[1]
        await asyncio.sleep(0.1)
    raise AssertionError("no usage was written")


async def test_what_is_made_costs_a_credit_and_what_is_not_nothing(
    person: Make, database: asyncpg.Connection, live_track: int
) -> None:
    someone = await person("starter", test=False)
    both = """mutation ($a: SuggestionCreateInput!, $b: SuggestionCreateInput!) {
      a: suggestionCreate(input: $a) { __typename } b: suggestionCreate(input: $b) { __typename }
      c: suggestionCreate(input: $a) { __typename } }"""
    made = {"a": "SuggestionCreatePayload", "b": "NotFound", "c": "Conflict"}
    assert told(someone, both, a=members(live_track), b=members(live_track + 1)) == (made, 1)
    assert await spent(database, someone) == (1, 1)


async def test_problems_cost_nothing(person: Make, database: asyncpg.Connection, live_track: int) -> None:
    someone = await person("starter", test=False)
    for given, kind in (
        (members(live_track + 1), "NotFound"),
        (members(live_track, 30_000), "InvalidInput"),
        (members(live_track, note="x" * 101), "InvalidInput"),
        (members(live_track) | {"genreId": "x"}, "InvalidInput"),
    ):
        assert told(someone, CREATE, input=given) == ({"done": kind}, 0)
    assert (await spent(database, someone))[0] == 0


async def test_with_the_month_spent(person: Make, database: asyncpg.Connection, live_track: int) -> None:
    """The plan and the input are looked at first, and the quota is a problem of the union like them."""
    free, someone = await person("free", test=False), await person("starter", test=False)
    for who in (free, someone):
        await database.execute(SPENT, who.email, 50_000)
    assert do(free, CREATE, **members(live_track))["__typename"] == "PlanRequired"
    assert do(someone, CREATE, **members(live_track, note="x" * 101))["__typename"] == "InvalidInput"
    assert do(someone, CREATE, **members(live_track))["__typename"] == "QuotaExceeded"
    assert someone.refused("{ genre(databaseId: 1) { name } }") == "QUOTA_EXCEEDED"
    assert await database.fetchval("select count(*) from suggestion where track_id = $1", live_track) == 0
