"""An index of the songs that are on air, so that looking them up finds them."""

from io import BytesIO
from itertools import islice
from pathlib import Path

import numpy as np

from sonograph.recognition.audio.decode import decode
from sonograph.recognition.clip import listen
from sonograph.recognition.landmarks.packing import pack
from sonograph.recognition.landmarks.peaks import reference_peaks
from sonograph.recognition.sandbox.making import wave_of
from sonograph.recognition.sandbox.synthesis import play
from sonograph.recognition.sandbox.tunes import tunes
from sonograph.recognition.segments.build import ITEMS
from sonograph.recognition.segments.landmark_build import LANDMARKS, landmarks_part
from sonograph.recognition.segments.writer import Writer

SONGS = 12


def index_of_sandbox(folder: Path) -> Path:
    """Some songs of the sandbox by both fingerprints."""
    clips = [listen(decode(BytesIO(wave_of(play(tune))))) for tune in islice(tunes(), SONGS)]
    numbers = list(range(len(clips)))
    with Writer(folder / "items", ITEMS) as items, Writer(folder / "landmarks", LANDMARKS) as landmarks:
        sizes = np.array([len(clip.items) for clip in clips])
        items.add([(np.array(numbers), sizes, np.concatenate([clip.items for clip in clips]))])
        peaks = [reference_peaks(clip.peaks) for clip in clips if clip.peaks is not None]
        landmarks.add([landmarks_part(numbers, [pack(one) for one in peaks])])
    return folder
