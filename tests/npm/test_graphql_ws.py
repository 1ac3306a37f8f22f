"""The client of the npm package graphql-ws, against the running service."""

import json
import subprocess
from typing import Any

from tests.npm.test_graphql_http_audit import HERE, node
from tests.service import Service


def run(service: Service, key: str, *payloads: dict[str, Any]) -> list[dict[str, Any]]:
    url = f"{service.url.replace('http', 'ws', 1)}/graphql"
    done = subprocess.run(
        [node("graphql-ws"), str(HERE / "graphql_ws_client.js"), url, key],
        input=json.dumps(payloads),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answers: list[dict[str, Any]] = json.loads(done.stdout)
    return answers


def test_operations_side_by_side(service: Service, test_key: str) -> None:
    answers = run(
        service,
        test_key,
        {"query": "query ($n: Int!) { track(by: { databaseId: $n }) { title } }", "variables": {"n": 1}},
        {"query": "{ viewer { account { plan } } }"},
        {"query": "{ nothing }"},
        {"query": "mutation { __typename }"},
        {"query": "{ browseTracks { nodes { title } } }"},
    )
    assert answers[0] == {"values": [{"data": {"track": {"title": "One More Time"}}}]}
    assert answers[1] == {"values": [{"data": {"viewer": {"account": {"plan": "scale"}}}}]}
    assert answers[2]["error"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert answers[3] == {"values": [{"data": {"__typename": "Mutation"}}]}
    assert answers[4]["values"][0]["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


def test_a_wrong_key(service: Service) -> None:
    (answer,) = run(service, "svk_live_wrong", {"query": "{ __typename }"})
    assert answer["error"] == {"code": 4403, "reason": "Forbidden: Missing or invalid API key"}
