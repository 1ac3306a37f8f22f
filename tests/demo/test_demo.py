"""What a stranger sees: `sonograph demo` prints keys and addresses that work, stops cleanly, keeps its data."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep

import httpx
import pytest

from api.pages import assets
from tests.pages.chromium import Browser, needed, started

SONOGRAPH = Path(sys.executable).parent / "sonograph"
EXAMPLES = sorted((Path(__file__).parents[2] / "api/pages/examples").glob("*.graphql"))
START_SECONDS = 90
FIRST_CURL = re.compile(r"curl -H 'x-api-key: (\S+)' '(\S+)'")


class Demo:
    """A running `sonograph demo`, and what it printed."""

    def __init__(self, folder: Path, port: int) -> None:
        self.log = folder / "demo.log"
        began = monotonic()
        environment = {key: value for key, value in os.environ.items() if not key.startswith("SONOGRAPH_")}
        environment |= {"SONOGRAPH_DATA_DIR": str(folder / "data"), "SONOGRAPH_PORT": str(port)}
        self.url = f"http://127.0.0.1:{port}"
        with self.log.open("w") as log:
            self.process = subprocess.Popen([SONOGRAPH, "demo"], env=environment, stdout=log, stderr=log)
        while not self.is_ready():
            assert self.process.poll() is None, self.printed
            assert monotonic() - began < START_SECONDS, self.printed
            sleep(0.05)
        self.seconds = monotonic() - began

    @property
    def printed(self) -> str:
        return self.log.read_text()

    def is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/health/ready").status_code == 200
        except httpx.TransportError:
            return False

    def key(self, kind: str) -> str:
        found = re.search(rf"svk_{kind}_\w{{36}}", self.printed)
        assert found, self.printed
        return found[0]

    def get(self, path: str, kind: str = "test") -> httpx.Response:
        return httpx.get(self.url + path, headers={"x-api-key": self.key(kind)})

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)  # what Ctrl-C sends
        return self.process.wait(30)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def demo(folder: Path) -> Iterator[Demo]:
    running = Demo(folder, free_port())
    yield running
    if running.process.poll() is None:
        assert running.stop() == 0


def test_the_first_curl_that_is_printed_works(demo: Demo) -> None:
    found = FIRST_CURL.search(demo.printed)
    assert found, demo.printed
    answer = httpx.get(found[2], headers={"x-api-key": found[1]})
    assert answer.status_code == 200
    assert (answer.json()["title"], answer.json()["isrc"]) == ("One More Time", "GBDUW0000053")


def test_the_live_key_reads_a_catalog_of_its_own(demo: Demo) -> None:
    assert demo.get("/v1/tracks/isrc/GBDUW0000053", "live").status_code == 404
    assert len(demo.get("/v1/genres", "live").json()["genres"]) == 317


def test_the_addresses_that_are_printed_are_there(demo: Demo) -> None:
    pages = re.findall(rf"{demo.url}/(?:graphql|docs)", demo.printed)
    assert len(pages) == 2
    for page in [*pages, demo.url]:
        answer = httpx.get(page, headers={"accept": "text/html"})
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_of_the_explorer_has_an_answer(demo: Demo, example: Path) -> None:
    headers = {"x-api-key": demo.key("test")}
    answer = httpx.post(f"{demo.url}/graphql", json={"query": example.read_text()}, headers=headers).json()
    assert "errors" not in answer
    assert all(answer["data"].values())


def test_both_explorers_work_in_a_browser(demo: Demo, tmp_path: Path) -> None:
    needed(assets.all_installed(assets.pinned().values()), "npm packages missing: run `make assets`")
    driver = started(tmp_path)
    try:
        browser = Browser(driver)
        browser.open(f"{demo.url}/graphql")
        browser.one("button.graphiql-execute-button").click()
        browser.one(".graphiql-response .result-window", "One More Time")
        assert browser.complaints() == []
        browser.open(f"{demo.url}/docs")
        browser.one("#operations-Genres-genres .opblock-summary-control").click()
        browser.one("button.execute").click()
        browser.one(".live-responses-table .highlight-code", "Deep House")
        assert browser.complaints() == []
    finally:
        driver.quit()


def test_it_stops_cleanly_and_starts_again_in_seconds_with_the_same_keys(demo: Demo, folder: Path) -> None:
    keys = demo.key("test"), demo.key("live")
    assert demo.stop() == 0, demo.printed
    assert "Stopped." in demo.printed
    assert "Traceback" not in demo.printed
    again = Demo(folder, free_port())
    try:
        assert (again.key("test"), again.key("live")) == keys
        assert again.seconds < 10
        assert again.get("/v1/tracks/1").json()["title"] == "One More Time"
        again.process.kill()  # as kill -9 does
        again.process.wait(10)
        third = Demo(folder, free_port())
        assert third.get("/v1/tracks/1").json()["title"] == "One More Time"
        assert third.stop() == 0
    finally:
        if again.process.poll() is None:
            again.stop()
