"""Radio streams, and what was heard on them."""

from datetime import datetime
from typing import Annotated, Any

import strawberry

from schema.projection.mapping import Connection, by_key
from schema.resolvers.streams import OnAir, in_utc, one
from schema.types.context import Info, resolved, services_of, viewer_of
from schema.types.paging import Page, PageEdge, PagePlace
from schema.types.shared import After, First, describe
from schema.types.track import Track
from sonograph.ids import global_id
from sonograph.monitoring import play_history, plays, stream
from sonograph.monitoring.vocabulary import DetectionMode, GapKind, RuntimeStatus, StreamFormat, StreamState

KIND = "Stream"
REST_ID = "Its id in the REST API, in events and webhooks."
CONFIDENCE_DIGITS = 4

describe(
    StreamFormat,
    "What a station plays; it chooses how it is listened to.",
    {
        "ELECTRONIC": "Electronic music: mixes, and records at other speeds.",
        "CLASSICAL": "Classical music: long pieces, of each many recordings.",
        "POP": "Songs.",
    },
)
describe(
    DetectionMode,
    "How sure a recognition must be.",
    {
        "PRECISE": "Rather miss an airing than name a wrong track.",
        "BALANCED": "Between the two.",
        "BROAD": "Rather name a wrong track than miss an airing.",
    },
)
describe(
    StreamState,
    "Whether its owner wants it watched.",
    {"ACTIVE": "It is watched.", "STOPPED": "It is watched no longer; its history stays."},
)
describe(
    RuntimeStatus,
    "What is going on with a stream.",
    {
        "PENDING": "Nobody listens to it yet.",
        "RUNNING": "It is listened to.",
        "ERRORED": "It cannot be listened to just now, and is tried again.",
        "STOPPED": "It is watched no longer.",
    },
)
describe(
    GapKind,
    "What a stream had on air that is no music.",
    {"SILENCE": "Sound that was too quiet to be anything.", "OUTAGE": "Nothing could be heard."},
)


def _stated(description: str, **options: Any) -> Any:
    return strawberry.field(description=description, **options)


def _time(name: str, description: str) -> Any:
    return strawberry.argument(name=name, description=description)


@strawberry.type(description="An airing: one continuous play of a track on a stream.")
class Play:
    track_number: strawberry.Private[int]
    stream_number: strawberry.Private[int]
    on: strawberry.Private["Stream | None"]
    id: strawberry.ID = _stated("Global id, opaque.")
    track: Track | None = by_key(
        "track_number", description="The track; the one that it was merged into, null when it is not in the catalog."
    )
    started_at: datetime = _stated("When it began.")
    ended_at: datetime | None = _stated("When it ended; null while it goes on.")
    played_duration: float | None = _stated("For how many seconds it was on air; null while it goes on.")
    confidence: float = _stated("How likely it is right: of airings with 0.9, nine in ten are.")

    @resolved("The stream that it was heard on.")
    async def stream(self, info: Info) -> "Stream | None":
        if self.on is not None:
            return self.on
        found = await one(services_of(info), viewer_of(info), self.stream_number)
        return None if found is None else Stream.of(found)

    @classmethod
    def of(cls, row: plays.Play, on: "Stream | None" = None) -> "Play":
        return cls(
            track_number=row.track_id,
            stream_number=row.stream_id,
            on=on,
            id=strawberry.ID(global_id("Play", row.id)),
            started_at=row.started_at,
            ended_at=row.ended_at,
            played_duration=row.seconds,
            confidence=round(row.confidence, CONFIDENCE_DIGITS),
        )


@strawberry.type(description="A time in which a stream had no music on air.")
class StreamGap:
    kind: GapKind = _stated("What it was.")
    started_at: datetime = _stated("When it began.")
    ended_at: datetime | None = _stated("When it ended; null while it goes on.")
    reason: str | None = _stated("Of an outage: what was wrong.")

    @classmethod
    def of(cls, row: plays.Gap) -> "StreamGap":
        return cls(kind=row.kind, started_at=row.started_at, ended_at=row.ended_at, reason=row.reason)


@strawberry.type(
    description="A part of a stream's time, as it went. What lies between airings and gaps is talk and the unknown."
)
class StreamTimeline:
    since: datetime = _stated("Where it begins.", name="from")
    until: datetime = _stated("Where it ends.")
    airings: list[Play] = _stated("Airings of which a part lies in it, oldest first.")
    gaps: list[StreamGap] = _stated("Silences and outages of which a part lies in it, oldest first.")


