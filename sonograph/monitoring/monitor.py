"""One process that watches streams, of as many as there are: it takes its share, watches, keeps, and hands back."""

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path
from typing import Protocol

import asyncpg

from sonograph import clock
from sonograph.egress.addresses import Network
from sonograph.errors import SonographError
from sonograph.monitoring import lease_store
from sonograph.monitoring.keeping import Keeper
from sonograph.monitoring.lanes import Lanes
from sonograph.monitoring.leases import Held, Leases, Pace
from sonograph.monitoring.partitions import ensure_partitions
from sonograph.monitoring.resuming import left_of
from sonograph.monitoring.simulated import Simulated
from sonograph.monitoring.source.means import Means
from sonograph.monitoring.station.store import track_ids
from sonograph.monitoring.stream import Stream
from sonograph.monitoring.tracks import Tracks
from sonograph.monitoring.watching import Left, Parts, Watch
from sonograph.postgres.pool import Pool
from sonograph.postgres.trouble import TROUBLE

TICK_SECONDS = 1.0
LOOK_AGAIN_SECONDS = 0.5  # after trouble: others may take our streams after six more seconds
LOOK_LIMIT = 5.0  # for a look: a database that hangs is away
HAND_BACK_SECONDS = 8.0  # at the end, for what is to be written; container runtimes kill after ten
DAY = 86_400.0
LATE_SECONDS, LATE_AGAIN = 20.0, 60.0  # behind what is on air; between two lines about it
LOOPBACK: tuple[Network, ...] = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
_TROUBLE = (SonographError, *TROUBLE)

_log = logging.getLogger(__name__)


