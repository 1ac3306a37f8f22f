"""Shows on disk: made once, and heard as often as one likes. An hour takes 79 MB at 11,025 Hz."""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.radio import mixing, transmitter
from benchmarks.radio.programme import Programme
from benchmarks.radio.stations import Station
from benchmarks.recognition.overlays import Overlays
from sonograph.recognition.audio.pcm import Samples


@dataclass(frozen=True, slots=True)
class Show:
    programme: Programme
    sound: NDArray[np.int16]  # mono at 11,025 Hz, mapped from a file


def rendered(programme: Programme, station: Station, overlays: Overlays) -> Iterator[Samples]:
    """A show block by block, as a listener decodes it."""
    return transmitter.transmitted(programme, station, mixing.mixed(programme, overlays))


def show(kept: Path, programme: Programme, station: Station, overlays: Overlays) -> Show:
    path = kept / "shows" / f"{station.name}-{_name(programme, station)}.s16"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(f".{os.getpid()}")
        with partial.open("wb") as file:
            for block in rendered(programme, station, overlays):
                file.write(block.astype("<i2").tobytes())
        partial.rename(path)
    return Show(programme, np.memmap(path, "<i2", "r"))


def _name(programme: Programme, station: Station) -> str:
    """Of all that its sound depends on."""
    placed = [(one.at, one.seconds, str(one.source), one.gain, one.fade_in, one.fade_out) for one in programme.placed]
    said = repr((programme.seconds, placed, programme.ducks, programme.levels, station))
    makers = b"".join(Path(str(source)).read_bytes() for source in (mixing.__file__, transmitter.__file__))
    return hashlib.sha256(said.encode() + makers).hexdigest()[:16]
