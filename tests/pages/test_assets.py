import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from api.pages import assets
from api.pages.explorers import Explorers
from api.pages.layout import STATIC
from sonograph.errors import Misconfigured
from sonograph.settings import Settings

LOCK = Path(assets.__file__).parent / "package-lock.json"


@pytest.fixture
async def client(packages: Path, settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    app = Starlette(routes=Explorers.build(settings, None, packages=packages).routes())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        yield client


def test_the_pins_are_those_of_the_installed_packages(packages: Path) -> None:
    assert json.loads(assets.PINS.read_text()) == assets.measured(packages)


def test_the_pins_have_the_versions_of_the_lock() -> None:
    locked = json.loads(LOCK.read_text())["packages"]
    for asset in assets.pinned().values():
        assert asset.version == locked[f"node_modules/{asset.package}"]["version"]


def test_the_lock_names_hashes_and_no_download_address() -> None:
    packages = json.loads(LOCK.read_text())["packages"]
    assert {entry["resolved"] for entry in packages.values() if "resolved" in entry} == {"bundled"}
    fetched = [entry for name, entry in packages.items() if name.startswith("node_modules/") and not entry.get("link")]
    assert all(entry["integrity"].startswith("sha512-") for entry in fetched)


def test_pins_of_packages_that_are_not_there_say_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"npm ci --prefix api/pages"):
        assets.measured(tmp_path)


def test_a_changed_file_counts_as_not_installed(packages: Path, tmp_path: Path) -> None:
    pins = assets.pinned().values()
    for asset in pins:
        copy = asset.installed(tmp_path)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(asset.installed(packages).read_bytes())
    assert assets.all_installed(pins, tmp_path)
    with copy.open("ab") as file:
        file.write(b" ")
    assert not assets.all_installed(pins, tmp_path)


async def test_every_pinned_file_is_served_forever_and_compressed(client: httpx.AsyncClient) -> None:
    for asset in assets.pinned().values():
        answer = await client.get(f"/assets/{asset.path}")
        assert answer.status_code == 200
        assert assets.integrity(answer.content) == asset.integrity
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["content-encoding"] == "gzip"
        assert int(answer.headers["content-length"]) < len(answer.content) * 0.8
        plain = await client.get(f"/assets/{asset.path}", headers={"accept-encoding": "identity"})
        assert "content-encoding" not in plain.headers
        assert plain.content == answer.content


@pytest.mark.parametrize(
    "path",
    [
        "graphiql@4.1.2/package.json",
        "graphiql/graphiql.min.js",
        "graphiql@4.1.2/%2e%2e/react@18.3.1/umd/react.production.min.js",
        "%2e%2e/explorers.py",
        "..%2fexplorers.py",
        "%2fetc%2fpasswd",
        "",
    ],
)
async def test_no_other_file_is_served(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(f"/assets/{path}")).status_code == 404


def test_no_third_party_file_is_committed() -> None:
    for path in STATIC.iterdir():
        assert path.stat().st_size < 10_000
        assert max(map(len, path.read_text().splitlines())) < 400


async def test_own_files_change_their_address_with_their_content(client: httpx.AsyncClient) -> None:
    page = (await client.get("/")).text
    address = re.search(r"assets/sonograph@[0-9a-f]{12}/page\.css", page)
    assert address
    answer = await client.get(f"/{address[0]}")
    assert answer.text == (STATIC / "page.css").read_text()
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
