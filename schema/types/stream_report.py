"""The report of plays, to look at; files of rows are downloads of the REST API."""

from datetime import date, datetime
from typing import Any

import strawberry

from schema.projection.mapping import Connection, by_key
from schema.resolvers.report import counted, days_of
from schema.types.context import Info, resolved, services_of
from schema.types.paging import Page, PageEdge, PagePlace
from schema.types.shared import After, First
from schema.types.stream import Play, Stream, play_page
from schema.types.track import Track
from sonograph.monitoring import play_history
from sonograph.monitoring.report.span import Span
from sonograph.postgres.found import Order, encode_cursor, page

LIST = "report.tracks"
_MOST_PLAYED = (Order("plays", "bigint", desc=True), Order("track", "bigint"))


def _stated(description: str, **options: Any) -> Any:
    return strawberry.field(description=description, **options)


@strawberry.type(description="A track, and how often a stream had it on air.")
class TrackPlays:
    track_number: strawberry.Private[int]
    track: Track | None = by_key(
        "track_number", description="The track; the one that it was merged into, null when it is not in the catalog."
    )
    plays: int = _stated("How often it was on air.")


@strawberry.type(description="A day, and how many airings began on it.")
class DayPlays:
    day: date = _stated("The day, in the report's time zone.")
    plays: int = _stated("How many airings began on it.")


@strawberry.type(description="What a stream played.")
class StreamReportEntry:
    span: strawberry.Private[Span]
    zone: strawberry.Private[str]
    stream: Stream = _stated("The stream.")

    @resolved("How many airings began in the time, counted up to 100,000.")
    async def plays(self, info: Info) -> int:
        pool = services_of(info).engine.accounts
        return await play_history.count_between(pool, self.stream.row, self.span.since, self.span.until)

    @resolved("Its tracks, the most played first.", graphql_type=Connection[TrackPlays])
    async def summary(self, info: Info, first: First = 20, after: After = None) -> Any:
        decoded = page("", (), _MOST_PLAYED, first, after, name=LIST).after
        rows = await counted(services_of(info), self.stream.row, self.span)
        total = len(rows)
        if decoded is not None:
            behind = (-int(decoded[0]), int(decoded[1]))
            rows = [row for row in rows if (-row[1], row[0]) > behind]
        more = len(rows) > first
        shown = [TrackPlays(track_number=track, plays=plays) for track, plays in rows[:first]]
        cursors = [encode_cursor(LIST, [str(one.plays), str(one.track_number)]) for one in shown]
        last = cursors[-1] if cursors else None
        return Page(
            nodes=list(shown),
            edges=[PageEdge(cursor, node) for cursor, node in zip(cursors, shown, strict=True)],
            page_info=PagePlace(more, after is not None, cursors[0] if cursors else None, last),
            next_cursor=last if more else None,
            total_count=lambda: total,
        )

    @resolved("Days of the time on which something was on air, oldest first.")
    async def days(self, info: Info) -> list[DayPlays]:
        rows = await days_of(services_of(info), self.stream.row, self.span, self.zone)
        return [DayPlays(day=day, plays=plays) for day, plays in rows]

    @resolved("Its airings that began in the time, newest first.", graphql_type=Connection[Play])
    async def details(self, info: Info, first: First = 20, after: After = None) -> Any:
        pool, row, span = services_of(info).engine.accounts, self.stream.row, self.span
        found = await play_history.between(pool, row, span.since, span.until, first=first, after=after)
        count = lambda: play_history.count_between(pool, row, span.since, span.until)  # noqa: E731  # asked for or not
        return play_page(found, after, count, self.stream)


@strawberry.type(description="What streams played between two moments: each airing counts once, by its beginning.")
class StreamReport:
    since: datetime = _stated("Where it begins, itself included.", name="from")
    until: datetime = _stated("Where it ends, itself excluded.")
    time_zone: str = _stated("Zone of its days; all moments are in UTC.")
    streams: list[StreamReportEntry] = _stated("The streams that were watched then, oldest first.")
