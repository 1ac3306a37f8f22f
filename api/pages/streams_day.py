"""A day of a stream as the page draws it: a row for each hour, in a zone. All text is outside of the drawing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sonograph.errors import Invalid
from sonograph.monitoring.plays import Timeline
from sonograph.monitoring.vocabulary import GapKind

HOUR: Final = 3600
MUSIC, TALK, SILENCE, OUTAGE = "music", "talk", "silence", "outage"
KINDS: Final = (MUSIC, TALK, SILENCE, OUTAGE)
_GAPS: Final = {GapKind.SILENCE: SILENCE, GapKind.OUTAGE: OUTAGE}


@dataclass(frozen=True, slots=True)
class Span:
    """A time with one thing on air. `words` say it."""

    kind: str
    since: datetime
    until: datetime
    words: str


@dataclass(frozen=True, slots=True)
class Box:
    """A span within a row: x and width in seconds."""

    span: Span
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Hour:
    """A row. `seconds` by kind; `starts`: airings that began in it."""

    name: str  # "14:00", in the zone
    boxes: Sequence[Box]
    seconds: Mapping[str, float]
    starts: int


def day_of(text: str, zone: ZoneInfo, now: datetime) -> date:
    """A day as forms send it, today where there is none; raises `Invalid`."""
    if not text:
        return now.astimezone(zone).date()
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Invalid("day: must be a date, such as 2026-03-14", "day") from None
    if not 1970 < day.year < 9998:  # noqa: PLR2004 - what zones and timelines can reckon with
        raise Invalid("day: must be a date of our time", "day")
    return day


def bounds_of(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Its two midnights, in UTC: 23 to 25 hours apart."""
    first, last = (datetime.combine(one, time(), zone).astimezone(UTC) for one in (day, day + timedelta(days=1)))
    return first, last


def spans(timeline: Timeline, watched: tuple[datetime, datetime], names: Mapping[int, str]) -> list[Span]:
    """What was on air, without a hole where the stream was watched: what is neither airing nor gap is talk."""
    known = [
        Span(MUSIC, play.started_at, play.ended_at or play.heard_until, names.get(play.track_id, "a track"))
        for play in timeline.airings
    ] + [
        Span(_GAPS[gap.kind], gap.started_at, gap.ended_at or watched[1], _GAPS[gap.kind].capitalize())
        for gap in timeline.gaps
    ]
    since, until = max(timeline.since, watched[0]), min(timeline.until, watched[1])
    found, at = [], since
    for span in sorted(known, key=lambda span: (span.since, span.until)):
        start, end = max(span.since, at), min(span.until, until)
        if start < end:
            if at < start:
                found.append(Span(TALK, at, start, "Talk, or unknown"))
            found.append(Span(span.kind, start, end, span.words))
            at = end
    if at < until:
        found.append(Span(TALK, at, until, "Talk, or unknown"))
    return found


def hours(timeline: Timeline, found: Iterable[Span], zone: ZoneInfo) -> list[Hour]:
    """The rows of the time line, one for each hour that passes."""
    rows, begun = [], [play.started_at for play in timeline.airings]
    found = list(found)
    start = timeline.since
    while start < timeline.until:
        end = min(start + timedelta(seconds=HOUR), timeline.until)
        boxes = [
            Box(span, (max(span.since, start) - start).total_seconds(), _seconds(span, start, end))
            for span in found
            if span.since < end and span.until > start
        ]
        seconds = {kind: sum(box.width for box in boxes if box.span.kind == kind) for kind in KINDS}
        name = f"{start.astimezone(zone):%H:%M}"
        rows.append(Hour(name, boxes, seconds, sum(start <= at < end for at in begun)))
        start = end
    return rows


def _seconds(span: Span, start: datetime, end: datetime) -> float:
    return (min(span.until, end) - max(span.since, start)).total_seconds()
