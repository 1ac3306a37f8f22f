"""Templates of columns: what societies ask for, shipped with us, and what an operator adds in a folder.

A template is a TOML file; docs/how-to/report-plays.md says what may stand in it.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from sonograph.errors import Invalid, Misconfigured

SHIPPED = Path(__file__).parent / "templates"
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,40}")
OF_TRACK = (
    "track_id", "title", "artists", "composers", "isrc", "label", "release", "catalog_no", "duration", "released",
)  # fmt: skip
OF_STREAM = ("stream_id", "stream", "url")
OF_AIRING = ("started_at", "date", "time", "played", "played_seconds")
COUNT = ("plays",)
SOURCES = (*OF_TRACK, *OF_STREAM, *OF_AIRING, *COUNT)
MOST_COLUMNS = 100
MAX_FILE = 100_000  # bytes
MOST_TEMPLATES = 100


@dataclass(frozen=True, slots=True)
class Column:
    """A column: where its values come from, or the same value in each row."""

    name: str
    source: str = ""  # of SOURCES; empty: `value`
    value: str = ""
    format: str = ""  # of dates and times, as strftime writes them
    note: str = ""  # why it is empty, or what is to be known of it


@dataclass(frozen=True, slots=True)
class Template:
    """A form of rows."""

    name: str
    title: str
    source: str  # who asks for these columns, and where that is written
    columns: tuple[Column, ...]
    by_track: bool = False  # a row is a track of a stream with its number of plays, not an airing
    delimiter: str = ","
    extension: str = "csv"


def templates(folder: Path | None) -> dict[str, Template]:
    """All templates by name: ours, and those of a folder, which come first. Raises `Misconfigured` for a bad one."""
    return {**_read(SHIPPED), **(_read(folder) if folder is not None else {})}


def template(folder: Path | None, name: str) -> Template:
    """One of them; raises `Invalid` for an unknown name."""
    known = templates(folder)
    if name not in known:
        raise Invalid(f"template must be one of {', '.join(sorted(known))}", "template")
    return known[name]


@cache
def _read(folder: Path) -> Mapping[str, Template]:
    paths = sorted(folder.glob("*.toml"))[:MOST_TEMPLATES]
    if not folder.is_dir():
        raise Misconfigured(f"SONOGRAPH_REPORT_TEMPLATES: there is no folder {folder}")
    return {path.stem: _parse(path) for path in paths}


def _parse(path: Path) -> Template:
    def wrong(what: str) -> Misconfigured:
        return Misconfigured(f"Report template {path}: {what}")

    if not NAME.fullmatch(path.stem):
        raise wrong("its name must be of small letters, digits and hyphens")
    try:
        if path.stat().st_size > MAX_FILE:
            raise wrong("it is too large")
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise wrong(str(error)) from None
    rows, delimiter = given.get("rows", "airings"), given.get("delimiter", ",")
    if rows not in ("airings", "tracks"):
        raise wrong("rows must be airings or tracks")
    if delimiter not in (",", ";", "\t", "|"):
        raise wrong("delimiter must be a comma, semicolon, tabulator or |")
    columns = given.get("columns")
    if not isinstance(columns, list) or not 1 <= len(columns) <= MOST_COLUMNS:
        raise wrong(f"it needs 1 to {MOST_COLUMNS} [[columns]]")
    by_track = rows == "tracks"
    return Template(
        path.stem,
        str(given.get("title", path.stem)),
        str(given.get("source", "")),
        tuple(_column(column, by_track=by_track, wrong=wrong) for column in columns),
        by_track,
        delimiter,
        "txt" if delimiter == "\t" else "csv",
    )


def _column(given: Any, *, by_track: bool, wrong: Any) -> Column:
    if not isinstance(given, dict) or not isinstance(given.get("name"), str):
        raise wrong("each column needs a name")
    name, source = given["name"], given.get("from", "")
    forbidden = OF_AIRING if by_track else COUNT
    if source and (source not in SOURCES or source in forbidden):
        known = [one for one in SOURCES if one not in forbidden]
        raise wrong(f"{name}: from must be one of {', '.join(known)}")
    members = {member: given.get(member, "") for member in ("value", "format", "note")}
    if not all(isinstance(value, str) for value in members.values()):
        raise wrong(f"{name}: value, format and note must be text")
    return Column(name, source, **members)
