"""`identify` in GraphQL, by a fingerprint and by a file that was sent in three steps."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from sonograph.recognition.acoustid import compress
from tests.contract import clips
from tests.graphql_accounts.conftest import Json, Make, Person
from tests.service import Service

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("indexed")]
PROBLEM = "__typename ... on Problem { message } ... on InvalidInput { field }"
IDENTIFY = (
    """
mutation ($input: IdentifyInput!) { identify(input: $input) {
  ... on IdentifyPayload { matched creditsCharged results {
    confidence speed clip { start end } reference { start end }
    track { id databaseId title billedArtists { artistName isPrimary } genre isrc releases(first: 1) { title } }
  } } """
    + PROBLEM
    + " } }"
)
CREATE = (
    """
mutation ($input: AudioUploadCreateInput!) { audioUploadCreate(input: $input) {
  ... on AudioUploadCreatePayload { upload { id url maxBytes expiresAt } } """
    + PROBLEM
    + " } }"
)
TRACK = """query ($id: ID!) { track(by: { id: $id }) {
  id databaseId title billedArtists { artistName isPrimary } genre isrc releases(first: 1) { title } } }"""
NOISE = ",".join(str(number * 2654435761 % 2**32) for number in range(1, 101))


def identified(person: Person, **given: Any) -> Json:
    found: Json = person.ask(IDENTIFY, input=given)["identify"]
    return found


def place(person: Person, **given: Any) -> Json:
    answer: Json = person.ask(CREATE, input=given)["audioUploadCreate"]
    upload: Json = answer["upload"]
    return upload


def http(method: str, url: str, content: Any = b"") -> httpx.Response:
    """A request without any key."""
    return httpx.request(method, url, content=content, timeout=60)


def put(url: str, content: Any) -> httpx.Response:
    return http("PUT", url, content)


def check(answer: Json) -> None:
    assert answer["__typename"] == "IdentifyPayload"
    assert answer["matched"] is True
    assert answer["creditsCharged"] == 0  # test keys
    best = answer["results"][0]
    assert best["track"]["title"] == clips.TITLE
    assert best["track"]["billedArtists"][0]["artistName"] == clips.ARTIST
    assert 0.9 < best["confidence"] <= 1
    assert abs(best["speed"] - 1) < 0.01
    assert 0 <= best["clip"]["start"] < 2.5
    assert clips.SECONDS - 2.5 < best["clip"]["end"] <= clips.SECONDS + 0.5
    for end in ("start", "end"):
        assert abs(best["reference"][end] - best["clip"][end] - clips.START) < 0.5


def as_list() -> list[int]:
    return [int(item) for item in clips.items()]


@pytest.mark.parametrize(
    "fingerprint",
    [
        lambda: compress(clips.items()),
        lambda: ",".join(str(item) for item in as_list()),
        lambda: [item - (1 << 32) if item >> 31 else item for item in as_list()],
        as_list,
    ],
    ids=["compressed", "raw", "signed", "unsigned"],
)
async def test_a_fingerprint_in_any_form(person: Make, fingerprint: Any) -> None:
    check(identified(await person(), audio={"fingerprint": fingerprint()}, first=2))


async def test_a_list_in_the_document_itself(person: Make) -> None:
    asked = "mutation { identify(input: { audio: { fingerprint: %s } }) { ... on IdentifyPayload { matched } } }"
    someone = await person()
    assert someone.ask(asked % as_list())["identify"]["matched"] is True


async def test_the_track_is_what_a_query_for_it_says(person: Make) -> None:
    someone = await person()
    found = identified(someone, audio={"fingerprint": compress(clips.items())}, first=1)["results"]
    assert len(found) == 1
    assert someone.ask(TRACK, id=found[0]["track"]["id"])["track"] == found[0]["track"]


async def test_a_file_in_three_steps(person: Make, service: Service) -> None:
    someone = await person()
    upload = place(someone, size=len(clips.wav()))
    assert upload["url"].startswith(f"{service.url}/uploads/")
    assert upload["maxBytes"] == 100 * 2**20
    minutes = (datetime.fromisoformat(upload["expiresAt"]) - datetime.now(UTC)).total_seconds() / 60
    assert 14 < minutes <= 15
    audio = {"uploadId": upload["id"]}
    early = identified(someone, audio=audio)
    assert (early["__typename"], early["field"]) == ("InvalidInput", "uploadId")
    sent = put(upload["url"], clips.wav())
    assert (sent.status_code, sent.json()) == (200, {"size": len(clips.wav())})
    for _ in range(2):
        check(identified(someone, audio=audio))
    stranger = await person()
    theirs = identified(stranger, audio=audio)
    assert (theirs["__typename"], theirs["field"]) == ("InvalidInput", "uploadId")


async def test_only_the_first_seconds_are_listened_to(person: Make) -> None:
    someone = await person()
    upload = place(someone)
    assert put(upload["url"], clips.behind_silence()).status_code == 200
    audio = {"uploadId": upload["id"]}
    whole = identified(someone, audio=audio)["results"][0]
    assert abs(whole["clip"]["start"] - clips.SECONDS) < 2.5
    assert abs(whole["reference"]["start"] - clips.START) < 2.5
    assert identified(someone, audio=audio, length=9)["matched"] is False


async def test_what_an_address_refuses(person: Make, service: Service, open_folder: Path) -> None:
    someone = await person()
    url = place(someone)["url"]
    assert http("GET", url).status_code == 405
    assert http("POST", url, b"x").headers["allow"] == "PUT"
    assert put(url, b"").status_code == 400
    for wrong in (url[:-1], url + "x", f"{service.url}/uploads/", f"{service.url}/uploads/../health/live"):
        assert put(wrong, b"x").status_code in {404, 405}
    assert put(url, iter([b"x" * 65_536] * 1700)).status_code == 413
    assert put(url, b"no audio at all").status_code == 200
    again = put(url, b"x")
    assert (again.status_code, set(again.json())) == (409, {"error"})
    assert not list((open_folder / "service/uploads/arriving").glob("*/[!l]*"))


async def test_what_does_not_fit_is_a_problem_that_names_it(person: Make) -> None:
    someone = await person()
    audio = {"fingerprint": NOISE}
    for given, named in (
        ({"audio": {"fingerprint": "1,2,3"}}, "fingerprint"),
        ({"audio": {"fingerprint": []}}, "fingerprint"),
        ({"audio": {"fingerprint": "junk"}}, "fingerprint"),
        ({"audio": audio, "first": 0}, "first"),
        ({"audio": audio, "first": 26}, "first"),
        ({"audio": audio, "length": 0}, "length"),
        ({"audio": audio, "length": 7201}, "length"),
        ({"audio": {"uploadId": "VHJhY2s6MQ=="}}, "uploadId"),
        ({"audio": {"uploadId": "junk"}}, "uploadId"),
    ):
        answer = identified(someone, **given)
        assert (answer["__typename"], answer["field"]) == ("InvalidInput", named), answer
    too_large = someone.ask(CREATE, input={"size": 100 * 2**20 + 1})["audioUploadCreate"]
    assert too_large["__typename"] == "InvalidInput"
    inputs: tuple[Json, ...] = (
        {},
        {"audio": {}},
        {"audio": {**audio, "uploadId": "x"}},
        {"audio": {"fingerprint": {"a": 1}}},
    )
    for wrong in inputs:
        assert someone.refused(IDENTIFY, input=wrong) == "BAD_USER_INPUT"
    assert someone.refused(IDENTIFY, input={"audio": {"fingerprint": [1] * 600}}) == "COST_LIMIT"


async def test_files_that_are_no_audio_are_a_problem(person: Make) -> None:
    someone = await person()
    for content in (b"no audio at all", clips.endless_flac()):
        upload = place(someone)
        assert put(upload["url"], content).status_code == 200
        answer = identified(someone, audio={"uploadId": upload["id"]})
        assert answer["__typename"] == "InvalidInput", answer
        assert answer["message"]


async def test_paid_plans_and_the_scope_are_needed(person: Make) -> None:
    poor, rich = await person("free"), await person()
    create = "mutation ($i: ApiKeyCreateInput!) { apiKeyCreate(input: $i) { ... on ApiKeyCreatePayload { secret } } }"
    secret = rich.ask(create, i={"scopes": ["READ"]})["apiKeyCreate"]["secret"]
    for query, given, field in (
        (IDENTIFY, {"audio": {"fingerprint": NOISE}}, "identify"),
        (CREATE, {}, "audioUploadCreate"),
    ):
        refused = poor.ask(query, input=given)[field]
        assert refused["__typename"] == "PlanRequired"
        assert "paid" in refused["message"]
        sent = rich.client.post(
            "/graphql", json={"query": query, "variables": {"input": given}}, headers={"x-api-key": secret}
        )
        assert sent.json()["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_credits_are_those_of_v1(person: Make) -> None:
    someone = await person(test=False)
    upload = place(someone)
    assert put(upload["url"], clips.padded(2**20 + 1)).status_code == 200
    for audio, cost in (({"fingerprint": NOISE}, 10), ({"uploadId": upload["id"]}, 12)):
        sent = someone.client.post(
            "/graphql",
            json={"query": IDENTIFY, "variables": {"input": {"audio": audio}}},
            headers={"x-sonograph-cost": "1"},
        ).json()
        assert sent["data"]["identify"]["creditsCharged"] == sent["extensions"]["cost"]["credits"] == cost
    bad = place(someone)
    put(bad["url"], b"no audio at all")
    assert identified(someone, audio={"uploadId": bad["id"]})["__typename"] == "InvalidInput"
    spent = "query { viewer { account { credits { used } } } }"
    assert someone.ask(spent)["viewer"]["account"]["credits"]["used"] == 22


async def test_too_few_credits_are_a_problem(person: Make, database: Any) -> None:
    someone = await person(test=False)
    await database.execute(
        "insert into credit_month (account_id, month, used) "
        "select id, date_trunc('month', now() at time zone 'utc'), 5000000 - 9 from account where email = $1",
        someone.email,
    )
    answer = identified(someone, audio={"fingerprint": NOISE})
    assert answer["__typename"] == "QuotaExceeded"
