"""Keeps the folders of a catalog's index up to date with the database, while nobody else on this machine does.

A change is findable about a second after its transaction has ended. Many machines each have folders of their own. Where
the database is away, the index answers as it did, and takes up what it has missed.
"""

import asyncio
import logging
from contextlib import suppress
from pathlib import Path

from sonograph.errors import SonographError
from sonograph.postgres.trouble import TROUBLE
from sonograph.recognition.index.catching_up import CatchingUp, Stopping
from sonograph.recognition.index.folder import Place, adopt, catalog_folder, discard, open_writer, place_of, sole
from sonograph.recognition.index.kinds import KINDS, Indexed
from sonograph.recognition.index.snapshot import Snapshot
from sonograph.recognition.index.state import read_state
from sonograph.recognition.index.store import Feed, Replaced, open_feed

LOOK_SECONDS = 1.0  # between two looks for changes
TAKE_OVER_SECONDS = 3.0  # between two tries to become the one that writes
TRY_AGAIN_SECONDS = 5.0  # after trouble
LEAVE_SECONDS = 3.0  # at the end, for what is under way: a sort or a merge may take longer, and is left
_TROUBLE = (*TROUBLE, SonographError)

_log = logging.getLogger(__name__)


async def follow(dsn: str, data_dir: Path, schema: str, stop: asyncio.Event) -> None:
    """Follow one catalog until told to stop; trouble is logged, once while it lasts, and never raised."""
    folder = catalog_folder(data_dir, schema)
    trouble = None
    while not stop.is_set():
        pause = TAKE_OVER_SECONDS
        try:
            with sole(folder) as ours:
                if ours:
                    async with open_feed(dsn, schema) as feed:
                        if trouble:
                            _log.info("index of %s: goes on", folder.name)
                            trouble = None
                        await _Follower(feed, folder, stop).run()
        except Replaced:
            pause = 0.0
        except _TROUBLE as error:
            said = str(error) or type(error).__name__
            if said != trouble:
                _log.warning("index of %s does not follow the database: %s", folder.name, said)
            trouble, pause = said, TRY_AGAIN_SECONDS
        except Exception as error:  # noqa: BLE001  # the service that this runs in goes on without it
            _log.exception("index of %s does not follow the database", folder.name)
            trouble, pause = type(error).__name__, TRY_AGAIN_SECONDS
        await _stopped_within(stop, pause)


async def _stopped_within(stop: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)


class _Follower:
    """The one process that writes to the folders of a catalog."""

    def __init__(self, feed: Feed, folder: Path, stop: asyncio.Event) -> None:
        self._feed = feed
        self._folder = folder
        self._stop = stop

    async def run(self) -> None:
        """Follow with both kinds until told to stop, or until one of them fails."""
        now, database = await self._feed.snapshot(), await self._feed.database()  # in this order: see Replaced
        if late := await self._feed.mend():
            _log.info("index of %s: %d references came out of a dump", self._folder.name, late)
        tasks = [asyncio.create_task(self._one(indexed, database, now)) for indexed in KINDS]
        stopped = asyncio.create_task(self._stop.wait())
        try:
            await asyncio.wait([stopped, *tasks], return_when=asyncio.FIRST_COMPLETED)
            if self._stop.is_set():
                await asyncio.wait(tasks, timeout=LEAVE_SECONDS)
        finally:
            for task in (stopped, *tasks):
                task.cancel()
            ends = await asyncio.gather(*tasks, return_exceptions=True)
        for error in ends:
            if isinstance(error, Exception) and not isinstance(error, Stopping):
                raise error

    async def _one(self, indexed: Indexed, database: str, now: Snapshot) -> None:
        place = place_of(self._folder, indexed)
        writer, state, why = await asyncio.to_thread(open_writer, place, indexed, database, now)
        if why:
            _log.warning("index of %s: %s are built anew: %s", self._folder.name, indexed.name, why)
        following = CatchingUp(self._feed, indexed, writer, state, place.state, self._stop.is_set)
        try:
            await self._follow(following, place)
        finally:
            await following.threads.rest(or_until=self._stop.is_set)
            if not following.threads.busy:  # at the end of the process the lock goes with it
                writer.close()

    async def _follow(self, following: CatchingUp, place: Place) -> None:
        merging: asyncio.Future[None] | None = None
        due = True  # what was left by who followed before
        while not self._stop.is_set():
            await self._adopt(following, place)
            due |= await following.step()
            if merging and merging.done():
                merging.result()
                merging = None
            if due and not merging:
                merging, due = following.threads.run(lambda: _merge(following)), False
            await _stopped_within(self._stop, LOOK_SECONDS)

    async def _adopt(self, following: CatchingUp, place: Place) -> None:
        """What was built anew takes the place of what is in use, once it is whole."""
        ready = read_state(place.ready)
        if ready is None:
            return
        if ready.database == following.state.database:
            await following.threads.run(lambda: adopt(following.writer, place, ready))
            following.state = ready
            _log.info("index of %s: %s were built anew", self._folder.name, following.indexed.name)
        else:
            discard(place)


def _merge(following: CatchingUp) -> None:
    while following.writer.merge():
        following.check()
