"""Watches one stream: from what its source says to what is to be kept."""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime

import orjson

from sonograph.egress.addresses import Network
from sonograph.monitoring.ears import Ears
from sonograph.monitoring.facts import Condition, Fact, PlayEnded, PlayStarted, moment
from sonograph.monitoring.hearing.airing import Airing, Change, Ended, OpenAiring, Started
from sonograph.monitoring.keeping import Keeper
from sonograph.monitoring.lanes import Lanes
from sonograph.monitoring.outages import Known, Presence, Said
from sonograph.monitoring.source.items import Connected, DeadAir, Item, Sound, SoundAgain, Title, Trouble
from sonograph.monitoring.source.means import Means
from sonograph.monitoring.source.reader import listen
from sonograph.monitoring.stream import Stream
from sonograph.monitoring.tracks import Tracks
from sonograph.monitoring.vocabulary import RuntimeStatus
from sonograph.recognition.audio.pcm import FINGERPRINT

FINISH_SECONDS = 30.0  # away for so long, what was on air is over
LEARN_SECONDS = 300.0  # between two times that what was learnt is kept
AGAIN_SECONDS = 5.0  # after a fault of ours
STOP_SECONDS = 3.0  # for a connection to be closed
OURS = "Listening failed for a reason on our side; it is tried again."

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Left:
    """What whoever watched a stream before has left of it."""

    airing: OpenAiring | None = None
    known: Known = field(default_factory=Known)


@dataclass(frozen=True, slots=True)
class Parts:
    """What all watches of a process share. `live`: see `listen`."""

    keeper: Keeper
    tracks: Tracks
    lanes: Lanes
    means: Means = field(default_factory=Means)
    live: bool = True
    stopping: asyncio.Event = field(default_factory=asyncio.Event)  # trouble is none of a station's from then on

    def now(self) -> float:
        return self.means.clock.now()


