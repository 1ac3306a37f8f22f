"""Sign-up, dashboard and account in a real browser: a whole visit, by keyboard, on a phone, and judged by axe-core."""

from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import httpx
import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from tests.pages.chromium import Browser, needed, started
from tests.pages.furnished import Furnished, furnish
from tests.pages.visitors import PASSWORD, SESSION, Mailbox, Person, make_person, new_email

AXE = Path(__file__).parents[1] / "npm/node_modules/axe-core/axe.min.js"
PHONE = {"width": 360, "height": 780, "deviceScaleFactor": 1, "mobile": True}
PUBLIC = ("/", "/sign-up", "/sign-in", "/forgot", "/resend", "/verify?token=none")
PRIVATE = (
    "/dashboard",
    "/dashboard/keys",
    "/dashboard/keys/{key}",
    "/dashboard/keys/{key}/revoke",
    "/dashboard/usage",
    "/dashboard/streams",
    "/dashboard/streams?catalog=sandbox",
    "/dashboard/streams/{stream}",
    "/dashboard/streams/{stream}/change",
    "/dashboard/streams/{stream}/stop",
    "/dashboard/suggestions?catalog=sandbox",
    "/dashboard/review?catalog=sandbox",
    "/dashboard/plan",
    "/dashboard/account",
    "/dashboard/account/delete",
    "/dashboard/activity",
)
# Each colour of the style sheets is on one of these; looking at contrast is half of axe's time.
IN_THE_DARK = (
    "/",
    "/verify?token=none",
    "/dashboard",
    "/dashboard/keys",
    "/dashboard/account/delete",
    "/dashboard/usage",
    "/dashboard/streams?catalog=sandbox",
)


@pytest.fixture(scope="module")
def resident(home: str, database_url: str) -> Person:
    assert home
    return make_person(database_url, "starter", reviewer=True)


@pytest.fixture(scope="module")
def furnished(resident: Person, database_url: str) -> Furnished:
    return furnish(database_url, resident)


def visit(browser: Browser, site: str, path: str, person: Person | None = None) -> None:
    """Opens a page as a first visit, or as somebody who is signed in."""
    browser.open(site + path, {SESSION: person.token} if person else None)
    browser.one("h1")


def press(browser: Browser, *keys: str) -> None:
    ActionChains(browser.driver).send_keys(*keys).perform()


def tab_to(browser: Browser, what: str, most: int = 40) -> None:
    """Tab until the focus is on the element of that name; where it is, must be seen."""
    for _ in range(most):
        press(browser, Keys.TAB)
        focused = browser.driver.switch_to.active_element
        if what in (focused.accessible_name, focused.get_attribute("id")):
            assert focused.value_of_css_property("outline-style") != "none", what
            return
    pytest.fail(f"{what!r} is out of reach of the Tab key")


def until_refused(address: str, key: str) -> None:
    """Waits until the key is refused: processes hear of it by a notification, or else within 5 s."""
    deadline = monotonic() + 7
    while httpx.get(address, headers={"x-api-key": key}).status_code != httpx.codes.UNAUTHORIZED:
        assert monotonic() < deadline
        sleep(0.02)


def test_a_whole_visit(browser: Browser, home: str, mailbox: Mailbox) -> None:
    email = new_email()
    visit(browser, home, "/")
    browser.one(".cards a", "Sign up").click()
    browser.one("#email").send_keys(email)
    browser.one("#password").send_keys(PASSWORD)
    browser.one("main button", "Sign up").click()
    browser.one("h1", "Look into your mail")
    browser.driver.get(home + mailbox.link(email, "Confirm", "/verify"))
    browser.one("#password").send_keys(PASSWORD)
    browser.one("main button").click()
    browser.one("[role=status]", "your keys work from now on")

    browser.one("main a", "Make a test key").click()
    browser.one("#name").send_keys("My first")
    browser.one("button", "Make a key").click()
    key = browser.one("#made").text
    assert browser.one("[data-copy]").is_displayed()
    track = f"{home}/v1/tracks/isrc/GBDUW0000053"
    assert httpx.get(track, headers={"x-api-key": key}).json()["title"] == "One More Time"
    browser.driver.refresh()  # shows the list, and makes no second key
    browser.one("caption", "1 in force")
    assert key not in browser.driver.page_source

    browser.one(".row-link", "My first").click()
    browser.one("button", "Rotate").click()
    new = browser.one("#made").text
    assert new != key
    for each in (key, new):  # the old one goes on for a day
        assert httpx.get(track, headers={"x-api-key": each}).status_code == 200
    browser.one("a.button", "I have it").click()
    browser.one(".stack", "Being replaced")

    browser.all(".row-link")[0].click()
    browser.one("a.button", "Revoke").click()
    browser.one("button", "Revoke it").click()
    browser.one("[role=status]", "refused from now on")
    until_refused(track, new)

    browser.one(".sections a", "Account").click()
    browser.one("#password").send_keys(PASSWORD)
    browser.one("#new_password").send_keys("an even longer one")
    browser.one("button", "Change the password").click()
    browser.one("[role=status]", "Your password is changed")
    browser.one("a.button", "Delete the account").click()
    browser.one("#password").send_keys(PASSWORD)
    browser.one("button", "Delete").click()
    browser.one("#errors", "not your password")
    assert browser.driver.switch_to.active_element.get_attribute("id") == "errors"
    browser.one("#password").send_keys("an even longer one")
    browser.one("button", "Delete").click()
    browser.one("[role=status]", "deleted")
    until_refused(track, key)
    refused = [text for text in browser.complaints() if "422" not in text]
    assert refused == []


