"""Records of a TSV file of DDEX: tabs between cells, a backslash before a tab that stands in one."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sonograph.catalog.importers.mlc.tables import Table, by_headings, by_order, looks_like_headings
from sonograph.catalog.importers.source_file import SourceFile
from sonograph.errors import Invalid

MAX_LINE = 1 << 20
_BETWEEN = re.compile(r"(?<!\\)\t")
_PIPE = re.compile(r"(?<!\\)\|")
_ESCAPED = re.compile(r"\\\\\\|\\\\\||\\\t")  # a backslash, a pipe, a tab
_PLAIN = {"\\\\\\": "\\", "\\\\|": "|", "\\\t": " "}
_NULL = "\\N"


@dataclass(frozen=True, slots=True)
class Row:
    """A record; `problem` says why it cannot be read."""

    line: int
    cells: tuple[str, ...] = ()
    problem: str | None = None
    text: str = ""  # only with a problem


class TableFile:
    """A file of one table: its records as tuples in the order of `columns`."""

    def __init__(self, file: SourceFile, table: Table) -> None:
        self._file = file
        self._first = _read_line(file).removeprefix(b"\xef\xbb\xbf")
        first = self._first.decode(errors="replace").rstrip("\r\n").split("\t")
        headings = by_headings(table, first)
        headed = headings is not None or looks_like_headings(first)
        places = headings if headed else by_order(table, first)
        if places is None:
            raise Invalid(
                f"{file.path}: columns of {table.name.lower()} are missing; it has: {', '.join(first)}", "path"
            )
        if headed:
            self._first = b""
        self._width = len(first)
        self.columns = places

    def rows(self) -> Iterator[Row]:
        """All records. Blank lines and further ones that start with # are none."""
        number = 0 if self._first else 1
        line = self._first or _read_line(self._file)
        while line:
            number += 1
            if not line.startswith(b"#") and not line.isspace():
                yield self._row(number, line)
            line = _read_line(self._file)

    def _row(self, number: int, line: bytes) -> Row:
        if len(line) > MAX_LINE:
            return Row(number, problem="record of more than 1 MiB", text=line[:2000].decode(errors="replace"))
        try:
            text = line.rstrip(b"\r\n").decode()
        except UnicodeDecodeError:
            return Row(number, problem="not UTF-8", text=line[:2000].decode(errors="replace"))
        cells = text.split("\t")
        if len(cells) > self._width and "\\\t" in text:
            cells = _BETWEEN.split(text)
        return Row(number, tuple(cells))


def cell(row: Row, place: int | None) -> str:
    """The text of a cell; "" where it is empty or not there."""
    if place is None or place >= len(row.cells):
        return ""
    return _plain(row.cells[place])


def values(row: Row, place: int | None) -> list[str]:
    """The texts of a cell that may hold several, with pipes between them."""
    if place is None or place >= len(row.cells):
        return []
    return [text for part in _PIPE.split(row.cells[place]) if (text := _plain(part))]


def _plain(text: str) -> str:
    text = text.strip()
    if "\\" in text:
        text = "" if text == _NULL else _ESCAPED.sub(lambda match: _PLAIN[match[0]], text)
    return text


def _read_line(file: SourceFile) -> bytes:
    """A line of at most MAX_LINE + 1 bytes; the rest of a longer one is passed over."""
    line = file.readline(MAX_LINE + 1)
    if len(line) > MAX_LINE and not line.endswith(b"\n"):
        while (rest := file.readline(MAX_LINE)) and not rest.endswith(b"\n"):
            pass
    return line
