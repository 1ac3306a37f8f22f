"""One connection as items: sound in even blocks with its times, titles where they change, dead air."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Iterator
from concurrent.futures import Executor

import numpy as np
from numpy.typing import NDArray

from sonograph.monitoring.source.dead_air import Stillness
from sonograph.monitoring.source.faults import FILE, Fault
from sonograph.monitoring.source.items import Connected, Item, Sound, Title
from sonograph.monitoring.source.means import Means
from sonograph.monitoring.source.receiver import RATE, Codec, Made, Receiver
from sonograph.monitoring.source.sources import Source
from sonograph.monitoring.source.timing import Arrivals

_LEAST, _MOST = RATE // 2, RATE  # samples of a block; fewer only where sound ends
_TOGETHER = 0.9  # seconds of sound that are decoded together, as are bytes that came within that time
_FEW, _MANY = 1024, 65_536  # bytes that are waited for, at the least and at the most
_WAIT = 2.0  # seconds that are waited at a time; what that takes longer, we stood still ourselves
_TICK = 0.1  # seconds, while it is not known whether the burst is over
_AHEAD = 60.0  # seconds of sound that may come before their time; the rest is left with the station
_SOUNDLESS = 4_194_304  # bytes without sound that are borne with: pictures in tags are large
# Seconds of sound that come at once and then end: no burst. Fewer, where the answer is as long as it said beforehand.
_SURELY = 20.0
_TRICKLE = 0.7  # share of real time that must come as sound


class OnAir:
    def __init__(self, source: Source, means: Means, pool: Executor, *, live: bool, heard: float) -> None:
        """`heard`: up to when the connection before gave sound. What a burst repeats of it is left out."""
        self._source = source
        self._means = means
        self._pool = pool
        self._live = live
        self._heard = heard
        now = means.clock.now() if live else max(means.clock.now(), heard)
        self._arrivals = Arrivals(now, live=live)
        self._receiver = Receiver()
        self._stillness = Stillness()
        self._made: deque[Made] = deque()  # not told, as it is not settled when it was on air
        self._held = 0.0  # seconds among it
        self._begun = 0.0  # seconds that came and are not yet made
        self._began = False
        self._rest: list[NDArray[np.int16]] = []  # too short for a block
        self._rest_size = 0
        self._skip = 0  # samples that were heard before
        self._title = ""
        self._bytes = 0.0  # that came in all, halved now and then
        self._decoded = 0.0  # seconds that they gave, likewise
        self._soundless = 0  # bytes since the last sound
        self._mute = 0.0  # seconds of waiting since the last sound
        self._waited = self._got = 0.0  # seconds: of waiting for the station, and of sound that it sent in them
        self.came = 0.0  # seconds of sound
        self.sound = 0.0  # seconds that were given

    @property
    def end(self) -> float:
        """Up to when sound was given, or what is on air if none was."""
        return max(self._heard, self._arrivals.next) if self._began else self._heard

    async def items(self) -> AsyncGenerator[Item, None]:
        """Ends by `Fault` only."""
        loop = asyncio.get_running_loop()
        while True:
            fault = await self._gather()
            now = self._means.clock.now()
            more = True
            while more:
                made, more = await loop.run_in_executor(self._pool, self._receiver.work)
                self._take(made, now)
                for item in self._told(now):
                    await self._due(item)
                    yield item
            if fault is not None:
                self._take(self._receiver.end(), now)
                for item in self._told(now, end=True):
                    await self._due(item)
                    yield item
                raise self._file() or fault
            self._judge()
            if self._arrivals.ahead > _AHEAD:
                await self._means.clock.sleep(min(1.0, self._arrivals.ahead - _AHEAD))

    async def _due(self, item: Item) -> None:
        """Waits until all of a block was on air: after a burst, a longer one may be half a second early."""
        if self._live and isinstance(item, Sound):
            early = item.at + len(item.pcm) / RATE - self._means.clock.now()
            if early > 0:
                await self._means.clock.sleep(early)

    def _file(self) -> Fault | None:
        """The fault that it was a file, where all of it came much faster than it plays."""
        came, early = self.came, self._arrivals.early
        if not self._live or early < min(came, _SURELY) / 2:
            return None
        return Fault(FILE, lasting=True) if self._source.complete or came >= _SURELY else None

    async def _gather(self) -> Fault | None:
        """Waits until there is enough to decode, or time to look; the fault with which the connection ended."""
        clock, patience = self._means.clock, self._means.patience
        waited = 0.0  # seconds
        since: float | None = None  # when the first of it came
        fault = None
        while fault is None:
            now = clock.now()
            if since is None:
                if waited >= patience.silence and self._source.steady:
                    fault = Fault(f"The station sends nothing for {patience.silence:.0f} s.")
                    break
                wait = min(_WAIT, patience.silence - waited) if self._began or not self._made else _TICK
            else:
                wait = (_TOGETHER if self._began or not self._made else _TICK) - (now - since)
                if wait <= 0 or self._receiver.waiting >= self._enough() or not self._source.steady:
                    break
            try:
                parts = await self._source.more(wait)
            except Fault as ended:
                fault = ended
                break
            finally:
                waited += min(clock.now() - now, wait)
            for part in parts:
                self._receiver.feed(part)
            if parts and since is None:
                since = clock.now()
            if not parts and ((since is None and wait == _TICK) or not self._source.steady):
                break
        self._waited += waited
        self._mute += waited
        self._bytes += self._receiver.waiting
        self._soundless += self._receiver.waiting
        return fault

    def _enough(self) -> float:
        """Bytes that make a block, by what came so far."""
        if not self._decoded:
            return _FEW
        return min(_MANY, max(_FEW, _TOGETHER * self._bytes / self._decoded))

    def _take(self, made: list[Made], now: float) -> None:
        seconds = sum(len(one) for one in made if isinstance(one, np.ndarray)) / RATE
        self._made.extend(made)
        self._held += seconds
        came = max(0.0, seconds + self._receiver.begun - self._begun)
        self._begun = self._receiver.begun
        self._decoded += came
        self._got += came
        self.came += came
        if came:
            self._arrivals.arrived(now, came)
            self._soundless, self._mute = 0, 0.0
        if self._decoded > 60:  # noqa: PLR2004  (seconds, so that a change of quality shows)
            self._bytes, self._decoded = self._bytes / 2, self._decoded / 2

    def _judge(self) -> None:
        """Raises `Fault` for a station whose sound does not come."""
        patience = self._means.patience
        if self._mute > patience.no_sound and self._source.steady:
            raise Fault(f"What the station sends holds no sound for {patience.no_sound:.0f} s.")
        if self._soundless > _SOUNDLESS:
            raise Fault("The station sends megabytes in which there is no sound.")
        if self._live and self._waited >= patience.trickle:
            if self._got < _TRICKLE * self._waited:
                raise Fault(
                    f"The stream comes slower than it plays: {self._got:.0f} s of sound in {self._waited:.0f} s."
                )
            self._waited = self._got = 0.0

    def _told(self, now: float, *, end: bool = False) -> Iterator[Item]:
        """What can be said, in order; `now` is when the station was last looked at."""
        if not self._began:
            if not self._held or not (end or self._held > _AHEAD or self._arrivals.settled(now)):
                return
            self._arrivals.begin()
            self._began = True
            self._skip = int(max(0.0, self._heard - self._arrivals.next) * RATE)
        while self._made:
            one = self._made.popleft()
            if isinstance(one, np.ndarray):
                yield from self._sound(one)
            elif isinstance(one, Codec):
                yield from self._blocks(0)
                yield Connected(self._arrivals.next, one.name, self._source.bitrate, self._source.name)
            elif one != self._title:
                self._title = one
                yield Title(self._arrivals.next + self._rest_size / RATE, one)
        self._held = 0.0
        if end:
            yield from self._blocks(0)

    def _sound(self, pcm: NDArray[np.int16]) -> Iterator[Item]:
        if self._skip:
            left = pcm[self._skip :]
            self._arrivals.tell((len(pcm) - len(left)) / RATE)
            self._skip -= len(pcm) - len(left)
            pcm = left
        self._rest.append(pcm)
        self._rest_size += len(pcm)
        yield from self._blocks(_LEAST)

    def _blocks(self, least: int) -> Iterator[Item]:
        """Blocks of what waits, if it is at least so many samples."""
        if not self._rest_size or self._rest_size < least:
            return
        whole = self._rest[0] if len(self._rest) == 1 else np.concatenate(self._rest)
        self._rest, self._rest_size = [], 0
        parts = -(-len(whole) // _MOST)
        for pcm in np.array_split(whole, parts) if parts > 1 else (whole,):
            seconds = len(pcm) / RATE
            at = self._arrivals.tell(seconds)
            self.sound += seconds
            yield Sound(at, pcm)
            said = self._stillness.heard(at, pcm, seconds)
            if said is not None:
                yield said
