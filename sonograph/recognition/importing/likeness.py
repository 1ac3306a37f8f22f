"""References that may sound like a file: by the index of this machine, and among those just written.

Who imports takes the index along where no service on this machine does.
"""

from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from time import monotonic

from sonograph.recognition.chromaprint import Items
from sonograph.recognition.importing.agreement import agreement
from sonograph.recognition.index.catching_up import CatchingUp
from sonograph.recognition.index.folder import catalog_folder, open_writer, place_of, sole
from sonograph.recognition.index.kinds import KINDS
from sonograph.recognition.index.store import open_feed
from sonograph.recognition.segments.search import Searcher

ASKED = 3000  # items of a file by which it is looked up: the first six minutes
CANDIDATES = 10
RECENT = 100  # references just written, which the index need not have yet
TAKEN_IN, TAKEN_IN_SECONDS = 50, 5.0  # references, or time, after which the index is brought up to date


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

    def like(self, items: Items) -> list[int]:
        """References that may sound like this; how far they do is for `agreement` to say."""
        asked = items[:ASKED]
        recent = [reference for reference, other in self._recent if agreement(asked, other)]
        return list(dict.fromkeys((*recent, *self._indexed(asked))))

    def _indexed(self, asked: Items) -> list[int]:
        if self._searcher is None:
            try:
                self._searcher = Searcher(self._folder)
            except FileNotFoundError:
                return []
        self._searcher.refresh()
        return [match.reference for match in self._searcher.match(asked, CANDIDATES)]


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
