"""Bodies, variables and headers made to hurt."""

import json
from collections.abc import Callable

import httpx
import pytest

from tests.hostile.conftest import Send, is_refused, says_nothing_internal

Cheap = Callable[[Send], list[httpx.Response]]
IDS, NUMBER, TEXT = (
    "query($a: [ID!]!) { nodes(ids: $a) { id } }",
    "query($a: Int!) { genre(databaseId: $a) { name } }",
    "query($a: String!) { searchArtists(name: $a) { nodes { name } } }",
)
BY, DAY, PLATFORMS = (
    "query($a: TrackBy!) { track(by: $a) { title } }",
    "query($a: Date) { artist(by: { databaseId: 1 }) { releases(from: $a) { nodes { title } } } }",
    "query($a: [Platform!]) { track(by: { databaseId: 1 }) { links(platforms: $a) { url } } }",
)


def body(query: str, a: str | bytes) -> bytes:
    """A request whose variable is this JSON."""
    value = a.encode() if isinstance(a, str) else a
    return b'{"query":' + json.dumps(query).encode() + b',"variables":{"a":' + value + b"}}"


BODIES = {
    "1 MB": json.dumps({"query": "{ __typename }", "variables": {"a": "x" * 10**6}}).encode(),
    "1 MB of brackets": b"[" * 10**6,
    "100,000 levels": b'{"query":"{ __typename }","variables":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "1,000 levels": body(IDS, "[" * 1_000 + "]" * 1_000),
    "1,000 objects deep": body(BY, '{"isrc":' * 1_000 + "1" + "}" * 1_000),
    "50,000 ids": body(IDS, json.dumps(["x"] * 50_000)),
    "101 ids": body(IDS, json.dumps(["x"] * 101)),
    "40,000 nulls": body(IDS, json.dumps([None] * 40_000)),
    "80,000 objects": body(IDS, "[" + ",".join(["{}"] * 80_000) + "]"),
    "400 objects": body(IDS, "[" + ",".join(["{}"] * 400) + "]"),
    "20,000 members": body(BY, json.dumps({f"a{number}": 1 for number in range(20_000)})),
    "1e400": body(NUMBER, "1e400"),
    "1e300": body(NUMBER, "1e300"),
    "NaN": body(NUMBER, "NaN"),
    "100,000 digits": body(NUMBER, "9" * 100_000),
    "2^31": body(NUMBER, str(2**31)),
    "2^64": body(NUMBER, str(2**64)),
    "text for a number": body(NUMBER, '"1"'),
    "long text for a number": body(NUMBER, '"' + "x" * 200_000 + '"'),
    "a flag for a number": body(NUMBER, "true"),
    "a number for text": body(TEXT, "1"),
    "an object for text": body(TEXT, '{"a":1}'),
    "null for text": body(TEXT, "null"),
    "a lone surrogate": body(TEXT, '"\\ud800"'),
    "a number for a date": body(DAY, "5"),
    "an object for a date": body(DAY, '{"a":1}'),
    "an unknown platform": body(PLATFORMS, '["x"]'),
    "an object for a platform": body(PLATFORMS, "[{}]"),
    "two names": body(BY, '{"isrc":"a","databaseId":1}'),
    "no name": body(BY, "{}"),
    "a null name": body(BY, '{"isrc":null}'),
    "broken UTF-8": b'{"query":"{ __typename } \xff"}',
    "UTF-16": json.dumps({"query": "{ __typename }"}).encode("utf-16"),
    "half of it": b'{"query":"{ __typename }"',
    "a number": b"5",
    "null": b"null",
    "a batch": b'[{"query":"{ __typename }"}]',
    "nothing": b"",
    "a query that is a number": b'{"query":5}',
    "a query that is null": b'{"query":null}',
    "variables that are a list": b'{"query":"{ __typename }","variables":[]}',
    "an operation name that is an object": b'{"query":"{ __typename }","operationName":{}}',
    "the last of two keys is wrong": b'{"query":"{ __typename }","query":"{ nothing }"}',
}


@pytest.mark.parametrize("name", BODIES)
def test_bodies(api: httpx.Client, cheap: Cheap, name: str) -> None:
    def send(_: int) -> httpx.Response:
        return api.post("/graphql", content=BODIES[name], headers={"content-type": "application/json"})

    for answer in cheap(send):
        assert is_refused(answer)
        assert says_nothing_internal(answer)
        assert len(answer.content) < 20_000


HEADERS: dict[str, tuple[dict[str, bytes], int]] = {
    "a key of 8 KB": ({"x-api-key": b"svk_test_" + b"a" * 8_000}, 401),
    "a key of odd bytes": ({"x-api-key": b"\xff\xfe\x80"}, 401),
    "a bearer of 8 KB": ({"x-api-key": b"", "authorization": b"Bearer " + b"a" * 8_000}, 401),
    "8 KB of media types": ({"accept": b"a/b;q=0.1," * 800}, 406),
    "a media type of odd bytes": ({"accept": b"\xff\xfe\x80"}, 406),
    "8 KB of parameters": ({"content-type": b"application/x;" + b"a=b;" * 2_000}, 415),
    "another encoding": ({"content-type": b"application/json; charset=utf-16"}, 415),
    "an encoding that is none": ({"content-type": b"application/json; charset=\xff"}, 415),
}


@pytest.mark.parametrize("name", HEADERS)
def test_headers(api: httpx.Client, cheap: Cheap, name: str) -> None:
    headers, status = HEADERS[name]
    given = {b"x-api-key": api.headers["x-api-key"].encode(), b"content-type": b"application/json"} | {
        name.encode(): value for name, value in headers.items()
    }

    def send(_: int) -> httpx.Response:
        return api.post("/graphql", content=b'{"query":"{ __typename }"}', headers=given)

    for answer in cheap(send):
        assert answer.status_code == status
        assert says_nothing_internal(answer)


@pytest.mark.parametrize("method", ["TRACE", "CONNECTED", "PROPFIND", "get", "\x7f"])
@pytest.mark.parametrize("path", ["/graphql", "/v1/genres"])
def test_methods(api: httpx.Client, cheap: Cheap, method: str, path: str) -> None:
    if method == "\x7f":
        method = "X" * 200
    for answer in cheap(lambda _: api.request(method.upper() if method == "get" else method, path)):
        if method != "get":
            assert answer.status_code in {400, 405}
        assert says_nothing_internal(answer)
