"""Genre suggestions through /v1, the vendor's client and GraphQL; their review, and what it does to the track."""

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import httpx
import pytest
import pytest_asyncio
from sonovault import SonoVault, SonoVaultError
from typer.testing import CliRunner

from api.cli import app
from sonograph.errors import Conflict, NotFound
from sonograph.ids import global_id
from tests.graphql_accounts.conftest import Json, Make, Person
from tests.service import COMMAND, Service

pytestmark = pytest.mark.database

TRACK, DISCO, AMAPIANO, HOUSE = 1, 1004, 108, 100
SHAPE = "id databaseId note status reason createdAt reviewedAt track { databaseId title genre } genre { name }"
ANSWER = "__typename ... on Problem { message } ... on InvalidInput { field }"
CREATE = f"""mutation ($input: SuggestionCreateInput!) {{ done: suggestionCreate(input: $input) {{
  {ANSWER} ... on SuggestionCreatePayload {{ suggestion {{ {SHAPE} }} }} }} }}"""
APPROVE = f"""mutation ($input: SuggestionApproveInput!) {{ done: suggestionApprove(input: $input) {{
  {ANSWER} ... on SuggestionApprovePayload {{ suggestion {{ {SHAPE} }} }} }} }}"""
REJECT = f"""mutation ($input: SuggestionRejectInput!) {{ done: suggestionReject(input: $input) {{
  {ANSWER} ... on SuggestionRejectPayload {{ suggestion {{ {SHAPE} }} }} }} }}"""


@pytest_asyncio.fixture(autouse=True)
async def unchanged(database: asyncpg.Connection) -> AsyncIterator[None]:
    """Other tests compare the sandbox with its rows: what is approved here is taken back."""
    before = await database.fetch("select track_id, genre_id, released from sandbox.track_genre where track_id <= 30")
    yield
    await database.execute("delete from sandbox.track_genre where track_id <= 30")
    await database.executemany("insert into sandbox.track_genre values ($1, $2, $3)", [tuple(row) for row in before])
    await database.execute("delete from sandbox.accepted_genre")
    await database.execute("delete from suggestion")


def post(someone: Person, genre: Any = DISCO, track: object = TRACK, **members: Any) -> httpx.Response:
    return someone.client.post(f"/v1/tracks/{track}/suggestions", json={"genreId": genre, **members})


def do(someone: Person, mutation: str, **members: Any) -> Json:
    done: Json = someone.ask(mutation, input=members)["done"]
    return done


def sid(number: int) -> str:
    return global_id("Suggestion", number)


async def test_through_v1(person: Make) -> None:
    someone = await person("starter")
    made = post(someone, note=" a note ")
    assert made.status_code == 200
    body = made.json()
    assert body | {"id": 0, "created_at": ""} == {
        "id": 0,
        "track": {"id": TRACK, "title": "One More Time"},
        "genre": {"id": DISCO, "name": "Disco"},
        "note": "a note",
        "status": "pending",
        "created_at": "",
        "reviewed_at": None,
    }
    assert body["created_at"].endswith("Z")
    second = post(someone, AMAPIANO, track=2, note=None).json()
    assert someone.client.get("/v1/suggestions").json() == {"results": [second, body], "next_cursor": None}


async def test_through_the_vendors_client(person: Make, service: Service) -> None:
    someone = await person("starter")
    with SonoVault(someone.key, base_url=service.url, max_retries=0) as vendor:
        made = [vendor.suggestions.submit(track, {"genreId": DISCO}) for track in (1, 2, 3)]
        first = vendor.suggestions.list(limit=2)
        assert first["results"] == made[:0:-1]
        second = vendor.suggestions.list(limit=2, cursor=first["next_cursor"])
        assert second == {"results": made[:1], "next_cursor": None}
        with pytest.raises(SonoVaultError) as refused:
            vendor.suggestions.submit(1, {"genreId": DISCO})
        assert refused.value.status == 409


async def test_through_graphql(person: Make) -> None:
    someone = await person("starter")
    done = do(someone, CREATE, trackId=global_id("Track", TRACK), genreId=global_id("Genre", DISCO), note="x")
    made = done["suggestion"]
    assert made["track"] == {"databaseId": TRACK, "title": "One More Time", "genre": ["House"]}
    assert (made["genre"], made["status"], made["reason"]) == ({"name": "Disco"}, "PENDING", None)
    query = f"{{ viewer {{ suggestions {{ totalCount nodes {{ {SHAPE} }} }} }} }}"
    assert someone.ask(query)["viewer"]["suggestions"] == {"totalCount": 1, "nodes": [made]}
    one = f"query ($n: Int!) {{ viewer {{ suggestion(databaseId: $n) {{ {SHAPE} }} }} }}"
    assert someone.ask(one, n=made["databaseId"])["viewer"]["suggestion"] == made
    assert (await person()).ask(one, n=made["databaseId"])["viewer"]["suggestion"] is None
    assert someone.ask(one, n=-1)["viewer"]["suggestion"] is None


