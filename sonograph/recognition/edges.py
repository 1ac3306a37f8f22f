"""Which of a reference's peaks are heard in a clip, and from when to when."""

from dataclasses import dataclass
from math import log

import numpy as np
from numpy.typing import NDArray

from sonograph.recognition.landmarks.check import CHECK_DENSITY
from sonograph.recognition.landmarks.peaks import FRAMES_PER_SECOND, Peaks
from sonograph.recognition.lines import Line
from sonograph.recognition.windows import best_run

_TIME, _PITCH = 2.0, 0.9  # frames and bins within which peaks are the same: a line is not straight to the frame
# How likely a peak of the reference is heard where the recording plays, and by chance elsewhere
_HEARD, _CHANCE = 0.25, 0.03
_FOUND, _MISSED = log(_HEARD / _CHANCE), log((1 - _HEARD) / (1 - _CHANCE))
SNAP = 1.5  # seconds from the beginning or end of reference or clip within which an edge is that


@dataclass(frozen=True, slots=True)
class Traced:
    """The reference's peaks along a line: where they are in the clip, and whether they are heard."""

    seconds: NDArray[np.float64]  # of the clip
    pitch: NDArray[np.float32]  # bins, of the clip
    heard: NDArray[np.bool_]


def traced(peaks: Peaks, reference: Peaks, line: Line, clip_seconds: float) -> Traced:
    """All peaks of the reference that fall into the clip."""
    times = (reference.time / FRAMES_PER_SECOND - line.offset) / line.speed
    first, behind = np.searchsorted(times, (0.0, clip_seconds))
    seconds, pitch = times[first:behind], reference.pitch[first:behind] * np.float32(line.speed)
    dense = peaks.densest(CHECK_DENSITY)
    frames = seconds * FRAMES_PER_SECOND
    low = np.searchsorted(dense.time, frames - _TIME)
    high = np.searchsorted(dense.time, frames + _TIME, "right")
    expected = np.repeat(np.arange(len(frames)), high - low)
    found = np.arange(len(expected)) - np.repeat(np.cumsum(high - low) - (high - low), high - low) + low[expected]
    near = np.abs(dense.pitch[found] - pitch[expected]) <= _PITCH
    heard = np.zeros(len(frames), np.bool_)
    heard[expected[near]] = True
    return Traced(seconds, pitch, heard)


def edges(along: Traced, start: float, end: float) -> tuple[float, float]:
    """From when to when the reference is heard, somewhere in the seconds from `start` to `end` of the clip."""
    first, behind = np.searchsorted(along.seconds, (start, end))
    seconds, heard = along.seconds[first:behind], along.heard[first:behind]
    begin, stop, gain = best_run(np.where(heard, _FOUND, _MISSED))
    if gain <= 0.0:
        return start, end
    return float(seconds[begin]), float(seconds[stop - 1])


def snapped(start: float, end: float, line: Line, clip_seconds: float, reference_seconds: float) -> tuple[float, float]:
    """Edges moved to where clip or reference begin and end, if they are near that."""
    earliest = max(0.0, -line.offset / line.speed)
    latest = min(clip_seconds, (reference_seconds - line.offset) / line.speed)
    return (
        earliest if start - earliest < SNAP else start,
        latest if latest - end < SNAP else end,
    )
