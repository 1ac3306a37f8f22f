from collections.abc import Iterator
from pathlib import Path

import pytest

from api.pages import assets
from api.pages.explorers import Explorers
from sonograph.settings import Settings
from tests.pages.chromium import Browser, needed, started
from tests.pages.server import TEST_KEY, running
from tests.pages.server import service as explorers_service
from tests.pages.visitors import Mailbox, Person, Reader, make_person
from tests.service import Service


@pytest.fixture(scope="session")
def packages() -> Path:
    """The folder of the installed npm packages."""
    needed(assets.all_installed(assets.pinned().values()), "npm packages missing: run `make assets`")
    return assets.PACKAGES


@pytest.fixture(scope="session")
def settings() -> Settings:
    return Settings(public_url="http://public.example")


@pytest.fixture(scope="session")
def site(packages: Path, settings: Settings) -> Iterator[str]:
    """The address of the server under test, with its assets installed."""
    with running(explorers_service(Explorers.build(settings, TEST_KEY, packages=packages))) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="session")
def home(service: Service) -> str:
    """The address of the running service."""
    return service.url


@pytest.fixture(scope="session")
def mailbox(service: Service) -> Mailbox:
    return Mailbox(service.log.parent / "mail")


@pytest.fixture
def person(service: Service, database_url: str) -> Person:
    """Somebody new, signed in, of the free plan."""
    assert service.url
    return make_person(database_url)


@pytest.fixture
def reader(home: str, person: Person) -> Iterator[Reader]:
    """Their browser, without scripts."""
    reader = Reader(home, person)
    with reader.http:
        yield reader


@pytest.fixture
def stranger(home: str) -> Iterator[Reader]:
    """Somebody who is not signed in."""
    reader = Reader(home)
    with reader.http:
        yield reader


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    driver = started(tmp_path_factory.mktemp("chromium"))
    yield Browser(driver)
    driver.quit()
