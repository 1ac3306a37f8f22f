"""The account itself: address, password, signed-in browsers, audit log, everything as JSON, and its end."""

from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from api.pages.entrance import PASSWORD_HINT
from api.pages.security import form_headers
from api.pages.visit import Visit, signed_in
from sonograph.accounts import audit, changes, departure, sessions
from sonograph.errors import NotFound, SonographError

LATELY = 10  # lines of the audit log on the account's page
A_PAGE = 50


async def account(visit: Visit) -> Response:
    return await _page(visit)


async def change_email(visit: Visit) -> Response:
    form = visit.form
    try:
        await changes.request_email_change(
            visit.people,
            visit.me.account_id,
            form.line("email"),
            form.text("email_password"),
            address=visit.address,
        )
    except SonographError as error:
        return await _page(visit, visit.mendable(error, "email_password"))
    return visit.go("dashboard/account", done="email-asked")


async def change_password(visit: Visit) -> Response:
    form = visit.form
    try:
        new = form.text("new_password")
        token = await changes.change_password(
            visit.people,
            visit.me.account_id,
            form.text("password"),
            new,
            token=visit.token or "",
            address=visit.address,
        )
    except SonographError as error:
        # The domain knows one field, password: what it finds wrong with the new one belongs to the second field here.
        errors = visit.mendable(error, "password")
        is_new = getattr(error, "field", None) == "password"
        return await _page(visit, {"new_password": errors["password"]} if is_new else errors)
    visit.start_session(token)
    return visit.go("dashboard/account", done="password-changed")


async def end_session(visit: Visit) -> Response:
    if not await sessions.end_one(visit.engine.accounts, visit.me.account_id, visit.path_id()):
        raise NotFound("There is no such browser: it may be signed out already.")
    return visit.go("dashboard/account", done="session-ended")


async def end_sessions(visit: Visit) -> Response:
    await sessions.end_all(visit.engine.accounts, visit.me.account_id, but=visit.token)
    return visit.go("dashboard/account", done="sessions-ended")


async def activity(visit: Visit) -> Response:
    after = visit.request.query_params.get("after", "")
    known = int(after) if after.isascii() and after.isdecimal() and len(after) < 19 else None  # noqa: PLR2004 - a bigint
    entries = await audit.entries(visit.engine.accounts, visit.me.account_id, A_PAGE + 1, known)
    more = entries[A_PAGE - 1].id if len(entries) > A_PAGE else None
    return visit.page("activity.html", section="/account", entries=entries[:A_PAGE], next_cursor=more)


async def export(visit: Visit) -> Response:
    pieces = departure.export(visit.engine.accounts, visit.me.account_id, address=visit.address)
    headers = form_headers() | {"Content-Disposition": 'attachment; filename="sonograph-account.json"'}
    return StreamingResponse(pieces, media_type="application/json", headers=headers)


async def delete(visit: Visit) -> Response:
    if not visit.is_post:
        return visit.page("account_delete.html", section="/account")
    try:
        await departure.delete_account(
            visit.people,
            visit.request.app.state.billing,
            visit.me.account_id,
            visit.form.text("password"),
            address=visit.address,
        )
    except SonographError as error:
        return visit.page("account_delete.html", visit.mendable(error, "password"), section="/account")
    visit.end_session()
    return visit.go("sign-in", done="deleted")


async def _page(visit: Visit, errors: dict[str, str] | None = None) -> Response:
    pool, account_id = visit.engine.accounts, visit.me.account_id
    return visit.page(
        "account.html",
        errors,
        section="/account",
        password_hint=PASSWORD_HINT,
        sessions=await sessions.list_sessions(pool, account_id),
        entries=await audit.entries(pool, account_id, LATELY),
    )


def routes() -> list[BaseRoute]:
    post = ["POST"]
    return [
        Route("/dashboard/account", signed_in(account)),
        Route("/dashboard/account/email", signed_in(change_email), methods=post),
        Route("/dashboard/account/password", signed_in(change_password), methods=post),
        Route("/dashboard/account/sessions/end", signed_in(end_sessions), methods=post),
        Route("/dashboard/account/sessions/{id:int}/end", signed_in(end_session), methods=post),
        Route("/dashboard/account/export", signed_in(export), methods=post),
        Route("/dashboard/account/delete", signed_in(delete), methods=["GET", "POST"]),
        Route("/dashboard/activity", signed_in(activity)),
    ]
