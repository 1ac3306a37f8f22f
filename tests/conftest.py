"""What tests of any folder may ask for: a database of their own, and the service running on it."""

import asyncio
import os
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import httpx
import pytest

from sonograph.accounts.store import create_key
from sonograph.postgres.embedded import EmbeddedPostgres
from sonograph.recognition.index.kinds import KINDS
from sonograph.recognition.segments.manifest import Manifest
from tests.service import START_SECONDS, Service

PLANS = Path(__file__).with_name("plans.toml")

# A shell that runs the tests in the background makes them ignore SIGINT, and so the programs they start and interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def open_folder() -> Iterator[Path]:
    """A folder that every user can enter: run as root, the embedded server is another user."""
    with tempfile.TemporaryDirectory(prefix="sonograph-tests-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture(scope="session")
def server_url(open_folder: Path) -> Iterator[str]:
    """URL of a PostgreSQL server to make databases on: the embedded one, or that of SONOGRAPH_TEST_DATABASE_URL."""
    given = os.environ.get("SONOGRAPH_TEST_DATABASE_URL")
    if given:
        yield given
    else:
        with EmbeddedPostgres(open_folder / "postgres") as server:
            yield server.dsn


@pytest.fixture(scope="session")
def database_url(server_url: str) -> Iterator[str]:
    """URL of an empty database, dropped at the end."""
    name = f"sonograph_tests_{os.getpid()}"
    asyncio.run(_control(server_url, f'create database "{name}" encoding UTF8 template template0'))
    try:
        yield urlunsplit(urlsplit(server_url)._replace(path=f"/{name}"))
    finally:
        asyncio.run(_control(server_url, f'drop database "{name}" with (force)'))


async def _control(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@pytest.fixture(scope="session")
def service(database_url: str, open_folder: Path) -> Iterator[Service]:
    """The service, migrated, with the sandbox catalog and an empty live one; it must end in order."""
    running = Service(
        open_folder / "service",
        database_url=database_url,
        plans_file=str(PLANS),
        allow_private_addresses="127.0.0.0/8",  # where the tests have radio stations
    )
    try:
        running.wait_until_ready()
        yield running
        assert running.stop() == 0, running.log_text
    finally:
        running.kill()


@pytest.fixture(scope="session")
def indexed(service: Service, open_folder: Path) -> Service:
    """The service when its index has the sandbox's songs: it follows the references of both catalogs."""
    folder, ends = open_folder / "service" / "index" / "sandbox", monotonic() + START_SECONDS
    while not all(Manifest.read(folder / kind.name).entries for kind in KINDS):
        assert monotonic() < ends, service.log_text
        sleep(0.05)
    return service


def _key(database_url: str, plan: str, *, test: bool) -> str:
    return asyncio.run(create_key(database_url, f"{plan}@contract.invalid", plan, test=test))


@pytest.fixture(scope="session")
def test_key(service: Service, database_url: str) -> str:
    """A key that reads the sandbox, of the largest plan."""
    assert service.url
    return _key(database_url, "scale", test=True)


@pytest.fixture(scope="session")
def live_key(service: Service, database_url: str) -> str:
    """A key that reads the live catalog, of the largest plan."""
    assert service.url
    return _key(database_url, "scale", test=False)


@pytest.fixture(scope="session")
def free_test_key(service: Service, database_url: str) -> str:
    """A key that reads the sandbox, of the free plan."""
    assert service.url
    return _key(database_url, "free", test=True)


@pytest.fixture(scope="session")
def anonymous(service: Service) -> Iterator[httpx.Client]:
    """A client without a key."""
    with httpx.Client(base_url=service.url, timeout=20) as client:
        yield client


@pytest.fixture(scope="session")
def api(service: Service, test_key: str) -> Iterator[httpx.Client]:
    """A client with the test key."""
    with httpx.Client(base_url=service.url, headers={"x-api-key": test_key}, timeout=20) as client:
        yield client
