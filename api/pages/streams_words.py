"""Streams in the words of the pages: what is going on, and what plays."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from api.pages.visit import Visit
from sonograph.events.event import Event, EventType
from sonograph.monitoring import play_history
from sonograph.monitoring.plays import Play
from sonograph.monitoring.stream import Stream
from sonograph.monitoring.title_store import track_names
from sonograph.monitoring.vocabulary import RuntimeStatus

STATES: Final = {
    RuntimeStatus.PENDING: ("soon", "Starting"),
    RuntimeStatus.RUNNING: ("on", "Listening"),
    RuntimeStatus.ERRORED: ("off", "In trouble"),
    RuntimeStatus.STOPPED: ("off", "Stopped"),
}
GONE: Final = "A track that is not in the catalog any more"
NOTHING: Final = "Nothing that we know"


@dataclass(frozen=True, slots=True)
class Line:
    """A stream as a list shows it, and as the live view changes it."""

    stream: Stream
    shape: str  # class of the state's mark
    state: str
    reason: str
    playing: str
    since: datetime | None  # of what plays
    last: datetime | None  # when something was last recognised

    def told(self) -> dict[str, Any]:
        """What the live view takes."""
        return {
            "shape": self.shape,
            "state": self.state,
            "reason": self.reason,
            "playing": self.playing,
            "since": f"since {self.since:%H:%M:%S} UTC" if self.since else "",
            "last": at(self.last),
        }


def title(stream: Stream) -> str:
    return stream.name or stream.url


def at(moment: datetime | None) -> str:
    """3 March 2026, 14:05:10 UTC"""
    return f"{moment.day} {moment:%B %Y, %H:%M:%S} UTC" if moment else "never"


async def names(visit: Visit, tracks: Iterable[int], *, test: bool) -> dict[int, str]:
    """What pages call each track: "Title — Artist, Artist", or `GONE`. One statement."""
    wanted = sorted(set(tracks))
    found = await track_names(visit.engine.catalog(test=test), wanted) if wanted else {}
    words = {number: " — ".join((name.title, ", ".join(name.artists))).rstrip(" —") for number, name in found.items()}
    return {number: words.get(number, GONE) for number in wanted}


async def lines(visit: Visit, streams: Sequence[Stream], *, test: bool) -> list[Line]:
    """The streams with what plays on them: two statements for all of them."""
    active = [stream.id for stream in streams if stream.stopped_at is None]
    playing: Mapping[int, Play] = await play_history.on_air(visit.engine.accounts, active) if active else {}
    called = await names(visit, (play.track_id for play in playing.values()), test=test)
    return [_line(stream, playing.get(stream.id), called) for stream in streams]


def _line(stream: Stream, play: Play | None, called: Mapping[int, str]) -> Line:
    status = RuntimeStatus.STOPPED if stream.stopped_at is not None else stream.runtime_status
    shape, state = STATES[status]
    words = called[play.track_id] if play else NOTHING if status is RuntimeStatus.RUNNING else ""
    since = play.started_at if play else None
    return Line(stream, shape, state, stream.status_reason or "", words, since, stream.last_recognized_at)


async def told(visit: Visit, event: Event, streams: Mapping[int, Stream]) -> dict[str, str]:
    """An event as a sentence."""
    stream = streams.get(event.stream_id or 0)
    return {
        "at": f"{event.created_at:%H:%M:%S} UTC",
        "stream": title(stream) if stream else "",
        "text": await _sentence(visit, event),
    }


async def _sentence(visit: Visit, event: Event) -> str:
    if event.type is EventType.STREAM_OFFLINE:
        return f"is away: {event.data.get('reason', '')}".rstrip(": ")
    if event.type is EventType.STREAM_ONLINE:
        return "is there again"
    track = int(event.data["track_id"])
    called = (await names(visit, [track], test=event.test))[track]
    return f"plays {called}" if event.type is EventType.PLAY_STARTED else f"ended {called}"
