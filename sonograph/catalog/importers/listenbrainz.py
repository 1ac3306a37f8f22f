"""Listen counts of ListenBrainz: rows of its popularity API and of the tables behind it, as JSON or with a header line.

A row has `recording_mbid`, `artist_mbid` or `release_group_mbid`, and `total_listen_count` or `listen_count`. One with
a recording and an artist (`top_recording.csv`) counts the recording. Counts of single releases are passed over: ours
stand for whole groups. A line of JSON is a row or an array of rows, as the API answers up to 1,000 at a time.
"""

import csv
from collections.abc import Callable, Iterator
from typing import Literal

import msgspec

from sonograph.catalog.codes import parse_mbid
from sonograph.catalog.importers.items import Item, Rejection
from sonograph.catalog.importers.source_file import SourceFile
from sonograph.catalog.listen_counts import MAX_COUNT, Counted, ListenCount
from sonograph.errors import Invalid

MAX_LINE = 16 << 20  # an answer of the API with names and dates; the longest are about 1 MiB
_SHOWN = 2000
_KINDS: dict[Literal["recording_mbid", "release_group_mbid", "artist_mbid"], Counted] = {
    "recording_mbid": "recording",
    "release_group_mbid": "release group",
    "artist_mbid": "artist",
}


class Row(msgspec.Struct, frozen=True, gc=False):
    """What is read of a row; others are its own (names, dates, how many people)."""

    recording_mbid: str | None = None
    release_group_mbid: str | None = None
    artist_mbid: str | None = None
    release_mbid: str | None = None
    total_listen_count: int | None = None
    listen_count: int | None = None


_json: msgspec.json.Decoder[Row | list[Row]] = msgspec.json.Decoder(Row | list[Row])


def read_listenbrainz(file: SourceFile, skip: int) -> Iterator[Item]:
    """An item a row; a line that cannot be read is an item, too."""
    first = file.readline(MAX_LINE)
    if first.lstrip()[:1] in (b"{", b"["):
        read: Callable[[int, bytes], list[Item]] = _of_json
        lines = _lines(file, first, 1)
    else:
        read, lines = _of_table(file, first), _lines(file, file.readline(MAX_LINE), 2)
    done = 0
    for number, line in lines:
        items = read(number, line)
        done += len(items)
        if done > skip:
            yield from items[max(0, len(items) - (done - skip)) :]


def _lines(file: SourceFile, first: bytes, number: int) -> Iterator[tuple[int, bytes]]:
    line = first
    while line:
        if line.strip():
            yield number, line
        number += 1
        line = file.readline(MAX_LINE)


def _of_json(number: int, line: bytes) -> list[Item]:
    try:
        read = _json.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        valid_json = isinstance(error, msgspec.ValidationError)
        return [_rejected(number, "not a row of counts" if valid_json else "not JSON", str(error), line)]
    return [_item(number, row, line) for row in (read if isinstance(read, list) else (read,))]


def _of_table(file: SourceFile, header: bytes) -> Callable[[int, bytes], list[Item]]:
    """Reads lines of a table with this header: tabs between columns, or commas."""
    separator = "\t" if b"\t" in header else ","
    names = next(csv.reader([header.decode("utf-8-sig", "replace").strip()], delimiter=separator), [])
    known = {name: place for place, name in enumerate(names) if name in Row.__struct_fields__}
    if not known.keys() & {*_KINDS, "release_mbid"} or not known.keys() & {"total_listen_count", "listen_count"}:
        raise Invalid(
            f"{file.path}: neither JSON nor a table with a column {', '.join(_KINDS)} and total_listen_count", "path"
        )

    def read(number: int, line: bytes) -> list[Item]:
        try:
            (values,) = csv.reader([line.decode().rstrip("\r\n")], delimiter=separator)
            said = {name: values[place] or None for name, place in known.items()}
            row = msgspec.convert(said, Row, strict=False)
        except (UnicodeDecodeError, ValueError, IndexError, csv.Error) as error:
            return [_rejected(number, "not a row of counts", str(error), line)]
        return [_item(number, row, line)]

    return read


def _item(number: int, row: Row, line: bytes) -> Item:
    mbid = row.recording_mbid or row.release_group_mbid or row.artist_mbid
    listens = row.total_listen_count if row.total_listen_count is not None else row.listen_count
    if mbid is None:
        if row.release_mbid:
            return Item(number, None, size=100, tally={"counts of single releases (passed over)": 1})
        return _rejected(number, "row without an MBID", "", line)
    if listens is None:
        return Item(number, None, size=100, tally={"ids without a count": 1})
    found = parse_mbid(mbid)
    if found is None:
        return _rejected(number, "wrong MBID", mbid, line)
    if not 0 <= listens <= MAX_COUNT:
        return _rejected(number, "impossible count", str(listens), line)
    kind = _KINDS[next(name for name in _KINDS if getattr(row, name))]
    return Item(number, ListenCount(kind, found, listens), size=100, tally={f"counts of {kind}s": 1})


def _rejected(number: int, reason: str, message: str, line: bytes) -> Item:
    text = line[:_SHOWN].decode(errors="replace")
    return Item(number, None, Rejection(reason, f"{reason}: {message}" if message else reason, text), tally={"rows": 1})