@pytest.mark.parametrize(
    ("body", "status", "word"),
    [
        ({}, 400, "genreId"),
        ({"genreId": None}, 400, "genreId"),
        ({"genreId": "disco"}, 400, "genreId"),
        ({"genreId": True}, 400, "genreId"),
        ({"genreId": 1.5}, 400, "genreId"),
        ({"genreId": 99_999}, 400, "genreId"),
        ({"genreId": 2**40}, 400, "genreId"),
        ({"genreId": -1}, 400, "genreId"),
        ({"genreId": DISCO, "note": "x" * 101}, 400, "note"),
        ({"genreId": DISCO, "note": 5}, 400, "note"),
        ({"genreId": DISCO, "note": "a\0b"}, 400, "note"),
        ([], 400, "object"),
        ({"genreId": HOUSE}, 409, "already"),
    ],
)
async def test_bad_input(person: Make, body: Any, status: int, word: str) -> None:
    answer = (await person("starter")).client.post(f"/v1/tracks/{TRACK}/suggestions", json=body)
    assert (answer.status_code, list(answer.json())) == (status, ["error"])
    assert word in answer.json()["error"]


async def test_unknown_tracks_and_odd_requests(person: Make) -> None:
    someone = await person("starter")
    for track in ("2000000", "0", "99999999999999999999"):
        assert post(someone, track=track).status_code == 404, track
    assert post(someone, track="x").status_code == 400
    path = f"/v1/tracks/{TRACK}/suggestions"
    assert someone.client.get(path).status_code == 405
    assert someone.client.post("/v1/suggestions").status_code == 405
    assert someone.client.post(path, content=b"{", headers={"content-type": "application/json"}).status_code == 400
    assert someone.client.post(path, content=b"{}").status_code == 415
    big = someone.client.post(path, content=b" " * 20_000, headers={"content-type": "application/json"})
    assert big.status_code == 413
    bad = do(someone, CREATE, trackId=global_id("Artist", 1), genreId=global_id("Genre", DISCO))
    assert bad["__typename"] == "NotFound"
    bad = do(someone, CREATE, trackId=global_id("Track", 1), genreId=global_id("Genre", 30_000))
    assert (bad["__typename"], bad["field"]) == ("InvalidInput", "genreId")


async def test_the_free_plan_is_told_to_pay(person: Make, database: asyncpg.Connection) -> None:
    someone = await person("starter")
    post(someone)
    free = await person("free")
    for answer in (post(free), free.client.get("/v1/suggestions")):
        assert answer.status_code == 403
        assert "paid" in answer.json()["error"]
    done = do(free, CREATE, trackId=global_id("Track", 1), genreId=global_id("Genre", DISCO))
    assert done["__typename"] == "PlanRequired"
    assert free.refused("{ viewer { suggestions { totalCount } } }") == "PLAN_REQUIRED"
    await database.execute("update account set plan = 'free' where email = $1", someone.email)
    end = asyncio.get_running_loop().time() + 10
    while someone.client.get("/v1/suggestions").status_code != 403:
        assert asyncio.get_running_loop().time() < end
        await asyncio.sleep(0.1)


async def test_a_hundred_a_day_exactly_whoever_is_in_a_hurry(
    person: Make, service: Service, database: asyncpg.Connection
) -> None:
    someone = await person("starter")
    number = await database.fetchval("select id from account where email = $1", someone.email)
    await database.execute(
        "insert into suggestion (account_id, test, track_id, genre_id, created_at, status, reviewed_at) "
        "select $1, true, n, $2, now(), 'rejected', now() from generate_series(1, 90) n",
        number, DISCO,
    )  # fmt: skip
    async with httpx.AsyncClient(base_url=service.url, headers={"x-api-key": someone.key}, timeout=30) as client:
        answers = await asyncio.gather(
            *(client.post(f"/v1/tracks/{n}/suggestions", json={"genreId": DISCO}) for n in range(1, 25))
        )
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [200] * 10 + [429] * 14
    late = next(answer for answer in answers if answer.status_code == 429)
    assert "retry-after" not in late.headers  # the vendor's client would wait for tomorrow
    assert "100" in late.json()["error"]
    done = do(someone, CREATE, trackId=global_id("Track", 30), genreId=global_id("Genre", DISCO))
    assert done["__typename"] == "LimitReached"
    await database.execute("update suggestion set created_at = created_at - interval '1 day'")
    assert post(someone, track=30).status_code == 200