class Watching(Protocol):
    """What `Watch` and `Simulated` have in common."""

    stream: Stream
    lag: float

    def start(self) -> None: ...
    def tick(self, now: float) -> None: ...
    def update(self, stream: Stream) -> bool: ...
    async def stop(self, *, over: bool = False) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What a monitor works with and what it may do."""

    accounts: asyncpg.Pool
    live: Pool
    sandbox: Pool
    dsn: str
    data_dir: Path  # where the index is
    station: str  # URL of our own station: the only one that test streams are really read from
    name: str  # of the process, for people
    capacity: int = 200
    threads: int = 2
    allowed: Sequence[Network] = ()  # networks that the operator opened
    means: Means = field(default_factory=Means)
    as_live: bool = True  # see `listen`
    pace: Pace = field(default_factory=Pace)


class Monitor:
    """`run` it until told to stop. Trouble is logged, once while it lasts, and never raised."""

    def __init__(self, setup: Setup) -> None:
        self.watched: dict[int, Watching] = {}
        self._setup = setup
        self.leases = Leases(setup.accounts, setup.name, setup.capacity, setup.station, pace=setup.pace)
        self.keeper = Keeper(setup.accounts, lambda: self.leases.id if self.leases.may_write else None, setup.pace.keep)
        self._lanes = Lanes(setup.data_dir, setup.threads)
        self._parts = Parts(self.keeper, Tracks(setup.live, setup.sandbox), self._lanes, setup.means, setup.as_live)
        self._held, self._looked = Held({}), asyncio.Event()
        self._songs: Mapping[str, int] = {}  # of the station
        self._trouble: str | None = None
        self._late_said = 0.0

    async def run(self, stop: asyncio.Event) -> None:
        """Watch until told to stop; then write what is left, and hand the streams back."""
        runs = (self._stopping, self._look, self._follow, self._tick, self.keeper.run, self._months)
        loops = [asyncio.create_task(run(stop)) for run in runs]
        try:
            await asyncio.wait(loops, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for loop in loops:
                loop.cancel()
            ends = await asyncio.gather(*loops, return_exceptions=True)
            await self._hand_back()
        for error in ends:
            if isinstance(error, Exception):
                raise error

    async def _stopping(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._parts.stopping.set()

    async def _look(self, stop: asyncio.Event) -> None:
        changed = asyncio.Event()
        hearing = asyncio.create_task(self._told(changed))
        try:
            while not stop.is_set():
                pause = self._setup.pace.beat
                changed.clear()
                try:
                    async with asyncio.timeout(LOOK_LIMIT):
                        self._held = await self.leases.look()
                    self._looked.set()
                    self._well()
                except _TROUBLE as error:
                    self._say(error)
                    pause = LOOK_AGAIN_SECONDS
                await _either(stop, changed, pause)
        finally:
            hearing.cancel()

    async def _told(self, changed: asyncio.Event) -> None:
        """Hears of changes, so that they are taken up at once; without it, within two seconds."""
        while True:
            with suppress(*_TROUBLE):
                connection = await asyncpg.connect(self._setup.dsn, timeout=LOOK_LIMIT)
                try:
                    await connection.add_listener(lease_store.CHANNEL, lambda *_: changed.set())
                    while not connection.is_closed():  # noqa: ASYNC110  # asyncpg has nothing to wait for
                        await asyncio.sleep(self._setup.pace.beat)
                finally:
                    connection.terminate()
            await asyncio.sleep(self._setup.pace.beat)

    async def _follow(self, stop: asyncio.Event) -> None:
        """Beside the looks, as these must not wait: who does not look in time has lost its streams."""
        while not stop.is_set():
            await self._looked.wait()
            self._looked.clear()
            try:
                await self._watch(self._held)
            except _TROUBLE as error:
                self._say(error)
                await asyncio.sleep(LOOK_AGAIN_SECONDS)

    async def _watch(self, held: Held) -> None:
        """Watch what is ours, and nothing else."""
        lost = self.watched.keys() - held.streams.keys()
        if lost:
            await self._drop(lost)
            self.keeper.discard(lost)
        if held.to_give:
            await self._give(held.to_give)
        new = held.streams.keys() - self.watched.keys() - set(held.to_give)
        changed = {
            number
            for number, revision in held.streams.items()
            if number in self.watched and self.watched[number].stream.revision != revision
        }
        if new or changed:
            await self._take(sorted(new | changed))

    async def _give(self, numbers: Sequence[int]) -> None:
        """Others get them, with all that was found out so far."""
        await self._drop(numbers)
        if await self.keeper.flush():
            await self.leases.give(numbers)
            _log.info("monitor %s: handed %d streams over", self.leases.id, len(numbers))

    async def _take(self, numbers: Sequence[int]) -> None:
        """Watch these from now on, as their owners want them now."""
        assert self.leases.id is not None  # noqa: S101  # a look gave them
        if not self._songs:
            self._songs = await self._station_songs()
        accounts = self._setup.accounts
        streams = await lease_store.load(accounts, self.leases.id, numbers)
        anew = [(stream, airing) for stream, airing in streams if not await self._updated(stream)]
        if not anew:
            return
        ids = [stream.id for stream, _ in anew]
        plays, gaps = await lease_store.open_plays(accounts, ids), await lease_store.open_gaps(accounts, ids)
        now = self._parts.now()
        for stream, airing in anew:
            left, ends = left_of(
                stream,
                airing,
                [play for play in plays if play["stream_id"] == stream.id],
                [gap for gap in gaps if gap["stream_id"] == stream.id],
                now,
            )
            self.keeper.note(ends)
            watching = self.watched[stream.id] = self._watching(stream, left, now)
            watching.start()

    async def _updated(self, stream: Stream) -> bool:
        """Whether it is watched already, and goes on being so."""
        watching = self.watched.get(stream.id)
        if watching is None:
            return False
        if self._is_simulated(stream) == self._is_simulated(watching.stream) and watching.update(stream):
            _log.info("stream %d: changed", stream.id)
            return True
        _log.info("stream %d: has another address", stream.id)
        await watching.stop(over=True)
        del self.watched[stream.id]
        await self.keeper.flush()  # what is open is read again at once
        return False

    def _watching(self, stream: Stream, left: Left, now: float) -> Watching:
        if self._is_simulated(stream):
            return Simulated(stream, self._songs, left, self.keeper, now)
        allowed = (*self._setup.allowed, *LOOPBACK) if stream.url == self._setup.station else self._setup.allowed
        return Watch(stream, allowed, left, self._parts)

    def _is_simulated(self, stream: Stream) -> bool:
        return stream.test and stream.url != self._setup.station

    async def _station_songs(self) -> Mapping[str, int]:
        connection = await asyncpg.connect(
            self._setup.dsn, server_settings={"search_path": "sandbox"}, timeout=LOOK_LIMIT
        )
        try:
            return await track_ids(connection)
        finally:
            await connection.close()

    async def _drop(self, numbers: Sequence[int] | set[int]) -> None:
        gone = [self.watched.pop(number) for number in numbers if number in self.watched]
        await asyncio.gather(*(one.stop() for one in gone))

    async def _tick(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            now = self._parts.now()
            for watching in list(self.watched.values()):
                watching.tick(now)
            late = [one.lag for one in self.watched.values() if one.lag > LATE_SECONDS]
            if late and time.monotonic() - self._late_said > LATE_AGAIN:
                self._late_said = time.monotonic()
                _log.warning(
                    "%d of %d streams are heard late, by up to %.0f s: this machine has too much to do",
                    len(late),
                    len(self.watched),
                    max(late),
                )
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), TICK_SECONDS)

    async def _months(self, stop: asyncio.Event) -> None:
        """The partitions of the next months are there, and monitors that died long ago are forgotten."""
        while not stop.is_set():
            pause = DAY
            try:
                async with self._setup.accounts.acquire() as connection:
                    for name in await ensure_partitions(connection, clock.now()):
                        _log.info("plays: made %s", name)
            except _TROUBLE as error:
                _log.warning("plays: next month's partition is not made yet: %s", error)
                pause = 60.0
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), pause)

    async def _hand_back(self) -> None:
        try:
            async with asyncio.timeout(HAND_BACK_SECONDS):
                await self._drop(list(self.watched))
                kept = await self.keeper.flush()
                await self.leases.leave()
        except _TROUBLE as error:
            _log.warning("streams were not handed back: %s", str(error) or type(error).__name__)
        else:
            if not kept:
                _log.warning("%d facts were not written before the end", self.keeper.waiting)
        finally:
            self._lanes.close()

    def _well(self) -> None:
        if self._trouble:
            _log.info("monitor %s: the database answers again", self.leases.id)
            self._trouble = None

    def _say(self, error: Exception) -> None:
        said = str(error) or type(error).__name__
        if said != self._trouble:
            _log.warning("monitor %s: the database does not answer: %s", self.leases.id, said)
        self._trouble = said


async def _either(one: asyncio.Event, other: asyncio.Event, seconds: float) -> None:
    """Until one of both happens, or some seconds have passed."""
    waits = [asyncio.create_task(event.wait()) for event in (one, other)]
    try:
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
