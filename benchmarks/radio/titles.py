"""What a station's own titles are worth: `python -m benchmarks.radio.titles CORPUS KEPT`.

Shows of `benchmarks.radio` as a bad receiver hears them: a narrow band, and noise as loud as the music. In the first
half of them the stream's calibration is given titles of several habits, right and false; the other half is heard with
what it learnt. So nothing is scored that was learnt from.
"""

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from benchmarks.figures import table
from benchmarks.radio.__main__ import MODES, Planned, Studio, planned
from benchmarks.radio.listening import listen
from benchmarks.radio.programme import Programme
from benchmarks.radio.scores import HEADS, Score, score
from benchmarks.radio.shows import Show
from benchmarks.radio.stations import STATIONS
from benchmarks.recognition.clips import dice_of
from sonograph.monitoring.calibration import Calibration, Learnt, TrackName
from sonograph.monitoring.hearing.tuning import tuning_of
from sonograph.monitoring.hearing.window import Window
from sonograph.recognition.audio.pcm import FINGERPRINT

BAND = (300, 3000)  # Hz
SLOGANS = ("Radio Sonne - the best music of all times", "Now 20 % off at your hardware store", "News at noon")

Title = tuple[float, str]
Habit = Callable[[Programme, dict[int, str], np.random.Generator], Iterator[Title]]


def name_of(track: str) -> TrackName:
    """A catalog's name for a track of the corpus: its package for its artist."""
    package, _, file = track.partition("/")
    return TrackName((package.replace("-", " "),), file.rsplit(".", 1)[0].replace("_", " ").replace("-", " "))


def _text(track: str) -> str:
    name = name_of(track)
    return f"{name.artists[0].upper()} - {name.title}"


def _songs(programme: Programme) -> list[tuple[float, str]]:
    """Songs and what is said instead of one, by their beginnings."""
    songs = [(one.start, _text(one.name)) for one in programme.airings]
    songs += [(one.start, _text(one.name) if one.name else SLOGANS[0]) for one in programme.others]
    return sorted(songs)


def _right(programme: Programme, _: dict[int, str], dice: np.random.Generator) -> Iterator[Title]:
    for at, text in _songs(programme):
        yield at + dice.uniform(-4, 8), text


def _late(programme: Programme, _: dict[int, str], dice: np.random.Generator) -> Iterator[Title]:
    for at, text in _songs(programme):
        yield at + dice.uniform(40, 180), text


def _one_behind(programme: Programme, _: dict[int, str], dice: np.random.Generator) -> Iterator[Title]:
    songs = _songs(programme)
    for before, after in pairwise(songs):
        yield after[0] + dice.uniform(-4, 8), before[1]


def _wrong(programme: Programme, names: dict[int, str], dice: np.random.Generator) -> Iterator[Title]:
    known = sorted(names.values())
    for at, _said in _songs(programme):
        yield at, _text(known[int(dice.integers(len(known)))])


def _slogans(programme: Programme, _: dict[int, str], dice: np.random.Generator) -> Iterator[Title]:
    for at, _said in _songs(programme):
        yield at, SLOGANS[int(dice.integers(len(SLOGANS)))]


def _none(_: Programme, __: dict[int, str], ___: np.random.Generator) -> Iterator[Title]:
    yield from ()


HABITS: dict[str, Habit] = {
    "right": _right,
    "40-180 s late": _late,
    "one song behind": _one_behind,
    "other songs": _wrong,
    "slogans": _slogans,
    "none": _none,
}


