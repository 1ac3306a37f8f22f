"""What a report is about: from its first moment to the one after its last."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sonograph.errors import Invalid

LONGEST = timedelta(days=92)
MAX_ZONE = 64  # characters
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Span:
    """A time, in UTC: `since` belongs to it, `until` does not. An airing belongs to it when it began in it."""

    since: datetime
    until: datetime


def span_of(since: datetime, until: datetime) -> Span:
    """A span of at most 92 days; raises `Invalid`, which names `from` or `until`."""
    for name, at in (("from", since), ("until", until)):
        if not EARLIEST <= at <= LATEST:
            raise Invalid(f"{name} must be a time from {EARLIEST.year} to {LATEST.year}", name)
    if until <= since:
        raise Invalid("until must be later than from", "until")
    if until - since > LONGEST:
        raise Invalid(f"until must be at most {LONGEST.days} days after from", "until")
    return Span(since.astimezone(UTC), until.astimezone(UTC))


def zone_of(name: str, field: str = "time_zone") -> ZoneInfo:
    """A time zone by its IANA name; raises `Invalid`, which names the field."""
    try:
        if len(name) <= MAX_ZONE:
            return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        pass  # it looks into files: names of folders and such are no zones either
    raise Invalid(f"{field} must be the name of a time zone, as Europe/Zurich", field)
