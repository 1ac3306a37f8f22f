"""docker-compose.yml and the Dockerfile, as far as they can be checked without Docker."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from sonograph import settings

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
SETTINGS = {name for name, _, _ in settings.described()}
VARIABLE = re.compile(r"SONOGRAPH_[A-Z_]+")
SERVICES = ("api", "worker", "postgres", "valkey", "mailpit")


def strings(value: object) -> list[str]:
    """All keys and texts inside a YAML value."""
    if isinstance(value, dict):
        return [text for pair in value.items() for part in pair for text in strings(part)]
    if isinstance(value, list):
        return [text for part in value for text in strings(part)]
    return [str(value)]


def test_all_services_are_there() -> None:
    assert set(COMPOSE["services"]) == set(SERVICES)


def test_variables_are_settings() -> None:
    named = {name for text in strings(COMPOSE) for name in VARIABLE.findall(text)}
    assert "SONOGRAPH_DATABASE_URL" in named
    assert named <= SETTINGS
    assert set(VARIABLE.findall(DOCKERFILE)) <= SETTINGS


@pytest.mark.parametrize("service", SERVICES)
def test_images_are_pinned_by_tag(service: str) -> None:
    _, _, tag = COMPOSE["services"][service]["image"].rpartition(":")
    assert tag
    assert tag != "latest"


def test_base_images_are_pinned_by_tag() -> None:
    stages = set(re.findall(r"^FROM \S+ AS (\w+)$", DOCKERFILE, re.MULTILINE))
    images = set(re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)) - stages
    assert images
    assert all(re.fullmatch(r"[\w/]+:\d[\w.-]*", image) for image in images)


@pytest.mark.parametrize("service", [s for s in SERVICES if s != "worker"])
def test_services_with_a_port_have_a_health_check(service: str) -> None:
    if service == "api":  # the image's own
        assert "/health/live" in DOCKERFILE
        assert "HEALTHCHECK" in DOCKERFILE
    else:
        assert COMPOSE["services"][service]["healthcheck"]["test"][0] == "CMD"


@pytest.mark.parametrize("service", SERVICES)
def test_services_wait_for_healthy_ones(service: str) -> None:
    for other, wait in COMPOSE["services"][service].get("depends_on", {}).items():
        assert other in SERVICES
        assert wait == {"condition": "service_healthy"}


def test_data_is_in_declared_volumes() -> None:
    mounts = [mount for service in COMPOSE["services"].values() for mount in service.get("volumes", [])]
    assert mounts
    assert {mount.split(":")[0] for mount in mounts} == set(COMPOSE["volumes"])


def test_published_ports_are_local_unless_changed() -> None:
    ports = [port for service in COMPOSE["services"].values() for port in service.get("ports", [])]
    assert ports
    assert all(re.match(r"\$\{\w+:-127\.0\.0\.1:\d+\}:\d+$", port) for port in ports)


def test_the_service_does_not_run_as_root() -> None:
    final_stage = DOCKERFILE.rpartition("\nFROM ")[2]
    assert re.search(r"^USER sonograph$", final_stage, re.MULTILINE)
    assert 'CMD ["sonograph", "serve"]' in final_stage


def test_everything_that_is_installed_is_in_the_build_context(pyproject: dict[str, Any]) -> None:
    allowed = {
        line[1:] for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line[:1] == "!"
    }
    assert set(pyproject["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]) <= allowed
    assert {pyproject["project"]["readme"], *pyproject["project"]["license-files"], "pyproject.toml"} <= allowed
