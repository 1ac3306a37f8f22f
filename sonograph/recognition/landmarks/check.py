"""How likely it is that a query is a recording: all their peaks compared, at places that were proposed.

A peak of the reference is found if the query has peaks near its time and pitch: the nearer, the likelier they are the
same. How many are there by chance is read from the query itself, from the peaks it has at that pitch at other times.
The score is evidence in nats: the logarithm of how much likelier the query's peaks are if it is the recording than by
chance, less the price of having looked at many places.

Many places are compared at once, because numpy takes as long for one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sonograph.recognition.landmarks.peaks import Peaks

CHECK_DENSITY = 60  # peaks of the query a second
FEWEST = 12  # peaks of the reference: fewer say nothing

_SAME_TIME, _SAME_PITCH = 1.0, 0.8  # frames and bins within which peaks count as hits
_NEAR_TIME, _NEAR_PITCH = 6.0, 1.2  # within which they may be the same at all
_SPAN = 3.0  # frames by which a proposal may be wrong
_FAR = 64.0  # frames up to which peaks of the same pitch, not near, are there by chance
_ASSUMED = 0.35  # peaks that are assumed at every pitch, beside those that are seen
_CAUTION = 2.0  # times what was seen: peaks come in chords and beats, so chance is not quite chance
# What makes a recording likeliest is taken of these: the share of its peaks that is heard again, and the standard
# deviations of their times and pitches. Echoes of a room move peaks in time: with hits alone, a tenth of the clips of a
# room's microphone had less than 9 nats at the right place, and the best of 5,500 wrong places 3.2; so 36, and 7.
_SHARES = (0.1, 0.2, 0.35, 0.6)
_DEVIATIONS = ((0.5, 0.3), (1.0, 0.3), (2.5, 0.35))  # frames, bins
# What the best of all that is tried may reach by chance: the logarithm of 120 places, 12 pairs of the above, and two
# slips. 138 clips looked for in 165 tracks: the likeliest of the wrong ones had 1.3 nats more than that.
_PRICE = 8.0
_REFINED = (1.0, 0.995, 1.005, 0.99, 1.01)
_SPAN_REFINED = 5.0


@dataclass(frozen=True, slots=True)
class Place:
    """A guess: the query's time 0 is at `offset` in the reference, and time there runs `speed` times as fast."""

    reference: Peaks  # those where the query may be at least; the times are those of the whole reference
    offset: float  # frames
    speed: float


@dataclass(frozen=True, slots=True)
class Checked:
    score: float  # nats; 0 if it is none
    hits: int  # peaks of the reference that were found
    peaks: int  # of so many
    offset: float  # where the query's time 0 really is
    speed: float


def check(query: Peaks, places: Sequence[Place], span: float = _SPAN) -> list[Checked]:
    """What speaks for each place. The query has the `CHECK_DENSITY` densest of its peaks."""
    if not places or not len(query):
        return [Checked(0.0, 0, 0, place.offset, place.speed) for place in places]
    expected = _Expected.of(query, places)
    pairs = _Pairs.of(query, expected)
    slip, some = _slips(pairs, len(places), span)
    counts = np.bincount(expected.place, minlength=len(places))
    found = np.zeros(len(expected.place), bool)
    same = (np.abs(pairs.late - slip[pairs.place]) <= _SAME_TIME) & (np.abs(pairs.higher) <= _SAME_PITCH)
    found[pairs.peak[same]] = True
    hits = np.bincount(expected.place[found], minlength=len(places))
    evidence = _evidence(expected, pairs, slip)
    best = np.where(some & (counts >= FEWEST), np.maximum(evidence - _PRICE, 0.0), 0.0)
    rows = zip(places, best.tolist(), hits.tolist(), counts.tolist(), slip.tolist(), strict=True)
    return [
        Checked(score, hit, count, place.offset + late * place.speed, place.speed)
        for place, score, hit, count, late in rows
    ]


