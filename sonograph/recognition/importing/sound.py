"""One pass over a file: both fingerprints, tempo and key, and what it says of itself."""

from pathlib import Path
from time import process_time
from typing import Literal, get_args

import numpy as np
from msgspec import Struct

from sonograph.recognition.audio.decode import opened
from sonograph.recognition.audio.faults import Unreadable
from sonograph.recognition.audio.pcm import Samples
from sonograph.recognition.chromaprint import RATE, SILENCE, Fingerprinter, Items
from sonograph.recognition.importing.tags import Tags, read_tags, titled
from sonograph.recognition.key import KeyFinder
from sonograph.recognition.landmarks.finder import PeakFinder
from sonograph.recognition.landmarks.packing import pack
from sonograph.recognition.landmarks.peaks import Peaks, reference_peaks
from sonograph.recognition.tempo import TempoFinder

LONGEST = 3 * 3600.0  # seconds of a file that are made a reference: a mix of ten hours is one of its first three
SHORTEST = 5.0  # seconds: of less there is nothing to recognise
SURE = 0.3  # confidence below which no tempo and no key is told: two of three would be wrong


class Sound(Struct, frozen=True, kw_only=True):
    """What was heard in a file."""

    tags: Tags
    seconds: float  # of the reference
    duration: float  # of the file
    items: bytes  # Chromaprint, little-endian
    landmarks: bytes  # packed
    bpm: float | None
    bpm_confidence: float | None
    key: str | None  # alphanumeric
    key_confidence: float | None
    costs: dict[str, float] = {}  # CPU seconds by part


Reason = Literal["no audio", "nothing to tell what it is", "too short", "silence", "cannot be read"]
LASTING = frozenset[str](get_args(Reason)) - {"cannot be read"}  # true until the file changes
UNTAGGED: Reason = "nothing to tell what it is"


class Refused(Struct, frozen=True, tag="refused"):
    """Why a file is none that can be referenced: one of a few reasons, and what else there is to say."""

    reason: Reason
    message: str


def hear(path: Path, *, untagged: bool) -> Sound | Refused:
    """Decodes a file once, in bounded memory; one without usable tags only where `untagged` are wanted."""
    try:
        if not path.stat().st_size:
            return Refused("no audio", "the file is empty")
        tags = read_tags(path)
        if not tags.usable and not untagged:
            with opened(path, length=1.0) as audio:  # not to call every document an untagged song
                next(audio.blocks, None)
            return Refused(UNTAGGED, "no artist and title in tags or name, no ISRC, no MusicBrainz id")
        if not tags.usable:
            tags = titled(tags, path)
        return _Listening().to(path, tags)
    except Unreadable as error:
        return Refused("no audio", error.message)
    except OSError as error:
        return Refused("cannot be read", error.strerror or type(error).__name__)


class _Listening:
    def __init__(self) -> None:
        self._printer, self._finder = Fingerprinter(), PeakFinder()
        self._tempo, self._key = TempoFinder(), KeyFinder()
        self._items: list[Items] = []
        self._peaks: list[Peaks] = []
        self._costs: dict[str, float] = {}

    def to(self, path: Path, tags: Tags) -> Sound | Refused:
        samples = 0
        began = process_time()
        with opened(path, length=LONGEST) as audio:
            for block in audio.blocks:
                self._costs["decoding"] = self._costs.get("decoding", 0.0) + process_time() - began
                samples += len(block)
                self._hear(block)
                began = process_time()
        seconds = samples / RATE
        if seconds < SHORTEST:
            return Refused("too short", f"{seconds:.1f} s; {SHORTEST:.0f} s are needed")
        items = np.concatenate(self._items)
        landmarks = reference_peaks(Peaks.joined((*self._peaks, self._finder.finish())))
        if (items == SILENCE).all() or not len(landmarks):
            return Refused("silence", f"{seconds:.0f} s in which nothing is heard")
        tempo, key = self._tempo.result(), self._key.result()
        tempo = tempo if tempo and tempo.confidence >= SURE else None
        key = key if key and key.confidence >= SURE else None
        stated = audio.info.seconds
        return Sound(
            tags=tags,
            seconds=seconds,
            duration=stated if seconds >= LONGEST - 1 and stated else seconds,
            items=items.astype("<u4").tobytes(),
            landmarks=pack(landmarks),
            bpm=round(tempo.bpm, 1) if tempo else None,
            bpm_confidence=round(tempo.confidence, 3) if tempo else None,
            key=key.key.alphanumeric if key else None,
            key_confidence=round(key.confidence, 3) if key else None,
            costs=self._costs,
        )

    def _hear(self, block: Samples) -> None:
        times = [process_time()]
        self._items.append(self._printer.feed(block))
        times.append(process_time())
        self._peaks.append(self._finder.feed(block))
        times.append(process_time())
        self._tempo.feed(block)
        times.append(process_time())
        self._key.feed(block)
        times.append(process_time())
        for part, cost in zip(("chromaprint", "landmarks", "tempo", "key"), np.diff(times).tolist(), strict=True):
            self._costs[part] = self._costs.get(part, 0.0) + cost
