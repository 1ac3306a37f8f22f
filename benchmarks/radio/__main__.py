"""Monitoring on made-up radio: `python -m benchmarks.radio CORPUS KEPT`.

Shows of six kinds of station (`benchmarks.radio.stations`) are drawn by their seed, rendered and kept in KEPT/shows,
and heard by what watches streams, in an index of the music for reference and half of the part's tracks; the other half
are strangers, which nobody may recognise. Halves take turns. Thresholds are set on `tuning` alone.

Prints what was found, by station, mode and format; with `--worst` the cases in which it failed most.
"""

import argparse
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.figures import table
from benchmarks.radio.drawing import draw
from benchmarks.radio.listening import listen
from benchmarks.radio.scores import HEADS, Score, score
from benchmarks.radio.shows import Show, show
from benchmarks.radio.songs import Library, library, recordings
from benchmarks.radio.stations import STATIONS, Station
from benchmarks.recognition.clips import Half
from benchmarks.recognition.contenders import build_index
from benchmarks.recognition.overlays import Overlays, Served, load
from sonograph.monitoring.hearing.tuning import Tuning, tuning_of
from sonograph.monitoring.vocabulary import DetectionMode, StreamFormat
from sonograph.recognition.matcher import Matcher

MODES = {mode.name.lower(): mode for mode in DetectionMode}
FORMATS = {form.name.lower(): form for form in StreamFormat}


@dataclass(frozen=True, slots=True)
class Planned:
    number: int
    station: Station
    half: Half


def planned(shows: int, seed: int, stations: list[str] | None = None) -> Iterator[Planned]:
    """So many shows: the stations in turn, and another half each time all had theirs."""
    chosen = [one for one in STATIONS if not stations or one.name in stations]
    for number in range(shows):
        turn = number + number // len(chosen)
        yield Planned(seed * 1000 + number, chosen[number % len(chosen)], "b" if turn % 2 else "a")


class Studio:
    """What shows are made of, and heard with. Indexes stand in folders of their own, and are gone with it."""

    def __init__(self, corpus: Path, kept: Path, part: Served) -> None:
        self._corpus, self._kept, self._part = corpus, kept, part
        self._overlays: Overlays | None = None
        self._libraries: dict[Half, Library] = {}
        self._matchers: dict[Half, Matcher] = {}
        self._folders: list[tempfile.TemporaryDirectory[str]] = []

    def library(self, half: Half) -> Library:
        if half not in self._libraries:
            self._libraries[half] = library(self._corpus, self._kept, self._part, half)
        return self._libraries[half]

    def matcher(self, half: Half) -> Matcher:
        if half not in self._matchers:
            folder = tempfile.TemporaryDirectory(dir=self._kept)
            self._folders.append(folder)
            found = recordings(self._corpus, self._kept, self.library(half))
            build_index(Path(folder.name), self._kept / "prints", found)
            self._matchers[half] = Matcher(Path(folder.name))
        return self._matchers[half]

    def show(self, plan: Planned, hours: float) -> Show:
        if self._overlays is None:
            self._overlays = load(self._corpus, self._part)
        programme = draw(plan.station, self.library(plan.half), hours * 3600, plan.number)
        return show(self._kept, programme, plan.station, self._overlays)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.radio", description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("kept", type=Path)
    parser.add_argument("--part", choices=("tuning", "evaluation"), default="tuning")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--hours", type=float, default=24.0)
    parser.add_argument("--each", type=float, default=2.0, help="hours of a show")
    parser.add_argument("--station", choices=[one.name for one in STATIONS], action="append")
    parser.add_argument("--mode", choices=MODES, action="append")
    parser.add_argument("--format", choices=FORMATS)
    parser.add_argument("--worst", type=int, default=0, help="print so many cases of each sort")
    parser.add_argument("--render", action="store_true", help="only make the shows")
    asked = parser.parse_args()
    studio = Studio(asked.corpus, asked.kept, asked.part)
    each = min(asked.each, asked.hours)
    plans = list(planned(round(asked.hours / each), asked.seed, asked.station))
    if asked.render:
        for plan in plans:
            made = studio.show(plan, each)
            print(f"{plan.station.name} {plan.number}: {len(made.programme.airings)} airings", flush=True)
        return
    rows = []
    for mode in asked.mode or ["balanced"]:
        total = Score()
        for plan in plans:
            tuning = tuning_of(FORMATS.get(asked.format), MODES[mode])
            part = heard(studio, plan, studio.show(plan, each), tuning)
            rows.append([f"{mode} {plan.station.name} {plan.number}", *part.row()])
            print("\t".join(map(str, rows[-1])), flush=True)
            total.add(part)
        rows.append([f"{mode}, all", *total.row()])
        _explain(total, asked.worst)
    print(table(["", *HEADS], rows))
    print(
        f"{asked.part}, seed {asked.seed}, format {asked.format}; {os.cpu_count()} cores, load {os.getloadavg()[0]:.0f}"
    )


def heard(studio: Studio, plan: Planned, made: Show, tuning: Tuning) -> Score:
    """What is made of a show."""
    wanted = studio.library(plan.half)
    tracks = {number: number for number, _ in wanted.references}
    found = listen(made.sound, studio.matcher(plan.half), tuning, tracks)
    return score(made.programme, found, wanted.kin, wanted.names)


def _explain(total: Score, worst: int) -> None:
    kinds = [[kind, count, total.missed[kind]] for kind, count in total.kinds.most_common()]
    print(table(["airings with", "number", "missed"], kinds))
    for sort in dict.fromkeys(case.sort for case in total.cases):
        those = sorted((case for case in total.cases if case.sort == sort), key=lambda case: -abs(case.by))
        print(f"{sort}: {len(those)}")
        for case in those[:worst]:
            print(f"  at {case.at:.1f} by {case.by:.2f}: {case.what} [{', '.join(case.kinds)}]")


if __name__ == "__main__":
    main()
