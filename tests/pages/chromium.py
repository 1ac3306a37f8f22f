"""Headless Chromium that can reach this machine only."""

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

SWITCHES = (
    "--headless=new",
    "--no-sandbox",  # Chromium's sandbox refuses to run as root, as CI does
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
    "--window-size=1360,900",
)


def needed(there: bool, what: str) -> None:  # noqa: FBT001 - a condition, as in assert
    """Goes on if the thing is there; where it is not, CI fails and a developer's machine skips the test."""
    if not there and os.environ.get("CI"):
        pytest.fail(f"{what}, and CI has to have it")
    if not there:
        pytest.skip(what)


def started(profile: Path, preferences: Mapping[str, int] | None = None, switches: Sequence[str] = ()) -> Chrome:
    """A new browser with an empty profile folder; the caller quits it."""
    program, driver = shutil.which("chromium"), shutil.which("chromedriver")
    needed(bool(program and driver), "Chromium missing: install the packages chromium and chromium-driver")
    options = ChromeOptions()
    options.binary_location = program or ""
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    options.add_experimental_option("prefs", dict(preferences or {}))
    for switch in (*SWITCHES, *switches, f"--user-data-dir={profile}"):
        options.add_argument(switch)
    return Chrome(options=options, service=Service(driver))


@dataclass(frozen=True, slots=True)
class Browser:
    driver: Chrome

    def open(self, url: str, cookies: Mapping[str, str] | None = None) -> None:
        """Opens a page as a first visit: no stored tabs, empty logs, the light colours of a desktop."""
        self.driver.get("about:blank")
        origin = "/".join(url.split("/")[:3])
        self.driver.execute_cdp_cmd("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "all"})
        self.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        self.colours("light")
        self.requested()
        self.complaints()
        for name, value in (cookies or {}).items():
            self.keep_cookie(origin, name, value)
        self.driver.get(url)

    def keep_cookie(self, origin: str, name: str, value: str) -> None:
        self.driver.execute_cdp_cmd(
            "Network.setCookie", {"url": origin, "name": name, "value": value, "httpOnly": True}
        )

    def colours(self, scheme: str) -> None:
        feature = {"name": "prefers-color-scheme", "value": scheme}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})

    def all(self, selector: str) -> list[WebElement]:
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector: str, text: str = "") -> WebElement:
        """Waits for a visible element that contains the text."""

        def found(_: object) -> WebElement | Literal[False]:
            return next((e for e in self.all(selector) if e.is_displayed() and text in e.text), False)

        wait = WebDriverWait(self.driver, 15, poll_frequency=0.1, ignored_exceptions=[StaleElementReferenceException])
        return wait.until(found, f"no visible {selector!r} with {text!r}")

    def editor(self, selector: str) -> str:
        """The text in one of GraphiQL's editors."""
        text: str = self.driver.execute_script(
            "return document.querySelector(arguments[0] + ' .CodeMirror').CodeMirror.getValue()", selector
        )
        return text

    def requested(self) -> list[str]:
        """Addresses asked for since the last call, those inside the page (data:, blob:) and the browser left out."""
        messages = [json.loads(entry["message"])["message"] for entry in self._log("performance")]
        urls = [m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"]
        return [url for url in urls if url.startswith(("http", "ws"))]

    def complaints(self) -> list[str]:
        """Errors on the console since the last call; a breach of the content policy is one of them."""
        return [entry["message"] for entry in self._log("browser") if entry["level"] == "SEVERE"]

    def _log(self, kind: str) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = self.driver.get_log(kind)  # type: ignore[no-untyped-call]  # Selenium's gap
        return entries
