"""The account's keys: made, shown once, renamed, rotated, revoked.

A new key stands in the answer to the form itself, never behind a redirect: for that it would have to be kept somewhere,
and nothing keeps it. A module of the page sees to it that a reload does not send the form again.
"""

from datetime import timedelta
from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from api.pages.forms import errors_of
from api.pages.visit import Visit, signed_in
from sonograph import clock
from sonograph.accounts import keyring
from sonograph.accounts.keyring import Key
from sonograph.accounts.scopes import SCOPES
from sonograph.errors import Invalid, LimitReached, NotFound

KINDS: Final = (
    ("test", "Test", "Answers from a small, made-up catalog that is always the same. Costs nothing."),
    ("live", "Live", "Answers from the real catalog. Costs credits."),
)
LIVES: Final = (("", "Never"), ("7", "In 7 days"), ("30", "In 30 days"), ("90", "In 90 days"), ("365", "In a year"))
OVERLAPS: Final = (
    ("0", "No time: it is refused at once"),
    ("1", "1 hour"),
    ("24", "1 day"),
    ("168", "7 days"),
    ("720", "30 days"),
)


async def keys(visit: Visit) -> Response:
    errors: dict[str, str] = {}
    if visit.is_post:
        try:
            return await _create(visit)
        except Invalid as error:
            errors = errors_of(error)
        except LimitReached as error:
            errors = {"": error.message}
    found = await keyring.list_keys(visit.engine.accounts, visit.me.account_id)
    return visit.page(
        "keys.html",
        errors,
        section="/keys",
        keys=[key for key in found if key.in_force],
        ended=[key for key in found if not key.in_force],
        kinds=KINDS,
        lives=LIVES,
        scopes=[(name, name, text) for name, text in SCOPES.items()],
    )


async def _create(visit: Visit) -> Response:
    form = visit.form
    kind = form.choice("kind", ("test", "live"))
    life = form.choice("life", [value for value, _ in LIVES])
    key, text = await keyring.create_key(
        visit.engine.accounts,
        visit.me.account_id,
        name=form.line("name"),
        test=kind == "test",
        scopes=form.chosen("scopes") or None,
        networks=form.lines("networks") or None,
        expires_at=clock.now() + timedelta(days=int(life)) if life else None,
        address=visit.address,
        at_most=visit.plan.max_keys,
    )
    return _shown(visit, key, text)


async def key(visit: Visit) -> Response:
    return _page(visit, await _own(visit))


async def rename(visit: Visit) -> Response:
    found = await _own(visit)
    try:
        await keyring.rename_key(
            visit.engine.accounts, visit.me.account_id, found.id, visit.form.line("name"), address=visit.address
        )
    except Invalid as error:
        return _page(visit, found, errors_of(error))
    return visit.go("dashboard/keys", done="key-renamed")


async def rotate(visit: Visit) -> Response:
    found = await _own(visit)
    try:
        hours = int(visit.form.choice("overlap", [value for value, _ in OVERLAPS]))
        new, text = await keyring.rotate_key(
            visit.engine.accounts,
            visit.me.account_id,
            found.id,
            overlap=timedelta(hours=hours),
            address=visit.address,
        )
    except Invalid as error:
        return _page(visit, found, errors_of(error))
    return _shown(visit, new, text, replaced=await _own(visit))


async def revoke(visit: Visit) -> Response:
    found = await _own(visit)
    if not visit.is_post:
        return visit.page("key_revoke.html", section="/keys", key=found)
    await keyring.revoke_key(visit.engine.accounts, visit.me.account_id, found.id, address=visit.address)
    return visit.go("dashboard/keys", done="key-revoked")


def _page(visit: Visit, found: Key, errors: dict[str, str] | None = None) -> Response:
    name = visit.form.fields.get("name", [found.name])[0]
    return visit.page("key.html", errors, section="/keys", key=found, name=name, overlaps=OVERLAPS)


def _shown(visit: Visit, new: Key, text: str, replaced: Key | None = None) -> Response:
    return visit.page("key_made.html", section="/keys", key=new, text=text, replaced=replaced)


async def _own(visit: Visit) -> Key:
    wanted = visit.path_id()
    found = await keyring.list_keys(visit.engine.accounts, visit.me.account_id)
    for one in found:
        if one.id == wanted:
            return one
    raise NotFound("You have no such key.")


def routes() -> list[BaseRoute]:
    return [
        Route("/dashboard/keys", signed_in(keys), methods=["GET", "POST"]),
        Route("/dashboard/keys/{id:int}", signed_in(key)),
        Route("/dashboard/keys/{id:int}/name", signed_in(rename), methods=["POST"]),
        Route("/dashboard/keys/{id:int}/rotate", signed_in(rotate), methods=["POST"]),
        Route("/dashboard/keys/{id:int}/revoke", signed_in(revoke), methods=["GET", "POST"]),
    ]
