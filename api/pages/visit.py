"""One request for a page with forms: who asks, what they sent, and how they are answered."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Self
from urllib.parse import quote

import asyncpg
import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from api.pages import csrf
from api.pages.cookies import Cookies, new_secret
from api.pages.forms import Form, Values, errors_of
from api.pages.layout import render, way_back
from api.pages.notices import NOTICES
from api.pages.security import form_headers
from schema.resolvers.services import Services
from sonograph.accounts import networks, sessions
from sonograph.accounts.audit import Address
from sonograph.accounts.people import People
from sonograph.accounts.plans import Plan
from sonograph.accounts.sessions import Session
from sonograph.accounts.usage import Balance, balance
from sonograph.engine import Engine
from sonograph.errors import (
    Conflict,
    Forbidden,
    Invalid,
    LimitReached,
    NotFound,
    PlanRequired,
    SonographError,
    TooManyAttempts,
    Unauthenticated,
    Unavailable,
)
from sonograph.events.subscription import Closing

STATUSES: Final[tuple[tuple[type[SonographError], int], ...]] = (
    (Invalid, 422),
    (NotFound, 404),
    (Conflict, 409),
    (LimitReached, 429),
    (PlanRequired, 403),
    (Forbidden, 403),
    (Unavailable, 503),
    (Closing, 503),
)
TITLES: Final = {
    400: "That form could not be read",
    403: "Not allowed",
    404: "Not found",
    409: "Already done",
    413: "Too large",
    415: "That form could not be read",
    422: "That cannot be done",
    429: "Too many for now",
    503: "Out of order for a moment",
}
# Where a sign-in may lead on to: pages of the dashboard, nothing else.
NEXT: Final = re.compile(r"dashboard(/[a-z]{1,20})?")
LINK: Final = "token"  # the field of a link's token, which no form can mend
SANDBOX: Final = "sandbox"  # a page's catalog, in its address or form
NO_CONNECTION: Final = (OSError, TimeoutError, asyncpg.PostgresConnectionError, asyncpg.InterfaceError)

logger = structlog.get_logger(__name__)


@dataclass(slots=True)
class Visit:
    """`session` is None for who is not signed in. `form` is empty unless the request is a POST."""

    request: Request
    engine: Engine
    cookies: Cookies
    session: Session | None = None
    form: Form = field(default_factory=lambda: Form({}))
    _secret: str | None = None
    _to_keep: dict[str, str | None] = field(default_factory=dict)

    @classmethod
    async def of(cls, request: Request) -> Self:
        engine: Engine = request.app.state.engine
        cookies = Cookies.of(engine.settings)
        visit = cls(request, engine, cookies, _secret=cookies.form_of(request))
        token = cookies.session_of(request)
        if token is not None:
            visit.session = await sessions.look_up(engine.accounts, token)
            if visit.session is None:
                visit._to_keep[cookies.session] = None
            elif visit.session.due:
                visit._to_keep |= (
                    {cookies.session: new} if (new := await sessions.rotate(engine.accounts, token)) else {}
                )
        return visit

    @property
    def services(self) -> Services:
        services: Services = self.request.app.state.services
        return services

    @property
    def people(self) -> People:
        people: People = self.request.app.state.people
        return people

    @property
    def is_post(self) -> bool:
        return self.request.method == "POST"

    @property
    def is_sandbox(self) -> bool:
        """Whether the page's address says that it is of the sandbox."""
        return self.request.query_params.get("catalog") == SANDBOX

    @property
    def me(self) -> Session:
        """The session, on pages for who is signed in."""
        assert self.session is not None  # noqa: S101 - signed_in() has looked
        return self.session

    @property
    def token(self) -> str | None:
        """The session's text, as the browser will have it after this answer."""
        return self._to_keep.get(self.cookies.session) or self.cookies.session_of(self.request)

    @property
    def address(self) -> Address | None:
        return networks.parse(self.request.client.host) if self.request.client else None

    @property
    def user_agent(self) -> str:
        return self.request.headers.get("user-agent", "")

    @property
    def plan(self) -> Plan:
        return self.services.plans.of(self.me.plan)

    async def balance(self) -> Balance:
        """The month's credits."""
        credits_ = self.services.credits
        unspent = credits_.unspent(self.me.account_id) if credits_ else 0
        return await balance(self.engine.accounts, self.services.plans, self.me.account_id, unspent=unspent)

    def mendable(self, error: SonographError, password: str = "") -> dict[str, str]:
        """What the form says, by field, when an input was refused; raises errors that no other input mends.

        `password` is the field for what was wrong with a password alone.
        """
        if isinstance(error, Invalid) and error.field != LINK:
            return errors_of(error)
        if isinstance(error, Unauthenticated):
            return {password: error.message}
        raise error

    def path_id(self, name: str = "id") -> int:
        """A number in the path; `NotFound` for one that is too large to be an id of anything."""
        text = str(self.request.path_params[name])
        if len(text) > 18:  # noqa: PLR2004 - digits of a bigint
            raise NotFound("There is no such thing here.")
        return int(text)

    def form_secret(self) -> str:
        """The secret that this browser's form tokens are made from; set with the answer where there was none."""
        if self._secret is None:
            self._secret = self._to_keep[self.cookies.form] = new_secret()
        return self._secret

    def start_session(self, token: str) -> None:
        """The answer signs the browser in; forms shown before are worth nothing any more."""
        self._to_keep |= {self.cookies.session: token, self.cookies.form: new_secret()}

    def end_session(self) -> None:
        self._to_keep |= {self.cookies.session: None, self.cookies.form: new_secret()}

    def keep_session(self, token: str) -> None:
        """The session goes on under a new token."""
        self._to_keep[self.cookies.session] = token

    def check_form(self) -> None:
        """Refuse what none of our pages sent."""
        given, secret = self.form.fields.get(csrf.FIELD, [""])[0], self._secret
        fits = secret is not None and csrf.is_token(given, secret, self.session.id if self.session else None)
        if not fits or not csrf.is_same_origin(self.request, self.engine.settings.base_url):
            logger.info("a form was refused: it does not come from our pages", path=self.request.url.path)
            raise HTTPException(
                403,
                "This form was shown before you signed in or out, or too long ago, or by another "
                "site. Nothing was done. Open the page again and send it from there.",
            )

    def page(
        self,
        template: str,
        errors: Mapping[str, str] | None = None,
        status: int = 200,
        *,
        connects: bool = False,
        **context: Any,
    ) -> Response:
        """A page; with `errors`, by field, the one with the form that has to be mended.

        `connects`: its script may ask our own server.
        """
        shared = {
            "reader": self.session,
            "form_token": csrf.token(self.form_secret(), self.session.id if self.session else None),
            "section": None,
            "notice": NOTICES.get(self.request.query_params.get("done", "")),
            "errors": errors or {},
            "values": Values(self.form),
            "base_url": self.engine.settings.base_url,
        }
        text = render(template, self.request.url.path, shared | context)
        code = 422 if errors and status == 200 else status  # noqa: PLR2004
        return HTMLResponse(text, status_code=code, headers=form_headers(connects=connects))

    def go(self, to: str, done: str | None = None) -> Response:
        """To another page of ours, by its path from the start page, after a form was sent; `done` names a notice."""
        address = way_back(self.request.url.path) + to + (f"{'&' if '?' in to else '?'}done={done}" if done else "")
        return RedirectResponse(address, status_code=303, headers=form_headers())

    def to_sign_in(self) -> Response:
        here = self.request.url.path.strip("/")
        to = "sign-in" if self.is_post or not NEXT.fullmatch(here) else f"sign-in?next={quote(here, safe='')}"
        return self.go(to)

    def problem(self, status: int, explanation: str, title: str | None = None) -> Response:
        return self.page(
            "problem.html",
            status=status,
            title=title or TITLES.get(status, "That did not work"),
            explanation=explanation,
            way_on="dashboard" if self.session else "sign-in",
            way_on_name="To the dashboard" if self.session else "To the sign-in",
        )

    def finish(self, answer: Response) -> Response:
        for name, value in self._to_keep.items():
            if value is None:
                self.cookies.drop(answer, name)
            else:
                self.cookies.keep(answer, name, value)
        return answer


