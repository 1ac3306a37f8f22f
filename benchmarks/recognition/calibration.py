"""Coefficients of confidence: `python -m benchmarks.recognition.calibration CORPUS CLIPS`.

Asks the clips for tuning, of 10 and of 5 s, as `benchmarks.recognition.accuracy` does, with their audio and with their
Chromaprint fingerprint alone, and clean windows of strangers. Fits a logistic curve to whether references that were
compared are right (the three likeliest of each answer), and prints its coefficients, which stand in
`sonograph.recognition.confidence`, and what they say against what was right. Half of the clips are of strangers.

The fit sees the tracks for tuning alone. `--part evaluation` fits nothing, and shows how far what is in force holds on
the others.
"""

import argparse
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from benchmarks.figures import table
from benchmarks.recognition.accuracy import indexed
from benchmarks.recognition.clips import Half, half_of, name_of, read
from benchmarks.recognition.contenders import build_index
from benchmarks.recognition.corpus import Track, tracks
from benchmarks.recognition.kinship import kin_of
from benchmarks.recognition.overlays import Served
from benchmarks.recognition.recordings import recording
from sonograph.recognition import confidence
from sonograph.recognition.audio.pcm import FINGERPRINT
from sonograph.recognition.clip import clip_of, listen
from sonograph.recognition.matcher import Evidence, Matcher

LENGTHS = (10, 5)  # seconds
STEPS = (0.0, 0.05, 0.2, 0.5, 0.7, 0.9, 0.97, 0.99, 0.999, 1.0)  # of the table
APART = 60  # seconds between clean windows of strangers
REFERENCES = 3  # of each answer
_SOFT = 1e-3  # of the ridge, lest perfect separation makes coefficients endless

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Compared:
    evidence: float
    score: float | None  # None: fingerprint alone
    right: bool


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.recognition.calibration", description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("clips", type=Path)
    parser.add_argument("--every", type=int, default=1, help="ask only each so-manyth clip")
    parser.add_argument("--part", choices=("tuning", "evaluation"), default="tuning")
    asked = parser.parse_args()
    found = list(_compared(asked.corpus, asked.clips, asked.part, asked.every))
    audio = [one for one in found if one.score is not None]
    alone = [one for one in found if one.score is None]
    for name, some in (("with audio", audio), ("fingerprint alone", alone)):
        features = np.array([confidence.features(one.evidence, one.score) for one in some])
        right = np.array([one.right for one in some], np.float64)
        print(f"{name}: {len(some)} references, {right.mean():.1%} right")
        said = np.array([confidence.of(one.evidence, one.score) for one in some])
        if asked.part == "tuning":
            fitted = fit(features, right)
            print(f"coefficients {np.round(fitted, 3).tolist()}")
            said = 1 / (1 + np.exp(-np.clip(features @ fitted[1:] + fitted[0], -50, 50)))
        print(_table(said, right))


def fit(features: Floats, right: Floats) -> Floats:
    """Coefficients of a logistic curve, the constant first, by Newton's method."""
    mean, spread = features.mean(axis=0), features.std(axis=0)
    scaled = np.column_stack((np.ones(len(features)), (features - mean) / spread))
    ridge = _SOFT * np.eye(scaled.shape[1])
    weights = np.zeros(scaled.shape[1])
    for _ in range(100):
        likely = 1 / (1 + np.exp(-np.clip(scaled @ weights, -30, 30)))
        curve = (scaled * (likely * (1 - likely))[:, np.newaxis]).T @ scaled + ridge
        step = np.linalg.solve(curve, scaled.T @ (right - likely) - ridge @ weights)
        weights += step
        if np.abs(step).max() < 1e-9:
            break
    slopes = weights[1:] / spread
    return np.array((weights[0] - slopes @ mean, *slopes))


def _compared(corpus: Path, folder: Path, part: Served, every: int) -> Iterator[Compared]:
    all_tracks = list(tracks(corpus))
    names = [name_of(track) for track in all_tracks]
    kin = kin_of(corpus, folder)
    for half in get_args(Half):
        known = [n for n, track in enumerate(all_tracks) if indexed(track, part, half)]
        index = folder / "index" / f"calibration-{part}-{half}"
        shutil.rmtree(index, ignore_errors=True)
        build_index(index, folder / "prints", ((n, names[n], recording(folder, all_tracks[n])) for n in known))
        matcher = Matcher(index)
        for track, sound in _sounds(folder, all_tracks, part, half, every):
            clip = listen([sound])
            for of in (clip, clip_of(clip.items)):
                for one in matcher.evidence(of)[:REFERENCES]:
                    right = names[one.reference] == track
                    if right or not kin.related(names[one.reference], track):
                        yield _figures(one, right)


def _figures(one: Evidence, right: bool) -> Compared:  # noqa: FBT001
    evidence = one.agreed.evidence if one.agreed is not None else 0.0
    return Compared(evidence, one.line.score if one.line is not None else None, right)


def _sounds(
    folder: Path, all_tracks: list[Track], part: Served, half: Half, every: int
) -> Iterator[tuple[str, NDArray[np.int16]]]:
    clips, sounds = read(folder, part)
    for shift, rows in enumerate(sounds.values()):
        for number in range(shift % every, len(clips), every):
            for seconds in LENGTHS:
                yield clips[number].track, np.asarray(rows[number, : seconds * FINGERPRINT.rate])
    for track in all_tracks:
        if track.part == part and half_of(name_of(track)) != half:
            sound = recording(folder, track)
            for seconds in (*LENGTHS, 60):
                size = seconds * FINGERPRINT.rate
                for start in range(0, len(sound) - size, APART * FINGERPRINT.rate * every):
                    yield name_of(track), np.asarray(sound[start : start + size])


def _table(said: Floats, right: Floats) -> str:
    rows: list[list[object]] = []
    for low, high in pairwise(STEPS):
        some = (said >= low) & ((said < high) | (high == 1.0))
        if some.any():
            rows.append(
                [f"{low:g} to {high:g}", int(some.sum()), f"{said[some].mean():.3f}", f"{right[some].mean():.3f}"]
            )
    return table(["confidence", "references", "said", "right"], rows)


if __name__ == "__main__":
    main()