class Watch:
    """Of one stream. `start` it, let it `tick` every second, and `stop` it: then nothing more comes of it."""

    def __init__(self, stream: Stream, allowed: Sequence[Network], left: Left, parts: Parts) -> None:
        """`allowed`: networks that are not public and may be listened to."""
        self.stream = stream
        self.lag = 0.0  # seconds from when sound was on air until it was heard
        self._allowed, self._parts = allowed, parts
        self._lane = parts.lanes.choose()
        self._ears = Ears(stream, self._lane, parts.tracks, left.airing)
        self._presence = Presence(stream.id, parts.now(), left.known)
        self._heard_at: float | None = None
        self._kept_at, self._learnt_at = 0.0, parts.now()
        self._finished = False
        self._on_air: datetime | None = None  # what was told
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name=f"stream {self.stream.id}")

    def tick(self, now: float) -> None:
        """What time brings, and what is kept now and then."""
        self._say(self._presence.tick(now))
        away = self._presence.away_since
        if away is not None and not self._finished and now - away >= FINISH_SECONDS:
            self._finished = True
            self._keep(self._ears.finish(away))
        if self._heard_at is not None and self._heard_at > self._kept_at:
            self._kept_at = self._heard_at
            self._parts.keeper.condition(self.stream.id, Condition(heard_at=moment(self._heard_at)))
        if now - self._learnt_at >= LEARN_SECONDS:
            self._learnt_at = now
            self._keep_learnt()

    def update(self, stream: Stream) -> bool:
        """Watch it as its owner wants it now; False where that takes another watch, as another address does."""
        if stream.url != self.stream.url:
            return False
        self.stream = stream
        self._ears.want(stream)
        return True

    async def stop(self, *, over: bool = False) -> None:
        """Nothing more comes. `over`: what was on air is over, too; else somebody else goes on with it."""
        if self._task is not None:
            self._task.cancel()
            _, late = await asyncio.wait([self._task], timeout=STOP_SECONDS)
            if late:
                _log.warning("stream %d: its connection does not end", self.stream.id)
            self._task = None
        self._parts.lanes.leave(self._lane)
        if over:
            at = self._heard_at or self._parts.now()
            self._keep(self._ears.finish(at))
            facts, _ = self._presence.close(at)
            self._parts.keeper.note(facts)
        else:
            self._keep_learnt()

    async def _run(self) -> None:
        while True:
            try:
                await self._listen()
            except Exception:  # noqa: BLE001  # of a hundred streams, one shall not end the others
                _log.exception("stream %d: listening failed", self.stream.id)
                self._say(self._presence.trouble(self._parts.now(), OURS))
            await asyncio.sleep(AGAIN_SECONDS)

    async def _listen(self) -> None:
        parts = self._parts
        items = listen(self.stream.url, allowed=self._allowed, live=parts.live, means=parts.means)
        async with aclosing(items):
            async for item in items:
                await self._take(item)

    async def _take(self, item: Item) -> None:
        now = self._parts.now()
        if isinstance(item, Sound):
            until = item.at + len(item.pcm) / FINGERPRINT.rate
            self._heard_at, self._finished = max(until, self._heard_at or until), False
            self._say(self._presence.sound(item.at, until, now))
            self._keep(await self._ears.hear(item.at, item.pcm))
            self.lag = self._parts.now() - until
        elif isinstance(item, Trouble):
            if self._parts.stopping.is_set():
                return  # our own station may end before us, and whoever takes the stream over will see
            _log.info("stream %d: %s, again in %.0f s", self.stream.id, item.reason, item.retry_in)
            self._ears.interrupted()
            self._say(self._presence.trouble(item.at, item.reason))
        elif isinstance(item, Connected):
            rate = f", {item.bitrate} kbit/s" if item.bitrate else ""
            _log.info("stream %d: connected, %s%s", self.stream.id, item.codec, rate)
            self._ears.interrupted()
        elif isinstance(item, Title):
            self._ears.title(item.at, item.text)
        elif isinstance(item, DeadAir):
            self._presence.dead_air(item.since)
        elif isinstance(item, SoundAgain):
            self._say(self._presence.sound_again(item.at, now))

    def _say(self, said: Said) -> None:
        facts, condition = said
        self._parts.keeper.note(facts)
        if condition is not None:
            if condition.status is RuntimeStatus.ERRORED:
                self._ears.lost()
                self._say_on_air()
                _log.info("stream %d: errored: %s", self.stream.id, condition.reason)
            self._parts.keeper.condition(self.stream.id, condition, soon=True)

    def _keep(self, changes: Iterable[Change]) -> None:
        facts: list[Fact] = []
        for change in changes:
            airing = change.airing
            start = moment(airing.started_at)
            condition = Condition(recognized_at=moment(airing.heard_until))
            if isinstance(change, Started):
                until = moment(max(airing.heard_until, airing.started_at))
                facts.append(PlayStarted(self.stream.id, airing.track_id, start, until, airing.confidence))
                condition.airing = remembered(airing)
                _log.info("stream %d: track %d since %s", self.stream.id, airing.track_id, start.isoformat())
            elif isinstance(change, Ended):
                ended = airing.heard_until if airing.ended_at is None else airing.ended_at
                facts.append(PlayEnded(self.stream.id, start, moment(ended)))
                _log.info("stream %d: track %d ended %s", self.stream.id, airing.track_id, moment(ended).isoformat())
            else:
                condition.heard = {start: moment(airing.heard_until)}
            self._parts.keeper.condition(self.stream.id, condition)
        self._parts.keeper.note(facts)
        self._say_on_air()

    def _say_on_air(self) -> None:
        """At once where it is another one: whoever asks what is on air reads this."""
        on_air = self._ears.on_air
        if on_air is not None and on_air != self._on_air:
            self._on_air = on_air
            self._parts.keeper.condition(self.stream.id, Condition(on_air=on_air), soon=True)

    def _keep_learnt(self) -> None:
        saved = orjson.dumps(self._ears.calibration.saved()).decode()
        self._parts.keeper.condition(self.stream.id, Condition(tuning=saved))


def remembered(airing: Airing) -> str:
    """What of an airing does not stand in its play, for the column stream.airing."""
    return orjson.dumps({"started_at": airing.started_at, "reference": airing.reference}).decode()
