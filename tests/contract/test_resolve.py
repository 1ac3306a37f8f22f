"""Bulk resolve through its three doors: /v1, the vendor's client, GraphQL."""

from typing import Any

import httpx
import pytest
from sonovault import SonoVault

from tests.service import Service

Json = dict[str, Any]
ONE_MORE_TIME = "GBDUW0000053"


def resolve(api: httpx.Client, input_type: str, *items: object) -> Json:
    answer = api.post("/v1/tracks/resolve", json={"input_type": input_type, "items": items})
    assert answer.status_code == 200, answer.text
    body: Json = answer.json()
    return body


def found(body: Json) -> list[str | None]:
    return [line["track"] and line["track"]["title"] for line in body["results"]]


def test_lines_are_answered_in_order_whatever_single_ones_are(api: httpx.Client) -> None:
    lines = ["gb-duw-00-00059", "no code", 5, None, {"a": [1]}, "", "GBDUW0000053", "GBDUW0000053", "x" * 100_000]
    body = resolve(api, "isrc", *lines)
    assert [line["input"] for line in body["results"]] == lines
    assert found(body) == ["Harder, Better, Faster, Stronger", *[None] * 5, "One More Time", "One More Time", None]
    assert {line["status"] for line in body["results"]} == {"matched", "not_found"}
    assert all((line["track"] is None) == (line["status"] == "not_found") for line in body["results"])
    assert list(body) == ["results", "partial", "processed", "credits_used", "credits_remaining", "message"]
    assert (body["partial"], body["processed"], body["message"]) == (False, len(lines), None)
    assert list(body["results"][0]) == ["input", "status", "track", "links"]


def test_every_platform_id_of_a_track_finds_it_with_its_links(api: httpx.Client) -> None:
    track = api.get("/v1/tracks/1").json()
    links = api.get("/v1/tracks/links", params={"id": 1}).json()["links"]
    assert len({link["source"] for link in links}) == 7
    for link in links:
        line = resolve(api, f"{link['source']}_id", link["external_id"])["results"][0]
        assert line["track"] == track
        assert line["links"] == links
        if link["source"] != "discogs":  # whose addresses name a release, not a track
            assert found(resolve(api, f"{link['source']}_id", link["url"])) == ["One More Time"]
            by_address = api.get("/v1/tracks/links", params={f"{link['source']}_id": link["url"]})
            assert by_address.json()["track_id"] == 1


def test_discogs_keys_in_any_spelling_are_found_among_others(api: httpx.Client) -> None:
    links = api.get("/v1/tracks/links", params={"id": 1}).json()["links"]
    key = next(link["external_id"] for link in links if link["source"] == "discogs")
    release, _, position = key.partition("-")
    lines = [key, key.lower(), f"[r{release}] - {position.lower()}", f"{release}-nowhere", "nothing", key]
    one = "One More Time"
    assert found(resolve(api, "discogs_id", *lines)) == [one, one, one, None, None, one]


@pytest.mark.parametrize(
    "line",
    [
        {"artist": "Daft Punk", "title": "One More Time"},
        "Daft Punk - One More Time",
        {"artist": "DAFT PUNK", "title": "one more time (Original Mix)"},
    ],
)
def test_names_are_found_as_the_search_finds_them(api: httpx.Client, line: object) -> None:
    assert found(resolve(api, "track_name", line)) == ["One More Time"]


@pytest.mark.parametrize(
    "line", ["", "Daft Punk", " - ", {"artist": "Daft Punk"}, {"artist": 1, "title": []}, [], True]
)
def test_what_is_no_name_is_not_found(api: httpx.Client, line: object) -> None:
    assert [r["status"] for r in resolve(api, "track_name", line, "Daft Punk - One More Time")["results"]] == [
        "not_found",
        "matched",
    ]


def test_numbers_are_found_as_text_and_as_numbers_and_merged_ones_lead_on(api: httpx.Client) -> None:
    lines = [1, "1", 0, -1, 10**12, "one", True]
    body = resolve(api, "sonovault_id", *lines)
    assert found(body) == ["One More Time", "One More Time", *[None] * 5]


def test_a_hundred_lines_of_the_sandbox_are_all_found(api: httpx.Client) -> None:
    tracks = [api.get(f"/v1/tracks/{number}").json() for number in range(40, 140)]
    coded = [track for track in tracks if track["isrc"]]
    by_code = resolve(api, "isrc", *[track["isrc"] for track in coded])
    assert [line["track"]["isrc"] for line in by_code["results"]] == [track["isrc"] for track in coded]
    by_name = resolve(api, "track_name", *[{"artist": t["artists"][0]["name"], "title": t["title"]} for t in tracks])
    wrong = [
        (line["input"], line["track"] and line["track"]["title"])
        for line in by_name["results"]
        if line["status"] != "matched"
    ]
    assert len(wrong) <= 2, wrong  # artists and titles of symbols alone have no words to match


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"items": ["x"]}, "input_type"),
        ({"input_type": "vinyl_id", "items": ["x"]}, "input_type"),
        ({"input_type": [], "items": ["x"]}, "input_type"),
        ({"input_type": "isrc"}, "items"),
        ({"input_type": "isrc", "items": []}, "items"),
        ({"input_type": "isrc", "items": ["x"] * 101}, "items"),
        ({"input_type": "isrc", "items": "x"}, "items"),
        ([], "input_type"),
    ],
)
def test_a_bad_request_is_a_400_that_names_what_is_wrong(api: httpx.Client, body: object, named: str) -> None:
    answer = api.post("/v1/tracks/resolve", json=body)
    assert answer.status_code == 400
    assert named in answer.json()["error"]


def test_other_media_methods_and_sizes_are_refused(api: httpx.Client) -> None:
    assert api.post("/v1/tracks/resolve", content=b"{}", headers={"content-type": "text/plain"}).status_code == 415
    assert api.post("/v1/tracks/resolve", json={"input_type": "isrc", "items": ["x" * 600_000]}).status_code == 413
    not_allowed = api.get("/v1/tracks/resolve")
    assert (not_allowed.status_code, not_allowed.headers["allow"]) == (405, "POST")


def test_the_vendors_client(service: Service, test_key: str) -> None:
    with SonoVault(test_key, base_url=service.url) as client:
        body = client.tracks.resolve(input_type="isrc", items=[ONE_MORE_TIME, "nothing"])
    assert [line["status"] for line in body["results"]] == ["matched", "not_found"]


def test_graphql_says_the_same(api: httpx.Client) -> None:
    query = """query ($items: [JSON]!) { resolveTracks(by: ISRC, items: $items, atMost: 2) {
        input status trackDatabaseId track { title } links { source } } }"""
    items = [ONE_MORE_TIME, "nothing", "GBDUW0000059"]
    answer = api.post("/graphql", json={"query": query, "variables": {"items": items}}).json()
    lines = answer["data"]["resolveTracks"]
    assert [line["status"] for line in lines] == ["MATCHED", "NOT_FOUND", "SKIPPED_NO_CREDITS"]
    assert [line["trackDatabaseId"] for line in lines] == [1, None, None]
    assert lines[0]["track"] == {"title": "One More Time"}
    too_many = api.post("/graphql", json={"query": query, "variables": {"items": ["x"] * 101}}).json()
    assert too_many["errors"][0]["extensions"] == {"code": "BAD_USER_INPUT", "field": "items"}
