"""Rows of works and resources into records."""

import re
from collections.abc import Mapping, Sequence
from hashlib import blake2b

from sonograph.catalog.codes import parse_isni
from sonograph.catalog.importers.items import Item, Rejection
from sonograph.catalog.importers.mlc.links import Links
from sonograph.catalog.importers.mlc.rows import Row, cell, values
from sonograph.catalog.names import fold
from sonograph.catalog.records import Credit, Ref, TrackRecord, WorkRecord

_MAX_NAME = 1000
_MAX_ID = 200
_MAX_CREDITS = 100
_MAX_SHOWN = 2000
_MAX_SECONDS = 2**31 - 1
_SIZE = 300
_DURATION = re.compile(r"P(?:T(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,9})(?:[.,]\d+)?S)?)")
_CLOCK = re.compile(r"(?:(\d{1,5}):)?(\d{1,3}):(\d{2})(?:\.\d+)?")


def work_item(row: Row, columns: Mapping[str, int]) -> Item:
    source_id, title = cell(row, columns["id"]), cell(row, columns["title"])
    if problem := row.problem or _problem("musical work", source_id, title):
        return _rejected(row, problem, "works")
    iswc = cell(row, columns["iswc"])
    record = WorkRecord(id=source_id, title=title[:_MAX_NAME], iswcs=(iswc,) if iswc else ())
    return Item(row.line, record, size=_SIZE, tally={"works": 1})


def resource_item(row: Row, columns: Mapping[str, int], links: Links) -> Item:
    """A track. Resources without an ISRC are counted, not imported: without it, they are a name heard somewhere."""
    source_id, title = cell(row, columns["id"]), cell(row, columns["title"])
    if problem := row.problem or _problem("resource", source_id, title):
        return _rejected(row, problem, "resources")
    tally = {"resources": 1}
    if "video" in cell(row, columns.get("type")).lower():
        return Item(row.line, None, size=_SIZE, tally={**tally, "music videos": 1})
    isrc = cell(row, columns["isrc"])
    if not isrc:
        return Item(row.line, None, size=_SIZE, tally={**tally, "resources without an ISRC": 1})
    artists = _artists(values(row, columns.get("artist")), cell(row, columns.get("isni")))
    if not artists:
        return _rejected(row, "resource without an artist", "resources")
    written = cell(row, columns.get("duration"))
    duration = seconds(written)
    if written and duration is None:
        tally["durations not understood"] = 1
    record = TrackRecord(
        id=source_id,
        title=_with_subtitle(title, cell(row, columns.get("subtitle"))),
        artists=artists,
        duration=duration,
        isrcs=(isrc,),
        works=links.works(source_id),
    )
    return Item(row.line, record, size=_SIZE, tally={**tally, "tracks": 1})


def seconds(text: str) -> int | None:
    """Of ISO 8601 ("PT3M38S") or a clock ("0:03:38"); None for anything else and for nothing."""
    match = _DURATION.fullmatch(text) or _CLOCK.fullmatch(text)
    if not match:
        return None
    hours, minutes, rest = (int(part or 0) for part in match.groups())
    total = hours * 3600 + minutes * 60 + rest
    return total if 0 < total <= _MAX_SECONDS else None


def _problem(what: str, source_id: str, title: str) -> str | None:
    if not source_id or len(source_id) > _MAX_ID:
        return f"{what} without an id" if not source_id else f"{what} with an id of more than {_MAX_ID} characters"
    return None if title else f"{what} without a title"


def _rejected(row: Row, reason: str, counted: str) -> Item:
    text = row.text or "\t".join(row.cells)[:_MAX_SHOWN]
    return Item(row.line, None, Rejection(reason, reason, text), size=_SIZE, tally={counted: 1})


def _with_subtitle(title: str, subtitle: str) -> str:
    if not subtitle or fold(subtitle) in fold(title):
        return title[:_MAX_NAME]
    return f"{title} ({subtitle})"[:_MAX_NAME]


def _artists(names: Sequence[str], isni: str) -> tuple[Credit, ...]:
    """The display artist as it is written, mostly one name; an ISNI is of one."""
    parts = list(dict.fromkeys(name[:_MAX_NAME] for name in names))[:_MAX_CREDITS]
    code = parse_isni(isni) if isni and len(parts) == 1 else None
    last = len(parts) - 1
    return tuple(
        Credit(
            artist=Ref(id=f"isni:{code.text}" if code and code.valid else _id_of_name(name), name=name),
            credited_as=name,
            join_phrase=", " if number < last else None,
        )
        for number, name in enumerate(parts)
    )


def _id_of_name(name: str) -> str:
    """Feeds have no ids of artists: spellings that fold to the same name are one."""
    folded = f"name:{fold(name) or name}"
    if len(folded) <= _MAX_ID:
        return folded
    return f"name:{blake2b(folded.encode(), digest_size=16).hexdigest()}"
