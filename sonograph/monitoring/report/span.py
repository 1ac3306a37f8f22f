"""What a report is about: from its first moment to the one after its last.

Days are days of the zone that is asked for: a month in Zurich begins at its midnight there. What says its offset itself
stays what it is.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sonograph.errors import Invalid

LONGEST = timedelta(days=92)
MAX_ZONE = 64  # characters
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
_DAY, _TICK = timedelta(days=1), timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Span:
    """A time, in UTC: `since` belongs to it, `until` does not. An airing belongs to it when it began in it."""

    since: datetime
    until: datetime

    def days(self, zone: ZoneInfo) -> tuple[date, date]:
        """Its first and its last day in a zone, both of which have a part in it."""
        return self.since.astimezone(zone).date(), (self.until - _TICK).astimezone(zone).date()


def span_of(since: datetime, until: datetime, zone: ZoneInfo) -> Span:
    """A span of at most 92 days; what has no offset is in the zone. Raises `Invalid`, which names `from` or `until`."""
    first, last = (_placed(name, at, zone) for name, at in (("from", since), ("until", until)))
    if last <= first:
        raise Invalid("until must be later than from", "until")
    # By the clock on the wall: 92 days in which summer time ends have an hour more.
    on_the_wall = last.astimezone(zone).replace(tzinfo=None) - first.astimezone(zone).replace(tzinfo=None)
    if min(last - first, on_the_wall) > LONGEST:
        raise Invalid(f"until must be at most {LONGEST.days} days after from", "until")
    return Span(first, last)


def _placed(name: str, at: datetime, zone: ZoneInfo) -> datetime:
    """In UTC. Years are looked at first: the ends of the calendar have no place in other zones."""
    if EARLIEST.year <= at.year <= LATEST.year:
        placed = (at if at.tzinfo is not None else at.replace(tzinfo=zone)).astimezone(UTC)
        if EARLIEST - _DAY <= placed <= LATEST + _DAY:
            return placed
    raise Invalid(f"{name} must be a time from {EARLIEST.year} to {LATEST.year}", name)


def zone_of(name: str, field: str = "time_zone") -> ZoneInfo:
    """A time zone by its IANA name; raises `Invalid`, which names the field."""
    try:
        if len(name) <= MAX_ZONE:
            return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        pass  # it looks into files: names of folders and such are no zones either
    raise Invalid(f"{field} must be the name of a time zone, as Europe/Zurich", field)
