"""The same answers with compiled reads switched off; no schema for clients with introspection off."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.contract.conftest import Facts
from tests.contract.doors import Refused
from tests.contract.graphql_door import GraphQL
from tests.service import Service


@pytest.fixture(scope="module")
def plain(service: Service, database_url: str, test_key: str, open_folder: Path) -> Iterator[httpx.Client]:
    """A second service on the same database, with both settings off."""
    assert service.url
    other = Service(open_folder / "plain", database_url=database_url, compiled_reads="0", introspection="0")
    try:
        other.wait_until_ready()
        with httpx.Client(base_url=other.url, headers={"x-api-key": test_key}, timeout=20) as client:
            yield client
        assert other.stop() == 0, other.log_text
    finally:
        other.kill()


@pytest.fixture(scope="module")
def executed(plain: httpx.Client) -> GraphQL:
    return GraphQL(plain)


def test_rows(executed: GraphQL, graphql: GraphQL, facts: Facts) -> None:
    for table, method in (("track", "track"), ("release", "release"), ("artist", "artist"), ("label", "label")):
        rows = facts[table]
        for row in rows[:: max(1, len(rows) // 60)]:
            assert getattr(executed, method)(row["id"]) == getattr(graphql, method)(row["id"])


def test_lists(executed: GraphQL, graphql: GraphQL) -> None:
    for door in (executed, graphql):
        door.client.headers["accept"] = "application/json"
    assert executed.genres() == graphql.genres()
    for limit in (1, 7, 100):
        assert executed.new_releases(limit=limit) == graphql.new_releases(limit=limit)
        assert executed.search_artists("the", limit=limit) == graphql.search_artists("the", limit=limit)
    cursor = graphql.new_releases(limit=5)["next_cursor"]
    assert executed.new_releases(limit=5, cursor=cursor) == graphql.new_releases(limit=5, cursor=cursor)
    assert executed.search_tracks("daft punk", "time") == graphql.search_tracks("daft punk", "time")
    assert executed.browse(year=2015) == graphql.browse(year=2015)
    assert executed.links(id=1) == graphql.links(id=1)
    assert executed.iswcs(id=1) == graphql.iswcs(id=1)
    assert executed.recordings("T0710204399") == graphql.recordings("T0710204399")
    assert executed.label_artists(1) == graphql.label_artists(1)


def test_texts_are_equal_to_the_byte(plain: httpx.Client, api: httpx.Client) -> None:
    """But for newlines between the items of a list, which PostgreSQL writes."""
    query = "{ newReleases(first: 50) { nodes { title releaseDate artist { name } tracks { title bpm } } } }"
    texts = [client.post("/graphql", json={"query": query}).text for client in (plain, api)]
    assert texts[0] == texts[1].replace(", \n ", ",")


@pytest.mark.parametrize(
    "query",
    [
        "{ newReleases(first: 0) { nodes { title } } }",
        '{ newReleases(after: "x") { nodes { title } } }',
        "{ browseTracks { nodes { title } } }",
        '{ track(by: { databaseId: 1, isrc: "x" }) { title } }',
        "{ track(by: {}) { title } }",
        "{ nothing }",
        '{ artist(by: { wikidataId: "\\u0000" }) { name } genre(databaseId: 100) { name } }',
    ],
)
def test_refusals(plain: httpx.Client, api: httpx.Client, query: str) -> None:
    answers = [client.post("/graphql", json={"query": query}) for client in (plain, api)]
    assert answers[0].status_code == answers[1].status_code
    assert answers[0].json() == answers[1].json()
    assert answers[0].json()["errors"]


def test_introspection_off(plain: httpx.Client) -> None:
    for query in ("{ __schema { queryType { name } } }", '{ __type(name: "Track") { name } }'):
        body = plain.post("/graphql", json={"query": query}).json()
        assert "data" not in body
        assert body["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert plain.post("/graphql", json={"query": "{ __typename }"}).json() == {"data": {"__typename": "Query"}}


def test_unknown_rows(executed: GraphQL) -> None:
    with pytest.raises(Refused, match="Not found"):
        executed.track(2_000_000)
