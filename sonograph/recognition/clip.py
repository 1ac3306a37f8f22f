"""What is made of audio to recognise it: both fingerprints, in bounded memory."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from sonograph.recognition.audio.pcm import Samples
from sonograph.recognition.chromaprint import FRAME, HOP, RATE, SECONDS_PER_ITEM, SMOOTH, WIDTH, Fingerprinter, Items
from sonograph.recognition.landmarks.finder import PeakFinder
from sonograph.recognition.landmarks.peaks import Peaks

SEEN_BY_ITEM = (FRAME + (SMOOTH + WIDTH - 2) * HOP) / RATE  # seconds that one item looks at


@dataclass(frozen=True, slots=True)
class Clip:
    """Audio that is to be recognised."""

    seconds: float
    items: Items
    peaks: Peaks | None  # None where there is but a Chromaprint fingerprint


def listen(blocks: Iterable[Samples]) -> Clip:
    """The fingerprints of audio (mono, 16 bits, 11,025 Hz)."""
    fingerprinter, finder = Fingerprinter(), PeakFinder()
    samples = 0
    items, peaks = [], []
    for block in blocks:
        samples += len(block)
        items.append(fingerprinter.feed(block))
        peaks.append(finder.feed(block))
    return Clip(
        samples / RATE,
        np.concatenate(items) if items else np.zeros(0, np.uint32),
        Peaks.joined((*peaks, finder.finish())),
    )


def clip_of(items: Items) -> Clip:
    """A clip of which only the fingerprint was sent."""
    return Clip(len(items) * SECONDS_PER_ITEM + SEEN_BY_ITEM - SECONDS_PER_ITEM if len(items) else 0.0, items, None)
