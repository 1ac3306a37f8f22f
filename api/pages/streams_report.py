"""The report of what streams played, as a file: the days, the zone and the columns are chosen on a page."""

from collections.abc import AsyncIterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from api.pages.forms import errors_of
from api.pages.streams_view import SECTION
from api.pages.streams_words import title
from api.pages.visit import Visit, signed_in
from schema.resolvers.report import Form, OpenReport, known_templates, open_report
from sonograph import clock
from sonograph.accounts.principal import Principal
from sonograph.errors import Invalid, Unavailable
from sonograph.monitoring.report.span import zone_of
from sonograph.monitoring.streams import list_streams

DAYS: Final = 28  # that are offered first
SHOWN: Final = 200  # streams to choose from: the newest
HEADERS: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


async def report(visit: Visit) -> Response:
    """The form, or the file that it asks for."""
    if "template" not in visit.request.query_params:
        return await _page(visit)
    try:
        return _file(await _open(visit))
    except Invalid as error:
        return await _page(visit, errors_of(error))
    except Unavailable as error:
        return await _page(visit, {"": error.message})


async def _open(visit: Visit) -> OpenReport:
    asked, me = visit.request.query_params, visit.me
    zone = zone_of(asked.get("time_zone", "").strip())
    since = _midnight(_day(visit, "from"), zone)
    until = _midnight(_day(visit, "until") + timedelta(days=1), zone)
    number = asked.get("stream", "")
    if number and not (number.isascii() and number.isdecimal() and len(number) < 10):  # noqa: PLR2004 - below 2^31
        raise Invalid("stream: choose one", "stream")
    viewer = Principal(me.account_id, 0, me.plan, visit.is_sandbox, me.email_verified, paid=visit.plan.paid)
    form = Form(asked["template"], zone.key, bom=True)
    return await open_report(visit.services, viewer, since, until, int(number) if number else None, form)


def _file(made: OpenReport) -> Response:
    async def pieces() -> AsyncIterator[bytes]:
        try:
            yield made.first
            async for piece in made.pieces:
                yield piece
        finally:
            await made.pieces.aclose()

    kept = {"Content-Disposition": f'attachment; filename="{made.file_name}"', "Content-Type": made.content_type}
    return StreamingResponse(pieces(), headers=HEADERS | kept)


def _day(visit: Visit, name: str) -> date:
    try:
        day = date.fromisoformat(visit.request.query_params.get(name, ""))
    except ValueError:
        raise Invalid(f"{name}: must be a date, such as 2026-03-14", name) from None
    if not 2000 <= day.year < 2200:  # noqa: PLR2004 - what reports reach
        raise Invalid(f"{name}: must be a date from 2000 on", name)
    return day


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)


async def _page(visit: Visit, errors: Mapping[str, str] | None = None) -> Response:
    asked, test, today = visit.request.query_params, visit.is_sandbox, clock.now().date()
    found = await list_streams(visit.engine.accounts, visit.me.account_id, test=test, first=SHOWN)
    return visit.page(
        "streams_report.html",
        errors,
        section=SECTION,
        test=test,
        streams=[("", "All of them"), *((str(stream.id), title(stream)) for stream in found)],
        templates=[(one.name, one.title) for one in known_templates(visit.engine)],
        sources=[one for one in known_templates(visit.engine) if one.source],
        typed={
            "stream": asked.get("stream", ""),
            "from": asked.get("from", str(today - timedelta(days=DAYS))),
            "until": asked.get("until", str(today)),
            "time_zone": asked.get("time_zone", "UTC"),
            "template": asked.get("template", "airings"),
        },
    )


def routes() -> list[BaseRoute]:
    return [Route("/dashboard/streams/report", signed_in(report))]
