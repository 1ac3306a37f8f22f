"""Scalars whose text is the same in both lanes: the database writes it, Python lets it through."""

from datetime import UTC, date, datetime

import strawberry
from strawberry.types.scalar import ScalarDefinition


def _day(value: object) -> str:
    return str(value)


def _moment(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return str(value)


SCALARS: dict[object, ScalarDefinition] = {
    date: strawberry.scalar(
        name="Date", description="A day, `YYYY-MM-DD`.", serialize=_day, parse_value=date.fromisoformat
    ),
    datetime: strawberry.scalar(
        name="DateTime",
        description="A moment in UTC, `2026-06-01T12:00:00Z`.",
        serialize=_moment,
        parse_value=datetime.fromisoformat,
    ),
}
