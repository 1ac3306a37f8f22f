"""Reports of plays for all skins: JSON as /v1 has it, or rows of a template to keep as a file."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from datetime import date, datetime

from schema.resolvers.services import Services
from schema.resolvers.streams import check_watcher
from sonograph.accounts.principal import Principal
from sonograph.engine import Engine
from sonograph.errors import Invalid
from sonograph.monitoring.report.gathering import heard_on
from sonograph.monitoring.report.report import as_json, as_rows, streams_of
from sonograph.monitoring.report.report_store import fetch_airings
from sonograph.monitoring.report.sheet import Sheet
from sonograph.monitoring.report.span import Span, span_of, zone_of
from sonograph.monitoring.report.template import Template, template, templates
from sonograph.monitoring.stream import Stream

UTC_NAME = "UTC"
MOST_SHOWN = 100  # streams of a report to look at


@dataclass(frozen=True, slots=True)
class Form:
    """What a report shall look like: rows of a template, or JSON where there is none."""

    template: str | None = None
    time_zone: str = UTC_NAME  # of the days, and of the rows' times
    bom: bool = False  # whether the file begins with what Excel knows UTF-8 by


@dataclass(frozen=True, slots=True)
class OpenReport:
    """A report under way. `pieces` must be closed; nothing is refused any more once it is open."""

    content_type: str
    file_name: str  # empty: it is shown, not kept
    first: bytes
    pieces: AsyncGenerator[bytes]  # what comes after the first


def known_templates(engine: Engine) -> list[Template]:
    """The templates there are, by name."""
    known = templates(engine.settings.report_templates)
    return [known[name] for name in sorted(known)]


async def open_report(  # noqa: PLR0913, PLR0917  # what is reported, to whom, and how
    services: Services, viewer: Principal, since: datetime, until: datetime, stream_id: int | None, form: Form
) -> OpenReport:
    """A report of the viewer's streams; moments without an offset are in the form's zone.

    Raises `Invalid`, `NotFound`, and `Unavailable` while others are being made.
    """
    check_watcher(viewer)
    engine, zone = services.engine, zone_of(form.time_zone)
    span, sheet = span_of(since, until, zone), None
    if form.template is not None:
        wanted = template(engine.settings.report_templates, form.template)
        sheet = Sheet(wanted, zone, bom=form.bom)
    watched = await streams_of(engine.accounts, viewer.account_id, span, stream_id, test=viewer.test)
    pieces = _made(services, watched, span, sheet, test=viewer.test)
    first = await anext(pieces)
    if sheet is None:
        return OpenReport("application/json", "", first, pieces)
    first_day, last_day = span.days(zone)
    name = f"plays-{first_day}-{last_day}-{sheet.template.name}.{sheet.template.extension}"
    return OpenReport("text/csv; charset=utf-8; header=present", name, first, pieces)


async def _made(
    services: Services, watched: list[Stream], span: Span, sheet: Sheet | None, *, test: bool
) -> AsyncGenerator[bytes]:
    pool = services.engine.accounts
    async with services.reports.place():
        made = (
            as_json(pool, watched, span, test=test) if sheet is None else as_rows(pool, watched, span, sheet, test=test)
        )
        try:
            async for piece in made:
                yield piece
        finally:
            await made.aclose()


async def spanned(  # noqa: PLR0913, PLR0917  # what is reported, and to whom
    services: Services, viewer: Principal, since: datetime, until: datetime, stream_id: int | None, time_zone: str
) -> tuple[Span, list[Stream]]:
    """A report's time and its streams, to look at; moments without an offset are in the zone.

    Raises `Invalid` and `NotFound`.
    """
    check_watcher(viewer)
    span = span_of(since, until, zone_of(time_zone, "timeZone"))
    watched = await streams_of(services.engine.accounts, viewer.account_id, span, stream_id, test=viewer.test)
    if len(watched) > MOST_SHOWN:
        raise Invalid(f"streamId: name one, there are more than {MOST_SHOWN} streams", "streamId")
    return span, watched


async def counted(services: Services, stream: Stream, span: Span) -> list[tuple[int, int]]:
    """(track, plays) of a stream, the most played first; merged tracks are led on."""
    pool = services.engine.accounts
    async with aclosing(heard_on(pool, [stream], span, test=stream.test)) as every:
        async for heard in every:
            tracks, plays = heard.airings.counts()
            return list(zip(tracks.tolist(), plays.tolist(), strict=True))
    return []


async def days_of(services: Services, stream: Stream, span: Span, time_zone: str) -> list[tuple[date, int]]:
    """(day, airings that began on it) of a stream, in a zone; days without any are left out."""
    zone = zone_of(time_zone)
    async with services.engine.accounts.acquire() as connection:
        airings = await fetch_airings(connection, stream.id, span)
    return airings.by_day(zone)
