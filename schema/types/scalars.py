"""Scalars whose text is the same in both lanes: the database writes it, Python lets it through."""

from datetime import UTC, date, datetime
from typing import NewType

import strawberry
from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition

from sonograph.recognition.chromaprint import Items
from sonograph.recognition.fingerprints import of_numbers, of_text


def _day(value: object) -> str:
    return str(value)


def _read_day(value: object) -> date:
    """`YYYY-MM-DD` and nothing else: Python reads 20010312 and 2001-W11-1, too."""
    try:
        if isinstance(value, str) and (day := date.fromisoformat(value)).isoformat() == value:
            return day
    except ValueError:
        pass
    raise GraphQLError("Date must be YYYY-MM-DD.")


def _read_moment(value: object) -> datetime:
    try:
        if isinstance(value, str):
            return datetime.fromisoformat(value)
    except ValueError:
        pass
    raise GraphQLError("DateTime must be as 2026-06-01T12:00:00Z.")


def _moment(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return str(value)


Fingerprint = NewType("Fingerprint", object)  # text or a list: what fpcalc prints


def _read_fingerprint(value: object) -> object:
    """Whether it is a fingerprint at all is looked at where it is used: a wrong one is a problem of the input."""
    if isinstance(value, str | list):
        return value
    raise GraphQLError("Fingerprint must be fpcalc's text, or a list of numbers.")


def items_of(given: object) -> Items:
    """The items of a `Fingerprint`; raises `Invalid`."""
    return of_text(given) if isinstance(given, str) else of_numbers(given)


SCALARS: dict[object, ScalarDefinition] = {
    date: strawberry.scalar(name="Date", description="A day, `YYYY-MM-DD`.", serialize=_day, parse_value=_read_day),
    datetime: strawberry.scalar(
        name="DateTime",
        description="A moment in UTC, `2026-06-01T12:00:00Z`.",
        serialize=_moment,
        parse_value=_read_moment,
    ),
    Fingerprint: strawberry.scalar(
        name="Fingerprint",
        description="A Chromaprint fingerprint, algorithm 1: the text that `fpcalc` prints, compressed or (`-raw`) as "
        "numbers with commas, signed or unsigned. Or a list of these numbers: variables have room for 490, a minute.",
        parse_value=_read_fingerprint,
    ),
}
