"""The report as JSON, written in pieces: a stream's summary first, then its airings, one row each.

A track's text is written once, and stands in each of its rows. Rows are put together from three finished texts, the
day, the second of the day and the track: 3 million take a second (python -m benchmarks.report).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import numpy as np
import orjson

from sonograph.monitoring.report.airings import Airings
from sonograph.monitoring.report.facts import TrackFacts
from sonograph.monitoring.report.span import Span

DAY = 86_400  # seconds
MOST_TEXTS = 100_000  # that are kept; one takes about 300 bytes
_FIRST_DAY = date(1970, 1, 1)
SECONDS = tuple(f"T{s // 3600:02d}:{s // 60 % 60:02d}:{s % 60:02d}Z".encode() for s in range(DAY))


def begin(span: Span) -> bytes:
    return b'{"from":"%b","until":"%b","streams":[' % (_moment(span.since), _moment(span.until))


END = b"]}"
STREAM_END = b"]}"


def stream_begin(stream_id: int, name: str | None, summary: bytes) -> bytes:
    """A stream up to the first of its airings."""
    head = orjson.dumps({"stream_id": str(stream_id), "name": name})[:-1]
    return b'%b,"summary":[%b],"detail":[' % (head, summary)


@dataclass(frozen=True, slots=True)
class Texts:
    """What is written of tracks, once for all rows: members of a summary, and what follows an airing's time."""

    short: dict[int, bytes] = field(default_factory=dict)
    row: dict[int, bytes] = field(default_factory=dict)

    def learn(self, airings: Airings, facts: Mapping[int, TrackFacts]) -> None:
        """Write those that airings need; when there are too many, begin anew."""
        tracks = set(np.unique(airings.tracks).tolist())
        if len(self.row) + len(tracks - self.row.keys()) > MOST_TEXTS:
            self.short.clear()
            self.row.clear()
        for number in tracks - self.row.keys():
            track = facts[number]
            short = self.short[number] = _short(track)
            rest = {"label": track.label, "release": track.release, "duration": track.duration}
            self.row[number] = b'",%b,%b' % (short[1:], orjson.dumps(rest)[1:])


def summary(airings: Airings, texts: Texts) -> bytes:
    """How often each track was on air, the most played first."""
    tracks, plays = airings.counts()
    counted = zip(map(texts.short.__getitem__, tracks.tolist()), plays.tolist(), strict=True)
    return b",".join([b'%b,"plays":%d}' % one for one in counted])


def rows(block: Airings, texts: Texts) -> bytes:
    """A block of airings, each with a comma before it: the first one of a stream has none."""
    days, seconds = divmod(block.started, DAY)
    heads = {day: b',{"started_at":"%b' % str(_FIRST_DAY + timedelta(days=day)).encode() for day in set(days.tolist())}
    parts: list[bytes] = [b""] * (3 * len(block))
    parts[0::3] = map(heads.__getitem__, days.tolist())
    parts[1::3] = map(SECONDS.__getitem__, seconds.tolist())
    parts[2::3] = map(texts.row.__getitem__, block.tracks.tolist())
    return b"".join(parts)


def _moment(at: datetime) -> bytes:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ").encode()


def _short(track: TrackFacts) -> bytes:
    """The members that summary and detail share, without the closing brace."""
    artists = [
        {"id": a.id, "name": a.name, "is_primary": a.is_primary, "is_remixer": a.is_remixer} for a in track.artists
    ]
    members = {"track_id": track.id, "title": track.title, "artists": artists, "isrc": track.isrc}
    return orjson.dumps(members)[:-1]
