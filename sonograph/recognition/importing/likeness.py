"""References that sound like a file: by the index of this machine, and among those just written.

Who imports takes the index along where no service on this machine does.
"""

from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import numpy as np

from sonograph.recognition.chromaprint import SILENCE, Items
from sonograph.recognition.index.catching_up import CatchingUp
from sonograph.recognition.index.folder import catalog_folder, open_writer, place_of, sole
from sonograph.recognition.index.kinds import KINDS
from sonograph.recognition.index.store import open_feed
from sonograph.recognition.segments.evidence import SURE, evidence
from sonograph.recognition.segments.search import Searcher

ASKED = 3000  # items of a file by which it is looked up: the first six minutes
ALIKE = 0.8  # share of the shorter one that must agree, to be the same sound
DIFFERENT = 0.25  # share of the bits that may differ: MP3s of 64 kbit/s differ in 2 to 8 %
RECENT = 100  # references just written, which the index need not have yet
TAKEN_IN, TAKEN_IN_SECONDS = 50, 5.0  # references, or time, after which the index is brought up to date
_FEWEST_VOTES = 8


@dataclass(frozen=True, slots=True)
class Alike:
    """A reference that sounds the same."""

    reference: int
    ber: float


class Likeness:
    """Made by `likeness`."""

    def __init__(self, folder: Path, following: Sequence[CatchingUp]) -> None:
        self._folder = folder
        self._following = following
        self._searcher: Searcher | None = None
        self._recent: deque[tuple[int, Items]] = deque(maxlen=RECENT)
        self._waiting = 0
        self._taken_in = monotonic()

    async def take_in(self) -> None:
        """Bring the index up to date, if that is ours to do."""
        self._waiting, self._taken_in = 0, monotonic()
        for one in self._following:
            await one.step()
            await one.threads.run(one.writer.merge)

    async def written(self, reference: int, items: Items) -> None:
        """A reference was written and committed."""
        self._recent.append((reference, items))
        self._waiting += 1
        if self._waiting >= TAKEN_IN or monotonic() - self._taken_in > TAKEN_IN_SECONDS:
            await self.take_in()

    def like(self, items: Items) -> list[Alike]:
        """References that sound like this, the most alike first."""
        asked = items[:ASKED]
        found: dict[int, float] = {}
        for reference, other in self._recent:
            ber = compared(asked, other)
            if ber is not None:
                found[reference] = ber
        for match in self._indexed(asked):
            if match[0] not in found:
                found[match[0]] = match[1]
        return [Alike(reference, ber) for reference, ber in sorted(found.items(), key=lambda pair: pair[1])]

    def _indexed(self, asked: Items) -> list[tuple[int, float]]:
        if self._searcher is None:
            try:
                self._searcher = Searcher(self._folder)
            except FileNotFoundError:
                return []
        self._searcher.refresh()
        found = []
        for match in self._searcher.match(asked, 10):
            known = self._searcher.items_of(match.reference)
            shorter = min(len(asked), len(known)) if known is not None else len(asked)
            if match.ber < DIFFERENT and match.end - match.start >= ALIKE * shorter:
                found.append((match.reference, match.ber))
        return found


def compared(asked: Items, other: Items) -> float | None:
    """The share of bits in which two sounds differ where they agree best, None if they are not the same sound."""
    if min(len(asked), len(other)) < _FEWEST_VOTES:
        return None
    values, first = np.unique(asked, return_index=True)
    places = np.searchsorted(values, other)
    places[places == len(values)] = 0
    hits = np.flatnonzero((values[places] == other) & (other != SILENCE))
    if len(hits) < _FEWEST_VOTES:
        return None
    diagonals, votes = np.unique(hits - first[places[hits]], return_counts=True)
    offset = int(diagonals[np.argmax(votes)])
    if votes.max() < _FEWEST_VOTES:
        return None
    start, end = max(0, -offset), min(len(asked), len(other) - offset)
    if end - start < ALIKE * min(len(asked), len(other)):
        return None
    differing = np.bitwise_count(asked[start:end] ^ other[start + offset : end + offset]).sum()
    ber = float(differing) / (32 * (end - start))
    return ber if ber < DIFFERENT and evidence(ber, end - start) >= SURE else None


@asynccontextmanager
async def likeness(dsn: str, data_dir: Path, schema: str) -> AsyncIterator[Likeness]:
    """The index of a catalog, brought up to date first, and all the time, if no other process does so."""
    folder = catalog_folder(data_dir, schema)
    following: list[CatchingUp] = []
    async with AsyncExitStack() as stack:
        if stack.enter_context(sole(folder)):
            feed = await stack.enter_async_context(open_feed(dsn, schema))
            await feed.mend()
            for indexed in KINDS:
                place = place_of(folder, indexed)
                writer, state, _ = open_writer(place, indexed, await feed.database(), await feed.snapshot())
                following.append(CatchingUp(feed, indexed, writer, state, place.state, lambda: False))
                stack.push_async_callback(_left, following[-1])
        found = Likeness(place_of(folder, KINDS[0]).folder, following)  # of items
        await found.take_in()
        yield found
        await found.take_in()


async def _left(following: CatchingUp) -> None:
    await following.threads.rest(lambda: False)
    following.writer.close()
