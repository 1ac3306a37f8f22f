"""Which of a reference's peaks are heard along a line, how exactly the line lies, and where hearing begins and ends."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sonograph.recognition.landmarks.peaks import Peaks

Floats = NDArray[np.float64]

_TIME, _PITCH = 1.5, 0.8  # frames and bins within which peaks are the same
_SLACK = 6.0  # frames by which a line may be wrong before it is straightened
_FAR = 86.0  # frames to each side in which peaks of the same pitch tell what is there by chance: two seconds
_ASSUMED = 0.5  # peaks assumed there beside those that are seen
_LEAST_CHANCE, _MOST_CHANCE = 0.01, 0.7
_SPEEDS = np.arange(-10, 11) * 0.0005  # corrections of the speed that are tried
_WIDTH = 1.0  # frames, standard deviation of a hit along the right line
FEWEST_FITTED = 12  # pairs from which a line is straightened
# What another speed must be better by: pairs on the line, and as a share of them. Of a few seconds many speeds fit.
_BETTER, _BETTER_SHARE = 2.0, 0.06


@dataclass(frozen=True, slots=True)
class Straight:
    """The reference's frame is `offset + speed * the stream's frame`."""

    offset: float
    speed: float

    def at(self, frame: float) -> float:
        return self.offset + self.speed * frame

    def when(self, position: float) -> float:
        """The stream's frame at which the reference's frame is heard."""
        return (position - self.offset) / self.speed


@dataclass(frozen=True, slots=True)
class Trace:
    """The reference's peaks along a line, in order of time."""

    frame: Floats  # of the stream, where each is expected
    heard: NDArray[np.bool_]
    chance: Floats  # that a peak is there though the reference is not


@dataclass(frozen=True, slots=True)
class _Pairs:
    expected: NDArray[np.int64]  # number of the reference's peak
    late: Floats  # frames that it is expected after the query's
    higher: NDArray[np.float32]


def _expected(reference: Peaks, line: Straight, start: float, end: float) -> tuple[Floats, NDArray[np.float32]]:
    first, behind = np.searchsorted(reference.time, (line.at(start), line.at(end)))
    frames = (reference.time[first:behind] - line.offset) / line.speed
    return frames, reference.pitch[first:behind] * np.float32(line.speed)


def _pairs(query: Peaks, start: float, frames: Floats, pitches: NDArray[np.float32], far: float) -> _Pairs:
    """Peaks of the query, whose times count from `start`, at the pitch of an expected one and not far from it."""
    low = np.searchsorted(query.time, frames - start - far)
    size = np.searchsorted(query.time, frames - start + far, "right") - low
    expected = np.repeat(np.arange(len(frames)), size)
    found = np.arange(len(expected)) - np.repeat(np.cumsum(size) - size - low, size)
    higher = pitches[expected] - query.pitch[found]
    near = np.abs(higher) <= _PITCH
    expected, found = expected[near], found[near]
    return _Pairs(expected, frames[expected] - start - query.time[found], higher[near])


def straightened(query: Peaks, start: float, end: float, reference: Peaks, line: Straight) -> Straight:
    """The line on which most peaks lie, near the one given: its speed to 0.05 %, its place to a few milliseconds."""
    frames, pitches = _expected(reference, line, start, end)
    pairs = _pairs(query, start, frames, pitches, _SLACK)
    if len(pairs.expected) < FEWEST_FITTED:
        return line
    middle = (start + end) / 2
    away = frames[pairs.expected] - middle
    steps = np.arange(-_SLACK, _SLACK + 0.25, 0.5)
    # At (1 + correction) times the speed, what comes behind the middle is expected earlier
    late = pairs.late - _SPEEDS[:, np.newaxis] * away
    density = np.exp(-0.5 * ((late[..., np.newaxis] - steps) / _WIDTH) ** 2).sum(axis=1)
    density[_SPEEDS != 0.0] -= _BETTER + _BETTER_SHARE * float(density[_SPEEDS == 0.0].max())
    at, of = np.unravel_index(int(np.argmax(density)), density.shape)
    factor, slip = float(_SPEEDS[at]), float(steps[of])
    late = pairs.late - factor * away
    near = late[np.abs(late - slip) <= _TIME]
    if len(near):
        slip = float(near.mean())
    # What is expected `late` frames after it is heard stands that much later in the reference
    speed = line.speed * (1 + factor)
    return Straight(line.at(middle) + slip * line.speed - speed * middle, speed)


def traced(query: Peaks, start: float, end: float, reference: Peaks, line: Straight) -> Trace:
    """The reference's peaks between two frames of the stream. The query's times count from `start`."""
    frames, pitches = _expected(reference, line, start, end)
    pairs = _pairs(query, start, frames, pitches, _FAR)
    near = np.abs(pairs.late) <= _TIME
    heard = np.zeros(len(frames), np.bool_)
    heard[pairs.expected[near]] = True
    others = np.bincount(pairs.expected[np.abs(pairs.late) > 4 * _TIME], minlength=len(frames)) + _ASSUMED
    span = np.minimum(frames + _FAR, end) - np.maximum(frames - _FAR, start) - 8 * _TIME
    chance = 1 - np.exp(-others * 2 * _TIME / np.maximum(span, 4 * _TIME))
    return Trace(frames, heard, np.clip(chance, _LEAST_CHANCE, _MOST_CHANCE))


def unexplained(query: Peaks, start: float, end: float, reference: Peaks, line: Straight) -> Peaks:
    """The query's peaks that are not the reference's. Its times count from `start`."""
    frames, pitches = _expected(reference, line, start, end)
    left = np.ones(len(query), np.bool_)
    low = np.searchsorted(query.time, frames - start - _TIME)
    size = np.searchsorted(query.time, frames - start + _TIME, "right") - low
    expected = np.repeat(np.arange(len(frames)), size)
    found = np.arange(len(expected)) - np.repeat(np.cumsum(size) - size - low, size)
    left[found[np.abs(pitches[expected] - query.pitch[found]) <= _PITCH]] = False
    return query.those(left)
