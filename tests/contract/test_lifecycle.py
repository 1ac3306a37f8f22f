"""The service as a process: drained, killed, without its database, broken inside. On an embedded server of its own."""

# ruff: noqa: ASYNC251  # the service is another process, and nothing else runs in this loop
import os
import re
import signal
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import asyncpg
import httpx
import pytest

from sonograph.accounts.store import create_key
from sonograph.postgres.embedded import EmbeddedPostgres
from sonograph.postgres.folder_lock import exclusive
from tests.service import Service

WAITING = """select exists (select from pg_stat_activity
    where wait_event_type = 'Lock' and application_name like 'sonograph%')"""
RESTART_SECONDS = 20.0  # 2 s when nothing else runs


class Home:
    """A data folder, the service running on it, and a key."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.dsn = EmbeddedPostgres(folder / "postgres").dsn
        self.service = Service(folder)
        self.first_start = 0.0  # seconds
        self.key = ""

    def restart(self) -> float:
        """Seconds until a new process was ready; the one before has ended."""
        assert self.service.process.poll() is not None
        self.service = Service(self.folder)
        return self.service.wait_until_ready()

    def get(self, path: str) -> httpx.Response:
        return httpx.get(self.service.url + path, headers={"x-api-key": self.key}, timeout=20)

    def ask(self, query: str, **variables: Any) -> httpx.Response:
        body = {"query": query, "variables": variables}
        return httpx.post(f"{self.service.url}/graphql", json=body, headers={"x-api-key": self.key}, timeout=20)

    @asynccontextmanager
    async def database(self) -> AsyncIterator[Any]:
        connection = await asyncpg.connect(self.dsn)
        try:
            yield connection
        finally:
            await connection.close()


@pytest.fixture(scope="module")
def folder(open_folder: Path) -> Path:
    return open_folder / "lifecycle"


@pytest.fixture(scope="module")
def started(folder: Path) -> Iterator[Home]:
    home = Home(folder)
    try:
        home.first_start = home.service.wait_until_ready()
        yield home
        assert home.service.stop() == 0, home.service.log_text
    finally:
        home.service.kill()
        with EmbeddedPostgres(folder / "postgres"):
            pass  # ends the server that a killed service leaves running


@pytest.fixture
async def home(started: Home) -> Home:
    """The service running, whatever the test before did."""
    if started.service.process.poll() is not None:
        started.restart()
    if not started.key:
        started.key = await create_key(started.dsn, "lifecycle@contract.invalid", "scale", test=True)
    return started


class Waiting(threading.Thread):
    """A request under way."""

    def __init__(self, home: Home, path: str) -> None:
        super().__init__()
        self.home, self.path = home, path
        self.answer: httpx.Response | None = None

    def run(self) -> None:
        self.answer = self.home.get(self.path)


async def _until_it_waits(connection: Any) -> None:
    """Until a read waits for a lock."""
    end = monotonic() + 30
    while not await connection.fetchval(WAITING):
        assert monotonic() < end
        sleep(0.02)


async def test_a_shutdown_waits_for_requests_under_way(home: Home) -> None:
    async with home.database() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await connection.execute("lock table sandbox.genre in access exclusive mode")
        request = Waiting(home, "/v1/genres")
        request.start()
        await _until_it_waits(connection)
        home.service.process.send_signal(signal.SIGTERM)
        sleep(0.3)
        assert home.service.process.poll() is None
        with pytest.raises(httpx.TransportError):
            home.get("/v1/genres")  # new ones are not let in
        await transaction.rollback()
        request.join()
    assert request.answer is not None
    assert request.answer.status_code == 200
    assert len(request.answer.json()["genres"]) > 10
    assert home.service.process.wait(20) == 0


async def test_a_read_that_takes_too_long_is_ended(home: Home) -> None:
    async with home.database() as connection, connection.transaction():
        await connection.execute("lock table sandbox.genre in access exclusive mode")
        began = monotonic()
        answers = home.get("/v1/genres"), home.ask("{ genres { name } }")
        assert monotonic() - began < 8
    assert [answer.status_code for answer in answers] == [503, 503]
    assert answers[1].json()["errors"][0]["extensions"]["code"] == "TIMEOUT"
    assert home.get("/v1/genres").status_code == 200


def test_a_killed_service_starts_again_on_its_folder_in_seconds(home: Home) -> None:
    assert home.get("/v1/tracks/1").status_code == 200
    home.service.kill()
    assert home.restart() < max(RESTART_SECONDS, 2 * home.first_start)  # a machine that was slow is slow again
    assert home.get("/v1/tracks/1").json()["title"] == "One More Time"


def _refuses(home: Home) -> bool:
    """Whether each door says that the database is gone, in its own way, without saying where it was."""
    rest, graphql = home.get("/v1/tracks/1"), home.ask("{ track(by: { databaseId: 1 }) { title } }")
    ready = httpx.get(f"{home.service.url}/health/ready", timeout=20)
    text = rest.text + graphql.text + ready.text
    assert not re.search(r"s\.PGSQL|/tmp|127\.0\.0\.1|connect|Error\b|Traceback", text.replace("connection", "")), text
    return (
        [rest.status_code, graphql.status_code, ready.status_code] == [503, 503, 503]
        and list(rest.json()) == ["error"]
        and graphql.json()["errors"][0]["extensions"]["code"] == "UNAVAILABLE"
    )


def _kill_postmaster(folder: Path) -> None:
    pid = int((folder / "postgres/data/postmaster.pid").read_text(encoding="ascii").split("\n")[0])
    os.kill(pid, signal.SIGKILL)


def _answers_within(home: Home, seconds: float) -> None:
    end = monotonic() + seconds
    while home.get("/v1/tracks/1").status_code != 200:
        assert monotonic() < end
        sleep(0.2)


def test_without_its_database_it_says_so(home: Home, folder: Path) -> None:
    assert home.get("/v1/tracks/1").status_code == 200
    with exclusive(folder / "postgres/lock", 5):  # nobody can start it again
        _kill_postmaster(folder)
        sleep(0.5)
        assert _refuses(home)
        sleep(6)  # longer than a key is remembered
        assert _refuses(home)
        assert httpx.get(f"{home.service.url}/health/live", timeout=5).status_code == 200
    _answers_within(home, 60)


def test_a_killed_database_comes_back_by_itself(home: Home, folder: Path) -> None:
    for _ in range(2):
        _kill_postmaster(folder)
        _answers_within(home, 60)
    assert home.ask("{ track(by: { databaseId: 1 }) { title } }").json()["data"]["track"]["title"] == "One More Time"
    assert httpx.get(f"{home.service.url}/health/ready", timeout=5).status_code == 200


async def test_accidents_are_masked_and_logged(home: Home) -> None:
    """A column is taken away under the service."""
    async with home.database() as connection:
        await connection.execute("alter table sandbox.genre rename column name to gone")
        try:
            rest, graphql = home.get("/v1/genres"), home.ask("{ genres { name } }")
            partly = home.ask("{ genre(databaseId: 100) { name } __schema { queryType { name } } }")  # by the executor
        finally:
            await connection.execute("alter table sandbox.genre rename column gone to name")
    assert rest.status_code == graphql.status_code == 500
    found = re.fullmatch(r"Internal error \(([0-9a-f]{16})\)", rest.json()["error"])
    assert found
    error = graphql.json()["errors"][0]
    assert error["message"] == "Internal error."
    assert set(error["extensions"]) == {"code", "requestId"}
    assert error["extensions"]["code"] == "INTERNAL"
    (third,) = partly.json()["errors"]
    assert third["message"] == "Internal error."
    for request_id in (found[1], error["extensions"]["requestId"], third["extensions"]["requestId"]):
        assert request_id in home.service.log_text
    assert "UndefinedColumn" in home.service.log_text
    assert not re.search("column|genre|select|asyncpg|Undefined", rest.text + graphql.text)
    assert home.get("/v1/genres").status_code == 200
    assert home.ask("{ genres { name } }").status_code == 200
