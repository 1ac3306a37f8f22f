"""Parameters of /v1: every bad one is a 400 that names it, unknown ones are ignored."""

from typing import Any

import httpx
import pytest

pytestmark = pytest.mark.database

SEARCH = "/v1/tracks/search"
OK = {"artist": "Daft Punk", "title": "One More Time"}
LONG = "x" * 5001


@pytest.mark.parametrize(
    ("path", "params", "name"),
    [
        (SEARCH, {"title": "x"}, "artist"),
        (SEARCH, {"artist": "x"}, "title"),
        (SEARCH, {"artist": "", "title": "x"}, "artist"),
        (SEARCH, {"artist": "x", "title": "   "}, "title"),
        (SEARCH, {"artist": LONG, "title": "x"}, "artist"),
        (SEARCH, {"artist": "x", "title": "a\0b"}, "title"),
        *[
            (SEARCH, OK | {"limit": bad}, "limit")
            for bad in ("0", "101", "-1", "1.5", "ten", "1e1", "٣", " 5", "9" * 5000)
        ],
        (SEARCH, OK | {"cursor": "nonsense"}, "cursor"),
        ("/v1/tracks/iswc", {}, "isrc"),
        ("/v1/tracks/iswc", {"isrc": "GBDUW0000053", "id": "1"}, "id"),
        ("/v1/tracks/iswc", {"id": "one"}, "id"),
        ("/v1/tracks/iswc", {"isrc": "not an isrc"}, "isrc"),
        ("/v1/tracks/iswc/T0710204399", {"limit": "201"}, "limit"),
        ("/v1/tracks/iswc/not-an-iswc", {}, "iswc"),
        ("/v1/tracks/isrc/not-an-isrc", {}, "isrc"),
        ("/v1/tracks/links", {}, "spotify_id"),
        ("/v1/tracks/links", {"spotify_id": "a", "tidal_id": "b"}, "tidal_id"),
        ("/v1/tracks/links", {"id": "x"}, "id"),
        ("/v1/tracks/browse", {}, "labelId"),
        ("/v1/tracks/browse", {"genre": "House", "genreId": "100"}, "genre"),
        ("/v1/tracks/browse", {"year": "20x1"}, "year"),
        ("/v1/tracks/browse", {"labelId": "x"}, "labelId"),
        ("/v1/tracks/browse", {"year": "2001", "randomize": "perhaps"}, "randomize"),
        ("/v1/tracks/one", {}, "id"),
        ("/v1/artists/search", {}, "name"),
        ("/v1/artists/1x", {}, "id"),
        *[
            ("/v1/artists/1/releases", {"from": bad}, "from")
            for bad in (
                "2001",
                "2001-13-01",
                "2001-02-30",
                "20010312",
                "2001-W11-1",
                "2001-03-12T00:00",
                "0000-01-01",
                "x",
            )
        ],
        ("/v1/labels/1/releases", {"until": "12.03.2001"}, "until"),
        ("/v1/labels/search", {"limit": "20"}, "name"),
        ("/v1/releases/search", {"artist": "Daft Punk"}, "title"),
        ("/v1/releases/1", {"edition": "first"}, "edition"),
        ("/v1/releases/new", {"limit": "1000"}, "limit"),
    ],
)
def test_a_bad_one_is_named(api: httpx.Client, path: str, params: dict[str, str], name: str) -> None:
    answer = api.get(path, params=params)
    assert answer.status_code == 400
    assert list(answer.json()) == ["error"]
    assert name in answer.json()["error"]


@pytest.mark.parametrize(
    ("path", "params"),
    [(SEARCH, OK), ("/v1/tracks/1", {}), ("/v1/genres", {}), ("/v1/releases/1", {}), ("/v1/artists/1/releases", {})],
)
def test_unknown_ones_are_ignored(api: httpx.Client, path: str, params: dict[str, Any]) -> None:
    plain = api.get(path, params=params)
    assert plain.status_code == 200
    odd = params | {"first": "x", "after": "x", "fields": "id", "api_key": "y", "": "z", "ключ": "значение"}
    assert api.get(path, params=odd).json() == plain.json()


def test_empty_optional_ones_are_as_if_left_out(api: httpx.Client) -> None:
    assert api.get(SEARCH, params=OK | {"limit": "", "cursor": ""}).json() == api.get(SEARCH, params=OK).json()
    assert api.get("/v1/releases/1", params={"edition": ""}).json()["edition"] is None


def test_the_first_of_two_counts(api: httpx.Client) -> None:
    assert len(api.get("/v1/releases/new?limit=2&limit=5").json()["results"]) == 2


def test_plus_and_percent_twenty_are_spaces(api: httpx.Client) -> None:
    plus = api.get(f"{SEARCH}?artist=Daft+Punk&title=One+More+Time").json()
    assert plus == api.get(f"{SEARCH}?artist=Daft%20Punk&title=One%20More%20Time").json()
    assert plus["results"]
