"""From the sound of one stream to its airings: hearing in a thread, tracks from the database, what titles teach."""

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sonograph.errors import SonographError
from sonograph.monitoring.calibration import Calibration, Learnt
from sonograph.monitoring.facts import NOTHING, moment
from sonograph.monitoring.hearing.airing import Airing, Change, Ended, OpenAiring
from sonograph.monitoring.hearing.airings import Airings
from sonograph.monitoring.hearing.hearing import Hearing
from sonograph.monitoring.hearing.tuning import Tuning, tuning_of
from sonograph.monitoring.hearing.window import Window
from sonograph.monitoring.lanes import Lane
from sonograph.monitoring.stream import Stream
from sonograph.monitoring.tracks import Tracks
from sonograph.postgres.trouble import TROUBLE

BREAK_SECONDS = 1.0  # between where sound should go on and where it does: what was heard before is no use
FILL_SECONDS = 10.0  # of sound, before a window tells as much as any
ASK_SECONDS = 0.3  # that a block of sound waits for the database
LEARN_STEP = 0.25  # nats: a smaller difference changes nothing
WAITING = 200  # windows that wait until the database says which tracks they are: ten minutes
_TROUBLE = (SonographError, *TROUBLE)

_log = logging.getLogger(__name__)


class Ears:
    """Of one stream. One call at a time."""

    def __init__(self, stream: Stream, lane: Lane, tracks: Tracks, resume: OpenAiring | None) -> None:
        self.calibration = Calibration.restored(stream.tuning)
        self._lane, self._tracks, self._test = lane, tracks, stream.test
        self._format, self._mode = stream.format, stream.detection_mode
        self._shift = self._learnt_shift()
        self._tuning = self._tuned()
        self._resume = resume  # until it is heard again, or over
        self._airings: Airings | None = None  # until the first sound
        self._open: dict[float, Airing] = {}  # by their start; the resumed one from when it is heard again
        self._asking: asyncio.Task[dict[int, int] | None] | None = None  # of the window that waits longest
        self._late: list[Change] = []  # to be said with the next sound
        self._hearing: Hearing | None = None
        self._waiting: deque[Window] = deque(maxlen=WAITING)
        self._titled = self._troubled = self._deaf = False
        self._on_air: datetime | None = None

    @property
    def on_air(self) -> datetime | None:
        """Start of the play that is heard just now, or NOTHING; None until there is anything to say.

        A play stays open for as long as its track may go on: for much longer than it may be said to be on air.
        """
        return self._on_air

    def lost(self) -> None:
        """There is trouble: nothing is said to be on air until it is heard again."""
        self._on_air = NOTHING

    def title(self, at: float, text: str) -> None:
        """The station says so."""
        self.calibration.note_title(at, text)
        self._titled = True

    def interrupted(self) -> None:
        """What comes next need not continue what came."""
        self._hearing = None

    def want(self, stream: Stream) -> None:
        """Listen as its owner wants it now, without an end to what is on air."""
        if (stream.format, stream.detection_mode) != (self._format, self._mode):
            self._format, self._mode = stream.format, stream.detection_mode
            self._retune()

    async def hear(self, at: float, pcm: NDArray[np.int16]) -> list[Change]:
        """What sound changes, that was on air from `at` on."""
        hearing, tuning = self._hearing, self._tuning
        try:
            hearing, windows = await self._lane.run(lambda: _fed(self._lane, hearing, tuning, at, pcm, test=self._test))
        except SonographError as error:  # the index is being made, or cannot be read
            if not self._deaf:
                _log.warning("nothing is recognised for now: %s", error)
            self._deaf, self._hearing = True, None
            self.lost()
            return []
        self._deaf = False
        if self._tuning is tuning:
            self._hearing = hearing
        self._begun(at)
        self._waiting.extend(windows)
        changes, self._late = self._late, []
        while self._waiting and (tracks := await self._known(self._waiting[0])) is not None:
            window = self._waiting.popleft()
            airings = self._begun(at)  # asking may have taken long enough for a new wish
            changes += self._noted(airings.add(window, tracks))
            self._on_air = NOTHING if airings.now is None else moment(airings.now.started_at)
            if self._titled:
                await self._compare(window, tracks)
        if windows and not self._open and abs(self._learnt_shift() - self._shift) >= LEARN_STEP:
            self._shift = self._learnt_shift()
            self._retune()
        return changes

    def finish(self, at: float) -> Sequence[Change]:
        """The stream is out for long, or is another one now: what is on air is over."""
        changes, self._late = self._late, []
        changes += self._noted((self._airings or Airings(self._tuning, self._resume)).finish(at))
        self._airings, self._hearing = None, None
        self.lost()
        self._waiting.clear()
        if self._asking is not None:
            self._asking.cancel()
            self._asking = None
        return changes

    def _begun(self, at: float) -> Airings:
        """What is resumed is taken to be on air until it can be heard: who took the stream over was not quicker."""
        if self._airings is None:
            resume = self._resume
            if resume is not None:
                resume = replace(resume, heard_until=max(at + FILL_SECONDS, resume.heard_until))
            self._airings = Airings(self._tuning, resume)
        return self._airings

    async def _known(self, window: Window) -> dict[int, int] | None:
        """The tracks in a window; None where the database does not say at once.

        Sound must not wait for it: it would come late, and what is late does not go on where it ended.
        """
        if self._asking is None:
            self._asking = asyncio.create_task(self._tracks_in(window))
        done, _ = await asyncio.wait([self._asking], timeout=ASK_SECONDS)
        if not done:
            return None
        asked, self._asking = self._asking, None
        return asked.result()

    async def _tracks_in(self, window: Window) -> dict[int, int] | None:
        """None while the database does not say."""
        try:
            tracks = await self._tracks.of({one.reference for one in window.heard}, test=self._test)
        except _TROUBLE as error:
            if not self._troubled:
                _log.warning("which tracks are heard is not known for now: %s", error)
            self._troubled = True
            return None
        self._troubled = False
        return tracks

    async def _compare(self, window: Window, tracks: dict[int, int]) -> None:
        heard = [(tracks[one.reference], one.confidence) for one in window.heard if one.reference in tracks]
        try:
            async with asyncio.timeout(ASK_SECONDS):
                names = await self._tracks.names({track for track, _ in heard}, test=self._test)
        except _TROUBLE:
            return  # what is learnt is learnt slowly
        self.calibration.note_window(window.start, window.end, heard, names)

    def _noted(self, changes: Sequence[Change]) -> list[Change]:
        noted: list[Change] = []
        for change in changes:
            start, resume = change.airing.started_at, self._resume
            if resume is not None and start == resume.started_at:
                self._resume = None
                if isinstance(change, Ended):  # it was not heard again
                    until = resume.heard_until
                    noted.append(Ended(replace(change.airing, heard_until=until, ended_at=until)))
                    continue
            if isinstance(change, Ended):
                self._open.pop(start, None)
            else:
                self._open[start] = change.airing
            noted.append(change)
        return noted

    def _retune(self) -> None:
        self._tuning, self._hearing = self._tuned(), None
        if self._airings is not None:
            airings = sorted(self._open.values(), key=lambda one: one.heard_until)
            self._airings = Airings(self._tuning, airings[-1].open() if airings else self._resume)
            self._late += self._noted([Ended(replace(one, ended_at=one.heard_until)) for one in airings[:-1]])

    def _tuned(self) -> Tuning:
        return tuning_of(self._format, self._mode, Learnt(shift=self._shift) if self._shift else None)

    def _learnt_shift(self) -> float:
        learnt: Any = self.calibration.learnt
        return 0.0 if learnt is None else float(learnt.shift)


def _fed(  # noqa: PLR0913  # in the lane's thread: all that it touches is given
    lane: Lane, hearing: Hearing | None, tuning: Tuning, at: float, pcm: NDArray[np.int16], *, test: bool
) -> tuple[Hearing, list[Window]]:
    matcher = lane.matcher(test=test)
    if hearing is None or abs(at - hearing.now) > BREAK_SECONDS:
        hearing = Hearing(matcher, tuning, at)
    return hearing, hearing.feed(pcm)
