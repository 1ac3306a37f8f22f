"""What the detection modes are worth where it is hard: `python -m benchmarks.radio.modes CORPUS KEPT`.

Two things are hard. Shows of `benchmarks.radio` as a bad receiver hears them, in a narrow band with noise as loud as
the music or louder (`--music`): how much is found there, and when? And songs that are in no index and share material
with one that is, the same theme or other takes of it: how often is that one reported? These are aired whole, up to
150 s of each, with silence between.
"""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.figures import table
from benchmarks.radio.__main__ import MODES, Planned, Studio, planned
from benchmarks.radio.listening import listen
from benchmarks.radio.scores import HEADS, Score, score
from benchmarks.radio.songs import Song
from benchmarks.radio.stations import STATIONS
from benchmarks.radio.titles import worsened
from benchmarks.recognition.clips import Half
from sonograph.monitoring.hearing.tuning import Tuning, tuning_of
from sonograph.recognition.audio.pcm import FINGERPRINT

PIECE, BETWEEN = 150.0, 70.0  # seconds of a song, and behind it: longer than an airing may be interrupted
HALVES: tuple[Half, ...] = ("a", "b")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.radio.modes", description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("kept", type=Path)
    parser.add_argument("--part", choices=("tuning", "evaluation"), default="tuning")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--hours", type=float, default=2.0)
    parser.add_argument("--each", type=float, default=1.0, help="hours of a show")
    parser.add_argument("--station", choices=[one.name for one in STATIONS], action="append")
    parser.add_argument("--music", type=float, action="append", help="decibels of it above the noise")
    asked = parser.parse_args()
    studio = Studio(asked.corpus, asked.kept, asked.part)
    plans = list(planned(round(asked.hours / asked.each), asked.seed, asked.station))
    rows = []
    for name, mode in MODES.items():
        tuning = tuning_of(None, mode)
        said = _alike(studio, tuning)
        print(f"{name}: {sum(map(len, said))} songs in no index, {sum(map(sum, said))} times another one", flush=True)
        for music in asked.music or [0.0, -3.0]:
            rows.append([f"{name}, {music:+.0f} dB", *_noisy(studio, plans, asked.each, music, tuning).row()])
            print("\t".join(map(str, rows[-1])), flush=True)
    print(table(["", *HEADS], rows))


def _noisy(studio: Studio, plans: Sequence[Planned], hours: float, music: float, tuning: Tuning) -> Score:
    total = Score()
    for plan in plans:
        made, wanted = studio.show(plan, hours), studio.library(plan.half)
        tracks = {number: number for number, _ in wanted.references}
        sound = worsened(made.sound, music, plan.number)
        found = listen(sound, studio.matcher(plan.half), tuning, tracks)
        total.add(score(made.programme, found, wanted.kin, wanted.names))
    return total


def _alike(studio: Studio, tuning: Tuning) -> list[list[int]]:
    """Reports in each song of each half."""
    counts = []
    for half in HALVES:
        wanted = studio.library(half)
        pieces = list(_pieces(wanted.alike))
        ends = np.cumsum([len(piece) for piece in pieces]) / FINGERPRINT.rate
        tracks = {number: number for number, _ in wanted.references}
        found = listen(np.concatenate(pieces), studio.matcher(half), tuning, tracks)
        at = np.searchsorted(ends, [one.start + 1 for one in found.reports])  # starts may be traced back a little far
        counts.append(np.bincount(at, minlength=len(pieces)).tolist())
    return counts


def _pieces(songs: Sequence[Song]) -> Iterator[NDArray[np.int16]]:
    for song in songs:
        first, behind = (round(second * FINGERPRINT.rate) for second in (song.cue_in, song.cue_out))
        behind = min(behind, first + round(PIECE * FINGERPRINT.rate))
        sound = np.asarray(np.load(song.path, mmap_mode="r")[first:behind], np.int16)
        yield np.concatenate((sound, np.zeros(round(BETWEEN * FINGERPRINT.rate), np.int16)))


if __name__ == "__main__":
    main()
