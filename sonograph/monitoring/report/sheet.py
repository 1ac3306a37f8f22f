"""Rows of text by a template: RFC 4180, in UTF-8, times in a zone that is stated.

What a spreadsheet would take for a formula has an apostrophe before it, so that a title of a stranger computes nothing
(https://owasp.org/www-community/attacks/CSV_Injection). What belongs to a track is written once, for all its rows.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from itertools import groupby, repeat

import numpy as np

from sonograph.monitoring.report.airings import Airings
from sonograph.monitoring.report.facts import TrackFacts
from sonograph.monitoring.report.template import OF_AIRING, OF_STREAM, OF_TRACK, Column, Template
from sonograph.monitoring.stream import Stream

BOM = b"\xef\xbb\xbf"  # by which Excel knows UTF-8
DAY, HOUR, MINUTE = 86_400, 3_600, 60
MOST_TEXTS = 100_000
_FIRST_DAY, _MIDNIGHT = date(1970, 1, 1), datetime(1970, 1, 1, tzinfo=UTC)
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")  # noqa: RUF001  # spreadsheets read the wide ones alike
_BREAKS = ("\t", "\r", "\n")
_DATE, _TIME = "%Y-%m-%d", "%H:%M:%S"


def field(value: object, delimiter: str) -> str:
    """A value as it stands in a row; None is empty."""
    if value is None:
        return ""
    text = str(value).replace("\0", "")
    if (text.startswith(_BREAKS) or text.lstrip().startswith(_FORMULA)) and not isinstance(value, int | float):
        text = f"'{text}"
    if any(mark in text for mark in (delimiter, '"', "\r", "\n")):
        return '"' + text.replace('"', '""') + '"'
    return text


class Sheet:
    """Writes a report's rows. Not to be shared: it remembers texts of tracks and days."""

    def __init__(self, template: Template, zone: tzinfo, *, bom: bool = False) -> None:
        self.template, self.zone, self.bom = template, zone, bom
        self.by_track = template.by_track
        self.needs_played = any(column.source.startswith("played") for column in template.columns)
        self._tracks: dict[int, list[bytes]] = {}
        self._offsets: dict[int, int] = {}  # seconds, by the quarter of an hour
        self._times: dict[str, dict[int, bytes]] = {}  # by format and second of the day
        # Neighbours of one kind are one text: of a track those that stand together.
        self._groups = [(kind, list(columns)) for kind, columns in groupby(template.columns, _kind)]

    def head(self) -> bytes:
        """The first row: the columns' names."""
        names = self.template.delimiter.join(field(c.name, self.template.delimiter) for c in self.template.columns)
        return (BOM if self.bom else b"") + names.encode() + b"\r\n"

    def rows(self, stream: Stream, block: Airings, facts: Mapping[int, TrackFacts]) -> bytes:
        """A block of a stream's airings, a row each."""
        local = self._local(block)
        airing = {c.source: self._airing(c, block, local) for c in self.template.columns if _kind(c) == "airing"}
        return self._written(stream, block.tracks.tolist(), airing, facts)

    def counted(self, stream: Stream, airings: Airings, facts: Mapping[int, TrackFacts]) -> bytes:
        """A row for each track of a stream, the most played first."""
        tracks, plays = airings.counts()
        return self._written(stream, tracks.tolist(), {"plays": [b"%d" % n for n in plays.tolist()]}, facts)

    def _written(
        self,
        stream: Stream,
        numbers: Sequence[int],
        varying: Mapping[str, list[bytes]],
        facts: Mapping[int, TrackFacts],
    ) -> bytes:
        """Rows of these tracks; `varying`: what differs from row to row, by its source."""
        tracks = {number: self._track(facts[number]) for number in set(numbers)}
        columns: list[Iterable[bytes]] = []
        place = 0
        for kind, group in self._groups:
            if kind == "track":
                texts = {number: groups[place] for number, groups in tracks.items()}
                columns.append(map(texts.__getitem__, numbers))
                place += 1
            elif kind == "fixed":
                columns.append(repeat(self._joined(self._fixed(column, stream) for column in group), len(numbers)))
            else:
                columns += [varying[column.source] for column in group]
        row = self.template.delimiter.encode().join([b"%b"] * len(columns)) + b"\r\n"
        return b"".join([row % one for one in zip(*columns, strict=True)])

    def _joined(self, values: Iterable[object]) -> bytes:
        delimiter = self.template.delimiter
        return delimiter.join(field(value, delimiter) for value in values).encode("utf-8", "replace")

    def _track(self, track: TrackFacts) -> list[bytes]:
        """The texts of a track, one for each group of its columns."""
        texts = self._tracks.get(track.id)
        if texts is None:
            if len(self._tracks) >= MOST_TEXTS:
                self._tracks.clear()
            groups = [group for kind, group in self._groups if kind == "track"]
            texts = self._tracks[track.id] = [self._joined(_of_track(c, track) for c in group) for group in groups]
        return texts

    @staticmethod
    def _fixed(column: Column, stream: Stream) -> object:
        values = {"stream_id": str(stream.id), "stream": stream.name or stream.url, "url": stream.url}
        return values[column.source] if column.source else column.value

    def _local(self, block: Airings) -> tuple[list[int], list[int], list[int]]:
        """Day, second of the day, and offset of each airing in the zone."""
        quarters = block.started // (15 * MINUTE)  # no zone changes within one
        for quarter in set(np.unique(quarters).tolist()) - self._offsets.keys():
            given = datetime.fromtimestamp(quarter * 15 * MINUTE, self.zone).utcoffset() or timedelta()
            self._offsets[quarter] = int(given.total_seconds())
        offsets = list(map(self._offsets.__getitem__, quarters.tolist()))
        days, seconds = divmod(block.started + np.array(offsets, np.int64), DAY)
        return days.tolist(), seconds.tolist(), offsets

    def _airing(self, column: Column, block: Airings, local: tuple[list[int], list[int], list[int]]) -> list[bytes]:
        """A column that differs from row to row."""
        if column.source.startswith("played"):
            played = [] if block.played is None else ((block.played + 500) // 1000).tolist()
            return [_span(s) if column.source == "played" else b"%d" % s for s in played]
        days, seconds, offsets = local
        dates = {day: self._text(_day(day, column.format or _DATE)) for day in set(days)}
        if column.source == "date":
            return list(map(dates.__getitem__, days))
        form = (column.format or _TIME) if column.source == "time" else f"T{_TIME}"
        times = self._times.setdefault(form, {})
        for second in set(seconds) - times.keys():
            times[second] = self._text(_time(second, form))
        if column.source == "time":
            return list(map(times.__getitem__, seconds))
        zones = {offset: _zone(offset) for offset in set(offsets)}
        return [dates[d] + times[s] + zones[o] for d, s, o in zip(days, seconds, offsets, strict=True)]

    def _text(self, text: str) -> bytes:
        return field(text, self.template.delimiter).encode()


def _kind(column: Column) -> str:
    if column.source in OF_TRACK:
        return "track"
    return "airing" if column.source in OF_AIRING else "fixed" if column.source in (*OF_STREAM, "") else "count"


def _of_track(column: Column, track: TrackFacts) -> object:
    match column.source:
        case "track_id":
            return track.id
        case "artists":
            return track.artist_line
        case "composers":
            return ", ".join(track.composers)
        case "released":
            return None if track.released is None else track.released.strftime(column.format or _DATE)
        case source:
            value: object = getattr(track, source)
            return value


def _day(day: int, form: str) -> str:
    return (_FIRST_DAY + timedelta(days=day)).strftime(form)


def _time(second: int, form: str) -> str:
    return (_MIDNIGHT + timedelta(seconds=second)).strftime(form)


def _span(seconds: int) -> bytes:
    """Hours, minutes and seconds, as 0:03:25."""
    return b"%d:%02d:%02d" % (seconds // HOUR, seconds // MINUTE % MINUTE, seconds % MINUTE)


def _zone(offset: int) -> bytes:
    """As ISO 8601 ends: Z, or hours and minutes."""
    sign, away = ("-", -offset) if offset < 0 else ("+", offset)
    return f"{sign}{away // HOUR:02d}:{away // MINUTE % MINUTE:02d}".encode() if offset else b"Z"
