"""Manifests of persisted operations, a service that takes nothing else, and one that names no fields."""

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.sync.client import connect

from api.persisted import NotRegistered, PersistedOnly, load_persisted
from schema.build import build
from schema.projection.plans import Plans
from sonograph.errors import Misconfigured
from tests.service import Service

APOLLO = "query TrackTitle($n: Int!) { track(by: { databaseId: $n }) { title } }"
RELAY = "query Genres { genres { name } }"
CHANGE = 'mutation Make { apiKeyCreate(input: { name: "x" }) { __typename } }'


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def apollo(*texts: str, **more: Any) -> str:
    operations = [{"id": digest(text), "name": "x", "type": "query", "body": text} for text in texts]
    return json.dumps({"format": "apollo-persisted-query-manifest", "version": 1, "operations": operations, **more})


@pytest.fixture(scope="module")
def plans() -> Plans:
    return Plans(build())


def test_both_formats_and_folders_of_them(plans: Plans, tmp_path: Path) -> None:
    (tmp_path / "one.json").write_text(apollo(APOLLO), encoding="utf-8")
    (tmp_path / "two.json").write_text(json.dumps({"5d41402abc4b2a76b9719d911017c592": RELAY}), encoding="utf-8")
    for only in (True, False):
        persisted = load_persisted(tmp_path, plans, only=only)
        assert persisted.by_id(digest(APOLLO)) == persisted.by_id("sha256:" + digest(APOLLO)) == APOLLO
        assert persisted.by_id("5d41402abc4b2a76b9719d911017c592") == RELAY
        with pytest.raises(NotRegistered):
            persisted.by_id(digest(RELAY))
    assert load_persisted(tmp_path / "one.json", plans, only=True).by_id(digest(APOLLO)) == APOLLO


def test_nothing_else(plans: Plans, tmp_path: Path) -> None:
    (tmp_path / "one.json").write_text(apollo(APOLLO), encoding="utf-8")
    persisted = load_persisted(tmp_path, plans, only=True)
    persisted.check(APOLLO)
    persisted.register(digest(APOLLO), APOLLO)
    for text in (RELAY, APOLLO + " "):
        with pytest.raises(PersistedOnly):
            persisted.check(text)
        with pytest.raises(PersistedOnly):
            persisted.register(digest(text), text)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "JSON"),
        ("[]", "manifest"),
        ("5", "manifest"),
        ("{}", "no operations"),
        ('{"x": 5}', "no text"),
        ('{"": "{ __typename }"}', "no id"),
        ('{"x": "{ nothing }"}', "nothing"),
        ('{"x": "{"}', "Syntax"),
        ('{"x": "query A { __typename } query B { __typename }"}', "operation name"),
        (apollo(RELAY, version=2), "version 1"),
        (apollo(RELAY, operations={}), "version 1"),
        (apollo(RELAY, operations=[5]), "no id"),
        (apollo("{ genres { name } " + "a: __typename " * 60 + "}"), "aliases"),
    ],
)
def test_a_wrong_manifest_is_refused_at_the_start(plans: Plans, tmp_path: Path, text: str, word: str) -> None:
    path = tmp_path / "wrong.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Misconfigured, match=word) as refused:
        load_persisted(path, plans, only=False)
    assert "SONOGRAPH_PERSISTED_OPERATIONS" in refused.value.message
    assert "wrong.json" in refused.value.message


def test_two_files_that_contradict_each_other(plans: Plans, tmp_path: Path) -> None:
    for name, text in (("a", RELAY), ("b", "{ __typename }")):
        (tmp_path / f"{name}.json").write_text(json.dumps({"x": text}), encoding="utf-8")
    with pytest.raises(Misconfigured, match="another operation elsewhere"):
        load_persisted(tmp_path, plans, only=False)


