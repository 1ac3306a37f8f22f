"""Streams: which are watched and how they are, more of them, and an end to them."""

from collections.abc import Mapping
from typing import Any, Final

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from api.pages import streams_report, streams_view
from api.pages.forms import errors_of
from api.pages.streams_feed import SHOWN, LiveViews, newest
from api.pages.streams_view import SECTION, own
from api.pages.streams_words import lines, title
from api.pages.visit import SANDBOX, Visit, signed_in
from schema.resolvers.streams import PAID_ONLY, reach_of
from sonograph import clock
from sonograph.accounts.entitlements import allowed_streams
from sonograph.errors import Conflict, Invalid, LimitReached, PlanRequired
from sonograph.monitoring import streams
from sonograph.monitoring.streams import MOST_TEST, Change, Stream, Wish
from sonograph.monitoring.vocabulary import DetectionMode, StreamFormat

FORMATS: Final = (
    ("", "Not said"),
    ("pop", "Pop: songs"),
    ("electronic", "Electronic: mixes, and records at other speeds"),
    ("classical", "Classical: long pieces, of each many recordings"),
)
MODES: Final = (
    ("balanced", "Balanced", ""),
    ("precise", "Precise", "Rather miss an airing than name a wrong track."),
    ("broad", "Broad", "Rather name a wrong track than miss an airing."),
)


async def overview(visit: Visit) -> Response:
    test = visit.is_sandbox
    if visit.plan.paid and test:
        await streams.ensure_station(visit.engine.accounts, visit.me.account_id, visit.engine.settings.base_url)
    return await _overview(visit, test=test)


async def add(visit: Visit) -> Response:
    if not visit.plan.paid:
        raise PlanRequired(PAID_ONLY)
    test = visit.form.line("catalog") == SANDBOX
    try:
        wish = Wish(**_members(visit))
        made = await streams.create_stream(
            visit.engine.accounts, visit.me.account_id, wish, test=test, reach=reach_of(visit.engine)
        )
    except Invalid as error:
        return await _overview(visit, errors_of(error), test=test)
    except (LimitReached, PlanRequired) as error:
        return await _overview(visit, {"": error.message}, test=test)
    return visit.go(f"dashboard/streams/{made.id}{_catalog(made)}", done="stream-added")


async def change(visit: Visit) -> Response:
    stream = await own(visit)
    if not visit.is_post:
        return _change_page(visit, stream, {"name": stream.name or "", "url": stream.url})
    stopped = stream.stopped_at is not None
    try:
        members = _members(visit)
        wanted = Change(name=members["name"]) if stopped else Change(**members)
        await streams.change_stream(
            visit.engine.accounts,
            visit.me.account_id,
            stream.id,
            wanted,
            test=stream.test,
            reach=reach_of(visit.engine),
        )
    except Invalid as error:
        typed = {"name": visit.form.fields.get("name", [""])[0], "url": visit.form.fields.get("url", [""])[0]}
        return _change_page(visit, stream, typed, errors_of(error))
    return visit.go(f"dashboard/streams/{stream.id}{_catalog(stream)}", done="stream-changed")


async def stop(visit: Visit) -> Response:
    stream = await own(visit)
    if not visit.is_post:
        return visit.page(
            "stream_stop.html", section=SECTION, stream=stream, title=title(stream), query=_catalog(stream)
        )
    if stream.stopped_at is not None:
        raise Conflict("The stream is stopped already.")
    await streams.stop_stream(visit.engine.accounts, visit.me.account_id, stream.id, test=stream.test)
    return visit.go(f"dashboard/streams{_catalog(stream)}", done="stream-stopped")


async def _overview(visit: Visit, errors: Mapping[str, str] | None = None, *, test: bool) -> Response:
    pool, account_id = visit.engine.accounts, visit.me.account_id
    found = await streams.list_streams(pool, account_id, test=test, first=SHOWN)
    shown = await lines(visit, found, test=test)
    return visit.page(
        "streams.html",
        errors,
        connects=True,
        section=SECTION,
        test=test,
        plan=visit.plan,
        active=[line for line in shown if line.stream.stopped_at is None],
        stopped=[line for line in shown if line.stream.stopped_at is not None],
        allowed=MOST_TEST if test else await allowed_streams(pool, account_id, clock.now()),
        formats=FORMATS,
        modes=MODES,
        title=title,
        newest=newest(visit),
        query="?catalog=sandbox" if test else "",
    )


def _change_page(
    visit: Visit, stream: Stream, typed: Mapping[str, str], errors: Mapping[str, str] | None = None
) -> Response:
    form = visit.form if visit.is_post else None
    return visit.page(
        "stream_change.html",
        errors,
        section=SECTION,
        stream=stream,
        title=title(stream),
        typed=typed,
        format=form.fields.get("format", [""])[0] if form else stream.format.name.lower() if stream.format else "",
        mode=form.fields.get("detection_mode", [""])[0] if form else stream.detection_mode.name.lower(),
        told=bool(form.fields.get("outage_notifications")) if form else stream.outage_notifications,
        formats=FORMATS,
        modes=MODES,
        query=_catalog(stream),
    )


def _members(visit: Visit) -> dict[str, Any]:
    """What the form says of a stream; raises `Invalid`."""
    form = visit.form
    format_ = form.choice("format", [value for value, _ in FORMATS])
    mode = form.choice("detection_mode", [value for value, _, _ in MODES])
    url = form.line("url")
    if not url and "url" in form.fields:
        raise Invalid("url: enter the address of an audio stream", "url")
    return {
        "url": url,
        "name": form.line("name") or None,
        "format": StreamFormat[format_.upper()] if format_ else None,
        "detection_mode": DetectionMode[mode.upper()],
        "outage_notifications": bool(form.chosen("outage_notifications")),
    }


def _catalog(stream: Stream) -> str:
    return "?catalog=sandbox" if stream.test else ""


def routes() -> list[BaseRoute]:
    views = LiveViews()
    return [
        Route("/dashboard/streams", signed_in(overview)),
        Route("/dashboard/streams", signed_in(add), methods=["POST"]),
        Route("/dashboard/streams/feed", signed_in(views.feed)),
        *streams_report.routes(),
        *streams_view.routes(),
        Route("/dashboard/streams/{id:int}/change", signed_in(change), methods=["GET", "POST"]),
        Route("/dashboard/streams/{id:int}/stop", signed_in(stop), methods=["GET", "POST"]),
    ]
