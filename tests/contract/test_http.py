"""/v1 as HTTP: methods, HEAD, slashes, encodings, media types."""

import socket

import httpx
import pytest

from tests.service import Service


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
@pytest.mark.parametrize(
    "path", ["/v1/tracks/1", "/v1/genres", "/v1/tracks/isrc/GBDUW0000053", "/v1/artists/1/releases"]
)
def test_other_methods_are_refused(api: httpx.Client, method: str, path: str) -> None:
    answer = api.request(method, path)
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD"
    assert list(answer.json()) == ["error"]


@pytest.mark.parametrize("path", ["/v1/tracks/1", "/v1/genres", "/v1/tracks/2000000", "/v1/tracks/search"])
def test_head_is_get_without_a_body(api: httpx.Client, path: str) -> None:
    head, get = api.head(path), api.get(path)
    assert head.content == b""
    assert head.status_code == get.status_code
    for name in ("content-type", "content-length"):
        assert head.headers[name] == get.headers[name]


def test_answers_are_kept_by_no_cache_and_taken_for_what_they_are(api: httpx.Client, anonymous: httpx.Client) -> None:
    read = {"query": "{ __typename }"}
    for answer, control in (
        (api.get("/v1/genres"), "no-store"),
        (api.get("/v1/tracks/2000000"), "no-store"),
        (api.post("/v1/genres"), "no-store"),
        (anonymous.get("/v1/genres"), "no-store"),
        (api.post("/graphql", json=read), "no-store"),
        (api.post("/graphql", json={}), "no-store"),
        (anonymous.post("/graphql", json=read), "no-store"),
        (api.get("/graphql", params=read), "private, no-cache"),
        (api.get("/graphql"), "no-store"),
    ):
        assert answer.headers.get_list("cache-control") == [control], answer.request.url
        assert answer.headers.get_list("x-content-type-options") == ["nosniff"]


def test_bodies_are_json(api: httpx.Client) -> None:
    for path in ("/v1/genres", "/v1/tracks/2000000", "/v1/nowhere", "/v1/tracks/search"):
        answer = api.get(path)
        assert answer.headers["content-type"] == "application/json"
        assert answer.json()


@pytest.mark.parametrize(
    "path", ["/v1", "/v1/", "/v1/nowhere", "/v1/tracks", "/v1/tracks/1/nothing", "/v2/tracks/1", "/v1/genres/1/2/3/4"]
)
def test_unknown_paths(api: httpx.Client, path: str) -> None:
    answer = api.get(path)
    assert answer.status_code in {404, 405}  # /v1/tracks/{id} knows no …/nothing; POST routes may live under a path
    assert list(answer.json()) == ["error"]


def test_a_trailing_slash_does_not_matter(api: httpx.Client) -> None:
    assert api.get("/v1/tracks/1/").json() == api.get("/v1/tracks/1").json()
    assert api.get("/v1/genres/").json() == api.get("/v1/genres").json()


@pytest.mark.parametrize(
    "path", ["/v1/tracks/isrc/%47BDUW0000053", "/v1/tracks/isrc/GB%2DDUW%2D00%2D00053", "/v1/tr%61cks/1"]
)
def test_percent_encoded_paths(api: httpx.Client, path: str) -> None:
    assert api.get(path).json()["id"] == 1


@pytest.mark.parametrize(
    "path",
    ["/v1/tracks/%ff", "/v1/tracks/isrc/%ff%fe", "/v1/tracks/isrc/%00", "/v1/tracks/isrc/%ed%a0%80", "/v1/tracks/%"],
)
def test_paths_that_are_no_text(api: httpx.Client, path: str) -> None:
    answer = api.get(path)
    assert answer.status_code in {400, 404}
    assert list(answer.json()) == ["error"]


@pytest.mark.parametrize("query", ["artist=%ff&title=x", "artist=%ed%a0%80&title=x", "artist=x&title=%c3%28"])
def test_queries_that_are_no_text(api: httpx.Client, query: str) -> None:
    answer = api.get(f"/v1/tracks/search?{query}")
    assert answer.status_code == 400
    assert "UTF-8" in answer.json()["error"]


def test_raw_bytes_in_the_address_are_refused(service: Service, test_key: str) -> None:
    """HTTP clients would encode them."""
    with socket.create_connection(("127.0.0.1", service.port), timeout=5) as connection:
        key = test_key.encode()
        connection.sendall(b"GET /v1/tracks/isrc/\xff HTTP/1.1\r\nhost: x\r\nx-api-key: " + key + b"\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 400 ")


def test_non_latin_text_in_answers_is_utf8(api: httpx.Client) -> None:
    answer = api.get("/v1/artists/search", params={"name": "紙風鈴製作所"})
    assert "紙風鈴製作所" in answer.content.decode("utf-8")
