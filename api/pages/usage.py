"""What the account used: the month's credits, requests by day, endpoint and key."""

from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from api.pages.chart import MONTHS_BACK, Amount, by_endpoint, by_key, chart, days_of, months, total
from api.pages.visit import Visit, signed_in
from sonograph import clock
from sonograph.accounts import keyring
from sonograph.accounts.usage import usage_days

NO_SUCH_MONTH: Final = f"Usage can be seen for this month and the {MONTHS_BACK} before it. This is the current one."


async def usage(visit: Visit) -> Response:
    asked = visit.request.query_params.get("month", "")
    possible = months(clock.now().date())
    known = next((month for month in possible if f"{month:%Y-%m}" == asked), None)
    month = known or possible[0]
    days = days_of(month)
    rows = await usage_days(visit.engine.accounts, visit.me.account_id, days[0], days[-1])
    return visit.page(
        "usage.html",
        section="/usage",
        notice=NO_SUCH_MONTH if asked and known is None else None,
        month=month,
        months=possible,
        balance=await visit.balance(),
        chart=chart(days, rows),
        endpoints=by_endpoint(rows),
        keys=await _named(visit, by_key(rows)) if rows else [],
        total=total(rows),
        is_current=month == possible[0],
    )


async def _named(visit: Visit, amounts: list[tuple[int, Amount]]) -> list[tuple[str, Amount]]:
    """Totals by key, under the key's name; keys that ended long ago have their number alone."""
    keys = {key.id: key for key in await keyring.list_keys(visit.engine.accounts, visit.me.account_id)}
    return [
        (f"{keys[number].name or '(no name)'} {keys[number].hint}" if number in keys else f"Key {number}", amount)
        for number, amount in amounts
    ]


def routes() -> list[BaseRoute]:
    return [Route("/dashboard/usage", signed_in(usage))]
