"""The index of Chromaprint items at full size: `python -m benchmarks.recognition.segments CORPUS FOLDER`.

Builds an index of made-up references of 30 s and the real ones in FOLDER (2 GB for a million), then asks for clips of
real tracks: of those that are in it, and of those that are not. Prints the CPU time, the size, and what was found.
"""

import argparse
import math
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from benchmarks.figures import percentile, table
from benchmarks.recognition.prints import LENGTH, Print, coincidence, made_up, meeting, prints, variations
from sonograph.recognition.audio.decode import decode
from sonograph.recognition.chromaprint import RATE, Items, fingerprint
from sonograph.recognition.segments.build import ITEMS
from sonograph.recognition.segments.evidence import SURE
from sonograph.recognition.segments.kind import Part
from sonograph.recognition.segments.search import Match, Searcher
from sonograph.recognition.segments.writer import Writer

LENGTHS = (5.0, 10.0, 30.0, 80.0)  # seconds
FIRST_MADE_UP = 1_000_000


class Timed:
    """Parts, and the CPU time it took to make them up, which is no part of a build."""

    def __init__(self, parts: Iterator[Part]) -> None:
        self._parts = parts
        self.seconds = 0.0

    def __iter__(self) -> Iterator[Part]:
        while True:
            began = time.process_time()
            part = next(self._parts, None)
            self.seconds += time.process_time() - began
            if part is None:
                return
            yield part


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.recognition.segments", description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--references", type=int, default=1_000_000)
    parser.add_argument("--tuning", action="store_true", help="ask with the tracks for tuning; show chance")
    asked = parser.parse_args()
    known = prints(asked.corpus)
    pool = variations(asked.corpus)
    _likeness(known, pool)
    if not asked.folder.exists():
        _build(known, pool, asked.folder, asked.references)
    searcher = Searcher(asked.folder)
    print(f"{searcher.references} references")
    strangers = [p for p in known if p.part == ("tuning" if asked.tuning else "evaluation")]
    clips = _clips(known)
    rows = [
        _asked(searcher, which, clip, seconds, shown=asked.tuning and which == "absent")
        for seconds in LENGTHS
        for which, clip in (("present", clips[seconds]), ("absent", _cut(strangers, seconds)))
    ]
    print(table(["clips", "number", "right", "wrong", "ms mean", "p50", "p99", "queries/s"], rows))


def _likeness(known: list[Print], pool: list[Items]) -> None:
    """Whether the references that are made up are as much like other music as real ones."""
    print(f"chance that items of two tracks are equal: {coincidence(known):.1e} in all;", end=" ")
    real = [p.items for p in known if p.part == "tuning"]
    each = [(meeting([p], real), meeting([p], pool)) for p in known if p.part != "tuning"]
    theirs, made = (sorted(rates) for rates in zip(*each, strict=True))
    for share in (0.5, 0.9):
        print(f"{percentile(theirs, share):.1e} and with music made up {percentile(made, share):.1e}", end=" ")
        print(f"at most of {share:.0%} of the tracks")


def _build(known: list[Print], pool: list[Items], folder: Path, references: int) -> None:
    real = [(n, p) for n, p in enumerate(known) if p.part == "references"]
    parts = Timed(made_up(pool, references, FIRST_MADE_UP))
    began = time.process_time()
    with Writer(folder, ITEMS) as writer:
        writer.add(parts)
        ended = time.process_time()
        ids, sizes = np.array([n for n, _ in real]), np.array([len(p.items) for _, p in real])
        writer.add([(ids, sizes, np.concatenate([p.items for _, p in real]))])
    files = sorted(folder.glob("*.items"))
    size = files[0].stat().st_size
    print(f"built {references} in {ended - began - parts.seconds:.1f} s of CPU, {size / references:.0f} bytes each")


def _clips(known: list[Print]) -> dict[float, list[tuple[Items, int]]]:
    """By length, clips of every third real reference, decoded anew, from anywhere: between its frames too."""
    dice = np.random.default_rng(3)
    clips: dict[float, list[tuple[Items, int]]] = {seconds: [] for seconds in LENGTHS}
    for number, of in [(n, p) for n, p in enumerate(known) if p.part == "references"][::3]:
        pcm = np.concatenate(list(decode(of.path, length=LENGTH)))
        for seconds in LENGTHS:
            for _ in range(5):
                start = int(dice.random() * max(1.0, len(pcm) - seconds * RATE))
                clips[seconds].append((fingerprint([pcm[start:]], seconds), number))
    return clips


def _cut(strangers: list[Print], seconds: float) -> Iterator[tuple[Items, int]]:
    """Windows of tracks that are in no index."""
    size = math.floor((seconds * 11025 - 28666) / 1365)
    for of in strangers:
        for start in range(0, max(1, len(of.items) - size), max(size, 40)):
            yield of.items[start : start + size], -1


def _asked(
    searcher: Searcher, which: str, clips: Iterable[tuple[Items, int]], seconds: float, *, shown: bool
) -> list[object]:
    times, right, wrong = [], 0, 0
    chance: list[Match] = []
    for items, expected in clips:
        began = time.process_time()
        matches = searcher.match(items, limited=False)
        times.append(time.process_time() - began)
        chance += matches[:1]
        accepted = [match for match in matches if match.evidence >= SURE]
        if accepted:
            right += accepted[0].reference == expected
            wrong += accepted[0].reference != expected
    if shown:
        for low, high in ((8, 15), (15, 25), (25, 45), (45, 75), (75, 150), (150, 300), (300, 1000)):
            bers = sorted(match.ber for match in chance if low <= match.end - match.start < high)
            if bers:
                print(
                    f"{seconds:.0f} s, {low}-{high} items: {len(bers)} best by chance, lowest {np.round(bers[:6], 3)}"
                )
                print(f"   1 % {percentile(bers, 0.01):.3f}, half {percentile(bers, 0.5):.3f}")
    milliseconds = [1000 * t for t in times]
    mean = sum(milliseconds) / len(milliseconds)
    return [
        f"{seconds:.0f} s, {which}",
        len(times),
        right,
        wrong,
        *(f"{v:.2f}" for v in (mean, percentile(milliseconds, 0.5), percentile(milliseconds, 0.99))),
        f"{1000 / mean:.0f}",
    ]


if __name__ == "__main__":
    main()
