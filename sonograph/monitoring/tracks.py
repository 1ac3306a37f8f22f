"""Which tracks references are, and what they are called: remembered for a while, as they hardly ever change."""

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Generic, TypeVar

from sonograph.errors import Unavailable
from sonograph.monitoring.calibration import TrackName
from sonograph.monitoring.title_store import track_names
from sonograph.postgres.pool import Pool
from sonograph.recognition.store import tracks_of

MOST = 20_000  # of each: some MB
KNOWN_SECONDS = 300.0  # merged tracks are told by their new id within
# After trouble, before the database is asked anew: else all streams would ask, and log, with each block of sound.
AGAIN_SECONDS = 1.0

T = TypeVar("T")
Read = Callable[[Sequence[int]], Awaitable[Mapping[int, T]]]


class Remembered(Generic[T]):
    """Answers of the database, and that there was none; what was used last stays."""

    def __init__(self, read: Read[T], clock: Callable[[], float] = time.monotonic) -> None:
        self._read, self._clock = read, clock
        self._known: OrderedDict[int, tuple[float, T | None]] = OrderedDict()
        self._failed = float("-inf")  # when the database did not answer last

    async def of(self, numbers: Iterable[int]) -> dict[int, T]:
        """Of those numbers that stand for something. Raises trouble with the database where it must be asked."""
        wanted, now = set(numbers), self._clock()
        missing = [one for one in wanted if one not in self._known or now - self._known[one][0] > KNOWN_SECONDS]
        if missing:
            try:
                found = await self._asked(missing, now)
            except Exception:
                if any(one not in self._known for one in missing):
                    raise
                found = {}  # what is known is better than nothing
            else:
                for one in missing:
                    self._known[one] = (now, found.get(one))
        answer = {}
        for one in wanted:
            self._known.move_to_end(one)
            value = self._known[one][1]
            if value is not None:
                answer[one] = value
        while len(self._known) > MOST:
            self._known.popitem(last=False)
        return answer

    async def _asked(self, missing: Sequence[int], now: float) -> Mapping[int, T]:
        if now - self._failed < AGAIN_SECONDS:
            raise Unavailable("The database does not answer.")
        try:
            return await self._read(missing)
        except Exception:
            self._failed = now
            raise


class Tracks:
    """Of one process, both catalogs."""

    def __init__(self, live: Pool, sandbox: Pool) -> None:
        self._of = {test: _Catalog(pool) for test, pool in ((False, live), (True, sandbox))}

    async def of(self, references: Iterable[int], *, test: bool) -> dict[int, int]:
        """{reference: track}; removed ones are left out."""
        return await self._of[test].tracks.of(references)

    async def names(self, tracks: Iterable[int], *, test: bool) -> dict[int, TrackName]:
        return await self._of[test].names.of(tracks)


class _Catalog:
    def __init__(self, pool: Pool) -> None:
        self.tracks: Remembered[int] = Remembered(lambda numbers: tracks_of(pool, numbers))
        self.names: Remembered[TrackName] = Remembered(lambda numbers: track_names(pool, numbers))
