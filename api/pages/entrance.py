"""Sign-up, sign-in, sign-out, and the pages that links in mails lead to.

Following such a link only shows a form: mail scanners follow links, too.
"""

from collections.abc import Awaitable, Callable
from typing import Final, Literal

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from api.pages.visit import NEXT, Visit, anyone
from sonograph.accounts import changes, links, recovery, sign_in, sign_up
from sonograph.accounts.passwords import LONGEST, SHORTEST
from sonograph.accounts.sign_in import SignedIn
from sonograph.errors import Invalid, SonographError

PASSWORD_HINT: Final = f"{SHORTEST} to {LONGEST} characters; anything goes but the first guesses."


async def show_sign_up(visit: Visit) -> Response:
    sign_up.check_open(visit.people)
    errors: dict[str, str] = {}
    if visit.is_post:
        email = visit.form.line("email")
        try:
            await sign_up.sign_up(visit.people, email, visit.form.text("password"), address=visit.address)
            return _mail_sent(visit, email, "with a link to confirm the address", "resend")
        except SonographError as error:
            errors = visit.mendable(error)
    return visit.page("sign_up.html", errors, password_hint=PASSWORD_HINT)


async def show_sign_in(visit: Visit) -> Response:
    if visit.session is not None and not visit.is_post:
        return visit.go("dashboard")
    asked = visit.form.line("next") or visit.request.query_params.get("next", "")
    to = asked if NEXT.fullmatch(asked) else "dashboard"
    errors: dict[str, str] = {}
    if visit.is_post:
        try:
            signed_in = await sign_in.sign_in(
                visit.people,
                visit.form.line("email"),
                visit.form.text("password"),
                address=visit.address,
                user_agent=visit.user_agent,
                old_token=visit.token,
            )
            visit.start_session(signed_in.token)
            return visit.go(to)
        except SonographError as error:
            errors = visit.mendable(error)
    return visit.page("sign_in.html", errors, next=to if to != "dashboard" else "")


async def sign_out(visit: Visit) -> Response:
    if visit.token is not None:
        await sign_in.sign_out(visit.people, visit.token, address=visit.address)
    visit.end_session()
    return visit.go("sign-in", done="signed-out")


async def resend(visit: Visit) -> Response:
    return await _ask_mail(
        visit,
        sign_up.resend,
        title="Send the link again",
        explanation="The link that confirms your e-mail address, once more.",
        after="if a sign-up with this address still waits for it",
        address="resend",
    )


async def forgot(visit: Visit) -> Response:
    return await _ask_mail(
        visit,
        recovery.request_reset,
        title="Forgot the password?",
        explanation="We send you a link to set a new one. It is good for an hour.",
        after="if this address has an account",
        address="forgot",
    )


async def _ask_mail(  # noqa: PLR0913 - the words of two pages
    visit: Visit, send: Callable[..., Awaitable[None]], *, title: str, explanation: str, after: str, address: str
) -> Response:
    errors: dict[str, str] = {}
    if visit.is_post:
        email = visit.form.line("email")
        try:
            await send(visit.people, email, address=visit.address)
            return _mail_sent(visit, email, after, address)
        except SonographError as error:
            errors = visit.mendable(error)
    return visit.page("ask_mail.html", errors, title=title, explanation=explanation, address=address, button="Send it")


def _mail_sent(visit: Visit, email: str, words: str, again: str) -> Response:
    return visit.page(
        "mail_sent.html", email=email, words=words, again=again, mails=visit.engine.settings.smtp_url is not None
    )


async def verify(visit: Visit) -> Response:
    """The password is asked for again: whoever typed somebody else's address at the sign-up has not been let in."""
    return await _signed_in(visit, "verify", sign_up.verify, done="verified")


async def reset(visit: Visit) -> Response:
    return await _signed_in(visit, "reset", recovery.reset, done="password-changed")


async def _signed_in(
    visit: Visit, kind: Literal["verify", "reset"], enter: Callable[..., Awaitable[SignedIn]], done: str
) -> Response:
    """The page of a link that lets in whoever has it and types a password."""
    token = _link_token(visit)
    link = await links.peek(visit.engine.accounts, kind, token)
    errors: dict[str, str] = {}
    if visit.is_post:
        password = visit.form.text("password")
        try:
            signed_in = await enter(visit.people, token, password, address=visit.address, user_agent=visit.user_agent)
            visit.start_session(signed_in.token)
            return visit.go("dashboard", done=done)
        except SonographError as error:
            errors = visit.mendable(error, "password")
    return visit.page(f"{kind}.html", errors, token=token, email=link.email, password_hint=PASSWORD_HINT)


async def change_email(visit: Visit) -> Response:
    token = _link_token(visit)
    link = await links.peek(visit.engine.accounts, "change", token)
    if not visit.is_post:
        return visit.page("change_email.html", token=token, email=link.email)
    await changes.change_email(visit.people, token, session=visit.token, address=visit.address)
    if visit.session is not None and visit.session.account_id == link.account_id:
        return visit.go("dashboard/account", done="email-changed")
    return visit.go("sign-in", done="email-changed")


def _link_token(visit: Visit) -> str:
    """Of the address of a link, or of the form that it showed."""
    token = visit.form.line("token") or visit.request.query_params.get("token", "")
    if not token.isascii():
        raise Invalid("This link is not valid. Copy all of it, or ask for a new one.", "token")
    return token


def routes() -> list[BaseRoute]:
    both = ["GET", "POST"]
    return [
        Route("/sign-up", anyone(show_sign_up), methods=both),
        Route("/sign-in", anyone(show_sign_in), methods=both),
        Route("/sign-out", anyone(sign_out), methods=["POST"]),
        Route("/resend", anyone(resend), methods=both),
        Route("/forgot", anyone(forgot), methods=both),
        Route("/verify", anyone(verify), methods=both),
        Route("/reset", anyone(reset), methods=both),
        Route("/change-email", anyone(change_email), methods=both),
    ]
