"""The pages a person meets first: the start page, GraphiQL and the REST reference."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from secrets import token_urlsafe
from typing import Any, Final, Self

import structlog
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from api.pages import assets
from api.pages.assets import Asset
from api.pages.files import file_route
from api.pages.layout import PAGES, STATIC, render, static_name
from api.pages.security import page_headers
from sonograph.accounts.sessions import Session
from sonograph.settings import Settings

EXAMPLES: Final = PAGES / "examples"
GRAPHIQL_SCRIPTS: Final = (assets.REACT, assets.REACT_DOM, assets.GRAPHIQL)
GRAPHIQL_STYLES: Final = (assets.GRAPHIQL_STYLE,)
REFERENCE_SCRIPTS: Final = (assets.SWAGGER,)
REFERENCE_STYLES: Final = (assets.SWAGGER_STYLE,)
JSON_TYPES: Final = ("application/graphql-response+json", "application/json")

ReaderOf = Callable[[Request], Awaitable[Session | None]]

logger = structlog.get_logger(__name__)


async def nobody(_: Request) -> Session | None:
    return None


@dataclass(frozen=True, slots=True)
class Explorers:
    """The pages of one server. `cdn` is None when the third-party files are installed and we serve them ourselves."""

    settings: Settings
    test_key: str | None
    examples: tuple[str, ...]
    pins: Mapping[str, Asset]
    packages: Path
    cdn: str | None
    reader_of: ReaderOf

    @classmethod
    def build(
        cls,
        settings: Settings,
        test_key: str | None,
        *,
        packages: Path = assets.PACKAGES,
        cdn: str = assets.CDN,
        reader_of: ReaderOf = nobody,
    ) -> Self:
        """Looks once, now, whether the npm packages are installed below `packages`; otherwise the pages use `cdn`.

        `test_key` is the public test key, filled in wherever a page asks for a key. It is shown to everybody.
        `reader_of` says who is signed in: the pages then look in the browser for a key that this reader put there.
        """
        pins = assets.pinned()
        installed = assets.all_installed(pins.values(), packages)
        if not installed:
            logger.info("explorers load their scripts from a CDN; `make assets` installs them here", cdn=cdn)
        return cls(
            settings=settings,
            test_key=test_key,
            examples=tuple(path.read_text(encoding="utf-8") for path in sorted(EXAMPLES.glob("*.graphql"))),
            pins=pins,
            packages=packages,
            cdn=None if installed else cdn,
            reader_of=reader_of,
        )

    def routes(self) -> list[BaseRoute]:
        """/, /docs and /assets/…. GET /graphql is one route for people and programs: its endpoint calls graphiql()."""
        files = {static_name(path.name): path for path in STATIC.iterdir()}
        if self.cdn is None:
            files |= {asset.path: asset.installed(self.packages) for asset in self.pins.values()}
        return [Route("/", self.start), Route("/docs", self.reference), file_route(files)]

    async def start(self, request: Request) -> Response:
        context = {"test_key": self.test_key, "base_url": self.settings.base_url}
        return await self._page(request, "start.html", context, page_headers())

    async def graphiql(self, request: Request) -> Response:
        """GraphiQL, for GET /graphql by a browser (see wants_html)."""
        # The nonce is for the one style element that GraphiQL adds itself, to hold the page still behind a dialog.
        nonce = token_urlsafe(16)
        config = {"endpoint": "graphql", "key": self.test_key, "examples": self.examples, "nonce": nonce}
        context = {"config": config, **self._tags(GRAPHIQL_SCRIPTS, GRAPHIQL_STYLES)}
        headers = page_headers(self._outside(GRAPHIQL_SCRIPTS + GRAPHIQL_STYLES), nonce)
        return await self._page(request, "graphiql.html", context, headers)

    async def reference(self, request: Request) -> Response:
        config = {"document": "openapi.json", "key": self.test_key, "server": self.settings.base_url}
        context = {"config": config, **self._tags(REFERENCE_SCRIPTS, REFERENCE_STYLES)}
        headers = page_headers(self._outside(REFERENCE_SCRIPTS + REFERENCE_STYLES))
        return await self._page(request, "reference.html", context, headers)

    async def _page(
        self, request: Request, template: str, context: dict[str, Any], headers: Mapping[str, str]
    ) -> Response:
        reader = await self.reader_of(request)
        if "config" in context:
            context["config"]["reader"] = reader and str(reader.account_id)
        text = render(template, request.url.path, context | {"reader": reader})
        return HTMLResponse(text, headers={**headers, "Vary": "Accept, Cookie"})

    def _tags(self, scripts: tuple[str, ...], styles: tuple[str, ...]) -> dict[str, Any]:
        """What a template needs for its script and link elements."""
        base = self.cdn or "assets/"
        return {
            "cdn": self.cdn,
            "scripts": [(base + self.pins[name].path, self.pins[name].integrity) for name in scripts],
            "styles": [(base + self.pins[name].path, self.pins[name].integrity) for name in styles],
        }

    def _outside(self, names: tuple[str, ...]) -> list[str]:
        """Addresses a page loads from elsewhere: whole files, as a CDN's host would let every package in."""
        return [self.cdn + self.pins[name].path for name in names] if self.cdn else []


def wants_html(accept: str) -> bool:
    """Whether a GET of /graphql with this Accept header comes from a person's browser.

    A browser names text/html and no JSON; programs name JSON, or anything ("*/*"), and get GraphQL over HTTP.
    """
    weights = {}
    for part in accept.lower().split(","):
        media_type, *parameters = (piece.strip() for piece in part.split(";"))
        quality = next((text[2:] for text in parameters if text.startswith("q=")), "1")
        try:
            weights[media_type] = float(quality)
        except ValueError:
            weights[media_type] = 0.0
    return weights.get("text/html", 0.0) > max(weights.get(media_type, 0.0) for media_type in JSON_TYPES)
