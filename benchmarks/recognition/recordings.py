"""The tracks of a corpus, decoded once and kept: 1.3 GB in FOLDER/tracks."""

import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.recognition.corpus import Track
from sonograph.recognition.audio.decode import decode

Recording = NDArray[np.int16]  # mono at 11,025 Hz


def recording_path(folder: Path, track: Track) -> Path:
    """Where it is kept, once it was asked for."""
    return folder / "tracks" / track.package / f"{track.path.name}.npy"


def recording(folder: Path, track: Track) -> Recording:
    """All of a track, mapped from a file."""
    kept = recording_path(folder, track)
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        partial = kept.with_suffix(f".{os.getpid()}.npy")
        np.save(partial, np.concatenate(list(decode(track.path))))
        partial.rename(kept)
    return np.load(kept, mmap_mode="r")  # type: ignore[no-any-return]
