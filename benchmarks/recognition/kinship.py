"""Tracks of the corpus that share material: remixes, versions, a theme of one game that comes again in another piece.

Two rules, which were written down before anything was scored:

- Names of one package that are equal without version words and numbers at their end, where at most four are (more is
  mere numbering: `ingame_01` to `ingame_28`).
- Clean windows of 10 s of one, 20 s apart, that landmarks find in the other, two or more, with `SHARED` nats each; or
  20 s of them whose Chromaprint is nearer than that of any two pieces of music that only sound alike (`SAME`).
"""

import json
import os
import re
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np

from benchmarks.recognition.clips import name_of
from benchmarks.recognition.contenders import build_index
from benchmarks.recognition.corpus import Track, tracks
from benchmarks.recognition.recordings import recording
from sonograph.recognition.audio.pcm import FINGERPRINT
from sonograph.recognition.chromaprint import fingerprint
from sonograph.recognition.landmarks.finder import find_peaks
from sonograph.recognition.segments.landmark_search import LandmarkSearcher
from sonograph.recognition.segments.search import Searcher

VERSIONS = re.compile(r"([-_ ]?(\d+|old|remix|fast|sd|enhanced|map|epic|theme))+$")
NUMBERING = 4  # more names than that with one beginning are no versions
WINDOW = 10  # seconds
SHARED = 40.0
WINDOWS_SHARED = 2
SAME = 12.0  # standard deviations; drones of unrelated pieces reach 8 (tracks for tuning)
LONG = 20  # seconds: of Chromaprint, which says little about less

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Kin:
    pairs: frozenset[Pair]

    def related(self, one: str, other: str) -> bool:
        return one == other or (min(one, other), max(one, other)) in self.pairs

    def any_of(self, name: str, names: Iterable[str]) -> bool:
        return any(self.related(name, other) for other in names)


def kin_of(corpus: Path, folder: Path) -> Kin:
    """The pairs of a corpus; found once, and kept in FOLDER/kin.json."""
    kept = folder / "kin.json"
    if not kept.exists():
        found = list(tracks(corpus))
        pairs = set(_by_name([name_of(track) for track in found])) | set(_by_sound(found, folder))
        partial = kept.with_suffix(f".{os.getpid()}")
        partial.write_text(json.dumps(sorted(pairs), indent=0))
        partial.rename(kept)
    return Kin(frozenset((one, other) for one, other in json.loads(kept.read_text())))


def _by_name(names: list[str]) -> Iterator[Pair]:
    stems: dict[str, list[str]] = defaultdict(list)
    for name in names:
        stems[VERSIONS.sub("", name.rsplit(".", 1)[0])].append(name)
    for alike in stems.values():
        if len(alike) <= NUMBERING:
            yield from combinations(sorted(alike), 2)


def _by_sound(found: list[Track], folder: Path) -> Iterator[Pair]:
    """Every window of every track asked in an index of all."""
    names = [name_of(track) for track in found]
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        index = Path(scratch)
        build_index(index, folder / "prints", ((n, names[n], recording(folder, t)) for n, t in enumerate(found)))
        landmarks, items = LandmarkSearcher(index / "landmarks"), Searcher(index / "items")
    for number, track in enumerate(found):
        sound = recording(folder, track)
        shared: Counter[int] = Counter()
        for start in range(0, len(sound), LONG * FINGERPRINT.rate):
            window = np.asarray(sound[start : start + WINDOW * FINGERPRINT.rate])
            matches = landmarks.match(find_peaks([window]), 5, grid=(1.0,))  # what is shared has one speed
            shared.update(m.reference for m in matches if m.score >= SHARED and m.reference != number)
            long = np.asarray(sound[start : start + LONG * FINGERPRINT.rate])
            near = items.match(fingerprint([long]), 5)
            shared.update({m.reference: WINDOWS_SHARED for m in near if m.evidence >= SAME and m.reference != number})
        for other, times in shared.items():
            if times >= WINDOWS_SHARED:
                yield min(names[number], names[other]), max(names[number], names[other])