@strawberry.type(description="A radio stream that the account watches.")
class Stream:
    row: strawberry.Private[stream.Stream]
    on_air: strawberry.Private[OnAir | None] = None
    id: strawberry.ID = _stated(
        "Global id, opaque: pass it back as it is. `viewer.stream` reads it; `node` finds the catalog's objects alone."
    )
    database_id: int = _stated("Its number.")
    rest_id: str = _stated(REST_ID)
    url: str = _stated("Where it is heard: an audio stream, or a playlist of one.")
    name: str | None = _stated("Its name, as its owner says.")
    status: StreamState = _stated("Whether it is watched.")
    format: StreamFormat | None = _stated("What it plays, as its owner says; null where that was not said.")
    detection_mode: DetectionMode = _stated("How sure a recognition must be.")
    outage_notifications: bool = _stated("Whether outages are told by e-mail; events are written in any case.")
    created_at: datetime = _stated("Since when it is watched.")
    stopped_at: datetime | None = _stated("Since when it is watched no longer.")
    runtime_status: RuntimeStatus = _stated("What is going on with it.")
    status_reason: str | None = _stated("Why, in words for people.")
    status_since: datetime = _stated("Since when that is so.")
    last_recognized_at: datetime | None = _stated("When a track was last recognised on it.")
    offline_since: datetime | None = _stated("Since when nothing can be heard; null where that is not so.")

    @resolved("What plays now: the airing that goes on; null in talk, silence and outages.")
    async def now_playing(self, info: Info) -> Play | None:
        asked = self.on_air or OnAir(services_of(info).engine.accounts, [self.row.id])
        found = await asked.of(self.row.id)
        return None if found is None else Play.of(found, self)

    @resolved("What was heard on it, newest first.", graphql_type=Connection[Play])
    async def plays(
        self,
        info: Info,
        first: First = 20,
        after: After = None,
        since: Annotated[
            datetime | None, _time("since", "Airings that began in a later second than this; it may be passed back.")
        ] = None,
    ) -> Any:
        pool, since = services_of(info).engine.accounts, None if since is None else in_utc(since)
        found = await play_history.history(pool, self.row, first=first, after=after, since=since)
        return play_page(found, after, lambda: play_history.count(pool, self.row, since=since), self)

    @resolved("A part of its time, at most two days.")
    async def timeline(
        self,
        info: Info,
        since: Annotated[datetime, _time("from", "Where it begins.")],
        until: Annotated[datetime, _time("until", "Where it ends, itself excluded.")],
    ) -> StreamTimeline:
        pool = services_of(info).engine.accounts
        found = await play_history.timeline(pool, self.row, in_utc(since), in_utc(until))
        return StreamTimeline(
            since=found.since,
            until=found.until,
            airings=[Play.of(row, self) for row in found.airings],
            gaps=[StreamGap.of(row) for row in found.gaps],
        )

    @classmethod
    def of(cls, row: stream.Stream, on_air: OnAir | None = None) -> "Stream":
        return cls(
            row=row,
            on_air=on_air,
            id=strawberry.ID(global_id(KIND, row.id)),
            database_id=row.id,
            rest_id=str(row.id),
            url=row.url,
            name=row.name,
            status=row.state,
            format=row.format,
            detection_mode=row.detection_mode,
            outage_notifications=row.outage_notifications,
            created_at=row.created_at,
            stopped_at=row.stopped_at,
            runtime_status=row.runtime_status,
            status_reason=row.status_reason,
            status_since=row.status_at,
            last_recognized_at=row.last_recognized_at,
            offline_since=row.offline_since,
        )


def play_page(found: play_history.PlayPage, after: str | None, total_count: Any, on: Stream | None) -> Page:
    """A page of airings as the fields of a connection are read from."""
    nodes = [Play.of(row, on) for row in found.rows]
    last = found.cursors[-1] if found.cursors else None
    return Page(
        nodes=list(nodes),
        edges=[PageEdge(cursor, node) for cursor, node in zip(found.cursors, nodes, strict=True)],
        page_info=PagePlace(found.more, after is not None, found.cursors[0] if found.cursors else None, last),
        next_cursor=last if found.more else None,
        total_count=total_count,
    )