async def test_the_same_twice_at_once_is_one(person: Make, service: Service) -> None:
    someone = await person("starter")
    async with httpx.AsyncClient(base_url=service.url, headers={"x-api-key": someone.key}, timeout=30) as client:
        answers = await asyncio.gather(
            *(client.post(f"/v1/tracks/{TRACK}/suggestions", json={"genreId": DISCO}) for _ in range(8))
        )
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 7


async def test_approval_gives_the_track_its_genre_and_its_main_genre(person: Make) -> None:
    someone, other, reviewer = await person(), await person(), await person(reviewer=True)
    mine, theirs = (post(who, AMAPIANO, track=2).json() for who in (someone, other))
    waiting = f"{{ viewer {{ suggestionsToReview {{ totalCount nodes {{ {SHAPE} }} }} }} }}"
    queue = reviewer.ask(waiting)["viewer"]["suggestionsToReview"]
    assert (queue["totalCount"], [n["databaseId"] for n in queue["nodes"]]) == (2, [mine["id"], theirs["id"]])
    done = do(reviewer, APPROVE, id=sid(mine["id"]))["suggestion"]
    assert done["status"] == "APPROVED"
    assert "House" in done["track"]["genre"]
    track = someone.client.get("/v1/tracks/2").json()
    assert "House" in track["genre"]
    assert "Amapiano" in track["subgenre"]
    for who in (someone, other):  # what others suggested alike is approved with it
        (listed,) = who.client.get("/v1/suggestions").json()["results"]
        assert (listed["status"], listed["reviewed_at"] is not None) == ("approved", True)
    assert reviewer.ask(waiting)["viewer"]["suggestionsToReview"]["totalCount"] == 0
    again = do(reviewer, APPROVE, id=sid(mine["id"]))
    assert again["__typename"] == "Conflict"
    assert reviewer.email in again["message"]
    assert post(someone, AMAPIANO, track=2).status_code == 409


async def test_of_two_reviewers_at_the_same_moment_one_decides(person: Make, service: Service) -> None:
    someone, reviewer = await person(), await person(reviewer=True)
    number = post(someone).json()["id"]
    async with httpx.AsyncClient(base_url=service.url, headers={"x-api-key": reviewer.key}, timeout=30) as client:
        answers = await asyncio.gather(
            *(
                client.post("/graphql", json={"query": query, "variables": {"input": {"id": sid(number), **more}}})
                for query, more in ((APPROVE, {}), (REJECT, {"reason": "no"})) * 4
            )
        )
    kinds = sorted(answer.json()["data"]["done"]["__typename"] for answer in answers)
    assert kinds[:-1] == ["Conflict"] * 7
    assert kinds[-1] in {"SuggestionApprovePayload", "SuggestionRejectPayload"}
    (listed,) = someone.client.get("/v1/suggestions").json()["results"]
    genres = someone.client.get(f"/v1/tracks/{TRACK}").json()["subgenre"]
    assert ("Disco" in genres) is (listed["status"] == "approved")


async def test_a_rejection_says_why(person: Make) -> None:
    someone, reviewer = await person(), await person(reviewer=True)
    number = post(someone).json()["id"]
    for reason in ("", "  ", "x" * 501, "a\0b"):
        assert do(reviewer, REJECT, id=sid(number), reason=reason)["field"] == "reason"
    done = do(reviewer, REJECT, id=sid(number), reason="It is house.")["suggestion"]
    assert (done["status"], done["reason"]) == ("REJECTED", "It is house.")
    assert someone.client.get("/v1/suggestions").json()["results"][0]["status"] == "rejected"
    assert someone.client.get(f"/v1/tracks/{TRACK}").json()["subgenre"] == []
    assert post(someone).status_code == 200  # it may be suggested again


async def test_reviewing_is_for_reviewers_and_their_catalog(person: Make, database: asyncpg.Connection) -> None:
    someone, reviewer, live = await person(), await person(reviewer=True), await person(reviewer=True, test=False)
    number = post(someone).json()["id"]
    for query, more in ((APPROVE, {}), (REJECT, {"reason": "no"})):
        assert someone.refused(query, input={"id": sid(number), **more}) == "FORBIDDEN"
        assert do(live, query, id=sid(number), **more)["__typename"] == "NotFound"
        for wrong in ("x", sid(2_000_000_000), global_id("Track", number)):
            assert do(reviewer, query, id=wrong, **more)["__typename"] == "NotFound"
    assert someone.refused("{ viewer { suggestionsToReview { totalCount } } }") == "FORBIDDEN"
    assert await database.fetchval("select status from suggestion where id = $1", number) == "pending"


