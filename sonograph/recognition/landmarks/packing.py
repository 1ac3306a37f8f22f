"""Peaks of a reference as bytes: three for each peak.

A byte of version, then for each peak 24 bits, the lowest byte first: 11 bits of time since the peak before (eighths of
a frame, 2.9 ms) and above them 13 bits of pitch (sixteenths of a bin, 0.67 Hz). A pitch of 0 is no peak: it bridges
silence that is longer than 11 bits can say. Peaks come back in order of time, within half of such a step of where they
were.
"""

import numpy as np
from numpy.typing import NDArray

from sonograph.errors import Invalid
from sonograph.recognition.landmarks.peaks import HIGH, LOW, Peaks

VERSION = 1
TIME_STEPS, PITCH_STEPS = 8, 16  # steps in a frame, in a bin
_TIME_BITS = 11
_LONGEST = (1 << _TIME_BITS) - 1
_PITCH_RANGE = ((LOW - 1) * PITCH_STEPS, (HIGH + 1) * PITCH_STEPS)
MOST_FRAMES = 1 << 21  # of a reference: 13 hours
WORD = 3  # bytes of a peak


def pack(peaks: Peaks) -> bytes:
    """Ranks are not kept: pack what `reference_peaks` has left."""
    times = np.rint(peaks.time * TIME_STEPS).astype(np.int64)
    pitches = np.rint(peaks.pitch.astype(np.float64) * PITCH_STEPS).astype(np.int64)
    if len(times) and not 0 <= times[0] <= times[-1] <= MOST_FRAMES * TIME_STEPS:
        raise Invalid("landmarks: a reference is longer than 13 hours")
    steps = np.diff(times, prepend=0)
    bridges = steps // (_LONGEST + 1)  # usually none
    found = np.full(len(times) + int(bridges.sum()), _LONGEST, np.int64)
    places = np.arange(len(times)) + np.cumsum(bridges)
    found[places] = (steps - bridges * _LONGEST) | pitches << _TIME_BITS
    return bytes([VERSION]) + found.astype("<u4").view(np.uint8).reshape(-1, 4)[:, :WORD].tobytes()


def unpack(packed: bytes) -> Peaks:
    """`Invalid` if it was not `pack` that made the bytes. All ranks are 0."""
    if not packed or packed[0] != VERSION:
        raise Invalid(f"landmarks: must begin with a byte {VERSION}, the version of their format", "landmarks")
    if len(packed) % WORD != 1:
        raise Invalid("landmarks: the last peak is cut off", "landmarks")
    steps, pitches = words(np.frombuffer(packed, np.uint8, offset=1))
    times = np.cumsum(steps)
    real = pitches > 0
    times, pitches = times[real], pitches[real]
    _refuse_impossible(times, pitches)
    return Peaks(times / TIME_STEPS, (pitches / PITCH_STEPS).astype(np.float32), np.zeros(len(times), np.uint8))


def words(packed: NDArray[np.uint8]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Packed peaks without their version, cut anywhere between two: (time since the one before, pitch) in steps."""
    parts = packed.reshape(-1, WORD).astype(np.int64)
    joined = parts[:, 0] | parts[:, 1] << 8 | parts[:, 2] << 16
    return joined & _LONGEST, joined >> _TIME_BITS


def _refuse_impossible(times: NDArray[np.int64], pitches: NDArray[np.int64]) -> None:
    low, high = _PITCH_RANGE
    if ((pitches < low) | (pitches > high)).any() or (len(times) and times[-1] > MOST_FRAMES * TIME_STEPS):
        raise Invalid("landmarks: a peak lies where none can be", "landmarks")
