"""Keys to look up: three peaks each, an anchor and two later ones.

A key holds the pitch of the anchor, coarsely, and how far in pitch and time the others are from it: 31 bits, so that
among a hundred thousand tracks few keys are equal by chance. (Two peaks make 22 bits: these drown in chance beyond
20,000 tracks.)

At another speed all times and pitches of a recording are scaled, each by what is inverse to the other. So peaks are
found once, and keys are made for each speed of a grid.
"""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from sonograph.recognition.landmarks.peaks import Peaks

Keys: TypeAlias = NDArray[np.uint32]
Triplets: TypeAlias = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]

VERSION = 1  # of all that makes keys of a reference's peaks: an index with other keys is to be built anew
REFERENCE_FAN = 3  # later peaks an anchor is joined with: three pairs of them, 33 keys a second
QUERY_DENSITY, QUERY_FAN = 30, 12  # 30 peaks a second, and 66 pairs: many, because noise hides or moves some
# For what was not found so: more, but at no other speed, where they would cost as much again
DENSER_DENSITY, DENSER_FAN = 40, 14
SPEEDS = (1.0, 0.98, 1.02, 0.96, 1.04)

_NEAREST, _FARTHEST = 2.0, 62.0  # frames from the anchor
_WIDEST = 63.0  # bins from the anchor
_TIME_STEP = 1.5  # frames
_TIMES = 43
_PITCHES = 127  # from -63 to 63 bins
_MOST_LATER = 200  # peaks after the anchor that are looked at: in noise, more than that do not lie in 62 frames
_ODD = np.uint32(2654435761)  # 2^32 / golden ratio: multiplied by it, similar keys spread over a table


def triplets(peaks: Peaks, fan: int) -> Triplets:
    """Places of the anchors, and of the lower and the higher of the two others.

    An anchor is joined with the first `fan` peaks that come later and are neither too near nor too far, two at a time.
    """
    count = len(peaks)
    later = np.full((count, fan), -1, np.int64)
    known = np.zeros(count, np.int64)
    for step in range(1, min(_MOST_LATER, count)):
        apart = peaks.time[step:] - peaks.time[:-step]
        if apart.min() > _FARTHEST:
            break
        near = (apart >= _NEAREST) & (apart <= _FARTHEST)
        near &= np.abs(peaks.pitch[step:] - peaks.pitch[:-step]) <= _WIDEST
        anchors = np.flatnonzero(near & (known[:-step] < fan))
        later[anchors, known[anchors]] = anchors + step
        known[anchors] += 1
    one, other = np.triu_indices(fan, 1)
    anchor, pair = np.nonzero(later[:, other] >= 0)
    lower, higher = later[anchor, one[pair]], later[anchor, other[pair]]
    swapped = peaks.pitch[lower] > peaks.pitch[higher]
    return anchor, np.where(swapped, higher, lower), np.where(swapped, lower, higher)


def keys(peaks: Peaks, of: Triplets, speed: float = 1.0) -> Keys:
    """A key for each triplet, as the reference has it if the peaks stem from it played at `speed`."""
    time = peaks.time * speed
    pitch = peaks.pitch * np.float32(1 / speed)
    anchor, lower, higher = of
    # 94 steps, of a semitone and more at the top and of a bin below
    steps = np.clip(40 * np.log1p(pitch / 40), 0, 93).astype(np.uint32)
    mixed = steps[anchor]  # and what is added stays below 2^32
    for other in (lower, higher):
        apart = np.clip(pitch[other] - pitch[anchor] + 64.5, 1, _PITCHES).astype(np.uint32) - np.uint32(1)
        mixed = mixed * np.uint32(_PITCHES) + apart
    for other in (lower, higher):
        apart = np.clip((time[other] - time[anchor]) / _TIME_STEP + 0.5, 0, _TIMES - 1).astype(np.uint32)
        mixed = mixed * np.uint32(_TIMES) + apart
    spread: Keys = mixed * _ODD
    return spread


def reference_keys(peaks: Peaks) -> tuple[Keys, NDArray[np.float64]]:
    """What an index stores of a reference: keys, and the times of their anchors in frames."""
    found = triplets(peaks, REFERENCE_FAN)
    return keys(peaks, found), peaks.time[found[0]]


def query_keys(
    peaks: Peaks, speeds: tuple[float, ...] = SPEEDS, density: int = QUERY_DENSITY, fan: int = QUERY_FAN
) -> list[tuple[float, Keys, NDArray[np.int64]]]:
    """For each speed: keys, and the place of their anchor among `peaks.densest(density)`."""
    dense = peaks.densest(density)
    found = triplets(dense, fan)
    return [(speed, keys(dense, found, speed), found[0]) for speed in speeds]
