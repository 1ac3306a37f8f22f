"""What whoever watched a stream before has left: a play that goes on, gaps, what was told of an outage."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from sonograph.monitoring.facts import Fact, PlayEnded
from sonograph.monitoring.hearing.airing import OpenAiring
from sonograph.monitoring.outages import Known
from sonograph.monitoring.stream import Stream
from sonograph.monitoring.vocabulary import GapKind
from sonograph.monitoring.watching import Left

# An airing that was heard so long ago is not gone on with, even if its track is on air: longer than it takes to
# restart a machine, shorter than most songs.
RESUME_SECONDS = 180.0


def left_of(
    stream: Stream, airing: Any, plays: Sequence[Mapping[str, Any]], gaps: Sequence[Mapping[str, Any]], now: float
) -> tuple[Left, list[Fact]]:
    """What is gone on with, and the ends of plays that nobody can go on with: where they were heard last.

    `plays` and `gaps`: the stream's open ones, oldest first. `airing`: the column of that name.
    """
    latest = max(plays, key=lambda play: play["heard_until"], default=None)
    resumed = latest if latest is not None and now - latest["heard_until"].timestamp() <= RESUME_SECONDS else None
    ends: list[Fact] = [
        PlayEnded(stream.id, play["started_at"], play["heard_until"]) for play in plays if play is not resumed
    ]
    since = {GapKind(gap["kind"]): gap["started_at"].timestamp() for gap in gaps}
    known = Known(
        status=stream.runtime_status,
        offline=stream.offline_since is not None,
        outage_since=since.get(GapKind.OUTAGE),
        silent_since=since.get(GapKind.SILENCE),
        heard_at=None if stream.heard_at is None else stream.heard_at.timestamp(),
    )
    return Left(None if resumed is None else _opened(resumed, airing), known), ends


def _opened(play: Mapping[str, Any], airing: Any) -> OpenAiring:
    started = play["started_at"].timestamp()
    memory = orjson.loads(airing) if airing else {}
    same = abs(memory.get("started_at", 0.0) - started) < 0.001  # noqa: PLR2004  # seconds: what rounding takes
    return OpenAiring(
        play["track_id"],
        started,
        play["heard_until"].timestamp(),
        play["confidence"],
        memory.get("reference") if same else None,
    )
