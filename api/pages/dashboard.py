"""The dashboard's first page: what to do next, or how things stand."""

from datetime import timedelta
from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from api.pages.chart import chart, total
from api.pages.visit import Visit, signed_in
from sonograph import clock
from sonograph.accounts import audit, keyring
from sonograph.accounts.usage import usage_days

DAYS: Final = 30
LATELY: Final = 5  # lines of the audit log


async def dashboard(visit: Visit) -> Response:
    pool, account_id = visit.engine.accounts, visit.me.account_id
    today = clock.now().date()
    days = [today - timedelta(days=back) for back in reversed(range(DAYS))]
    usage = await usage_days(pool, account_id, days[0], days[-1])
    keys = [key for key in await keyring.list_keys(pool, account_id) if key.in_force]
    return visit.page(
        "dashboard.html",
        section="",
        balance=await visit.balance(),
        plan=visit.plan,
        keys=keys,
        is_used=any(key.last_used_at for key in keys) or bool(usage),
        chart=chart(days, usage),
        total=total(usage),
        entries=await audit.entries(pool, account_id, LATELY),
    )


def routes() -> list[BaseRoute]:
    return [Route("/dashboard", signed_in(dashboard))]
