"""Browsing: conditions, order, samples, and who may."""

from typing import Any

import httpx
import pytest

from tests.contract.conftest import Facts, Row
from tests.contract.doors import Door, Refused, Rest
from tests.contract.shapes import TRACK, is_shaped, page

pytestmark = pytest.mark.database


def _newest(rows: list[Row]) -> list[int]:
    dated = sorted((r for r in rows if r["released"]), key=lambda r: (r["released"], r["id"]), reverse=True)
    undated = sorted((r for r in rows if not r["released"]), key=lambda r: r["id"], reverse=True)
    return [row["id"] for row in dated + undated][:20]


def _fitting(facts: Facts, **conditions: Any) -> list[Row]:
    found = facts["track"]
    if (label := conditions.get("labelId")) is not None:
        releases = {r["id"] for r in facts.where("release", label_id=label)}
        on_label = {rt["track_id"] for rt in facts["release_track"] if rt["release_id"] in releases}
        found = [t for t in found if t["id"] in on_label]
    if (artist := conditions.get("artistId")) is not None:
        theirs = {c["track_id"] for c in facts.where("track_artist", artist_id=artist)}
        found = [t for t in found if t["id"] in theirs]
    if (genre := conditions.get("genreId")) is not None:
        tagged = {g["track_id"] for g in facts.where("track_genre", genre_id=genre)}
        found = [t for t in found if t["id"] in tagged]
    if (year := conditions.get("year")) is not None:
        found = [t for t in found if t["released"] and t["released"].year == year]
    return found


def test_conditions_alone_and_together(door: Door, facts: Facts) -> None:
    label = max(facts["label"], key=lambda row: row["release_count"])["id"]
    artist = max(facts["artist"], key=lambda row: row["release_count"])["id"]
    genres = [row["genre_id"] for row in facts["track_genre"]]
    genre = max(set(genres), key=genres.count)
    years = [row["released"].year for row in facts["track"] if row["released"]]
    year = max(set(years), key=years.count)
    cases: tuple[dict[str, Any], ...] = (
        {"labelId": label},
        {"artistId": artist},
        {"genreId": genre},
        {"year": year},
        {"genreId": genre, "year": year},
        {"labelId": label, "artistId": facts.where("release", label_id=label)[0]["artist_id"]},
        {"labelId": label, "genreId": genre},
        {"labelId": 2_000_000},
        {"year": 1801},
    )
    for conditions in cases:
        body = door.browse(**conditions)
        assert is_shaped(body, page(TRACK, 20))
        assert body["next_cursor"] is None
        assert [t["id"] for t in body["results"]] == _newest(_fitting(facts, **conditions)), conditions


def test_a_genre_by_name_is_the_genre_by_id(door: Door, facts: Facts) -> None:
    house = min(row["id"] for row in facts.where("genre", name="House"))
    by_name = door.browse(genre="house")
    assert by_name["results"]
    assert by_name == door.browse(genreId=house)


def test_a_sample_is_of_what_fits_and_changes(door: Door, facts: Facts) -> None:
    genres = [row["genre_id"] for row in facts["track_genre"]]
    genre = max(set(genres), key=genres.count)
    fitting = {row["id"] for row in _fitting(facts, genreId=genre)}
    assert len(fitting) > 40
    samples = [[t["id"] for t in door.browse(genreId=genre, randomize=True)["results"]] for _ in range(4)]
    for sample in samples:
        assert len(set(sample)) == 20
        assert set(sample) <= fitting
    assert len({tuple(sample) for sample in samples}) > 1


@pytest.mark.parametrize(
    ("conditions", "word"),
    [
        ({}, "labelId"),
        ({"randomize": True}, "labelId"),
        ({"genre": "House", "genreId": 100}, "genre"),
        ({"year": 0}, "year"),
    ],
)
def test_wrong_conditions_are_refused(door: Door, conditions: dict[str, Any], word: str) -> None:
    with pytest.raises(Refused) as caught:
        door.browse(**conditions)
    assert caught.value.status == 400
    assert word in caught.value.text


def test_the_free_plan_does_not_browse(anonymous: httpx.Client, free_test_key: str) -> None:
    headers = {"x-api-key": free_test_key}
    refused = anonymous.get("/v1/tracks/browse", params={"year": 2001}, headers=headers)
    assert refused.status_code == 403
    assert "paid" in refused.json()["error"]
    for path in ("/v1/releases/new", "/v1/genres", "/v1/tracks/1", "/v1/tracks/search?artist=a&title=b"):
        assert anonymous.get(path, headers=headers).status_code == 200


def test_the_free_plan_does_not_browse_through_graphql(anonymous: httpx.Client, free_test_key: str) -> None:
    query = "{ browseTracks(year: 2001) { nodes { title } } }"
    body = anonymous.post("/graphql", json={"query": query}, headers={"x-api-key": free_test_key}).json()
    assert body["errors"][0]["extensions"]["code"] == "PLAN_REQUIRED"


def test_browsing_needs_no_limit(rest: Rest) -> None:
    """Unknown parameters, limit among them, are ignored."""
    assert len(rest.browse(year=2015, limit=1)["results"]) != 1


def test_a_sample_has_one_page_in_graphql_too(api: httpx.Client) -> None:
    query = "query ($after: String) { browseTracks(genreId: 100, randomize: true, first: 3, after: $after) { %s } }"
    page = api.post("/graphql", json={"query": query % "nodes { title } nextCursor pageInfo { endCursor }"}).json()
    assert len(page["data"]["browseTracks"]["nodes"]) == 3
    assert page["data"]["browseTracks"]["nextCursor"] is None
    after = {"after": page["data"]["browseTracks"]["pageInfo"]["endCursor"]}
    refused = api.post("/graphql", json={"query": query % "nextCursor", "variables": after}).json()
    assert refused["errors"][0]["extensions"] == {"code": "BAD_USER_INPUT", "field": "after"}
