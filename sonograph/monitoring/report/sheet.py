"""Rows of text by a template: RFC 4180, in UTF-8, times in a zone that is stated.

What a spreadsheet would take for a formula has an apostrophe before it, so that a title of a stranger computes nothing
(https://owasp.org/www-community/attacks/CSV_Injection). What belongs to a track is written once, for all its rows.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from itertools import groupby

from sonograph.monitoring.report.airings import Airings
from sonograph.monitoring.report.facts import TrackFacts
from sonograph.monitoring.report.template import OF_AIRING, OF_STREAM, OF_TRACK, Column, Template
from sonograph.monitoring.stream import Stream

BOM = b"\xef\xbb\xbf"  # by which Excel knows UTF-8
DAY, HOUR, MINUTE = 86_400, 3_600, 60
MOST_TEXTS = 100_000
_FIRST_DAY, _MIDNIGHT = date(1970, 1, 1), datetime(1970, 1, 1, tzinfo=UTC)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_DATE, _TIME = "%Y-%m-%d", "%H:%M:%S"


def field(value: object, delimiter: str) -> str:
    """A value as it stands in a row; None is empty."""
    if value is None:
        return ""
    text = str(value).replace("\0", "")
    if text.startswith(_FORMULA) and not isinstance(value, int | float):
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
        numbers = block.tracks.tolist()
        tracks = [self._track(facts[number]) for number in numbers]
        local = self._local(block)
        columns: list[Sequence[bytes]] = []
        place = 0
        for kind, group in self._groups:
            if kind == "track":
                columns.append([texts[place] for texts in tracks])
                place += 1
            elif kind == "airing":
                columns += [self._airing(column, block, local) for column in group]
            else:
                columns.append([self._joined(self._fixed(column, stream) for column in group)] * len(numbers))
        delimiter = self.template.delimiter.encode()
        return b"".join([delimiter.join(row) + b"\r\n" for row in zip(*columns, strict=True)])

    def counted(self, stream: Stream, airings: Airings, facts: Mapping[int, TrackFacts]) -> bytes:
        """A row for each track of a stream, the most played first."""
        tracks, plays = airings.counts()
        lines = []
        for number, count in zip(tracks.tolist(), plays.tolist(), strict=True):
            track = facts[number]
            values = (
                count if c.source == "plays" else _of_track(c, track) if _kind(c) == "track" else self._fixed(c, stream)
                for c in self.template.columns
            )
            lines.append(self._joined(values) + b"\r\n")
        return b"".join(lines)

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

    def _local(self, block: Airings) -> list[tuple[int, int, int]]:
        """(day, second of the day, offset) of each airing in the zone."""
        found = []
        for at in block.started.tolist():
            quarter = at // (15 * MINUTE)  # no zone changes within one
            offset = self._offsets.get(quarter)
            if offset is None:
                given = datetime.fromtimestamp(at, self.zone).utcoffset() or timedelta()
                offset = self._offsets[quarter] = int(given.total_seconds())
            found.append((*divmod(at + offset, DAY), offset))
        return found

    def _airing(self, column: Column, block: Airings, local: Sequence[tuple[int, int, int]]) -> list[bytes]:
        """A column that differs from row to row."""
        if column.source.startswith("played"):
            played = [] if block.played is None else ((block.played + 500) // 1000).tolist()
            return [_span(s) if column.source == "played" else b"%d" % s for s in played]
        if column.source == "date":
            days = [day for day, _, _ in local]
            written = {day: self._text(_day(day, column.format or _DATE)) for day in set(days)}
            return list(map(written.__getitem__, days))
        if column.source == "time":
            times = self._times.setdefault(column.format or _TIME, {})
            seconds = [second for _, second, _ in local]
            for second in set(seconds) - times.keys():
                times[second] = self._text(_time(second, column.format or _TIME))
            return list(map(times.__getitem__, seconds))
        return [self._text(_iso(one)) for one in local]

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


def _iso(local: tuple[int, int, int]) -> str:
    day, second, offset = local
    time = f"{second // HOUR:02d}:{second // MINUTE % MINUTE:02d}:{second % MINUTE:02d}"
    sign, away = ("-", -offset) if offset < 0 else ("+", offset)
    zone = "Z" if not offset else f"{sign}{away // HOUR:02d}:{away // MINUTE % MINUTE:02d}"
    return f"{_day(day, _DATE)}T{time}{zone}"
