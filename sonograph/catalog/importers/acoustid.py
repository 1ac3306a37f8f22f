"""AcoustID's daily files (https://data.acoustid.org): JSON lines of its tables, which are told by their members.

`fingerprint-update` has fingerprints (items as signed integers), `track_fingerprint-update` which of its tracks each is
of, `track_mbid-update` which recordings of MusicBrainz a track is, `track-update` tracks that became others. Its other
files (tags, PUIDs) have nothing for us. Format: acoustid/export.py of acoustid-server.
"""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np

from sonograph.catalog.codes import parse_mbid
from sonograph.catalog.importers.items import Item, Rejection
from sonograph.catalog.importers.source_file import SourceFile
from sonograph.catalog.records import (
    AcoustidFingerprint,
    AcoustidRecord,
    AcoustidRecording,
    AcoustidRedirect,
    AcoustidTrack,
)
from sonograph.ids import MAX_INT

MAX_LINE = 4 << 20  # two minutes have 11 kB; the longest fingerprints that anybody has sent are of hours
MOST_ITEMS = 200_000
_SHOWN = 500
_DAY = len("2026-03-01")
_ORDER = ("track", "track_mbid", "track_fingerprint")


class Line(msgspec.Struct, frozen=True, gc=False):
    """Members of all files; others of theirs are passed over."""

    id: int | None = None
    fingerprint: list[int] | str | None = None
    length: float | None = None
    track_id: int | None = None
    fingerprint_id: int | None = None
    mbid: str | None = None
    submission_count: int = 1
    disabled: bool = False
    gid: str | None = None
    new_id: int | None = None
    puid: str | None = None
    meta_id: int | None = None
    track: str | None = None
    artist: str | None = None
    album: str | None = None
    created: str | None = None


_decoder = msgspec.json.Decoder(Line)


def reading_place(path: Path) -> tuple[bool, str, int]:
    """Files are read by day (`2026-03-01-track-update.jsonl.gz`), all fingerprints after what says whose they are."""
    day, table = path.name[:_DAY], path.name[_DAY:].strip("-").partition("-")[0]
    return table == "fingerprint", day, _ORDER.index(table) if table in _ORDER else 0


def read_acoustid(file: SourceFile, skip: int) -> Iterator[Item]:
    """An item a line."""
    number = 0
    while line := file.readline(MAX_LINE + 1):
        number += 1
        if whole := len(line) <= MAX_LINE or line.endswith(b"\n"):
            pass
        else:
            while (rest := file.readline(MAX_LINE)) and not rest.endswith(b"\n"):
                pass
        if number > skip:
            yield _item(number, line) if whole else _rejected(number, "line longer than 4 MiB", "", line)


def _item(number: int, text: bytes) -> Item:
    if not text.strip():
        return Item(number, None, size=1)
    try:
        line = _decoder.decode(text)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        known = isinstance(error, msgspec.ValidationError)
        return _rejected(number, "no line of AcoustID" if known else "not JSON", str(error), text)
    numbers = (line.id, line.track_id, line.fingerprint_id, line.new_id, line.submission_count)
    if any(one is not None and not 0 <= one <= MAX_INT for one in numbers):
        return _rejected(number, "impossible number", "", text)
    return _of_table(number, line, text)


def _of_table(number: int, line: Line, text: bytes) -> Item:
    item = _rejected(number, "no line of AcoustID", "none of its members is known", text)
    others = (line.puid, line.meta_id, line.track, line.artist, line.album, line.created)
    if line.fingerprint is not None:
        item = _fingerprint(number, line, text)
    elif line.mbid is not None:
        item = _recording(number, line, text)
    elif line.track_id is not None and line.fingerprint_id is not None:
        item = _read(number, AcoustidTrack(line.fingerprint_id, line.track_id), "fingerprints of tracks")
    elif line.gid is not None and line.id is not None and line.new_id is not None:
        item = _read(number, AcoustidRedirect(line.id, line.new_id), "tracks that became others")
    elif line.gid is not None:
        item = Item(number, None, size=100, tally={"tracks (passed over)": 1})
    elif any(one is not None for one in others):
        item = Item(number, None, size=100, tally={"tags and PUIDs (passed over)": 1})
    return item


def _fingerprint(number: int, line: Line, text: bytes) -> Item:
    if line.id is None or line.length is None or not 0 < line.length <= MAX_INT:
        return _rejected(number, "fingerprint without number or length", "", text)
    if isinstance(line.fingerprint, str):
        record = AcoustidFingerprint(line.id, line.length, text=line.fingerprint)
    else:
        content = _items(line.fingerprint or [])
        if content is None:
            return _rejected(number, "not a fingerprint", "", text)
        record = AcoustidFingerprint(line.id, line.length, items=content)
    return _read(number, record, "fingerprints", len(text))


def _items(numbers: list[int]) -> bytes | None:
    """Little-endian, whether they were signed or not; None for what are no items."""
    try:
        items = np.array(numbers, np.int64)
    except OverflowError:
        return None
    if not 0 < len(items) <= MOST_ITEMS or items.min() < -(1 << 31) or items.max() >= 1 << 32:
        return None
    return items.astype("<u4").tobytes()


def _recording(number: int, line: Line, text: bytes) -> Item:
    mbid = parse_mbid(line.mbid or "")
    if mbid is None or line.track_id is None:
        return _rejected(number, "wrong MBID", line.mbid or "", text)
    submissions = -1 if line.disabled else line.submission_count
    return _read(number, AcoustidRecording(line.track_id, mbid, submissions), "recordings of tracks")


def _read(number: int, record: AcoustidRecord, name: str, size: int = 100) -> Item:
    return Item(number, record, size=size, tally={name: 1})


def _rejected(number: int, reason: str, message: str, line: bytes) -> Item:
    text = line[:_SHOWN].decode(errors="replace")
    return Item(
        number, None, Rejection(reason, f"{reason}: {message}" if message else reason, text), tally={"lines": 1}
    )
