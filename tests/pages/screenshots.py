"""`python -m tests.pages.screenshots` takes the pictures of docs/screenshots/ anew, on a service of its own."""

import sys
import tempfile
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sonograph.postgres.embedded import EmbeddedPostgres
from tests.pages.chromium import Browser, started
from tests.pages.furnished import furnish
from tests.pages.png import small
from tests.pages.visitors import SESSION, make_person
from tests.service import Service

FOLDER = Path(__file__).parents[2] / "docs/screenshots"
PAGES = {
    "overview": "/dashboard",
    "keys": "/dashboard/keys",
    "usage": "/dashboard/usage",
    "suggestions": "/dashboard/suggestions?catalog=sandbox",
    "streams": "/dashboard/streams?catalog=sandbox",
    "streams-day": "/dashboard/streams/{stream}?catalog=sandbox#day-heading",
    "sign-in": "/sign-in",
}
WIDTH, HEIGHT = 1000, 720
PHONE = {"width": 360, "height": 720, "deviceScaleFactor": 2, "mobile": True}
DESKTOP = {"width": WIDTH, "height": HEIGHT, "deviceScaleFactor": 1, "mobile": False}

PIXELS = """
  const [png, done] = arguments, image = new Image();
  image.onload = () => {
    const canvas = new OffscreenCanvas(image.width, image.height), context = canvas.getContext("2d");
    context.drawImage(image, 0, 0);
    const reader = new FileReader();
    reader.onload = () => done([image.width, reader.result.split(",")[1]]);
    reader.readAsDataURL(new Blob([context.getImageData(0, 0, image.width, image.height).data]));
  };
  image.src = "data:image/png;base64," + png;
"""


@contextmanager
def running(folder: Path) -> Iterator[tuple[Service, str]]:
    """The service and its database's URL."""
    with EmbeddedPostgres(folder / "postgres") as server:
        service = Service(folder / "service", database_url=server.dsn)
        try:
            service.wait_until_ready()
            yield service, server.dsn
            service.stop()
        finally:
            service.kill()


def take(browser: Browser, shots: dict[str, str], name: str, metrics: dict[str, int | bool]) -> None:
    browser.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    browser.driver.execute_script("document.activeElement.blur()")
    shots[name] = browser.driver.execute_cdp_cmd("Page.captureScreenshot", {"format": "png"})["data"]


def keep(browser: Browser, shots: dict[str, str]) -> None:
    """The browser turns its PNGs into pixels, on a page without a content policy."""
    browser.driver.get("about:blank")
    for name, shot in shots.items():
        width, pixels = browser.driver.execute_async_script(PIXELS, shot)
        (FOLDER / f"{name}.png").write_bytes(small(b64decode(pixels), width))


def main() -> int:
    shots: dict[str, str] = {}
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="sonograph-screenshots-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # run as root, the embedded server is another user
        with running(folder) as (service, dsn):
            person = make_person(dsn, "starter", email="ada@example.org")
            stream = furnish(dsn, person).aired.playing
            driver = started(folder / "chromium", switches=("--hide-scrollbars",))
            try:
                browser = Browser(driver)
                for page, path in PAGES.items():
                    cookies = {} if page == "sign-in" else {SESSION: person.token}
                    browser.open(service.url + path.format(stream=stream), cookies)
                    browser.one("h1")
                    for scheme in ("light", "dark"):
                        browser.colours(scheme)
                        take(browser, shots, f"{page}-{scheme}", DESKTOP)
                    if page in ("keys", "streams-day"):
                        browser.colours("light")
                        take(browser, shots, f"{page}-phone", PHONE)
                keep(browser, shots)
            finally:
                driver.quit()
    return 0


if __name__ == "__main__":
    sys.exit(main())
