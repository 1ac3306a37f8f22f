"""GraphQL over HTTP: GET and ETags, persisted operations, refusals, introspection."""

import json
from hashlib import sha256
from typing import Any

import httpx
import pytest

from api.persisted import MAX_REGISTERED

RESPONSE = "application/graphql-response+json"
QUERY = "query Track($id: Int!) { track(by: { databaseId: $id }) { title } } query Other { __typename }"
ANSWER = {"data": {"track": {"title": "One More Time"}}}
Json = dict[str, Any]


def _get(api: httpx.Client, **params: Any) -> httpx.Response:
    headers = {"accept": RESPONSE}
    written = {name: value if isinstance(value, str) else json.dumps(value) for name, value in params.items()}
    return api.get("/graphql", params=written, headers=headers)


def _code(answer: httpx.Response) -> str:
    code: str = answer.json()["errors"][0]["extensions"]["code"]
    return code


def _persisted(text: str) -> Json:
    return {"persistedQuery": {"version": 1, "sha256Hash": sha256(text.encode()).hexdigest()}}


def test_get_with_variables_and_operation_name(api: httpx.Client) -> None:
    answer = _get(api, query=QUERY, variables={"id": 1}, operationName="Track")
    assert answer.json() == ANSWER
    assert answer.headers["content-type"] == f"{RESPONSE}; charset=utf-8"
    assert _get(api, query=QUERY, operationName="Other").json() == {"data": {"__typename": "Query"}}
    assert _get(api, query=QUERY).status_code == 400
    assert _get(api, query=QUERY, operationName="Nobody").status_code == 400


@pytest.mark.parametrize("variables", ["{", "[]", '"x"', "1", "%ff"])
def test_get_with_bad_variables(api: httpx.Client, variables: str) -> None:
    assert _get(api, query=QUERY, variables=variables).status_code == 400


def test_unchanged_answers_are_not_sent_again(api: httpx.Client) -> None:
    params = {"query": "{ genres { name } }"}
    first = api.get("/graphql", params=params)
    assert first.status_code == 200
    assert "private" in first.headers["cache-control"]
    assert {"x-api-key", "authorization"} <= set(first.headers["vary"].split(", "))
    again = api.get("/graphql", params=params, headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    several = api.get("/graphql", params=params, headers={"if-none-match": f'"x", W/{first.headers["etag"]}'})
    assert several.status_code == 304
    other = api.get(
        "/graphql", params={"query": "{ genres { type } }"}, headers={"if-none-match": first.headers["etag"]}
    )
    assert other.status_code == 200


def test_operations_that_write_are_not_for_get(api: httpx.Client) -> None:
    answer = _get(api, query="mutation { __typename }")
    assert (answer.status_code, answer.headers["allow"], _code(answer)) == (405, "POST", "BAD_USER_INPUT")
    answer = api.post("/graphql", json={"query": "mutation { __typename }"}, headers={"accept": RESPONSE})
    assert answer.json() == {"data": {"__typename": "Mutation"}}


def test_persisted_operations(api: httpx.Client) -> None:
    text = "{ track(by: { databaseId: 1 }) { title } } # persisted"
    unknown = api.post("/graphql", json={"extensions": _persisted(text)})
    assert (unknown.status_code, _code(unknown)) == (200, "PERSISTED_QUERY_NOT_FOUND")
    assert unknown.json()["errors"][0]["message"] == "PersistedQueryNotFound"
    assert api.post("/graphql", json={"query": text, "extensions": _persisted(text)}).json() == ANSWER
    assert api.post("/graphql", json={"extensions": _persisted(text)}).json() == ANSWER
    assert _get(api, extensions=_persisted(text)).json() == ANSWER


@pytest.mark.parametrize(
    "persisted", [{}, [], "x", {"version": 1}, {"version": 2, "sha256Hash": "x"}, {"version": 1, "sha256Hash": 5}]
)
def test_malformed_persisted_operations(api: httpx.Client, persisted: Any) -> None:
    answer = api.post("/graphql", json={"query": "{ __typename }", "extensions": {"persistedQuery": persisted}})
    assert (answer.status_code, _code(answer)) == (400, "BAD_USER_INPUT")


def test_a_wrong_hash_registers_nothing(api: httpx.Client) -> None:
    text, other = "{ __typename } # wrong", "{ __typename } # hash"
    answer = api.post("/graphql", json={"query": text, "extensions": _persisted(other)})
    assert (answer.status_code, _code(answer)) == (400, "BAD_USER_INPUT")
    assert _code(api.post("/graphql", json={"extensions": _persisted(other)})) == "PERSISTED_QUERY_NOT_FOUND"


def test_persisted_operations_are_bounded(api: httpx.Client) -> None:
    first = "{ __typename } # 0"
    for number in range(MAX_REGISTERED + 1):
        text = f"{{ __typename }} # {number}"
        assert api.post("/graphql", json={"query": text, "extensions": _persisted(text)}).status_code == 200
    assert _code(api.post("/graphql", json={"extensions": _persisted(first)})) == "PERSISTED_QUERY_NOT_FOUND"
    assert api.post("/graphql", json={"extensions": _persisted(text)}).json() == {"data": {"__typename": "Query"}}


def test_batches_are_refused(api: httpx.Client) -> None:
    answer = api.post("/graphql", json=[{"query": "{ __typename }"}])
    assert (answer.status_code, _code(answer)) == (400, "BAD_USER_INPUT")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_what_a_form_can_send_is_refused(api: httpx.Client, kind: str) -> None:
    """Cross-site requests cannot set another content type without a preflight."""
    answer = api.post("/graphql", content=b'{"query":"{ __typename }"}', headers={"content-type": kind})
    assert (answer.status_code, _code(answer)) == (415, "BAD_USER_INPUT")


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("*/*", "application/json"),
        ("application/*", "application/json"),
        ("application/json", "application/json"),
        (RESPONSE, RESPONSE),
        (f"{RESPONSE}, application/json;q=0.9", RESPONSE),
        (f"{RESPONSE};q=0.1, application/json", "application/json"),
        (f"{RESPONSE};charset=utf-8, */*;q=0.1", RESPONSE),
        ("text/html, application/json;q=0.5", "application/json"),
    ],
)
def test_media_types(api: httpx.Client, accept: str, kind: str) -> None:
    answer = api.post("/graphql", json={"query": "{ __typename }"}, headers={"accept": accept})
    assert answer.headers["content-type"] == f"{kind}; charset=utf-8"


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "application/json;q=0", "\xff"])
def test_media_types_that_we_do_not_have(api: httpx.Client, accept: str) -> None:
    answer = api.post("/graphql", json={"query": "{ __typename }"}, headers=[(b"accept", accept.encode("latin-1"))])
    assert answer.status_code == 406


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"])
def test_other_methods_are_refused(api: httpx.Client, method: str) -> None:
    answer = api.request(method, "/graphql")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, POST"


def test_errors_of_a_field_leave_the_others(api: httpx.Client) -> None:
    query = '{ genre(databaseId: 100) { name } artist(by: { wikidataId: "\\u0000" }) { name } }'
    body = api.post("/graphql", json={"query": query}).json()
    assert body["data"] == {"genre": {"name": "House"}, "artist": None}
    (error,) = body["errors"]
    assert error["path"] == ["artist"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"


def test_introspection(api: httpx.Client) -> None:
    body = api.post("/graphql", json={"query": "{ __schema { queryType { name } } }"}).json()
    assert body == {"data": {"__schema": {"queryType": {"name": "Query"}}}}
