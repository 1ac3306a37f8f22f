"""Read a report's streams one after the other: while one is written, the next is read. Two are in memory."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final

import asyncpg
import numpy as np

from sonograph.monitoring.report import report_store as store
from sonograph.monitoring.report.airings import Airings
from sonograph.monitoring.report.facts import TrackFacts, missing
from sonograph.monitoring.report.span import Span
from sonograph.monitoring.stream import Stream

MOST_FACTS = 100_000  # tracks that are remembered; a fact takes about 1 kB
BATCH: Final = 2_000  # tracks that are looked up at once


@dataclass(frozen=True, slots=True)
class Heard:
    """What was heard on a stream; `facts` has each of its tracks, and maybe others."""

    stream: Stream
    airings: Airings
    facts: dict[int, TrackFacts]


class Facts:
    """What is told of tracks, looked up once for all streams; when there are too many, it begins anew."""

    def __init__(self, pool: asyncpg.Pool, *, test: bool) -> None:
        self._pool, self._test = pool, test
        self._known: dict[int, TrackFacts] = {}

    async def of(self, airings: Airings) -> tuple[Airings, dict[int, TrackFacts]]:
        """The airings with merged tracks led on, and facts of all their tracks."""
        numbers: list[int] = np.unique(airings.tracks).tolist()
        unknown = [number for number in numbers if number not in self._known]
        if len(self._known) + len(unknown) > MOST_FACTS:
            self._known, unknown = {}, numbers
        known = self._known
        for begin in range(0, len(unknown), BATCH):
            asked = unknown[begin : begin + BATCH]
            async with self._pool.acquire() as connection:
                found = await store.fetch_facts(connection, asked, test=self._test)
            known.update({number: found.get(number) or missing(number) for number in asked})
            known.update({track.id: track for track in found.values()})
        led = {number: known[number].id for number in numbers if known[number].id != number}
        if led:
            tracks = airings.tracks.copy()
            for old, new in led.items():
                tracks[airings.tracks == old] = new
            airings = replace(airings, tracks=tracks)
        return airings, known


async def heard_on(
    pool: asyncpg.Pool, streams: Sequence[Stream], span: Span, *, test: bool, whole: bool = False
) -> AsyncGenerator[Heard]:
    """The streams in order, each with its airings of the span; `whole`: and how long those were on air."""
    facts = Facts(pool, test=test)

    async def read(stream: Stream) -> Heard:
        async with pool.acquire() as connection:
            airings = await store.fetch_airings(connection, stream.id, span, whole=whole)
        airings, known = await facts.of(airings)
        return Heard(stream, airings, known)

    coming: asyncio.Task[Heard] | None = None
    try:
        for place, stream in enumerate(streams):
            heard = await (coming or read(stream))
            following = streams[place + 1 : place + 2]
            coming = asyncio.create_task(read(following[0])) if following else None
            yield heard
    finally:
        if coming is not None:
            coming.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await coming
