"""A stream's airings as columns of numbers, read off what PostgreSQL's binary COPY sends."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

import numpy as np
from numpy.typing import NDArray

HEAD, TAIL = 19, 2  # bytes before the first row, and after the last
EPOCH = 946_684_800  # 2000-01-01 in seconds since 1970: where PostgreSQL's times begin
SECOND = 1_000_000  # microseconds
QUARTER = 900  # seconds
_SHORT = np.dtype([("n", ">i2"), ("a", ">i4"), ("at", ">i8"), ("b", ">i4"), ("track", ">i4")])
_LONG = np.dtype([*_SHORT.descr, ("c", ">i4"), ("ms", ">i4")])


@dataclass(frozen=True, slots=True)
class Airings:
    """Rows oldest first: when each began, in whole seconds since 1970, its track, and for how many ms it was on air."""

    started: NDArray[np.int64]
    tracks: NDArray[np.int32]
    played: NDArray[np.int32] | None = None  # where it was asked for

    def __len__(self) -> int:
        return len(self.started)

    def blocks(self, size: int) -> Iterator["Airings"]:
        """The same rows in pieces."""
        for begin in range(0, len(self), size):
            rows = slice(begin, begin + size)
            yield Airings(self.started[rows], self.tracks[rows], None if self.played is None else self.played[rows])

    def counts(self) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """Tracks, the most played first and then by number, and how often each."""
        tracks, plays = np.unique(self.tracks, return_counts=True)
        order = np.lexsort((tracks, -plays))
        return tracks[order], plays[order]

    def by_day(self, zone: tzinfo) -> list[tuple[date, int]]:
        """Days of a zone with how many airings began on them, oldest first."""
        quarters, plays = np.unique(self.started // QUARTER, return_counts=True)  # no zone changes within one
        days = Counter[date]()
        for quarter, count in zip(quarters.tolist(), plays.tolist(), strict=True):
            days[datetime.fromtimestamp(quarter * QUARTER, zone).date()] += count
        return sorted(days.items())


class Gathered:
    """Bytes of a COPY as they come."""

    def __init__(self, *, whole: bool) -> None:
        self._bytes, self._row = bytearray(), _LONG if whole else _SHORT

    async def take(self, data: bytes) -> None:
        self._bytes += data

    def airings(self) -> Airings:
        """The rows; all of them are of one size, as no column of them is null."""
        count = (len(self._bytes) - HEAD - TAIL) // self._row.itemsize
        rows = np.frombuffer(self._bytes, self._row, count, HEAD)
        started = rows["at"].astype(np.int64) // SECOND + EPOCH  # a part of a second is left out, as everywhere
        played = rows["ms"].astype(np.int32) if "ms" in (self._row.names or ()) else None
        return Airings(started, rows["track"].astype(np.int32), played)
