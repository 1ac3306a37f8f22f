"""Genre suggestions: one's own, and for reviewers everybody's that wait."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from api.pages.forms import errors_of
from api.pages.names import names_of
from api.pages.visit import SANDBOX, Visit, signed_in
from schema.resolvers.suggestions import approve, reject
from sonograph.accounts.suggestions import Suggestion, pending, suggestions_of
from sonograph.errors import Invalid, NotFound

A_PAGE: Final = 20
GONE: Final = "(not in the catalog any more)"


@dataclass(frozen=True, slots=True)
class Line:
    suggestion: Suggestion
    track: str
    genre: str


async def own(visit: Visit) -> Response:
    test = visit.is_sandbox
    found = await suggestions_of(
        visit.engine.accounts, visit.me.account_id, test=test, first=A_PAGE, after=_after(visit)
    )
    return visit.page(
        "suggestions.html",
        section="/suggestions",
        test=test,
        plan=visit.plan,
        lines=await _lines(visit, found.rows, test=test),
        next_cursor=found.next_cursor,
    )


async def review(visit: Visit) -> Response:
    _check_reviewer(visit)
    return await _review_page(visit, test=visit.is_sandbox)


async def decide(visit: Visit) -> Response:
    _check_reviewer(visit)
    number, decision = visit.path_id(), visit.request.url.path.rpartition("/")[2]
    test = visit.form.line("catalog") == SANDBOX
    if decision == "approve":
        await approve(visit.engine, number, visit.me.email, test=test)
    else:
        try:
            await reject(visit.engine, number, visit.me.email, visit.form.text("reason"), test=test)
        except Invalid as error:
            (text,) = errors_of(error).values()
            return await _review_page(visit, {f"reason-{number}": text}, test=test)
    to = f"dashboard/review?catalog={SANDBOX}" if test else "dashboard/review"
    return visit.go(to, done="approved" if decision == "approve" else "rejected")


async def _review_page(visit: Visit, errors: dict[str, str] | None = None, *, test: bool) -> Response:
    found = await pending(visit.engine.accounts, test=test, first=A_PAGE, after=_after(visit))
    return visit.page(
        "review.html",
        errors,
        section="/review",
        test=test,
        lines=await _lines(visit, found.rows, test=test),
        next_cursor=found.next_cursor,
    )


async def _lines(visit: Visit, rows: Iterable[Suggestion], *, test: bool) -> list[Line]:
    rows = list(rows)
    wanted = [reference for row in rows for reference in (("Track", row.track_id), ("Genre", row.genre_id))]
    names = await names_of(visit, wanted, test=test)
    return [
        Line(row, names.get(("Track", row.track_id), GONE), names.get(("Genre", row.genre_id), GONE)) for row in rows
    ]


def _check_reviewer(visit: Visit) -> None:
    if not visit.me.reviewer:
        raise NotFound("There is no such page.")


def _after(visit: Visit) -> str | None:
    return visit.request.query_params.get("after") or None


def routes() -> list[BaseRoute]:
    return [
        Route("/dashboard/suggestions", signed_in(own)),
        Route("/dashboard/review", signed_in(review)),
        Route("/dashboard/review/{id:int}/approve", signed_in(decide), methods=["POST"]),
        Route("/dashboard/review/{id:int}/reject", signed_in(decide), methods=["POST"]),
    ]