def test_sign_in_and_a_key_by_keyboard_alone(browser: Browser, home: str, database_url: str) -> None:
    person = make_person(database_url)
    visit(browser, home, "/sign-in")
    press(browser, Keys.TAB)
    skip = browser.driver.switch_to.active_element
    assert (skip.text, skip.rect["y"] >= 0) == ("Skip to the content", True)
    press(browser, Keys.ENTER)
    tab_to(browser, "E-mail address", 2)
    press(browser, person.email)
    tab_to(browser, "Password", 1)
    press(browser, PASSWORD)
    tab_to(browser, "Sign in", 1)
    press(browser, Keys.ENTER)
    browser.one("h1", "Overview")
    tab_to(browser, "Keys")
    press(browser, Keys.ENTER)
    browser.one("h1", "Keys")
    tab_to(browser, "Name")
    press(browser, "By hand")
    tab_to(browser, "kind", 1)
    press(browser, Keys.ARROW_DOWN)  # from test to live
    tab_to(browser, "Ends", 1)
    tab_to(browser, "Make a key", 3)
    press(browser, Keys.ENTER)
    assert browser.one("#made").text.startswith("svk_live_")


def test_the_explorers_use_the_readers_own_key(browser: Browser, home: str, database_url: str) -> None:
    person = make_person(database_url)
    visit(browser, home, "/dashboard/keys", person)
    browser.one("button", "Make a key").click()
    key = browser.one("#made").text
    browser.one("button", "Use it in the explorers").click()
    browser.one("[role=status]", "The explorers use this key")
    browser.one(".bar a", "GraphQL").click()
    browser.one("button.graphiql-execute-button").click()
    browser.one(".graphiql-response .result-window", "One More Time")
    assert key not in browser.driver.execute_script("return JSON.stringify(localStorage)")
    browser.one(".bar a", "REST").click()
    browser.one(".opblock-summary-control").click()
    browser.one("button.execute").click()
    assert f"x-api-key: {key}" in browser.one(".curl-command").text
    browser.one(".bar a", "Dashboard").click()
    browser.one(".bar button", "Sign out").click()
    browser.one("[role=status]", "signed out")
    assert browser.driver.execute_script("return sessionStorage.length") == 0


def test_a_key_of_another_reader_is_forgotten(browser: Browser, home: str, database_url: str) -> None:
    visit(browser, home, "/dashboard/keys", make_person(database_url))
    browser.one("#explorer-key").send_keys("svk_live_" + "a" * 36)
    browser.one("button", "Use this key").click()
    browser.one("[role=status]", "The explorers use this key")
    other = make_person(database_url)
    browser.keep_cookie(home, SESSION, other.token)
    browser.driver.get(f"{home}/graphql")
    browser.one("button.graphiql-execute-button")
    assert browser.driver.execute_script("return sessionStorage.getItem('sonograph:key')") is None