def worsened(sound: NDArray[np.int16], decibels: float, seed: int) -> NDArray[np.int16]:
    """In a narrow band, so much louder than noise."""
    dice = np.random.default_rng(seed)
    filters = signal.butter(3, BAND, "bandpass", fs=FINGERPRINT.rate, output="sos")
    music = sound.astype(np.float32)
    level = float(np.sqrt(np.mean(music[:: FINGERPRINT.rate // 50] ** 2)))
    noise = dice.standard_normal(len(sound), np.float32) * np.float32(level / 10 ** (decibels / 20))
    heard = np.asarray(signal.sosfilt(filters, music + noise), np.float32)
    samples: NDArray[np.int16] = np.clip(heard * np.float32(0.5), -32768, 32767).astype(np.int16)
    return samples


@dataclass(frozen=True, slots=True)
class Bad:
    """A show as a bad receiver hears it."""

    plan: Planned
    show: Show
    sound: NDArray[np.int16]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.radio.titles", description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("kept", type=Path)
    parser.add_argument("--part", choices=("tuning", "evaluation"), default="tuning")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--hours", type=float, default=4.0)
    parser.add_argument("--each", type=float, default=1.0, help="hours of a show")
    parser.add_argument("--station", choices=[one.name for one in STATIONS], action="append")
    parser.add_argument("--mode", choices=MODES, default="balanced")
    parser.add_argument("--music", type=float, default=0.0, help="decibels of it above the noise")
    asked = parser.parse_args()
    studio = Studio(asked.corpus, asked.kept, asked.part)
    plans = list(planned(round(asked.hours / asked.each), asked.seed, asked.station))
    shows = [(plan, studio.show(plan, asked.each)) for plan in plans]
    bad = [Bad(plan, show, worsened(show.sound, asked.music, plan.number)) for plan, show in shows]
    teaching, scored = bad[: len(bad) // 2], bad[len(bad) // 2 :]
    heard = [_windows(studio, one, asked.mode) for one in teaching]
    shifts = {}
    for name, habit in HABITS.items():
        shifts[name] = _taught(studio, teaching, heard, habit, name)
    scores = {shift: _scored(studio, scored, asked.mode, shift) for shift in {None, *shifts.values()}}
    rows = [[name, "-" if shift is None else f"{shift:+.1f}", *scores[shift].row()] for name, shift in shifts.items()]
    print(table(["titles", "shift", *HEADS], rows))


def _windows(studio: Studio, bad: Bad, mode: str) -> list[Window]:
    windows: list[Window] = []
    tracks = {number: number for number, _ in studio.library(bad.plan.half).references}
    listen(bad.sound, studio.matcher(bad.plan.half), tuning_of(None, MODES[mode]), tracks, windows.append)
    return windows


def _taught(studio: Studio, teaching: list[Bad], heard: list[list[Window]], habit: Habit, name: str) -> float | None:
    calibration = Calibration()
    begin = 0.0
    for bad, windows in zip(teaching, heard, strict=True):
        names = {number: name_of(track) for number, track in studio.library(bad.plan.half).names.items()}
        known = dict(studio.library(bad.plan.half).references)
        titles = sorted(habit(bad.show.programme, known, dice_of(name, bad.plan.number)))
        happened: list[tuple[float, Window | str]] = [*((one.end, one) for one in windows), *titles]
        for at, what in sorted(happened, key=lambda one: one[0]):
            if isinstance(what, str):
                calibration.note_title(begin + at, what)
            else:
                pairs = [(one.reference, one.confidence) for one in what.heard]
                calibration.note_window(begin + what.start, begin + what.end, pairs, names)
        begin += bad.show.programme.seconds + 1000.0
    learnt = calibration.learnt
    print(name, calibration.saved(), flush=True)
    return None if learnt is None or not learnt.shift else learnt.shift


def _scored(studio: Studio, scored: list[Bad], mode: str, shift: float | None) -> Score:
    total = Score()
    for bad in scored:
        wanted = studio.library(bad.plan.half)
        tracks = {number: number for number, _ in wanted.references}
        tuning = tuning_of(None, MODES[mode], Learnt(shift) if shift is not None else None)
        found = listen(bad.sound, studio.matcher(bad.plan.half), tuning, tracks)
        total.add(score(bad.show.programme, found, wanted.kin, wanted.names))
    return total


if __name__ == "__main__":
    main()
