"""Builds an index anew from the database, beside the one in use, which answers until the new one takes its place."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from sonograph.errors import Unavailable
from sonograph.recognition.index.catching_up import CatchingUp
from sonograph.recognition.index.folder import (
    Place,
    adopt,
    catalog_folder,
    discard,
    open_writer,
    place_of,
    sole,
)
from sonograph.recognition.index.kinds import KINDS, Indexed
from sonograph.recognition.index.snapshot import Snapshot
from sonograph.recognition.index.state import State, read_state, write_state
from sonograph.recognition.index.store import Feed, open_feed
from sonograph.recognition.segments.writer import Writer

PAUSE = 0.5


@dataclass(frozen=True, slots=True)
class Step:
    """How far one kind has come."""

    kind: str
    read: int
    total: int
    seconds: float
    built: bool = False

    @property
    def a_second(self) -> float:
        return self.read / self.seconds if self.seconds else 0.0

    @property
    def seconds_left(self) -> float | None:
        """Of reading; sorting what was read takes about as long again."""
        return (self.total - self.read) / self.a_second if self.read else None


async def rebuild(dsn: str, data_dir: Path, schema: str, tell: Callable[[Step], None]) -> None:
    """Build both kinds of a catalog's index anew, and let them take the place of those in use.

    Raises `Unavailable` where another process does the same.
    """
    folder = catalog_folder(data_dir, schema)
    with sole(folder, "rebuild.lock") as ours:
        if not ours:
            raise Unavailable(f"the index in {folder} is being built anew by another process")
        async with open_feed(dsn, schema) as feed:
            await feed.mend()
            database = await feed.database()
            await asyncio.gather(*(_build(feed, folder, indexed, database, tell) for indexed in KINDS))
            for indexed in KINDS:
                await _put_in_place(feed, folder, indexed, database)


async def _build(feed: Feed, folder: Path, indexed: Indexed, database: str, tell: Callable[[Step], None]) -> None:
    place = place_of(folder, indexed)
    discard(place)
    total, read, began = await feed.count(indexed.column), 0, monotonic()

    def count(references: int) -> None:
        nonlocal read
        read += references
        tell(Step(indexed.name, min(read, total), total, monotonic() - began))

    with Writer(place.rebuilt, indexed.kind) as writer:
        building = CatchingUp(feed, indexed, writer, State(database), place.rebuilding, lambda: False)
        while await building.step(count):
            pass
        await building.threads.run(lambda: _merge(writer))
    write_state(place.ready, building.state)
    tell(Step(indexed.name, total, total, monotonic() - began, built=True))


def _merge(writer: Writer) -> None:
    while writer.merge():
        pass


async def _put_in_place(feed: Feed, folder: Path, indexed: Indexed, database: str) -> None:
    """Do it, or wait until the process that follows the database has done it."""
    place = place_of(folder, indexed)
    while ready := read_state(place.ready):
        with sole(folder) as ours:
            if ours:
                await asyncio.to_thread(_adopt, place, indexed, database, await feed.snapshot(), ready)
                return
        await asyncio.sleep(PAUSE)


def _adopt(place: Place, indexed: Indexed, database: str, now: Snapshot, ready: State) -> None:
    writer, _, _ = open_writer(place, indexed, database, now)
    with writer:
        adopt(writer, place, ready)
