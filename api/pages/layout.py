"""Templates, and what stands in all of them.

Addresses inside the pages are relative, so that they also work below a path prefix of a reverse proxy: `root` is the
way back to the start page.
"""

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from api.pages.activity import detail, words
from api.pages.browsers import browser
from api.pages.files import fingerprint

PAGES: Final = Path(__file__).parent
STATIC: Final = PAGES / "static"
STATIC_VERSION: Final = fingerprint(STATIC)


def number(value: float) -> str:
    """12,345"""
    return f"{value:,}"


def day(value: date) -> str:
    """3 March 2026"""
    return f"{value.day} {value:%B %Y}"


def moment(value: datetime) -> str:
    """3 March 2026, 14:05 UTC"""
    return f"{day(value)}, {value:%H:%M} UTC"


def euros(cents: int) -> str:
    """€12.50, or with a minus sign in front."""
    return f"{'−' if cents < 0 else ''}€{abs(cents) / 100:,.2f}"  # noqa: RUF001 - the minus sign


TEMPLATES: Final = Environment(
    loader=FileSystemLoader(PAGES / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
TEMPLATES.filters.update(
    number=number, day=day, moment=moment, euros=euros, browser=browser, audit_words=words, audit_detail=detail
)


def static_name(name: str) -> str:
    """The address below /assets/ of one of our own files."""
    return f"sonograph@{STATIC_VERSION}/{name}"


def way_back(path: str) -> str:
    """The relative address of the start page, seen from a page's path: "" or "../../"."""
    return "../" * (path.count("/") - 1)


def render(template: str, path: str, context: Mapping[str, Any]) -> str:
    """The page at `path`. `context` holds `reader`, what is known of who is signed in, or None."""
    root = way_back(path)
    return TEMPLATES.get_template(template).render(
        root=root, static=lambda name: f"{root}assets/{static_name(name)}", **context
    )
