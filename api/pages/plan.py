"""The account's plan beside the others, its streams, and what the month costs."""

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from api.pages.forms import errors_of
from api.pages.visit import Visit, signed_in
from sonograph import clock
from sonograph.accounts import entitlements
from sonograph.accounts.billing import Billing, ByHand
from sonograph.errors import Invalid


async def plan(visit: Visit) -> Response:
    return await _page(visit)


async def set_streams(visit: Visit) -> Response:
    """Buy or give up streams, where somebody sells them; else `Forbidden` says whom to ask."""
    try:
        streams = visit.form.number("streams")
        await _billing(visit).set_streams(visit.me.account_id, streams)
    except Invalid as error:
        return await _page(visit, errors_of(error))
    return visit.go("dashboard/plan", done="streams-changed")


def _billing(visit: Visit) -> Billing:
    billing: Billing = visit.request.app.state.billing
    return billing


async def _page(visit: Visit, errors: dict[str, str] | None = None) -> Response:
    pool, account_id, now = visit.engine.accounts, visit.me.account_id, clock.now()
    return visit.page(
        "plan.html",
        errors,
        section="/plan",
        plan=visit.plan,
        can_buy=not isinstance(_billing(visit), ByHand),
        most=entitlements.MAX_STREAMS,
        plans=list(visit.services.plans.values()),
        balance=await visit.balance(),
        streams=await entitlements.allowed_streams(pool, account_id, now),
        kept=await entitlements.kept_streams(pool, account_id),
        price=entitlements.STREAM_CENTS,
        preview=await entitlements.preview(pool, account_id, now),
    )


def routes() -> list[BaseRoute]:
    return [
        Route("/dashboard/plan", signed_in(plan)),
        Route("/dashboard/plan/streams", signed_in(set_streams), methods=["POST"]),
    ]
