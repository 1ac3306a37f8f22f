"""Dates of which only a part is known, as music databases write them: 1999, 1999-03, 1999-03-00."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

Precision = Literal["day", "month", "year"]

# Orchestras and choirs that record today were founded from the 13th century on; beyond 2100 it is a typing error.
_FIRST_YEAR, _LAST_YEAR = 1000, 2100
_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{1,2}|\?\?)(?:-([0-9]{1,2}|\?\?)(?:[T ][0-9:.]*(?:Z|[+-][0-9:]+)?)?)?)?")
_BASIC = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")


@dataclass(frozen=True, slots=True)
class PartialDate:
    """The first day of what is known, and how much that is."""

    date: date
    precision: Precision


def parse_date(text: str | None) -> PartialDate | None:
    """As much of the text as is a date: "1999-13-00" is the year, "1999-02-30" the month, "?" nothing.

    Years with one to four digits unknown ("199?", "0000") are nothing: a decade is no release date.
    """
    text = (text or "").strip()
    match = _DATE.fullmatch(text) or _BASIC.fullmatch(text)
    if not match or not _FIRST_YEAR <= (year := int(match[1])) <= _LAST_YEAR:
        return None
    month, day = _number(match[2]), _number(match[3])
    try:
        return PartialDate(date(year, month, day), "day")
    except ValueError:
        pass
    try:
        return PartialDate(date(year, month, 1), "month")
    except ValueError:
        return PartialDate(date(year, 1, 1), "year")


def _number(digits: str | None) -> int:
    """0, which is no month and no day, for what is unknown."""
    return int(digits) if digits and digits.isdecimal() else 0
