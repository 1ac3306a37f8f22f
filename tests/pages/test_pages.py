"""The pages as they are sent; what a browser makes of them is in test_browser.py."""

import json
from collections.abc import AsyncIterator
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest
from graphql import OperationDefinitionNode, parse
from starlette.applications import Starlette
from starlette.routing import Route

from api.pages import assets
from api.pages.explorers import EXAMPLES, Explorers, wants_html
from sonograph.settings import Settings

KEY = 'svk_test_</script><script>"&'  # keys never look like this; were it to happen, it stays text
PAGES = ("/", "/docs", "/graphql")


class Elements(HTMLParser):
    """Collects the elements of a page, and the text of its scripts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.script = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.found and self.found[-1][0] == "script":
            self.script += data.strip()


@pytest.fixture
async def client(settings: Settings, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A server without installed assets."""
    explorers = Explorers.build(settings, KEY, packages=tmp_path)
    app = Starlette(routes=[*explorers.routes(), Route("/graphql", explorers.graphiql)])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        yield client


@pytest.mark.parametrize("path", PAGES)
async def test_everything_from_outside_is_pinned_checked_and_allowed_by_address(
    client: httpx.AsyncClient, path: str
) -> None:
    answer = await client.get(path)
    directives = dict(d.split(" ", 1) for d in answer.headers["content-security-policy"].split("; "))
    outside = 0
    for tag, attributes in Elements(answer.text).found:
        address = attributes.get("src") or attributes.get("href") or ""
        if "//" not in address:
            continue
        outside += 1
        pin = next(a for a in assets.pinned().values() if address == f"{assets.CDN}{a.path}")
        assert attributes["integrity"] == pin.integrity
        assert attributes["crossorigin"] == "anonymous"
        assert address in directives["script-src" if tag == "script" else "style-src"].split()
    assert outside == {"/": 0, "/docs": 2, "/graphql": 4}[path]


@pytest.mark.parametrize("path", PAGES)
async def test_no_script_or_style_stands_in_the_page(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    page = Elements(answer.text)
    for tag, attributes in page.found:
        assert tag != "style"
        assert not [name for name in attributes if name == "style" or name.startswith("on")]
        assert tag != "script" or attributes.get("type") == "application/json" or attributes.get("src")
    if page.script:
        assert json.loads(page.script)["key"] == KEY
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_each_graphiql_page_has_a_nonce_of_its_own(client: httpx.AsyncClient) -> None:
    first, second = await client.get("/graphql"), await client.get("/graphql")
    nonces = [json.loads(Elements(answer.text).script)["nonce"] for answer in (first, second)]
    assert nonces[0] != nonces[1]
    assert f"'nonce-{nonces[0]}'" in first.headers["content-security-policy"]
    assert first.headers["vary"] == "Accept, Cookie"


async def test_the_start_page_shows_the_key_or_how_to_make_one(settings: Settings, tmp_path: Path) -> None:
    for key, shown in (("svk_test_abc", "svk_test_abc"), (None, "sonograph keys create")):
        app = Starlette(routes=Explorers.build(settings, key, packages=tmp_path).routes())
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
            assert shown in (await client.get("/")).text


@pytest.mark.parametrize(
    ("accept", "html"),
    [
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", True),
        ("TEXT/HTML; q=0.5", True),
        ("*/*", False),
        ("", False),
        ("application/json", False),
        ("application/graphql-response+json, application/json;q=0.9, text/html;q=0.5", False),
        ("text/html;q=nonsense", False),
        ("text/html;q=0", False),
    ],
)
def test_browsers_get_the_page_and_programs_do_not(accept: str, html: bool) -> None:  # noqa: FBT001 - a table's column
    assert wants_html(accept) is html


def test_every_example_is_one_named_operation_that_fits_the_editor() -> None:
    names = set()
    for path in EXAMPLES.glob("*.graphql"):
        (operation,) = parse(path.read_text(encoding="utf-8")).definitions
        assert isinstance(operation, OperationDefinitionNode)
        assert operation.name
        names.add(operation.name.value)
        assert max(map(len, path.read_text(encoding="utf-8").splitlines())) < 80
    assert len(names) == 8
