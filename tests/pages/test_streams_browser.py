"""Streams in a real browser: the list, a new one, what happens as it happens, a day as a picture, the history."""

import csv
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlencode

import httpx
import pytest
from selenium.webdriver.common.keys import Keys

from sonograph import clock
from sonograph.events.event import event_id
from tests.pages.aired import AIRINGS, OUTAGE_REASON, Aired, air_for, start_play
from tests.pages.chromium import Browser
from tests.pages.visitors import SESSION, Person, Reader, make_person, query

SANDBOX = "?catalog=sandbox"


@pytest.fixture(scope="module")
def listener(home: str, database_url: str) -> Person:
    assert home
    return make_person(database_url, "starter")


@pytest.fixture(scope="module")
def aired(listener: Person, database_url: str) -> Aired:
    return air_for(database_url, listener.account_id)


@pytest.fixture
def radio(home: str, listener: Person) -> Iterator[Reader]:
    """The listener's browser without scripts."""
    reader = Reader(home, listener)
    with reader.http:
        yield reader


def visit(browser: Browser, site: str, path: str, person: Person) -> None:
    browser.open(site + path, {SESSION: person.token})
    browser.one("h1")


def title_of(database_url: str, track_id: int) -> str:
    ((title,),) = query(database_url, "select title from sandbox.track where id = $1", track_id)
    return str(title)


def test_what_plays_is_shown_as_it_happens(
    browser: Browser, home: str, listener: Person, aired: Aired, database_url: str
) -> None:
    visit(browser, home, f"/dashboard/streams{SANDBOX}", listener)
    row = f"tr[data-stream='{aired.playing}']"
    browser.one("[data-connection]", "Connected")
    for track in aired.tracks[7:9]:
        title = title_of(database_url, track)
        start_play(database_url, listener.account_id, aired.playing, track)
        browser.one(f"{row} [data-playing]", title)
        browser.one("[data-log] li", title)
    assert [line.text.split(" ", 2)[2].split(" plays ")[0] for line in browser.all("[data-log] li")] == [
        "Harbour Radio"
    ] * 2
    assert browser.complaints() == []


def test_streams_are_listed_with_their_health(browser: Browser, home: str, listener: Person, aired: Aired) -> None:
    visit(browser, home, f"/dashboard/streams{SANDBOX}", listener)
    browser.one(f"tr[data-stream='{aired.playing}'] [data-state]", "Listening")
    browser.one(f"tr[data-stream='{aired.troubled}'] [data-state]", "In trouble")
    browser.one(f"tr[data-stream='{aired.troubled}'] [data-reason]", OUTAGE_REASON)
    browser.one("th", "Sandbox station")
    browser.one("summary", "Stopped (1)").click()
    browser.one("details th", "Old Pier")


def test_a_stream_is_added_changed_and_stopped(browser: Browser, home: str, listener: Person) -> None:
    visit(browser, home, f"/dashboard/streams{SANDBOX}", listener)
    browser.one("button", "Add it").click()
    browser.one("#errors", "address of an audio stream")
    browser.one("[data-connection]", "Connected")  # scripts have run: the form stays where it is
    browser.one("#name").send_keys("My radio")
    browser.one("#url").send_keys("http://192.168.0.1:8000/live", Keys.ENTER)
    assert browser.one("#url-error").text, browser.one("main").text
    assert browser.one("#name").get_attribute("value") == "My radio"
    browser.one("#url").clear()
    browser.one("#url").send_keys("https://radio.example.org/live", Keys.ENTER)
    browser.one("[role=status]", "watched from now on")
    browser.one("h1", "My radio")
    browser.one("main a.button", "Change").click()
    browser.one("#name").send_keys(" of old")
    browser.one("button", "Save").click()
    browser.one("h1", "My radio of old")
    browser.one("main a.button", "Stop").click()
    browser.one("button", "Stop it").click()
    browser.one("[role=status]", "The stream is stopped")
    browser.one("summary", "Stopped").click()
    browser.one("details th", "My radio of old")


def test_a_day_is_drawn_and_told(browser: Browser, home: str, listener: Person, aired: Aired) -> None:
    visit(browser, home, f"/dashboard/streams/{aired.playing}{SANDBOX}", listener)
    hours, begun, drawn, told = 0, 0, set(), ""
    for is_today in (True, False):  # all of it
        assert "a row for each hour" in browser.one("[role=img]").accessible_name
        drawn |= {box.get_attribute("class") for box in browser.all(".hours rect")}
        music = len(browser.all(".hours rect.music"))
        browser.one("summary", "as a table").click()
        rows = [row.text.split() for row in browser.all("details table:first-of-type tbody tr")]
        starts = sum(int(row[1]) for row in rows)
        assert music >= starts - 3  # airings of other tests here lasted for no time
        hours, begun = hours + len(rows), begun + starts
        assert all(abs(sum(map(float, row[2:])) - 60) < 0.3 for row in rows[1:-1])
        told += browser.one("details").text
        if is_today:
            browser.one("a", "Day before").click()
            browser.one("a", "Day after")
    assert begun >= AIRINGS
    assert 24 <= hours <= 26
    assert drawn == {"none", "music", "talk", "silence", "outage"}
    assert OUTAGE_REASON in told


