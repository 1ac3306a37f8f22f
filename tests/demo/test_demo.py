"""What a stranger sees: `sonograph demo` prints keys and addresses that work, stops cleanly, keeps its data."""

import json
import os
import re
import subprocess
import time
from pathlib import Path

import httpx
import pytest

from api.pages import assets
from tests.demo.running import SONOGRAPH, Demo, free_port
from tests.pages.chromium import Browser, needed, started
from tests.pages.visitors import Reader

EXAMPLES = sorted((Path(__file__).parents[2] / "api/pages/examples").glob("*.graphql"))
NOWHERE = "postgresql://127.0.0.1:1/nowhere"
FIRST_CURL = re.compile(r"curl -H 'x-api-key: (\S+)' '(\S+)'")


def test_the_first_curl_that_is_printed_works(demo: Demo) -> None:
    found = FIRST_CURL.search(demo.printed)
    assert found, demo.printed
    answer = httpx.get(found[2], headers={"x-api-key": found[1]})
    assert answer.status_code == 200
    assert (answer.json()["title"], answer.json()["isrc"]) == ("One More Time", "GBDUW0000053")


def test_the_clip_that_comes_with_it_is_identified_by_the_curl_that_is_printed(demo: Demo) -> None:
    (command,) = [line.strip() for line in demo.printed.splitlines() if "/v1/tracks/identify" in line]
    deadline = time.monotonic() + 60  # the index follows the database, within seconds of the first start
    while True:
        said = subprocess.run(["bash", "-c", f"{command} -sS"], capture_output=True, check=True, timeout=60)
        answer = json.loads(said.stdout)
        if answer["matched"] or time.monotonic() > deadline:
            break
        time.sleep(0.5)
    first = answer["results"][0]
    assert (first["title"], [artist["name"] for artist in first["artists"]]) == (
        "Antenna (Original Mix)",
        ["DJ Kettledrift", "Papa Tamarin et l'Orchestre du Quai"],
    )
    assert first["confidence"] > 0.9
    assert answer["credits_charged"] == 0


def test_the_live_key_reads_a_catalog_of_its_own(demo: Demo) -> None:
    assert demo.get("/v1/tracks/isrc/GBDUW0000053", "live").status_code == 404
    assert len(demo.get("/v1/genres", "live").json()["genres"]) == 317


def test_the_addresses_that_are_printed_are_there(demo: Demo) -> None:
    pages = re.findall(rf"{demo.url}/(?:graphql|docs)", demo.printed)
    assert len(pages) == 2
    for page in [*pages, demo.url]:
        answer = httpx.get(page, headers={"accept": "text/html"})
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")


def test_the_account_that_is_printed_can_sign_in(demo: Demo) -> None:
    found = re.search(r"(\S+@\S+)  \(its password: (\S+)\)", demo.printed)
    assert found, demo.printed
    reader = Reader(demo.url)
    with reader.http:
        reader.get("/sign-in")
        reader.follow(reader.send("sign-in", {"email": found[1], "password": found[2]}))
        assert "Overview" in reader.text
        assert "demo, sandbox" in reader.get("/dashboard/keys").text


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_of_the_explorer_has_an_answer(demo: Demo, example: Path) -> None:
    headers = {"x-api-key": demo.key("test")}
    asked = {"query": example.read_text(encoding="utf-8")}
    if "\nsubscription " in asked["query"]:  # it answers when something happens: here it is enough that it is heard
        headers["accept"] = "text/event-stream"
        with httpx.stream("POST", f"{demo.url}/graphql", json=asked, headers=headers, timeout=20) as stream:
            assert stream.status_code == httpx.codes.OK
            assert stream.headers["content-type"].startswith("text/event-stream")
            assert next(stream.iter_lines()).startswith(":")
        return
    answer = httpx.post(f"{demo.url}/graphql", json=asked, headers=headers).json()
    assert "errors" not in answer
    assert all(answer["data"].values())


@pytest.mark.parametrize("command", ["demo", "serve"])
def test_a_port_that_is_taken_is_refused_before_anything_starts(demo: Demo, command: str, tmp_path: Path) -> None:
    port = demo.url.rsplit(":", 1)[1]
    environment = os.environ | {"SONOGRAPH_PORT": port, "SONOGRAPH_DATA_DIR": str(tmp_path / "data")}
    done = subprocess.run(
        [SONOGRAPH, command], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    assert f"port {port}" in done.stderr
    assert "SONOGRAPH_PORT" in done.stderr
    assert "svk_" not in done.stdout
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ({"SONOGRAPH_DATABASE_URL": NOWHERE, "SONOGRAPH_DATABASE_WAIT": "0"}, "The database cannot be reached"),
        ({"SONOGRAPH_DATABASE_URL": "mysql://nowhere"}, "no PostgreSQL URL"),
        ({"SONOGRAPH_DATA_DIR": "/dev/null/data"}, "SONOGRAPH_DATA_DIR"),
    ],
)
def test_a_start_that_cannot_be_says_why_in_a_line(setting: dict[str, str], said: str) -> None:
    environment = os.environ | {"SONOGRAPH_PORT": str(free_port())} | setting
    done = subprocess.run(
        [SONOGRAPH, "serve"], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode not in (0, None)
    assert said in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


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
        assert again.seconds < 45
        assert again.get("/v1/tracks/1").json()["title"] == "One More Time"
        again.process.kill()  # as kill -9 does
        again.process.wait(10)
        third = Demo(folder, free_port())
        assert third.get("/v1/tracks/1").json()["title"] == "One More Time"
        assert third.stop() == 0
    finally:
        if again.process.poll() is None:
            again.stop()
