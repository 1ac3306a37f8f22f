"""Pages of lists that are not the catalog's: the same connection types, made of ordinary objects."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sonograph.postgres.found import Order, encode_cursor, page

NUMBER = (Order("id", "bigint"),)


@dataclass(frozen=True, slots=True)
class PageEdge:
    cursor: str
    node: Any


@dataclass(frozen=True, slots=True)
class PagePlace:
    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@dataclass(frozen=True, slots=True)
class Page:
    """What the fields of a connection are read from. `total_count` is asked when a client asks for it."""

    nodes: list[Any]
    edges: list[PageEdge]
    page_info: PagePlace
    next_cursor: str | None
    total_count: Callable[[], Awaitable[int] | int]


def number_after(name: str, first: int, after: str | None) -> int | None:
    """The number that a cursor of this list holds; raises `Invalid` for a wrong size and for any other cursor."""
    decoded = page("", (), NUMBER, first, after, name=name).after
    return int(decoded[0]) if decoded else None


def page_of(  # noqa: PLR0913  # the parts of a page, most of them named
    name: str,
    nodes: Sequence[Any],
    numbers: Sequence[int],
    *,
    more: bool,
    after: str | None,
    total_count: Callable[[], Awaitable[int] | int],
) -> Page:
    """A page of nodes, each with the number that it is ordered by."""
    cursors = [encode_cursor(name, [str(number)]) for number in numbers]
    last = cursors[-1] if cursors else None
    return Page(
        nodes=list(nodes),
        edges=[PageEdge(cursor, node) for cursor, node in zip(cursors, nodes, strict=True)],
        page_info=PagePlace(more, after is not None, cursors[0] if cursors else None, last),
        next_cursor=last if more else None,
        total_count=total_count,
    )