def test_a_day_is_one_of_a_zone(radio: Reader, aired: Aired) -> None:
    at = f"/dashboard/streams/{aired.playing}"
    assert len(radio.get(f"{at}?day=2026-03-29&zone=Europe/Zurich").text.split('class="axis"')) - 1 == 23
    assert len(radio.get(f"{at}?day=2026-10-25&zone=Europe/Zurich").text.split('class="axis"')) - 1 == 25
    wrong = radio.get(f"{at}?day=yesterday&zone=../etc/passwd")
    assert wrong.status_code == 422
    assert "must be the name of a time zone" in radio.text
    assert "Must be a date" in radio.text


def test_the_history_is_searched(radio: Reader, aired: Aired, database_url: str) -> None:
    title = title_of(database_url, aired.tracks[3])
    radio.get(f"/dashboard/streams/{aired.playing}?q={title.split()[0].lower()}")
    found = [cell.text_content() for cell in radio.tree.xpath("//tbody[@data-history]//th")]
    assert found
    assert all(title.split()[0].lower() in name.lower() for name in found)
    radio.get(f"/dashboard/streams/{aired.playing}?q=there+is+no+such+song")
    assert "Nothing of the last 92 days" in radio.text
    every: list[str] = []
    radio.get(f"/dashboard/streams/{aired.playing}")
    while True:
        every += [cell.text_content() for cell in radio.tree.xpath("//tbody[@data-history]/tr")]
        older = radio.tree.xpath("//main//a[normalize-space()='Older']/@href")
        if not older:
            break
        radio.get(str(radio.page.url.join(older[0])))
    assert len(every) == len(set(every)) >= AIRINGS


def test_a_report_is_kept_as_a_file(radio: Reader, aired: Aired, database_url: str) -> None:
    radio.get(f"/dashboard/streams/report{SANDBOX}&stream={aired.playing}")
    fields = radio.form("report") | {"from": str(clock.now().date() - timedelta(days=2))}
    file = radio.get(f"/dashboard/streams/report?{urlencode(fields)}")
    assert file.headers["content-type"].startswith("text/csv")
    assert file.headers["content-disposition"].startswith('attachment; filename="plays-')
    rows = list(csv.DictReader(file.content.decode("utf-8-sig").splitlines()))
    assert len(rows) >= AIRINGS
    assert title_of(database_url, aired.tracks[0]) in {value for row in rows for value in row.values()}
    june = fields | {"from": "2026-06-01", "until": "2026-06-30", "time_zone": "Pacific/Auckland", "template": "suisa"}
    named = radio.get(f"/dashboard/streams/report?{urlencode(june)}").headers["content-disposition"]
    assert named == 'attachment; filename="plays-2026-06-01-2026-06-30-suisa.csv"'
    wrong = radio.get(f"/dashboard/streams/report?{urlencode(fields | {'from': '2026-13-01'})}")
    assert wrong.status_code == 422
    assert "Must be a date" in radio.text
    radio.get(f"/dashboard/streams/report?{urlencode(fields | {'from': '2020-01-01'})}")
    assert "at most 92 days" in radio.text


def test_the_feed_goes_on_behind_the_last_event(home: str, listener: Person, aired: Aired, database_url: str) -> None:
    number, another = (start_play(database_url, listener.account_id, aired.playing, aired.tracks[n]) for n in (1, 2))
    cookies = {SESSION: listener.token}
    address = f"{home}/dashboard/streams/feed{SANDBOX}"
    with httpx.stream("GET", address, cookies=cookies, headers={"last-event-id": event_id(number - 1)}) as feed:
        assert feed.headers["content-type"] == "text/event-stream; charset=utf-8"
        ids = (line for line in feed.iter_lines() if line.startswith("id:"))
        assert [next(ids), next(ids)] == [f"id: {event_id(number)}", f"id: {event_id(another)}"]


def test_the_feed_is_for_who_is_signed_in(home: str, database_url: str, aired: Aired) -> None:
    feed = f"{home}/dashboard/streams/feed"
    assert httpx.get(feed).status_code == 303
    other = Reader(home, make_person(database_url, "starter"))
    with other.http:
        for path in ("", "/change", "/stop"):
            assert other.get(f"/dashboard/streams/{aired.playing}{path}").status_code == 404
        assert other.get("/dashboard/streams").status_code == 200
        assert "no streams yet" in other.text


def test_the_free_plan_has_no_streams(reader: Reader) -> None:
    reader.get(f"/dashboard/streams{SANDBOX}")
    assert "needs a paid plan" in reader.text
    assert "Add a" not in reader.text
