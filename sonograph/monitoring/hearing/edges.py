"""When a recording began and ended: the likeliest of a hard cut and fades of several lengths, anywhere.

Along a line some peaks of the reference are heard and some are not. Before a recording begins they are heard by chance
alone; while it fades in, more and more often; then as often as the rest tells. An end is a beginning backwards.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from sonograph.monitoring.hearing.tracing import Floats, Trace
from sonograph.recognition.landmarks.peaks import FRAMES_PER_SECOND

_FADES = (2.0, 4.0, 6.0, 9.0, 13.0)  # seconds
_STEP = 0.5  # seconds between places at which a fade is tried
_AROUND = (25.0, 6.0)  # seconds outside and inside of the rough edge in which the exact one is looked for
# Nats that speak for the recording's own beginning or end before anything is heard: that is where most airings begin.
# Much speaks against the right beginning where another song or a voice hides it, so it is let off more; but only if it
# lies near where the recording is heard.
_OWN_START, _OWN_END = 20.0, 6.0
_NEAR = 12.0  # seconds
_FADE = 1.0  # nats against a fade elsewhere: more of them are tried, so more of them fit by chance
_SHARE = (0.12, 0.95)  # of peaks that are heard
_SURE = 15.0  # seconds along the line that tell how many are
_FEWEST = 24  # peaks that tell it, at least
_ROUGH = (0.2, 0.4)  # shares by which the rough edge is found
_GAP = 2.0  # frames before the first peak at which a hard cut is, at most


def start_of(trace: Trace, own: float) -> float:
    """The frame at which it began; `own` is where the reference's first frame lies."""
    return _edge(_Peaks(trace.frame, trace.heard, trace.chance), own, _OWN_START)


def end_of(trace: Trace, own: float) -> float:
    """The frame at which it ended; `own` is where the reference's last frame lies."""
    return -_edge(_Peaks(-trace.frame[::-1], trace.heard[::-1], trace.chance[::-1]), -own, _OWN_END)


@dataclass(frozen=True, slots=True)
class _Peaks:
    frame: Floats
    heard: NDArray[np.bool_]
    chance: Floats

    def part(self, first: int, behind: int) -> Self:
        return type(self)(self.frame[first:behind], self.heard[first:behind], self.chance[first:behind])

    def place(self, frame: float) -> int:
        return int(np.searchsorted(self.frame, frame))

    def share(self) -> float:
        """How many are heard beside those by chance."""
        return float(np.clip(((self.heard - self.chance) / (1 - self.chance)).mean(), *_SHARE))

    def behind(self, share: float) -> Floats:
        """What speaks for that share being heard from each peak on, and not before."""
        gains = np.where(self.heard, np.log1p(share * (1 / self.chance - 1)), np.log1p(-share))
        return np.concatenate((np.cumsum(gains[::-1])[::-1], [0.0]))

    def faded(self, places: Floats, share: float) -> Floats:
        """What speaks for a fade that begins at each of the places, by the length of the fade that fits best."""
        best = np.full(len(places), -np.inf)
        odds = 1 / self.chance - 1
        apart = (self.frame - places[:, np.newaxis]) / FRAMES_PER_SECOND
        for fade in _FADES:
            shares = np.clip(apart * (share / fade), 0.0, share)
            np.maximum(best, np.log1p(np.where(self.heard, shares * odds, -shares)).sum(axis=1), out=best)
        return best


def _edge(peaks: _Peaks, own: float, prior: float) -> float:
    if not len(peaks.frame):
        return own
    rough = int(np.argmax(np.maximum.reduce([peaks.behind(share) for share in _ROUGH])))
    if rough == len(peaks.frame):
        return float(peaks.frame[-1])
    at = float(peaks.frame[rough])
    share = peaks.part(rough, max(rough + _FEWEST, peaks.place(at + _SURE * FRAMES_PER_SECOND))).share()
    low, high = (peaks.place(at + seconds * FRAMES_PER_SECOND) for seconds in (-_AROUND[0], _AROUND[1]))
    peaks = peaks.part(low, high)
    behind = peaks.behind(share)
    hard = int(np.argmax(behind))
    gain, place = _best_fade(peaks, own, share)
    if peaks.frame[-1] >= own >= at - _NEAR * FRAMES_PER_SECOND:
        ours = max(float(behind[peaks.place(own)]), float(peaks.faded(np.array([own]), share)[0])) + prior
        if ours >= max(gain, float(behind[hard])):
            return own
    return place if gain > behind[hard] else _before(peaks.frame, hard)


def _best_fade(peaks: _Peaks, own: float, share: float) -> tuple[float, float]:
    """What speaks for it, and where it begins."""
    places = np.arange(max(own, peaks.frame[0]), peaks.frame[-1], _STEP * FRAMES_PER_SECOND)
    if not len(places):
        return -np.inf, own
    gains = peaks.faded(places, share)
    best = int(np.argmax(gains))
    return float(gains[best]) - _FADE, float(places[best])


def _before(frame: Floats, at: int) -> float:
    """Shortly before a peak: half way to the one before, if that is near."""
    if at in {0, len(frame)}:
        return float(frame[min(at, len(frame) - 1)])
    return float(frame[at] - min((frame[at] - frame[at - 1]) / 2, _GAP))