async def test_a_merged_track_is_led_on(person: Make, database: asyncpg.Connection) -> None:
    someone, reviewer = await person(), await person(reviewer=True)
    number = post(someone, AMAPIANO, track=2).json()["id"]
    await database.execute("insert into sandbox.redirect (kind, old_id, new_id) values (4, 2, 3)")
    try:
        (listed,) = someone.client.get("/v1/suggestions").json()["results"]
        assert listed["track"]["id"] == 3
        assert do(reviewer, APPROVE, id=sid(number))["suggestion"]["track"]["databaseId"] == 3
        assert "Amapiano" in someone.client.get("/v1/tracks/3").json()["subgenre"]
        assert post(someone, AMAPIANO, track=2).status_code == 409
    finally:
        await database.execute("delete from sandbox.redirect where kind = 4 and old_id = 2")


async def test_a_track_that_is_gone(person: Make, database: asyncpg.Connection) -> None:
    someone, reviewer = await person(), await person(reviewer=True)
    number = post(someone).json()["id"]
    await database.execute("update suggestion set track_id = 2000000 where id = $1", number)
    assert do(reviewer, APPROVE, id=sid(number))["__typename"] == "Conflict"
    (listed,) = someone.client.get("/v1/suggestions").json()["results"]
    assert (listed["track"], listed["status"]) == (None, "pending")
    assert do(reviewer, REJECT, id=sid(number), reason="gone")["suggestion"]["track"] is None


async def test_each_suggestion_of_a_page_has_its_own_track(person: Make) -> None:
    """Tracks and genres of a page come in a batch each."""
    someone = await person()
    for track in range(1, 21):
        assert post(someone, AMAPIANO if track % 2 else DISCO, track=track).status_code in {200, 409}
    nodes = someone.ask("{ viewer { suggestions { nodes { track { databaseId } genre { name } } } } }")
    pairs = [(n["track"]["databaseId"], n["genre"]["name"]) for n in nodes["viewer"]["suggestions"]["nodes"]]
    assert len(pairs) >= 15
    assert pairs == [(n, "Amapiano" if n % 2 else "Disco") for n, _ in sorted(pairs, reverse=True)]


async def command(*words: str) -> Any:
    """What came of a command, in this process."""
    return await asyncio.to_thread(lambda: CliRunner().invoke(app, words))


async def test_by_command(person: Make, service: Service, database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One process, to see that there is such a command; the others, at 3 s of CPU each, run in this one."""
    someone = await person()
    first, second = post(someone, note="please").json()["id"], post(someone, track=2).json()["id"]

    environment = {n: v for n, v in os.environ.items() if not n.startswith("SONOGRAPH_")}
    settings = {"SONOGRAPH_DATABASE_URL": database_url, "SONOGRAPH_DATA_DIR": str(service.log.parent)}
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("api.logs.configure", lambda _: None)  # it would keep the runner's stderr

    def process() -> str:
        return subprocess.run(
            [COMMAND, "suggestions", "list", "--sandbox"],
            env=environment | settings,
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    listed = await asyncio.to_thread(process)
    assert f"{first} Disco for Daft Punk" in listed
    assert "(please)" in listed
    assert "Nothing" in (await command("suggestions", "list")).output
    assert (await command("suggestions", "approve", str(first), "--sandbox")).exit_code == 0
    assert (await command("suggestions", "reject", str(second), "--reason", "no")).exit_code == 0
    assert "Disco" in someone.client.get(f"/v1/tracks/{TRACK}").json()["subgenre"]
    statuses = {row["id"]: row["status"] for row in someone.client.get("/v1/suggestions").json()["results"]}
    assert statuses == {first: "approved", second: "rejected"}
    again = await command("suggestions", "approve", str(first))
    assert isinstance(again.exception, Conflict)
    assert "already" in again.exception.message


async def test_of_the_sandbox_alone_by_command(
    person: Make, service: Service, database_url: str, database: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Numbers span both catalogs; with `--sandbox` one of the live catalog is not found."""
    someone = await person()
    number = post(someone).json()["id"]
    await database.execute("update suggestion set test = false where id = $1", number)
    monkeypatch.setenv("SONOGRAPH_DATABASE_URL", database_url)
    monkeypatch.setenv("SONOGRAPH_DATA_DIR", str(service.log.parent))
    monkeypatch.setattr("api.logs.configure", lambda _: None)
    for words in (("approve", str(number)), ("reject", str(number), "--reason", "no")):
        ended = await command("suggestions", *words, "--sandbox")
        assert isinstance(ended.exception, NotFound), ended.output
    assert await database.fetchval("select status from suggestion where id = $1", number) == "pending"
    ended = await command("suggestions", "reject", str(number), "--reason", "no")
    assert ended.exception is None, ended.output
