"""Parameters of /v1: text in, values out, and for what does not fit a 400 that names the parameter."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from typing import Any, Literal

from sonograph.catalog.codes import parse_isrc, parse_iswc
from sonograph.errors import Invalid, NotFound
from sonograph.ids import MAX_INT

MAX_TEXT = 5000  # characters of a text parameter

Kind = Literal["text", "isrc", "iswc", "int", "row", "date", "flag", "stream", "time", "local"]
LARGEST = 10**18
_BLANK_ZONE = re.compile(r"(.*[T ].*:.*) ([0-9]{2}:?[0-9]{2})")


@dataclass(frozen=True, slots=True)
class Param:
    """One parameter. `variable` is the document's name for it; `row` is a number of the catalog.

    `stream` is an id of a stream: whatever names none is not found. `time` is ISO 8601, in UTC where it has no zone;
    `local` is the same, and without a zone where none was said: another parameter says which.
    """

    name: str
    kind: Kind = "text"
    description: str = ""
    example: Any = None
    in_path: bool = False
    required: bool = False
    default: Any = None
    minimum: int = 1
    maximum: int = MAX_INT
    variable: str = ""

    @property
    def target(self) -> str:
        return self.variable or self.name

    def parse(self, text: str | None) -> Any:
        if text is None or (text == "" and not self.required):
            if self.required:
                raise Invalid(f"{self.name} is required", self.name)
            return self.default
        parse: Callable[[str], Any] = getattr(self, f"_{self.kind}")
        return parse(text)

    def _text(self, text: str) -> str:
        if not text.strip():
            raise Invalid(f"{self.name} must not be empty", self.name)
        if "\0" in text or len(text) > MAX_TEXT:
            raise Invalid(f"{self.name} must be text of at most {MAX_TEXT} characters without NUL", self.name)
        return text

    def _isrc(self, text: str) -> str:
        if parse_isrc(text) is None:
            raise Invalid(f"{self.name} must be an ISRC", self.name)
        return text

    def _iswc(self, text: str) -> str:
        if parse_iswc(text) is None:
            raise Invalid(f"{self.name} must be an ISWC", self.name)
        return text

    def _int(self, text: str) -> int:
        number = _whole(text)
        if number is None or not self.minimum <= number <= self.maximum:
            raise Invalid(f"{self.name} must be a whole number from {self.minimum} to {self.maximum}", self.name)
        return number

    def _row(self, text: str) -> int:
        number = _whole(text)
        if number is None:
            raise Invalid(f"{self.name} must be a whole number", self.name)
        if self.in_path and not 0 < number <= MAX_INT:
            raise NotFound("Not found")
        return min(max(number, 0), MAX_INT)  # a number that no row has is found nowhere, and is no mistake

    def _date(self, text: str) -> str:
        try:
            day = date.fromisoformat(text)
        except ValueError:
            raise Invalid(f"{self.name} must be a date, YYYY-MM-DD", self.name) from None
        if day.isoformat() != text:  # Python reads 2001-W01-1 and 20010101, too
            raise Invalid(f"{self.name} must be a date, YYYY-MM-DD", self.name)
        return text

    def _stream(self, text: str) -> int:
        number = _whole(text)
        if number is None or not 0 < number <= MAX_INT or str(number) != text:
            raise NotFound("Not found")
        return number

    def _time(self, text: str) -> str:
        return self._moment(text, UTC).isoformat()

    def _local(self, text: str) -> str:
        return self._moment(text, None).isoformat()

    def _moment(self, text: str, zone: tzinfo | None) -> datetime:
        """In UTC, or in the zone where it has none."""
        try:
            # A plus sign that was not percent-encoded arrives as a blank.
            at = datetime.fromisoformat(_BLANK_ZONE.sub(r"\1+\2", text))
            return at.replace(tzinfo=zone) if at.tzinfo is None else at.astimezone(UTC)
        except (ValueError, OverflowError):
            raise Invalid(f"{self.name} must be a time as 2026-06-01T12:00:00Z", self.name) from None

    def _flag(self, text: str) -> bool:
        if text.lower() not in ("true", "1", "false", "0"):
            raise Invalid(f"{self.name} must be true or false", self.name)
        return text.lower() in ("true", "1")


@dataclass(frozen=True, slots=True)
class OneOf:
    """Parameters of which exactly one is needed; they become one @oneOf input."""

    params: tuple[Param, ...]
    variable: str

    def parse(self, given: Mapping[str, str]) -> dict[str, Any]:
        present = [p for p in self.params if given.get(p.name)]
        if len(present) != 1:
            names = ", ".join(p.name for p in self.params)
            raise Invalid(f"exactly one of {names} is needed", present[1].name if present else self.params[0].name)
        return {present[0].target: present[0].parse(given[present[0].name])}


def _whole(text: str) -> int | None:
    """A whole number in ASCII digits; one beyond 10^18 counts as that, because Python would read a million digits."""
    digits = text.removeprefix("-")
    if not digits.isascii() or not digits.isdecimal():
        return None
    number = int(digits) if len(digits) < len(str(LARGEST)) else LARGEST
    return -number if text != digits else number
