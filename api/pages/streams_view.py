"""One stream: how it is, a day of it as a picture and a table, and what it played, by words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from api.pages import streams_day
from api.pages.forms import errors_of
from api.pages.streams_feed import newest
from api.pages.streams_words import at, lines, names, title
from api.pages.visit import Visit, signed_in
from sonograph import clock
from sonograph.errors import Invalid, NotFound
from sonograph.monitoring import play_history
from sonograph.monitoring.play_search import REACH, search_plays
from sonograph.monitoring.plays import Play
from sonograph.monitoring.report.span import zone_of
from sonograph.monitoring.streams import Stream, get_stream

SECTION: Final = "/streams"
A_PAGE: Final = 20
MAX_WORDS: Final = 200  # characters of a search


@dataclass(frozen=True, slots=True)
class Airing:
    play: Play
    track: str

    @property
    def length(self) -> str:
        """3:07, or nothing while it goes on."""
        if self.play.seconds is None:
            return ""
        minutes, seconds = divmod(self.play.seconds, 60)
        return f"{minutes}:{seconds:02}"


async def view(visit: Visit) -> Response:
    stream = await own(visit)
    asked = visit.request.query_params
    errors: dict[str, str] = {}
    zone_name = asked.get("zone", "").strip()
    try:
        zone = zone_of(zone_name or "UTC", "zone")
    except Invalid as error:
        errors, zone = errors_of(error), zone_of("UTC")
    now = clock.now()
    try:
        day = streams_day.day_of(asked.get("day", ""), zone, now)
    except Invalid as error:
        errors |= errors_of(error)
        day = now.astimezone(zone).date()
    timeline = await play_history.timeline(visit.engine.accounts, stream, *streams_day.bounds_of(day, zone))
    called = await names(visit, (play.track_id for play in timeline.airings), test=stream.test)
    found = streams_day.spans(timeline, (stream.created_at, stream.stopped_at or now), called)
    words = asked.get("q", "").strip()[:MAX_WORDS].replace("\0", "")
    airings, older = await _history(visit, stream, words)
    (line,) = await lines(visit, [stream], test=stream.test)
    return visit.page(
        "stream.html",
        errors,
        connects=True,
        section=SECTION,
        stream=stream,
        line=line,
        title=title(stream),
        newest=newest(visit),
        day=day,
        days=(day - timedelta(days=1), day + timedelta(days=1) if day < now.astimezone(zone).date() else None),
        zone=zone.key,
        zone_typed=zone_name,
        hours=streams_day.hours(timeline, found, zone),
        outages=[span for span in found if span.kind == streams_day.OUTAGE],
        gaps=timeline.gaps,
        airings=airings,
        older=older,
        words=words,
        reach=REACH.days,
        at=lambda moment: at_zone(moment, zone.key),
        query="?catalog=sandbox" if stream.test else "",
        catalog="catalog=sandbox&" if stream.test else "",
        report_from=day.replace(day=1),
        report_until=day + timedelta(days=1),
    )


def at_zone(moment: datetime | None, zone: str) -> str:
    """3 March 2026, 14:05:10 CET"""
    if moment is None or zone == "UTC":
        return at(moment)
    local = moment.astimezone(zone_of(zone))
    return f"{local.day} {local:%B %Y, %H:%M:%S %Z}"


async def _history(visit: Visit, stream: Stream, words: str) -> tuple[Sequence[Airing], str | None]:
    """A page, and what leads to the next one."""
    pool, after = visit.engine.accounts, visit.request.query_params.get("after") or None
    if words:
        catalog = visit.engine.catalog(test=stream.test)
        found = await search_plays(pool, catalog, stream.id, words, first=A_PAGE, after=after)
    else:
        found = await play_history.history(pool, stream, first=A_PAGE, after=after)
    called = await names(visit, (play.track_id for play in found.rows), test=stream.test)
    return [Airing(play, called[play.track_id]) for play in found.rows], found.cursors[-1] if found.more else None


async def own(visit: Visit) -> Stream:
    """The stream of the path; `NotFound` for other people's, too."""
    pool, account_id, number = visit.engine.accounts, visit.me.account_id, visit.path_id()
    found = await get_stream(pool, account_id, number, test=visit.is_sandbox)
    if found is None:
        found = await get_stream(pool, account_id, number, test=not visit.is_sandbox)
    if found is None:
        raise NotFound("You have no such stream.")
    return found


def routes() -> list[BaseRoute]:
    return [Route("/dashboard/streams/{id:int}", signed_in(view))]