def test_nothing_to_serve(plans: Plans, tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="SONOGRAPH_PERSISTED_ONLY"):
        load_persisted(None, plans, only=True)
    with pytest.raises(Misconfigured, match="cannot be read"):
        load_persisted(tmp_path / "missing.json", plans, only=False)
    with pytest.raises(Misconfigured, match="no operations"):
        load_persisted(tmp_path, plans, only=False)


@pytest.fixture(scope="module")
def closed(service: Service, database_url: str, test_key: str, open_folder: Path) -> Iterator[httpx.Client]:
    """A service that takes persisted operations alone, and suggests no fields."""
    assert service.url
    folder = open_folder / "persisted"
    folder.mkdir()
    (folder / "manifest.json").write_text(apollo(APOLLO, CHANGE), encoding="utf-8")
    other = Service(
        folder / "data",
        database_url=database_url,
        persisted_operations=str(folder),
        persisted_only="1",
        field_suggestions="0",
    )
    try:
        other.wait_until_ready()
        with httpx.Client(base_url=other.url, headers={"x-api-key": test_key}, timeout=20) as client:
            yield client
        assert other.stop() == 0, other.log_text
    finally:
        other.kill()


def test_a_service_that_takes_nothing_else(closed: httpx.Client) -> None:
    title = {"data": {"track": {"title": "One More Time"}}}
    by_hash = {"persistedQuery": {"version": 1, "sha256Hash": digest(APOLLO)}}
    served: tuple[dict[str, Any], ...] = (
        {"extensions": by_hash},
        {"documentId": "sha256:" + digest(APOLLO)},
        {"query": APOLLO},
    )
    for members in served:
        assert closed.post("/graphql", json={"variables": {"n": 1}, **members}).json() == title
    got = closed.get("/graphql", params={"variables": '{"n": 1}', "documentId": digest(APOLLO)})
    assert got.json() == title
    refused: tuple[dict[str, Any], ...] = (
        {"query": RELAY},
        {"query": "{ __typename }"},
        {"query": "{ nothing }"},
        {"query": RELAY, "extensions": {"persistedQuery": {"version": 1, "sha256Hash": digest(RELAY)}}},
        {"query": RELAY, "documentId": digest(APOLLO)},
    )
    for members in refused:
        answer = closed.post("/graphql", json=members)
        assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (403, "PERSISTED_ONLY")
    unknown = closed.post("/graphql", json={"documentId": digest(RELAY)})
    assert unknown.json()["errors"][0]["extensions"]["code"] == "PERSISTED_QUERY_NOT_FOUND"
    assert closed.get("/graphql", params={"documentId": digest(CHANGE)}).status_code == 405
    assert closed.get("/v1/tracks/1").json()["title"] == "One More Time"


def test_nor_over_websocket(closed: httpx.Client, test_key: str) -> None:
    url = str(closed.base_url).replace("http", "ws", 1).rstrip("/") + "/graphql"
    with connect(url, subprotocols=["graphql-transport-ws"], proxy=None) as link:  # type: ignore[list-item]  # NewType of str

        def ask(**message: Any) -> Any:
            link.send(json.dumps(message))
            return json.loads(link.recv(15))

        ask(type="connection_init", payload={"x-api-key": test_key})
        refused = ask(id="1", type="subscribe", payload={"query": RELAY})
        assert refused["payload"][0]["extensions"]["code"] == "PERSISTED_ONLY"
        answer = ask(id="2", type="subscribe", payload={"documentId": digest(APOLLO), "variables": {"n": 1}})
        assert answer["payload"] == {"data": {"track": {"title": "One More Time"}}}


def test_field_suggestions(api: httpx.Client, closed: httpx.Client) -> None:
    body = {"query": "{ genrez { name } }"}
    assert "Did you mean 'genre" in api.post("/graphql", json=body).json()["errors"][0]["message"]
    variables = {"documentId": digest(APOLLO), "variables": {"n": 1, "m": 2}}
    assert closed.post("/graphql", json=variables).status_code == 200
    hidden = Plans(build(), hide_suggestions=True).get(body["query"]).errors
    assert hidden
    assert "Did you mean" not in hidden[0].message
