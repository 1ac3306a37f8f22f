"""Peaks of the spectrogram: the places in time and pitch that are louder than all around them.

Noise, voices and equalisers change how loud music is; where its peaks are, they change least. After A. Wang, "An
Industrial-Strength Audio Search Algorithm" (2003); times and pitches are interpolated between frames and bins. `finder`
finds them, and loads scipy for it: whoever only stores peaks does not.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from sonograph.recognition.audio.pcm import FINGERPRINT

RATE = FINGERPRINT.rate
FRAME, HOP = 1024, 256  # samples: a frame of time is 23.2 ms, a bin of pitch 10.77 Hz
LOW, HIGH = 8, 372  # bins that are looked at: 86 to 4,000 Hz
FRAMES_PER_SECOND = RATE / HOP
REFERENCE_DENSITY = 12  # peaks a second that are stored of a reference
HIDDEN = 255  # the standing of a peak that is not prominent


@dataclass(frozen=True, slots=True)
class Peaks:
    """Peaks in order of time.

    Rank tells how many louder ones there are within half a second: 0 is the loudest. Standing tells the same among the
    prominent ones; it is `HIDDEN` for those that are not, and None for peaks that were stored.
    """

    time: NDArray[np.float64]  # frames since the first sample
    pitch: NDArray[np.float32]  # bins
    rank: NDArray[np.uint8]
    standing: NDArray[np.uint8] | None = None

    def __len__(self) -> int:
        return len(self.time)

    @classmethod
    def none(cls) -> Self:
        return cls(np.zeros(0), np.zeros(0, np.float32), np.zeros(0, np.uint8))

    @classmethod
    def joined(cls, parts: Iterable["Peaks"]) -> Self:
        """One after another, as a `PeakFinder` gave them."""
        found = [part for part in parts if len(part)]
        if not found:
            return cls.none()
        standings = [part.standing for part in found if part.standing is not None]
        return cls(
            np.concatenate([part.time for part in found]),
            np.concatenate([part.pitch for part in found]),
            np.concatenate([part.rank for part in found]),
            np.concatenate(standings) if len(standings) == len(found) else None,
        )

    def densest(self, per_second: int) -> "Peaks":
        """Only those among the loudest so many within a second."""
        return self.those(self.rank < per_second)

    def between(self, start: float, end: float) -> "Peaks":
        """Those from frame `start` up to, not including, frame `end`, their times counted from `start`."""
        first, behind = np.searchsorted(self.time, (start, end))
        those = self.those(slice(int(first), int(behind)))
        return Peaks(those.time - start, those.pitch, those.rank, those.standing)

    def those(self, chosen: NDArray[np.bool_] | slice) -> "Peaks":
        standing = None if self.standing is None else self.standing[chosen]
        return Peaks(self.time[chosen], self.pitch[chosen], self.rank[chosen], standing)


def reference_peaks(peaks: Peaks) -> Peaks:
    """What is stored of a reference: few, and the loudest, because they are the likeliest to be heard again."""
    chosen = peaks.rank if peaks.standing is None else peaks.standing
    return peaks.those(chosen < REFERENCE_DENSITY)