def test_what_was_asked_is_in_the_usage(browser: Browser, home: str, resident: Person, furnished: Furnished) -> None:
    assert furnished.keys
    visit(browser, home, "/dashboard/usage", resident)
    chart = browser.one("svg[role=img]")
    assert "Requests by day" in chart.accessible_name
    drawn = browser.all(".plot rect.answered")
    browser.one("summary", "as a table").click()
    days = [row.text for row in browser.all("details tbody tr")]
    assert len(drawn) == len(days) > 0
    assert [row.text.split()[0] for row in browser.all(".bars tbody tr")][:2] == ["GET", "GET"]
    numbers = [int(cell.text.replace(",", "")) for cell in browser.all("details tbody td:nth-child(2)")]
    whole = browser.all(".bars")[0].find_element("css selector", "tfoot td:nth-child(3)").text
    assert sum(numbers) == int(whole.replace(",", ""))


def test_a_suggestion_is_rejected_with_a_reason(
    browser: Browser, home: str, resident: Person, furnished: Furnished
) -> None:
    number = furnished.suggestions[2]
    visit(browser, home, "/dashboard/review?catalog=sandbox", resident)
    browser.one(f"#suggestion-{number}")
    section = f"section[aria-labelledby=suggestion-{number}]"
    browser.one(f"{section} button", "Reject").click()
    browser.one(f"#reason-{number}-error", "required")
    browser.one(f"#reason-{number}").send_keys("No source says so.")
    browser.one(f"{section} button", "Reject").click()
    browser.one("[role=status]", "Rejected")
    browser.one(".sections a", "Suggestions").click()
    browser.one(".tabs a", "Sandbox").click()
    browser.one(".stack", "No source says so.")


@pytest.fixture(scope="module")
def axe() -> str:
    needed(AXE.is_file(), "axe-core missing: run `npm ci --prefix tests/npm`")
    return AXE.read_text(encoding="utf-8")


def addresses(furnished: Furnished) -> Iterator[tuple[str, bool]]:
    yield from ((path, False) for path in PUBLIC)
    yield from ((path.format(key=furnished.keys[2], stream=furnished.aired.playing), True) for path in PRIVATE)


def test_axe_finds_nothing_on_any_page_light_or_dark(
    browser: Browser, home: str, resident: Person, furnished: Furnished, axe: str
) -> None:
    found = []
    for path, private in addresses(furnished):
        visit(browser, home, path, resident if private else None)
        browser.driver.execute_script(axe)
        dark = [("dark", {"runOnly": ["color-contrast"]})] if path in IN_THE_DARK else []
        for scheme, options in [("light", {}), *dark]:
            browser.colours(scheme)
            result: dict[str, Any] = browser.driver.execute_async_script(
                "axe.run({...arguments[0], resultTypes: ['violations']}).then(arguments[1])", options
            )
            assert result["passes"]
            found += [
                f"{path} ({scheme}): {v['id']}: {v['nodes'][0]['html']} {v['nodes'][0]['failureSummary']}"
                for v in result["violations"]
            ]
    assert not found, "\n".join(found)


def test_a_phone_scrolls_down_and_never_sideways_on_any_page(
    browser: Browser, home: str, resident: Person, furnished: Furnished
) -> None:
    for path, private in addresses(furnished):
        visit(browser, home, path, resident if private else None)
        browser.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", PHONE)
        width, room = browser.driver.execute_script("return [document.documentElement.scrollWidth, innerWidth]")
        assert width <= room == 360, path
        small = browser.driver.execute_script(
            "return [...document.querySelectorAll('main button, main .button, nav a, .bar a, input:not([type=hidden])"
            ":not([type=radio]):not([type=checkbox]), select, .option, summary, .row-link')]"
            ".filter((e) => e.offsetParent && e.getBoundingClientRect().height < 43.5).map((e) => e.outerHTML)"
        )
        assert not small, path


def test_all_of_it_works_without_scripts(home: str, database_url: str, tmp_path: Path) -> None:
    driver = started(tmp_path, {"profile.managed_default_content_settings.javascript": 2})
    try:
        browser = Browser(driver)
        driver.get(f"{home}/sign-in")
        browser.one("#email").send_keys(make_person(database_url).email)
        browser.one("#password").send_keys(PASSWORD)
        browser.one("main button").click()
        browser.one(".sections a", "Keys").click()
        assert not [e for e in browser.all("[data-scripted]") if e.is_displayed()]
        browser.one("button", "Make a key").click()
        assert browser.one("#made").text.startswith("svk_test_")
        assert not browser.all("[data-copy]")[0].is_displayed()
        browser.one(".bar button", "Sign out").click()
        browser.one("[role=status]", "signed out")
    finally:
        driver.quit()
