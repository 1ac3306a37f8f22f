"""Which track of the catalog a file is of: by its codes, then by its names."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import asyncpg

from sonograph.recognition.importing.store import Candidate, by_acoustid, by_isrc, by_name, by_recording
from sonograph.recognition.importing.tags import Tags

NEAR = 5.0  # seconds by which durations may differ where names alone say that it is the same recording
FAR, FAR_SHARE = 15.0, 0.1  # seconds, and share of the duration, from which a code is not believed
By = Literal["MusicBrainz id", "ISRC", "AcoustID", "artist, title and duration"]
BY_NAME: By = "artist, title and duration"


@dataclass(frozen=True, slots=True)
class Matched:
    """The track, None for none; and codes whose track has quite another duration."""

    track: int | None
    by: By | None
    doubted: tuple[By, ...] = ()


async def match(connection: asyncpg.Connection, tags: Tags, seconds: float) -> Matched:
    """The first way that leads to a track, of those of one code the one whose duration is nearest."""
    doubted: list[By] = []
    ways: list[tuple[By, list[Candidate]]] = []
    if tags.recording:
        ways.append(("MusicBrainz id", await by_recording(connection, tags.recording)))
    if tags.isrcs:
        ways.append(("ISRC", await by_isrc(connection, tags.isrcs)))
    if tags.acoustid:
        ways.append(("AcoustID", await by_acoustid(connection, tags.acoustid)))
    for by, candidates in ways:
        best = _nearest(candidates, seconds)
        if best is None:
            continue
        if best.duration is None or abs(best.duration - seconds) <= max(FAR, FAR_SHARE * best.duration):
            return Matched(best.track, by, tuple(doubted))
        doubted.append(by)
    if tags.artist and tags.title:
        candidates = await by_name(connection, tags.artist, tags.title)
        near = [one for one in candidates if one.duration is not None and abs(one.duration - seconds) <= NEAR]
        best = _nearest(near, seconds) or next((one for one in candidates if one.duration is None), None)
        if best:
            return Matched(best.track, BY_NAME, tuple(doubted))
    return Matched(None, None, tuple(doubted))


def _nearest(candidates: Sequence[Candidate], seconds: float) -> Candidate | None:
    """Durations that are not known come last; of equal ones the oldest row."""
    return min(
        candidates,
        key=lambda one: (one.duration is None, abs((one.duration or 0) - seconds), one.track),
        default=None,
    )