Page = Callable[[Visit], Awaitable[Response]]
Endpoint = Callable[[Request], Awaitable[Response]]


def anyone(page: Page) -> Endpoint:
    """The endpoint of a page for everybody."""
    return _endpoint(page, needs_session=False)


def signed_in(page: Page) -> Endpoint:
    """The endpoint of a page for who is signed in; others are asked to, first."""
    return _endpoint(page, needs_session=True)


def _endpoint(page: Page, *, needs_session: bool) -> Endpoint:
    async def serve(request: Request) -> Response:
        try:
            visit = await Visit.of(request)
        except NO_CONNECTION:
            logger.exception("a page could not ask the database")
            return HTMLResponse("Out of order for a moment: try again.", status_code=503, headers=form_headers())
        return visit.finish(await _answer(visit, page, needs_session=needs_session))

    return serve


async def _answer(visit: Visit, page: Page, *, needs_session: bool) -> Response:
    if needs_session and visit.session is None:
        return visit.to_sign_in()
    try:
        if visit.is_post:
            visit.form = await Form.read(visit.request)
            visit.check_form()
        return await page(visit)
    except HTTPException as error:
        return visit.problem(error.status_code, error.detail)
    except SonographError as error:
        status = next((status for kind, status in STATUSES if isinstance(error, kind)), 500)
        is_link = isinstance(error, Invalid) and error.field == LINK
        answer = visit.problem(status, error.message, "This link does not work" if is_link else None)
        if isinstance(error, TooManyAttempts):
            answer.headers["Retry-After"] = str(error.retry_after)
        return answer
    except NO_CONNECTION:
        logger.exception("a page could not ask the database")
        return visit.problem(503, "The database does not answer. Try again in a moment.")


async def _missing(visit: Visit) -> Response:
    return visit.problem(404, "There is no such page.")


missing = anyone(_missing)  # for addresses that no page has


async def reader(request: Request) -> Session | None:
    """Who is signed in, for pages that everybody may see; nobody when the database does not answer."""
    engine: Engine | None = getattr(request.app.state, "engine", None)
    if engine is None:  # before the start and after the end of the lifespan
        return None
    token = Cookies.of(engine.settings).session_of(request)
    try:
        return await sessions.look_up(engine.accounts, token) if token else None
    except NO_CONNECTION:
        return None
