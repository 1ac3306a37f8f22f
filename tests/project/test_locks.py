"""The lock files: complete, hashed, in agreement, and bound to no particular package index."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

LOCKS = ["requirements.lock", "requirements-dev.lock"]
REQUIREMENT = re.compile(r"^([\w.-]+)==([^\s;\\]+).*\\$((?:\n {4}--hash=sha256:[0-9a-f]{64}(?: \\)?$)+)", re.MULTILINE)


def locked(path: Path) -> dict[str, set[str]]:
    """Package → its versions (several where they depend on Python's), of the entries that carry hashes."""
    versions = dict[str, set[str]]()
    for name, version, _ in REQUIREMENT.findall(path.read_text(encoding="utf-8")):
        versions.setdefault(name, set()).add(version)
    return versions


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[^\w.-]", requirement)[0].lower() for requirement in requirements}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_entry_has_hashes(root: Path, lock: str) -> None:
    text = (root / lock).read_text(encoding="utf-8")
    entries = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]
    assert len(entries) > 10
    assert [entry.split("==")[0] for entry in entries] == [name for name, *_ in REQUIREMENT.findall(text)]


@pytest.mark.parametrize("lock", LOCKS)
def test_no_index_is_named(root: Path, lock: str) -> None:
    text = (root / lock).read_text(encoding="utf-8")
    assert "://" not in text
    assert not re.search(r"^\s*(-i|-f|--(extra-)?index-url|--find-links|--trusted-host)\b", text, re.MULTILINE)


def test_direct_dependencies_are_locked(root: Path, pyproject: dict[str, Any]) -> None:
    run_time = names(pyproject["project"]["dependencies"])
    development = names(pyproject["dependency-groups"]["dev"])
    assert run_time <= set(locked(root / "requirements.lock"))
    assert run_time | development <= set(locked(root / "requirements-dev.lock"))


def test_tests_run_what_is_deployed(root: Path) -> None:
    deployed = locked(root / "requirements.lock")
    tested = locked(root / "requirements-dev.lock")
    assert deployed == {name: tested.get(name) for name in deployed}


def test_the_locked_build_backend_is_the_required_one(root: Path, pyproject: dict[str, Any]) -> None:
    (locked_version,) = locked(root / "requirements-dev.lock")["hatchling"]
    assert pyproject["build-system"]["requires"] == [f"hatchling=={locked_version}"]


def test_npm_locks_carry_hashes_and_name_no_registry(root: Path, tracked: list[Path]) -> None:
    for path in tracked:
        if path.name != "package-lock.json":
            continue
        for name, package in json.loads((root / path).read_text(encoding="utf-8"))["packages"].items():
            assert "://" not in package.get("resolved", ""), f"{path}: {name} names a registry"
            if "node_modules/" in name and not package.get("link"):
                assert package.get("integrity", "").startswith("sha512-"), f"{path}: {name} has no hash"
