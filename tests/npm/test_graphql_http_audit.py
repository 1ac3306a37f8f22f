"""The audit of GraphQL over HTTP by the npm package graphql-http, against the running service."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.service import Service

HERE = Path(__file__).parent


def node(package: str) -> str:
    """The program; where it or the package is missing, CI fails and everybody else is told what to do."""
    program = shutil.which("node")
    if program and (HERE / "node_modules" / package).is_dir():
        return program
    missing = "Node.js is not installed" if program is None else "run `npm ci --prefix tests/npm` for this test"
    if os.environ.get("CI"):
        pytest.fail(missing)
    pytest.skip(missing)


def test_every_audit_passes(service: Service, test_key: str) -> None:
    """Those of SHOULD and MAY, too."""
    command = [node("graphql-http"), str(HERE / "graphql_http_audit.js"), f"{service.url}/graphql", test_key]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    audits = json.loads(done.stdout)
    failed = [f"{audit['id']} {audit['name']}: {audit['reason']}" for audit in audits if audit["status"] != "ok"]
    assert not failed, "\n".join(failed)
    assert len(audits) == 61
