from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonograph.catalog.dates import PartialDate, parse_date


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1999-03-12", PartialDate(date(1999, 3, 12), "day")),
        ("1999-3-1", PartialDate(date(1999, 3, 1), "day")),
        ("19990312", PartialDate(date(1999, 3, 12), "day")),
        (" 1999-03-12 ", PartialDate(date(1999, 3, 12), "day")),
        ("2001-03-12T00:00:00Z", PartialDate(date(2001, 3, 12), "day")),
        ("2001-03-12 10:20:30.5+01:00", PartialDate(date(2001, 3, 12), "day")),
        ("2000-02-29", PartialDate(date(2000, 2, 29), "day")),
        ("1999-03", PartialDate(date(1999, 3, 1), "month")),
        ("1999-03-00", PartialDate(date(1999, 3, 1), "month")),
        ("1999-03-??", PartialDate(date(1999, 3, 1), "month")),
        ("1999-02-30", PartialDate(date(1999, 2, 1), "month")),
        ("1999-02-29", PartialDate(date(1999, 2, 1), "month")),
        ("1999", PartialDate(date(1999, 1, 1), "year")),
        ("1999-00-00", PartialDate(date(1999, 1, 1), "year")),
        ("1999-00-12", PartialDate(date(1999, 1, 1), "year")),
        ("1999-13-00", PartialDate(date(1999, 1, 1), "year")),
        ("1999-??-??", PartialDate(date(1999, 1, 1), "year")),
        ("1212", PartialDate(date(1212, 1, 1), "year")),
        *((text, None) for text in (None, "", " ", "?", "????", "0000", "0000-00-00", "199?", "199", "19", "20011")),
        *((text, None) for text in ("9999", "0999", "-1999", "12/03/1999", "March 1999", "1999-03-12x", "1999-")),
        *((text, None) for text in ("١٩٩٩", "\0", "\ud800", "1999-03-12-01", "9" * 5000)),
    ],
)
def test_dates_as_databases_write_them(text: str | None, expected: PartialDate | None) -> None:
    assert parse_date(text) == expected


@given(st.dates(date(1000, 1, 1), date(2100, 12, 31)))
def test_every_date_is_read_back_at_each_precision(day: date) -> None:
    text = day.isoformat()
    assert parse_date(text) == parse_date(text.replace("-", "")) == PartialDate(day, "day")
    assert parse_date(text[:7]) == parse_date(text[:7] + "-00") == PartialDate(day.replace(day=1), "month")
    assert parse_date(text[:4]) == parse_date(text[:4] + "-00-00") == PartialDate(day.replace(month=1, day=1), "year")


@given(st.integers(1000, 2100), st.integers(0, 99), st.integers(0, 99))
def test_a_year_is_never_lost(year: int, month: int, day: int) -> None:
    found = parse_date(f"{year}-{month:02}-{day:02}")
    assert found is not None
    assert found.date.year == year


@given(st.one_of(st.text(), st.text("0123456789-?T:Z ")))
def test_any_text_is_a_date_or_none(text: str) -> None:
    found = parse_date(text)
    assert found is None or found.precision in ("day", "month", "year")
