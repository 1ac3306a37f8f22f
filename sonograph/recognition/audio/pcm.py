"""The forms in which decoded audio is asked for. Always mono."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Samples: TypeAlias = NDArray[np.int16 | np.float32]


@dataclass(frozen=True, slots=True)
class Form:
    """Sample rate in Hz, sample type, and options of libswresample."""

    rate: int
    sample: Literal["s16", "flt"] = "s16"
    resampler: Mapping[str, str] = field(default_factory=dict)

    @property
    def dtype(self) -> type[np.int16 | np.float32]:
        return np.int16 if self.sample == "s16" else np.float32


# What fpcalc feeds to Chromaprint: with its resampler's settings all bits are equal, with libswresample's own 99.986 %
# (16 tracks). Landmarks use the same samples: they look at nothing above 4 kHz, which the cut-off at 0.8 spares.
FINGERPRINT = Form(
    11025,
    resampler=MappingProxyType({"filter_size": "16", "phase_shift": "8", "linear_interp": "1", "cutoff": "0.8"}),
)


@dataclass(frozen=True, slots=True)
class Info:
    """What the file says of itself."""

    container: str
    codec: str
    rate: int  # Hz
    channels: int
    seconds: float | None  # None where the container does not say, as in a stream


@dataclass(frozen=True, slots=True)
class Audio:
    """An opened file: blocks of samples come as they are decoded, and raise what is found wrong on the way."""

    info: Info
    blocks: Iterator[Samples]

    def read(self) -> Samples:
        """All that is left, in one array."""
        blocks = list(self.blocks)
        return np.concatenate(blocks) if blocks else np.zeros(0, np.int16)