def _evidence(expected: "_Expected", pairs: "_Pairs", slip: NDArray[np.float64]) -> NDArray[np.float64]:
    """For each place, in nats."""
    others = np.bincount(pairs.peak[np.abs(pairs.late) > _NEAR_TIME], minlength=len(expected.place)) + _ASSUMED
    area = 2 * (_FAR - _NEAR_TIME) * 2 * _NEAR_PITCH  # frames times bins
    chance = others * (_CAUTION / area)
    late = pairs.late - slip[pairs.place]
    near = np.abs(late) < _NEAR_TIME
    peak, late, higher = pairs.peak[near], late[near], pairs.higher[near]
    best = np.zeros(len(slip))
    for in_time, in_pitch in _DEVIATIONS:
        density = np.exp(-0.5 * ((late / in_time) ** 2 + (higher / in_pitch) ** 2)) / (2 * np.pi * in_time * in_pitch)
        ratio = np.bincount(peak, density, minlength=len(chance)) / chance
        for share in _SHARES:
            np.maximum(best, np.bincount(expected.place, np.log1p(share * (ratio - 1)), minlength=len(slip)), out=best)
    return best


def refined(query: Peaks, places: Sequence[Place]) -> list[Checked]:
    """Each place at the best of a few speeds around its own."""
    tried = [Place(place.reference, place.offset, place.speed * factor) for place in places for factor in _REFINED]
    found = check(query, tried, _SPAN_REFINED)
    each = len(_REFINED)
    return [max(found[at : at + each], key=lambda one: one.score) for at in range(0, len(found), each)]


@dataclass(frozen=True, slots=True)
class _Expected:
    """Peaks of the references, where they are in the query if the places are right."""

    time: NDArray[np.float64]
    pitch: NDArray[np.float32]
    place: NDArray[np.int64]  # number of the place

    @classmethod
    def of(cls, query: Peaks, places: Sequence[Place]) -> "_Expected":
        times, pitches = [], []
        for place in places:
            end = place.offset + float(query.time[-1]) * place.speed
            first, behind = np.searchsorted(place.reference.time, (place.offset - 2, end + 2))
            times.append((place.reference.time[first:behind] - place.offset) / place.speed)
            pitches.append(place.reference.pitch[first:behind] * np.float32(place.speed))
        numbers = np.repeat(np.arange(len(places)), [len(time) for time in times])
        return cls(np.concatenate(times), np.concatenate(pitches), numbers)


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Peaks of references, and of the query at the same pitch within `_FAR` frames."""

    peak: NDArray[np.int64]  # number of the expected peak
    place: NDArray[np.int64]
    late: NDArray[np.float64]  # frames that the expected peak is after the query's
    higher: NDArray[np.float32]  # bins that it is above it

    @classmethod
    def of(cls, query: Peaks, expected: _Expected) -> "_Pairs":
        order = np.argsort(query.pitch, kind="stable")
        pitch = query.pitch[order]
        first = np.searchsorted(pitch, expected.pitch - np.float32(_NEAR_PITCH))
        number = np.searchsorted(pitch, expected.pitch + np.float32(_NEAR_PITCH)) - first
        peak = np.repeat(np.arange(len(number)), number)
        found = order[np.repeat(first - np.cumsum(number) + number, number) + np.arange(len(peak))]
        late = expected.time[peak] - query.time[found]
        near = np.abs(late) <= _FAR
        peak, found = peak[near], found[near]
        return cls(peak, expected.place[peak], late[near], expected.pitch[peak] - query.pitch[found])


def _slips(pairs: _Pairs, places: int, span: float) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """By how many frames each place is wrong: where most pairs agree. And whether there are any pairs."""
    near = np.abs(pairs.late) <= span
    of = pairs.place[near]
    apart = 4 * (span + 1)  # so that no window reaches into the next place
    line = of * apart + pairs.late[near]
    line.sort()
    width = np.searchsorted(line, line + 2 * _SAME_TIME) - np.arange(len(line))
    bounds = np.searchsorted(line, (np.arange(places + 1) - 0.5) * apart)
    some = bounds[1:] > bounds[:-1]
    slip = np.zeros(places)
    if not some.any():
        return slip, some
    widest = np.maximum.reduceat(width, bounds[:-1][some])
    best = np.flatnonzero(width == np.repeat(widest, np.diff(bounds)[some]))
    owner = np.searchsorted(bounds, best, "right") - 1
    first = best[np.searchsorted(owner, np.flatnonzero(some))]
    middle = (line[first + (widest - 1) // 2] + line[first + widest // 2]) / 2
    slip[some] = middle - np.flatnonzero(some) * apart
    return slip, some
