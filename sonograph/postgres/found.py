"""Find: which rows, in which order, up to where. Values in, `Found` out; stores and jobs use it as the API does.

SQL in a find speaks of two rows by name: `this`, the row being found, and `parent`, the row whose field asks for it.
Parameters are numbered from $1 in each find; the compiler renumbers them when it puts several finds into one statement.
A find's SQL ends in its WHERE, so that a cursor's condition can be added with `and`.
"""

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from sonograph.errors import Invalid

MAX_PAGE = 100  # of lists that page; a find may set another bound
MAX_CURSOR = 4000  # characters: the longest sort key is a title of 1,000 characters

OrderType = Literal["int", "bigint", "float8", "date", "text"]
_NO_CURSOR = "after: not a cursor of this list"
_FLOAT = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,20})?(e[+-][0-9]{1,2})?")
_RANGES = {"int": (-(2**31), 2**31 - 1), "bigint": (-(2**63), 2**63 - 1)}


@dataclass(frozen=True, slots=True)
class Order:
    """One sort key.

    It must never be null (coalesce it), or rows would vanish between two pages, and it must be indexed in the same
    expression where the list is long.
    """

    sql: str
    type: OrderType  # what the cursor's text is cast back to
    desc: bool = False

    def check(self, text: object) -> str:
        """Refuse forged text here, because a failing cast in SQL would abort the statement and be a 500."""
        if not isinstance(text, str) or "\0" in text:
            raise ValueError(text)
        if self.type in _RANGES:
            low, high = _RANGES[self.type]
            # Only the text that PostgreSQL writes: Python reads other digits, signs and underscores, too.
            if not low <= int(text) <= high or str(int(text)) != text:
                raise ValueError(text)
        elif self.type == "float8":
            if not _FLOAT.fullmatch(text):
                raise ValueError(text)
        elif (
            self.type == "date"
            and text not in ("-infinity", "infinity")
            and date.fromisoformat(text).isoformat() != text
        ):
            raise ValueError(text)
        text.encode()  # a lone surrogate is no UTF-8
        return text


@dataclass(frozen=True, slots=True)
class Found:
    """FROM and WHERE of the wanted rows, with what is needed to page through them.

    `limit` None means all of them (or, for a to-one field, the only one).
    """

    sql: str
    params: tuple[Any, ...] = ()
    order: tuple[Order, ...] = ()
    limit: int | None = None
    after: tuple[str, ...] | None = None
    maximum: int = MAX_PAGE
    name: str = ""  # of the list, in its cursors: those of another list with the same sort keys are refused

    @property
    def form(self) -> tuple[object, ...]:
        """Everything that changes the statement's text: finds of equal form share one prepared statement."""
        return self.sql, self.order, self.limit is None, self.after is None, self.maximum, self.name

    @property
    def values(self) -> tuple[Any, ...]:
        """Parameters in the order in which the compiler numbers them: own ones, the cursor's, the limit."""
        values = self.params if self.after is None else (*self.params, *self.after)
        return values if self.limit is None else (*values, self.limit)


NOTHING = "where false"


def page(  # noqa: PLR0913  # the parts of a page, all of them named
    sql: str,
    params: Sequence[Any],
    order: tuple[Order, ...],
    first: int,
    after: str | None = None,
    *,
    name: str = "",
    maximum: int = MAX_PAGE,
) -> Found:
    """A keyset page. Raises `Invalid` for a size out of bounds and for a cursor that this list did not make.

    `name` is the list's, in letters and dots; lists with the same sort keys need one.
    """
    if not 1 <= first <= maximum:
        raise Invalid(f"first: must be 1 to {maximum}", "first")
    return Found(
        sql, tuple(params), order, first, None if after is None else _decode(after, name, order), maximum, name
    )


def top(sql: str, params: Sequence[Any], order: tuple[Order, ...], first: int, *, maximum: int = MAX_PAGE) -> Found:
    """The first rows of a list that does not page."""
    return page(sql, params, order, first, maximum=maximum)


def encode_cursor(name: str, keys: Sequence[str]) -> str:
    """The cursor of a row from its list's name and the texts of its sort keys, as `cursor_sql` writes it, too."""
    return urlsafe_b64encode(json.dumps([name, *keys], ensure_ascii=False).encode()).decode()


def _decode(after: str, name: str, order: tuple[Order, ...]) -> tuple[str, ...]:
    try:
        made_for, *texts = json.loads(urlsafe_b64decode(after[:MAX_CURSOR].encode()))
        # zip() refuses a list of another length, and what is no list at all raises TypeError.
        keys = tuple([key.check(text) for key, text in zip(order, texts, strict=True)])
    except (ValueError, TypeError, RecursionError) as error:
        raise Invalid(_NO_CURSOR, "after") from error
    if made_for != name:
        raise Invalid(_NO_CURSOR, "after")
    return keys


def order_by(order: tuple[Order, ...]) -> str:
    return ", ".join(key.sql + (" desc" if key.desc else "") for key in order)


def cursor_sql(name: str, order: tuple[Order, ...]) -> str:
    """URL-safe base64 of a JSON list, name and sort keys' texts, without the newlines that PostgreSQL's base64 has."""
    keys = ", ".join(f"({key.sql})::text" for key in order)
    return f"translate(encode(convert_to(json_build_array('{name}', {keys})::text, 'UTF8'), 'base64'), E'+/\\n', '-_')"


def after_sql(order: tuple[Order, ...], number: int) -> str:
    """Rows behind the cursor: a row comparison where one index can serve it, else the spelled-out form.

    `number` is the parameter of the first sort key.
    """
    marks = [f"${number + i}::text::{key.type}" for i, key in enumerate(order)]
    if len({key.desc for key in order}) == 1:
        left = ", ".join(key.sql for key in order)
        return f"({left}) {'<' if order[0].desc else '>'} ({', '.join(marks)})"
    steps = []
    for i, key in enumerate(order):
        equal = [f"{k.sql} = {m}" for k, m in zip(order[:i], marks[:i], strict=True)]
        steps.append(" and ".join([*equal, f"{key.sql} {'<' if key.desc else '>'} {marks[i]}"]))
    return "(" + " or ".join(f"({step})" for step in steps) + ")"
