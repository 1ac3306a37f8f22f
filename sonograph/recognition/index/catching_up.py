"""Takes the changes of the database into a folder, in rounds: each is on the disk before the next one begins."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from sonograph.recognition.index.background import Background
from sonograph.recognition.index.kinds import Indexed
from sonograph.recognition.index.state import State, write_state
from sonograph.recognition.index.store import Change, Changes, Feed
from sonograph.recognition.segments.kind import Part
from sonograph.recognition.segments.writer import Writer

ROUND_BYTES = 1 << 30  # of fingerprints: about a segment of the largest size
ANSWER_SECONDS = 120.0  # for a page: the feed gives up earlier


class Stopping(Exception):
    """The process is to end, and what was begun is left."""


class CatchingUp:
    """One kind of fingerprint of one catalog, and how far its folder has come."""

    def __init__(  # noqa: PLR0913, PLR0917  # what, from where, to where
        self, feed: Feed, indexed: Indexed, writer: Writer, state: State, file: Path, stopped: Callable[[], bool]
    ) -> None:
        """`file` is where the state is kept; `stopped` is asked from threads."""
        self.threads = Background()
        self.indexed = indexed
        self.writer = writer
        self.state = state
        self._feed = feed
        self._file = file
        self._stopped = stopped

    async def step(self, tell: Callable[[int], None] = lambda _: None) -> bool:
        """Take in all that has changed by now; whether anything had. `tell` hears how many each page brings."""
        target = self.state.target or await self._feed.snapshot()
        if target == self.state.seen:
            return False
        place = self.state.place if self.state.target else (0, 0)
        changes = Changes(self._feed, self.indexed.column, self.state.seen, target, place)
        changed = False
        page = await changes.next()
        while page:
            changed = True
            one = _Round(self, changes, page, tell)
            await one.run()
            page = one.page
            if page:
                self._save(replace(self.state, target=target, place=one.place))
        if changed:
            self._save(State(self.state.database, target))
        else:
            self.state = State(self.state.database, target)
        return changed

    def check(self) -> None:
        """Raises `Stopping` where the process is to end."""
        if self._stopped():
            raise Stopping

    def _save(self, state: State) -> None:
        write_state(self._file, state)
        self.state = state


class _Round:
    """Pages until they are many bytes: one addition to the folder, and one removal."""

    def __init__(self, of: CatchingUp, changes: Changes, first: list[Change], tell: Callable[[int], None]) -> None:
        self.page = first  # the one that comes next
        self.place = first[-1].place  # up to where the round has come
        self._of = of
        self._changes = changes
        self._tell = tell
        self._loop = asyncio.get_running_loop()
        self._gone: list[int] = []

    async def run(self) -> None:
        await self._of.threads.run(self._take_in)

    def _take_in(self) -> None:
        self._of.writer.add(self._parts())
        if self._gone:
            self._of.writer.remove(self._gone)

    def _parts(self) -> Iterator[Part]:
        size = 0
        while self.page and size < ROUND_BYTES:
            self._of.check()
            following = asyncio.run_coroutine_threadsafe(self._changes.next(), self._loop)  # read while this is written
            self._gone += [one.reference for one in self.page if one.content is None]
            written = [(one.reference, one.content) for one in self.page if one.content is not None]
            if written:
                yield self._of.indexed.part([one for one, _ in written], [content for _, content in written])
                size += sum(len(content) for _, content in written)
            self._loop.call_soon_threadsafe(self._tell, len(self.page))
            self.place = self.page[-1].place
            self.page = following.result(ANSWER_SECONDS)
