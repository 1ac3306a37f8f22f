"""The explorers in a real browser that reaches nothing outside this machine."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import sleep
from urllib.parse import urlencode

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.pages import assets
from api.pages.explorers import Explorers
from sonograph.settings import Settings
from tests.pages.chromium import Browser, started
from tests.pages.server import TEST_KEY, running, service

RUN = "button.graphiql-execute-button"
ANSWER = ".graphiql-response .result-window"
TITLE = "The recording GBDUW0000053"
HEADERS = ".graphiql-editor-tool .graphiql-editor:not(.hidden)"


def quiet(browser: Browser, site: str) -> None:
    """Nothing was asked from elsewhere, and the console is empty."""
    assert [url for url in browser.requested() if not url.startswith(f"{site}/")] == []
    assert browser.complaints() == []


def test_graphiql_runs_the_first_example_with_the_test_key(browser: Browser, site: str) -> None:
    browser.open(f"{site}/graphql")
    browser.one(RUN)
    tabs = [tab.text for tab in browser.all("[role=tab]")]
    assert tabs == [
        "TrackByIsrc",
        "SearchTracks",
        "ArtistReleases",
        "ReleaseEditions",
        "WorkByIswc",
        "Genres",
        "Identify",
        "Plays",
    ]
    assert TEST_KEY in browser.editor(HEADERS)
    browser.one(RUN).click()
    browser.one(ANSWER, TITLE)
    quiet(browser, site)


def test_graphiql_shows_the_schema_and_its_dialogs_without_a_complaint(browser: Browser, site: str) -> None:
    browser.open(f"{site}/graphql")
    browser.one("button[aria-label='Show Documentation Explorer']").click()
    browser.one(".graphiql-plugin", "Query")  # the root type: introspection was answered, so the key went along
    browser.one("button[aria-label='Open settings dialog']").click()
    browser.one(".graphiql-dialog", "Theme")
    assert "persist" not in browser.one(".graphiql-dialog").text.lower()
    quiet(browser, site)


def test_graphiql_works_again_after_a_reload(browser: Browser, site: str) -> None:
    browser.open(f"{site}/graphql")
    browser.one(RUN).click()
    browser.one(ANSWER, TITLE)
    for _ in range(2):
        browser.driver.refresh()
        browser.one(RUN)
        assert TEST_KEY in browser.editor(HEADERS)
        browser.one(RUN).click()
        browser.one(ANSWER, TITLE)
    quiet(browser, site)


def test_a_key_that_the_reader_enters_is_not_left_in_the_browser(browser: Browser, site: str) -> None:
    browser.open(f"{site}/graphql")
    browser.one(RUN)
    own = '{"x-api-key": "svk_live_MYOWN"}'
    browser.driver.execute_script(
        "document.querySelector(arguments[0] + ' .CodeMirror').CodeMirror.setValue(arguments[1])", HEADERS, own
    )
    browser.one(RUN).click()
    browser.one(ANSWER, "Missing or invalid API key")
    sleep(0.7)  # GraphiQL writes its tabs half a second after a change
    stored = browser.driver.execute_script("return JSON.stringify(localStorage)")
    assert "TrackByIsrc" in stored
    assert "MYOWN" not in stored
    browser.driver.refresh()
    browser.one("button[aria-label='Show History']").click()
    browser.one(".graphiql-history-item-label", "TrackByIsrc").click()
    assert TEST_KEY in browser.editor(HEADERS)


def test_graphiql_is_used_by_keyboard_alone(browser: Browser, site: str) -> None:
    browser.open(f"{site}/graphql")
    browser.one(RUN)
    for _ in range(40):
        ActionChains(browser.driver).send_keys(Keys.TAB).perform()
        if "graphiql-execute-button" in (browser.driver.switch_to.active_element.get_attribute("class") or ""):
            break
    ActionChains(browser.driver).send_keys(Keys.ENTER).perform()
    browser.one(ANSWER, TITLE)


def test_a_link_opens_its_query_and_runs_nothing(browser: Browser, site: str) -> None:
    query = 'query Linked { track(by: {isrc: "USQX91300108"}) { title } }'
    browser.open(f"{site}/graphql?{urlencode({'query': query})}")
    browser.one("[role=tab][aria-selected=true], .graphiql-tab-active", "Linked")
    assert browser.editor(".graphiql-query-editor") == query
    assert browser.editor(ANSWER) == ""
    browser.one(RUN).click()
    browser.one(ANSWER, "The recording USQX91300108")
    assert len(browser.all("[role=tab]")) == 9
    quiet(browser, site)


def test_try_it_out_runs_with_the_test_key_on_the_server_of_the_page(browser: Browser, site: str) -> None:
    browser.open(f"{site}/docs")
    browser.one(".opblock-summary-control").click()
    browser.one("button.execute").click()
    assert "House" in browser.one(".live-responses-table .highlight-code").text
    assert f"x-api-key: {TEST_KEY}" in browser.one(".curl-command").text
    assert browser.one(".servers select").text == site
    quiet(browser, site)


def test_the_reference_follows_the_colours_of_the_system(browser: Browser, site: str) -> None:
    browser.open(f"{site}/docs")
    page = browser.one("html")
    browser.one(".opblock")
    light = page.value_of_css_property("background-color")
    browser.colours("dark")
    browser.one("html.dark-mode")
    assert page.value_of_css_property("background-color") != light
    browser.colours("light")


@pytest.mark.parametrize("path", ["/", "/docs", "/graphql"])
def test_a_phone_scrolls_down_and_never_sideways(browser: Browser, site: str, path: str) -> None:
    browser.open(f"{site}{path}")
    phone = {"width": 390, "height": 800, "deviceScaleFactor": 1, "mobile": True}
    browser.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", phone)
    browser.driver.refresh()
    browser.one({"/": "#test-key", "/docs": ".opblock", "/graphql": RUN}[path])
    width, room = browser.driver.execute_script("return [document.documentElement.scrollWidth, innerWidth]")
    assert width <= room == 390
    if path == "/graphql":
        browser.one(RUN).click()
        assert browser.one(ANSWER, TITLE).rect["width"] > 300
    quiet(browser, site)


def test_without_scripts_the_pages_say_what_they_need(site: str, tmp_path: Path) -> None:
    driver = started(tmp_path, {"profile.managed_default_content_settings.javascript": 2})
    try:
        for path in ("/docs", "/graphql"):
            driver.get(f"{site}{path}")
            assert "needs JavaScript" in Browser(driver).one("noscript p").text
    finally:
        driver.quit()


@contextmanager
def served_from_cdn(settings: Settings, none_installed: Path, tamper: bytes = b"") -> Iterator[str]:
    """Our server without installed assets, and another origin as its CDN; `tamper` is appended to every file there."""
    by_path = {asset.path: asset for asset in assets.pinned().values()}

    def file(request: Request) -> Response:
        asset = by_path[request.path_params["path"]]
        media_type = "text/css" if asset.file.endswith(".css") else "text/javascript"
        content = asset.installed().read_bytes() + tamper
        return Response(content, media_type=media_type, headers={"Access-Control-Allow-Origin": "*"})

    with running(Starlette(routes=[Route("/npm/{path:path}", file)])) as cdn:
        explorers = Explorers.build(settings, TEST_KEY, packages=none_installed, cdn=f"http://localhost:{cdn}/npm/")
        with running(service(explorers)) as port:
            yield f"http://127.0.0.1:{port}"


@pytest.mark.usefixtures("packages")
def test_both_work_from_a_cdn(browser: Browser, settings: Settings, tmp_path: Path) -> None:
    with served_from_cdn(settings, tmp_path) as site:
        browser.open(f"{site}/graphql")
        browser.one(RUN).click()
        browser.one(ANSWER, TITLE)
        browser.driver.get(f"{site}/docs")
        browser.one(".opblock-summary-control").click()
        browser.one("button.execute").click()
        browser.one(".live-responses-table .highlight-code", "House")
        assert browser.complaints() == []
        assert len([url for url in browser.requested() if "//localhost:" in url]) == 6


@pytest.mark.usefixtures("packages")
@pytest.mark.parametrize("path", ["/docs", "/graphql"])
def test_another_file_from_the_cdn_is_refused_and_explained(
    browser: Browser, settings: Settings, tmp_path: Path, path: str
) -> None:
    with served_from_cdn(settings, tmp_path, tamper=b"\n/* changed on the way */") as site:
        browser.open(f"{site}{path}")
        assert "make assets" in browser.one("[role=alert]", "did not load").text
        assert any("integrity" in complaint for complaint in browser.complaints())


@pytest.mark.parametrize("path", ["/docs", "/graphql"])
def test_a_cdn_out_of_reach_is_explained(browser: Browser, settings: Settings, tmp_path: Path, path: str) -> None:
    with running(service(Explorers.build(settings, TEST_KEY, packages=tmp_path))) as port:
        browser.open(f"http://127.0.0.1:{port}{path}")
        assert "make assets" in browser.one("[role=alert]", "did not load").text
