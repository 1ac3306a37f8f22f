"""What events say: the `data` of /v1's Events, their tracks read by a stored document, many events in one statement.

| type | data |
|---|---|
| stream.play.started | `stream_id`, `started_at`, `track` |
| stream.play.ended | the same, `ended_at`, and `played_duration` in seconds |
| stream.offline | `stream_id`, `at`, `reason` |
| stream.online | `stream_id`, `at` |

`track` is the /v1 Track as the catalog has it now: one that was merged is led on, and null is one that is gone.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson

from schema.documents import document
from schema.projection.executor import whole_floats
from schema.projection.lanes import stored
from schema.projection.limits import UNLIMITED
from schema.projection.plans import Plans
from sonograph.engine import Engine
from sonograph.events.event import Event, EventType, event_id
from sonograph.monitoring.plays import whole_seconds

MOST_TRACKS = 100  # that one statement reads
PLAYS = (EventType.PLAY_STARTED, EventType.PLAY_ENDED)

Track = dict[str, Any]


class EventBodies:
    """Renders events with the tracks of the catalog that they are of."""

    def __init__(self, plans: Plans, engine: Engine) -> None:
        self._engine = engine
        text = document("events", "EventTracks")
        self._plan = Plans(plans.strawberry, UNLIMITED, size=1).get(text, path=("tracks",), rest=True)
        if self._plan.errors:
            raise self._plan.errors[0]

    async def data_of(self, events: Sequence[Event]) -> list[bytes]:
        """`data` of each event as compact JSON in UTF-8. Raises `Unavailable` when the catalog does not answer."""
        tracks = {test: await self._tracks(events, test=test) for test in {event.test for event in events}}
        return [orjson.dumps(_data(event, tracks[event.test])) for event in events]

    async def bodies_of(self, events: Sequence[Event]) -> list[bytes]:
        """Each event as /v1 shows it, `{id, type, created, data}`: compact JSON in UTF-8."""
        return [
            orjson.dumps(
                {
                    "id": event_id(event.id),
                    "type": event.type.wire,
                    "created": int(event.created_at.timestamp()),
                    "data": orjson.Fragment(data),
                }
            )
            for event, data in zip(events, await self.data_of(events), strict=True)
        ]

    async def _tracks(self, events: Sequence[Event], *, test: bool) -> dict[int, Track | None]:
        """Tracks by the ids that the events have."""
        wanted = {event.data["track_id"] for event in events if event.type in PLAYS and event.test == test}
        numbers = sorted(wanted)
        tracks: dict[int, Track | None] = {}
        run = self._engine.catalog(test=test).value
        for begin in range(0, len(numbers), MOST_TRACKS):
            ids = numbers[begin : begin + MOST_TRACKS]
            text = await stored(self._plan, run, {"ids": ids})
            rows = whole_floats(orjson.loads(text or "[]"))
            tracks |= {number: row["track"] for number, row in zip(ids, rows, strict=True)}
        return tracks


def _data(event: Event, tracks: Mapping[int, Track | None]) -> dict[str, Any]:
    stream, said = str(event.stream_id), event.data
    if event.type not in PLAYS:
        data = {"stream_id": stream, "at": _moment(said["at"])}
        return {**data, "reason": said.get("reason")} if event.type is EventType.STREAM_OFFLINE else data
    play = {"stream_id": stream, "started_at": _moment(said["started_at"])}
    if event.type is EventType.PLAY_ENDED:
        play["ended_at"] = _moment(said["ended_at"])
        return {**play, "played_duration": whole_seconds(said["played_ms"]), "track": tracks[said["track_id"]]}
    return {**play, "track": tracks[said["track_id"]]}


def _moment(text: str) -> str:
    """A time as all of /v1 writes them: UTC, whole seconds."""
    return datetime.fromisoformat(text).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
