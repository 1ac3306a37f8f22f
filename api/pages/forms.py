"""Forms as browsers send them: bounded, decoded strictly, with errors that name a field."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Self
from urllib.parse import parse_qs

from starlette.exceptions import HTTPException
from starlette.requests import Request

from sonograph.errors import Invalid

MAX_BODY: Final = 16 * 1024  # the largest form has 5 fields
MAX_FIELDS: Final = 100
MAX_VALUE: Final = 2_000  # characters
MEDIA_TYPE: Final = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of a form, each with all its values."""

    fields: Mapping[str, list[str]]

    @classmethod
    async def read(cls, request: Request) -> Self:
        """The form in a request's body; an HTTPException where it is none."""
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != MEDIA_TYPE:
            raise HTTPException(415, "Forms are sent as application/x-www-form-urlencoded.")
        body = bytearray()
        async for piece in request.stream():
            body += piece
            if len(body) > MAX_BODY:
                raise HTTPException(413, "That was more than a form can hold.")
        try:
            fields = parse_qs(
                body.decode("ascii"),
                keep_blank_values=True,
                strict_parsing=bool(body),
                errors="strict",
                max_num_fields=MAX_FIELDS,
            )
        except ValueError as error:
            raise HTTPException(400, "The form could not be read.") from error
        return cls(fields)

    def text(self, name: str) -> str:
        """The field's value as it was typed, "" where it is missing; `Invalid` for what no field of ours takes."""
        value = self.fields.get(name, [""])[0]
        _check(name, value)
        return value

    def line(self, name: str) -> str:
        """The value without blanks around it."""
        return self.text(name).strip()

    def chosen(self, name: str) -> list[str]:
        """The values of a group of checkboxes."""
        values = self.fields.get(name, [])
        for value in values:
            _check(name, value)
        return values

    def lines(self, name: str) -> list[str]:
        """A text field with several values, one a line or with commas between them."""
        return [part for part in self.text(name).replace(",", " ").split() if part]

    def number(self, name: str) -> int:
        """A whole number of at most 9 digits."""
        text = self.line(name)
        if not (text.isascii() and text.isdecimal() and len(text) < 10):  # noqa: PLR2004 - below 2^31
            raise Invalid(f"{name}: must be a whole number", name)
        return int(text)

    def choice(self, name: str, offered: Iterable[str]) -> str:
        """One of the values that the form offers."""
        value = self.line(name)
        if value not in offered:
            raise Invalid(f"{name}: choose one", name)
        return value


class Values:
    """What was typed, for showing a form again; "" for what was not."""

    def __init__(self, form: Form) -> None:
        self._form = form

    def __getitem__(self, name: str) -> str:
        return self._form.fields.get(name, [""])[0][:MAX_VALUE].replace("\0", "")

    def all(self, name: str) -> list[str]:
        return self._form.fields.get(name, [])


def _check(name: str, value: str) -> None:
    if "\0" in value:
        raise Invalid(f"{name}: must not contain the character NUL", name)
    if len(value) > MAX_VALUE:
        raise Invalid(f"{name}: at most {MAX_VALUE:,} characters", name)


def errors_of(error: Invalid) -> dict[str, str]:
    """The message by the field it is about ("" for none), without the field's name in front, as a sentence."""
    field = error.field or ""
    text = error.message.removeprefix(f"{field}: ")
    return {field: f"{text[:1].upper()}{text[1:]}".rstrip(".") + "."}
