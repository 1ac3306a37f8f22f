"""Streams of test keys: what the sandbox station airs, as if it had been heard. No sound, no connection, no thread."""

from collections.abc import Mapping

from sonograph.monitoring.facts import NOTHING, Condition, Fact, GapBegan, GapEnded, PlayEnded, PlayStarted, moment
from sonograph.monitoring.hearing.airing import OpenAiring
from sonograph.monitoring.keeping import Keeper
from sonograph.monitoring.station.schedule import Item, Kind, items
from sonograph.monitoring.stream import Stream
from sonograph.monitoring.vocabulary import GapKind, RuntimeStatus
from sonograph.monitoring.watching import Left

DELAY_SECONDS = 5.0  # after which a play is told, as recognition takes some seconds
SHORTEST = 10.0  # seconds of a song that are left when watching begins: of less, nothing would be recognised
LONGEST_STEP = 300.0  # seconds that were missed, as by a machine that slept: what was on air then was not heard
CONFIDENCE = 0.99


class Simulated:
    """Of one stream, from `now` on; the same interface as `Watch`."""

    def __init__(self, stream: Stream, tracks: Mapping[str, int], left: Left, keeper: Keeper, now: float) -> None:
        """`tracks`: ids in the sandbox by the schedule's keys."""
        self.stream = stream
        self.lag = 0.0
        self._tracks, self._keeper = tracks, keeper
        self._open = left.airing
        self._silent = left.known.silent_since
        self._told = False
        # From where it was left, so that the airing in progress is the same.
        heard = left.known.heard_at
        self._done = max(heard, now - LONGEST_STEP) if heard is not None and left.airing else now - DELAY_SECONDS

    def start(self) -> None:
        """Nothing runs by itself."""

    def tick(self, now: float) -> None:
        """All that was on air until `DELAY_SECONDS` ago."""
        until = now - DELAY_SECONDS
        condition = Condition(heard_at=moment(until))
        if not self._told:
            self._told = True
            condition.status, condition.at = RuntimeStatus.RUNNING, moment(now)
        if until - self._done > LONGEST_STEP:
            self._keeper.note(self._over(self._done))
            self._done = until - 1
        facts: list[Fact] = []
        for item in items(self._done, until):
            facts += self._ended(item)
            facts += self._began(item)
        if self._open is not None:
            condition.heard = {moment(self._open.started_at): moment(until)}
            condition.recognized_at = moment(until)
        condition.on_air = NOTHING if self._open is None else moment(self._open.started_at)
        self._done = until
        self._keeper.condition(self.stream.id, condition, soon=condition.status is not None)
        self._keeper.note(facts)

    def update(self, stream: Stream) -> bool:
        """Nothing that its owner may change matters here, but the address may become one that is really read."""
        if stream.url != self.stream.url:
            return False
        self.stream = stream
        return True

    async def stop(self, *, over: bool = False) -> None:
        """Nothing more comes. `over`: what was on air is over, too."""
        if over:
            self._keeper.note(self._over(self._done))

    def _began(self, item: Item) -> list[Fact]:
        """The item that is on air now, unless that is known already."""
        if item.kind is Kind.SILENCE and self._silent is None:
            self._silent = item.started_at
            return [GapBegan(self.stream.id, GapKind.SILENCE, moment(item.started_at), None)]
        track = self._tracks.get(item.track_key or "")
        start = max(item.started_at, self._done)
        if self._open is not None or track is None or item.ends_at - start < SHORTEST:
            return []
        self._open = OpenAiring(track, start, start, CONFIDENCE)
        return [PlayStarted(self.stream.id, track, moment(start), moment(start), CONFIDENCE)]

    def _ended(self, item: Item) -> list[Fact]:
        """What was on air before this item."""
        facts: list[Fact] = []
        if self._open is not None and self._open.started_at < item.started_at:
            facts.append(PlayEnded(self.stream.id, moment(self._open.started_at), moment(self._end(item))))
            self._open = None
        if self._silent is not None and self._silent < item.started_at:
            facts.append(GapEnded(self.stream.id, GapKind.SILENCE, moment(self._silent), moment(item.started_at)))
            self._silent = None
        return facts

    def _end(self, item: Item) -> float:
        """Where the open airing ended: before the item, but no later than its song did."""
        assert self._open is not None  # noqa: S101  # see _ended
        started = self._open.started_at
        song = next((one for one in items(started, started + 0.001) if one.kind is Kind.SONG), None)
        return item.started_at if song is None else min(item.started_at, song.ends_at)

    def _over(self, at: float) -> list[Fact]:
        """All that is open ends."""
        facts: list[Fact] = []
        if self._open is not None:
            facts.append(PlayEnded(self.stream.id, moment(self._open.started_at), moment(at)))
        if self._silent is not None:
            facts.append(GapEnded(self.stream.id, GapKind.SILENCE, moment(self._silent), moment(at)))
        self._open = self._silent = None
        return facts
