"""The report as JSON, written in pieces: a stream's summary first, then its airings, one row each.

A track's text is written once, and stands in each of its rows. Rows are put together from three finished texts, the
day, the second of the day and the track: 3 million take a second (python -m benchmarks.report).
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

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


def summary(airings: Airings, facts: Mapping[int, TrackFacts]) -> bytes:
    """How often each track was on air, the most played first."""
    tracks, plays = airings.counts()
    counted = zip(tracks.tolist(), plays.tolist(), strict=True)
    return b",".join([b'%b,"plays":%d}' % (_short(facts[track]), number) for track, number in counted])


def track_text(track: TrackFacts) -> bytes:
    """What an airing's row has behind its time."""
    rest = {"label": track.label, "release": track.release, "duration": track.duration}
    return b'",%b,%b' % (_short(track)[1:], orjson.dumps(rest)[1:])


def rows(block: Airings, texts: Mapping[int, bytes]) -> bytes:
    """A block of airings, each with a comma before it: the first one of a stream has none."""
    days, seconds = divmod(block.started, DAY)
    heads = {day: b',{"started_at":"%b' % str(_FIRST_DAY + timedelta(days=day)).encode() for day in set(days.tolist())}
    parts: list[bytes] = [b""] * (3 * len(block))
    parts[0::3] = map(heads.__getitem__, days.tolist())
    parts[1::3] = map(SECONDS.__getitem__, seconds.tolist())
    parts[2::3] = map(texts.__getitem__, block.tracks.tolist())
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


def texts_of(airings: Airings, facts: Mapping[int, TrackFacts], known: dict[int, bytes]) -> dict[int, bytes]:
    """Texts of all tracks of airings, those that are known already taken over while there are not too many."""
    texts = known if len(known) < MOST_TEXTS else {}
    for track in set(airings.tracks.tolist()) - texts.keys():
        texts[track] = track_text(facts[track])
    return texts
