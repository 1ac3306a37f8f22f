"""Ways to recognise, asked alike: the product, and each of its two fingerprints alone."""

import hashlib
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from benchmarks.recognition.recordings import Recording
from sonograph.recognition import chromaprint, confidence
from sonograph.recognition.clip import listen
from sonograph.recognition.landmarks import finder, packing
from sonograph.recognition.landmarks import peaks as peaks_module
from sonograph.recognition.landmarks.finder import find_peaks
from sonograph.recognition.landmarks.peaks import reference_peaks
from sonograph.recognition.matcher import Matcher
from sonograph.recognition.segments.build import ITEMS
from sonograph.recognition.segments.evidence import SURE
from sonograph.recognition.segments.landmark_build import LANDMARKS, landmarks_part
from sonograph.recognition.segments.landmark_search import LandmarkSearcher
from sonograph.recognition.segments.search import Searcher
from sonograph.recognition.segments.writer import Writer

BLOCK = 1 << 16  # samples: audio comes in blocks
SURE_OF_PEAKS = 12.0  # nats: the rule of landmarks alone


@dataclass(frozen=True, slots=True)
class Said:
    """The best guess, however weak; a threshold on its score decides whether it is an answer."""

    reference: int | None
    score: float
    accepted: bool  # by the contender's own rule
    confidence: float | None = None


class Contender(Protocol):
    def ask(self, clip: NDArray[np.int16]) -> Said: ...


class Ours:
    """What `identify` says: the likeliest of all that it compared."""

    def __init__(self, index: Path) -> None:
        self._matcher = Matcher(index)

    def ask(self, clip: NDArray[np.int16]) -> Said:
        compared = self._matcher.evidence(listen([clip]))
        if not compared:
            return Said(None, 0.0, accepted=False)
        sure = compared[0].confidence
        return Said(compared[0].reference, sure, accepted=sure >= confidence.LEAST, confidence=sure)


class Chromaprint:
    def __init__(self, index: Path) -> None:
        self._searcher = Searcher(index / "items")

    def ask(self, clip: NDArray[np.int16]) -> Said:
        found = self._searcher.match(chromaprint.fingerprint([clip]), 1, limited=False)
        if not found:
            return Said(None, 0.0, accepted=False)
        return Said(found[0].reference, found[0].evidence, accepted=found[0].evidence >= SURE)


class Landmarks:
    def __init__(self, index: Path) -> None:
        self._searcher = LandmarkSearcher(index / "landmarks")

    def ask(self, clip: NDArray[np.int16]) -> Said:
        found = self._searcher.match(find_peaks([clip]), 1)
        if not found:
            return Said(None, 0.0, accepted=False)
        return Said(found[0].reference, found[0].score, accepted=found[0].score >= SURE_OF_PEAKS)


CONTENDERS: dict[str, Callable[[Path], Contender]] = {
    "ours": Ours,
    "chromaprint": Chromaprint,
    "landmarks": Landmarks,
}


def build_index(folder: Path, kept: Path, references: Iterable[tuple[int, str, Recording]]) -> None:
    """An index of both fingerprints, by the code that serves; fingerprints are kept in `kept`, by what made them."""
    items: list[tuple[int, NDArray[np.uint32]]] = []
    landmarks: list[tuple[int, bytes]] = []
    for reference, name, recording in references:
        own_items, own_landmarks = _fingerprints(kept / _makers(), name, recording)
        items.append((reference, own_items))
        landmarks.append((reference, own_landmarks))
    with Writer(folder / "items", ITEMS) as writer:
        sizes = np.array([len(own) for _, own in items])
        ids = np.array([reference for reference, _ in items])
        writer.add([(ids, sizes, np.concatenate([own for _, own in items]))])
    with Writer(folder / "landmarks", LANDMARKS) as writer:
        writer.add([landmarks_part([reference for reference, _ in landmarks], [own for _, own in landmarks])])


def _makers() -> str:
    """A name that changes with the code that makes fingerprints."""
    sources = (chromaprint.__file__, finder.__file__, peaks_module.__file__, packing.__file__)
    return hashlib.sha256(b"".join(Path(source).read_bytes() for source in sources)).hexdigest()[:12]


def _fingerprints(kept: Path, name: str, recording: Recording) -> tuple[NDArray[np.uint32], bytes]:
    path = kept / f"{name}.npz"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        blocks = [recording[at : at + BLOCK] for at in range(0, len(recording), BLOCK)]
        packed = packing.pack(reference_peaks(find_peaks(blocks)))
        partial = path.with_suffix(f".{os.getpid()}.npz")
        np.savez(partial, items=chromaprint.fingerprint(blocks, None), landmarks=np.frombuffer(packed, np.uint8))
        partial.rename(path)
    with np.load(path) as file:
        return file["items"], file["landmarks"].tobytes()
