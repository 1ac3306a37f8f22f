"""The index of landmarks at full size: `python -m benchmarks.recognition.landmark_segments CORPUS CLIPS FOLDER`.

Builds two indexes in FOLDER: a small one of the real tracks for tuning, and a large one of these and of references of
four minutes that are made up of pieces of the tracks for reference (5 GB for 100,000). Then asks both for the same
clips of 10 s: those of CLIPS that are in them, in all conditions that were made, and windows of the tracks for
evaluation, which are in neither. Prints the size, the CPU time, and what was found at a score of 12.
"""

import argparse
import time
import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.figures import percentile, table
from benchmarks.recognition import clips
from benchmarks.recognition.marks import Marked, made_up, marked, meeting, part_of
from benchmarks.recognition.segments import Timed
from sonograph.recognition.landmarks.finder import find_peaks
from sonograph.recognition.landmarks.peaks import FRAMES_PER_SECOND, Peaks
from sonograph.recognition.landmarks.triplets import SPEEDS
from sonograph.recognition.segments.landmark_build import LANDMARKS
from sonograph.recognition.segments.landmark_search import LandmarkMatch, LandmarkSearcher
from sonograph.recognition.segments.manifest import Manifest
from sonograph.recognition.segments.writer import Writer

FIRST_MADE_UP = 1_000_000
SCORE = 12.0
WINDOW, HOP = 10.0, 30.0  # seconds: of windows, and from one to the next


@dataclass(frozen=True, slots=True)
class Asked:
    """A clip, and the reference that it is of."""

    kind: str
    peaks: Peaks
    reference: int


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.recognition.landmark_segments", description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("clips", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--references", type=int, default=100_000)
    parser.add_argument("--each", type=int, default=1, help="ask with every so-manieth clip")
    asked = parser.parse_args()
    known = marked(asked.corpus, asked.corpus / "marks.npz")
    real = [one for one in known if one.part == "tuning"]
    pool = [one for one in known if one.part == "references"]
    strangers = [one for one in known if one.part == "evaluation"]
    _likeness(strangers, real, pool)
    small, large = asked.folder / "small", asked.folder / str(asked.references)
    for folder, count in ((small, 0), (large, asked.references)):
        if not folder.exists():
            _build(real, pool, folder, count)
    queries = [*_of_clips(asked.clips, real), *_windows(strangers)][:: asked.each]
    for grid in (SPEEDS, (1.0,)):
        rows = [
            row
            for folder in (small, large)
            for row in _all_asked(LandmarkSearcher(folder), queries, grid, f"{folder.name}, {len(grid)}")
        ]
        print(table(["index, speeds", "asked", "number", "right %", "wrong %", "ms mean", "p50", "p99"], rows))
    _allocations(LandmarkSearcher(large), queries[0])


def _likeness(strangers: list[Marked], real: list[Marked], pool: list[Marked]) -> None:
    """Whether the references that are made up are as much like other music as real ones."""
    wanted = [peaks for one in strangers[::2] for peaks in _cut(one.peaks)][::3]
    theirs = meeting(wanted, [part_of(real, np.arange(len(real)))])
    print(f"chance that keys of two real tracks are equal: {theirs:.2e};", end=" ")
    print(f"of a real one and one made up: {meeting(wanted, list(made_up(pool, 500, 0))):.2e}", flush=True)


def _build(real: list[Marked], pool: list[Marked], folder: Path, references: int) -> None:
    parts = Timed(made_up(pool, references, FIRST_MADE_UP))
    began = time.process_time()
    with Writer(folder, LANDMARKS) as writer:
        writer.add(parts)
        ended = time.process_time()
        writer.add([part_of(real, np.arange(len(real)))])
    if not references:
        return
    print(f"built {references} in {ended - began - parts.seconds:.0f} s of CPU")
    for entry in Manifest.read(folder).entries:
        layout = LANDMARKS.open(folder / entry.segment).layout
        hours = entry.extent * 2 / FRAMES_PER_SECOND / 3600
        for name, size in (
            ("peaks", layout.content * (3 + 4 / 64)),
            ("postings", layout.postings * 4),
            ("table", (1 << layout.table_bits) * 1.25),
            ("references", layout.references * 20),
            ("file", (folder / entry.segment).stat().st_size),
        ):
            print(f"  {entry.references} references, {hours:.0f} h: {name} {size / hours / 120:.0f} bytes for 30 s")


def _of_clips(folder: Path, real: list[Marked]) -> Iterator[Asked]:
    ids = {f"{one.path.parent.name}/{one.path.name}": number for number, one in enumerate(real)}
    cut, sounds = clips.read(folder, "tuning")
    for condition, rows in sounds.items():
        for clip, row in zip(cut, rows, strict=True):
            if clip.start + WINDOW <= float(real[ids[clip.track]].peaks.time[-1]) / FRAMES_PER_SECOND:
                yield Asked(condition, find_peaks([row]), ids[clip.track])


def _windows(strangers: list[Marked]) -> Iterator[Asked]:
    for one in strangers:
        for peaks in _cut(one.peaks):
            yield Asked("strangers", peaks, -1)


def _cut(peaks: Peaks) -> Iterator[Peaks]:
    end = float(peaks.time[-1]) / FRAMES_PER_SECOND
    for start in np.arange(0.0, end - WINDOW, HOP):
        yield peaks.between(start * FRAMES_PER_SECOND, (start + WINDOW) * FRAMES_PER_SECOND)


def _all_asked(
    searcher: LandmarkSearcher, queries: list[Asked], grid: tuple[float, ...], name: str
) -> list[list[object]]:
    times: list[float] = []
    answers: list[tuple[Asked, LandmarkMatch | None]] = []
    for asked in queries:
        began = time.process_time()
        matches = searcher.match(asked.peaks, 10, grid)
        times.append(1000 * (time.process_time() - began))
        answers.append((asked, matches[0] if matches and matches[0].score >= SCORE else None))
    kinds = ["strangers", *sorted({asked.kind for asked in queries} - {"strangers"})]
    rows = []
    for kind in ("all", *kinds):
        chosen = [n for n, (asked, _) in enumerate(answers) if kind in ("all", asked.kind)]
        right = sum(m is not None and m.reference == a.reference for a, m in (answers[n] for n in chosen))
        wrong = sum(m is not None and m.reference != a.reference for a, m in (answers[n] for n in chosen))
        spent = [times[n] for n in chosen]
        shares = (f"{100 * count / len(chosen):.1f}" for count in (right, wrong))
        figures = (sum(spent) / len(spent), percentile(spent, 0.5), percentile(spent, 0.99))
        rows.append([name, kind, len(chosen), *shares, *(f"{value:.1f}" for value in figures)])
    return rows


def _allocations(searcher: LandmarkSearcher, asked: Asked) -> None:
    tracemalloc.start()
    searcher.match(asked.peaks)
    print(f"a query allocates {tracemalloc.get_traced_memory()[1] / 1e6:.0f} MB at most")
    tracemalloc.stop()


if __name__ == "__main__":
    main()
