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
_TIMES, _PITCHES = 8, 16  # steps in a frame, in a bin
_TIME_BITS = 11
_LONGEST = (1 << _TIME_BITS) - 1
_PITCH_RANGE = ((LOW - 1) * _PITCHES, (HIGH + 1) * _PITCHES)
MOST_FRAMES = 1 << 21  # of a reference: 13 hours
_BYTES = 3


def pack(peaks: Peaks) -> bytes:
    """Ranks are not kept: pack what `reference_peaks` has left."""
    times = np.rint(peaks.time * _TIMES).astype(np.int64)
    pitches = np.rint(peaks.pitch.astype(np.float64) * _PITCHES).astype(np.int64)
    if len(times) and not 0 <= times[0] <= times[-1] <= MOST_FRAMES * _TIMES:
        raise Invalid("landmarks: a reference is longer than 13 hours")
    steps = np.diff(times, prepend=0)
    bridges = steps // (_LONGEST + 1)  # usually none
    words = np.full(len(times) + int(bridges.sum()), _LONGEST, np.int64)
    places = np.arange(len(times)) + np.cumsum(bridges)
    words[places] = (steps - bridges * _LONGEST) | pitches << _TIME_BITS
    return bytes([VERSION]) + words.astype("<u4").view(np.uint8).reshape(-1, 4)[:, :_BYTES].tobytes()


def unpack(packed: bytes) -> Peaks:
    """`Invalid` if it was not `pack` that made the bytes. All ranks are 0."""
    if not packed or packed[0] != VERSION:
        raise Invalid(f"landmarks: must begin with a byte {VERSION}, the version of their format", "landmarks")
    if len(packed) % _BYTES != 1:
        raise Invalid("landmarks: the last peak is cut off", "landmarks")
    parts = np.frombuffer(packed, np.uint8, offset=1).reshape(-1, _BYTES).astype(np.int64)
    words = parts[:, 0] | parts[:, 1] << 8 | parts[:, 2] << 16
    times = np.cumsum(words & _LONGEST)
    pitches = words >> _TIME_BITS
    real = pitches > 0
    times, pitches = times[real], pitches[real]
    _refuse_impossible(times, pitches)
    return Peaks(times / _TIMES, (pitches / _PITCHES).astype(np.float32), np.zeros(len(times), np.uint8))


def _refuse_impossible(times: NDArray[np.int64], pitches: NDArray[np.int64]) -> None:
    low, high = _PITCH_RANGE
    if ((pitches < low) | (pitches > high)).any() or (len(times) and times[-1] > MOST_FRAMES * _TIMES):
        raise Invalid("landmarks: a peak lies where none can be", "landmarks")
