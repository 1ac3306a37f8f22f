"""Landmarks of the corpus, found once and kept, and of references that are made up."""

import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.recognition.corpus import Part, Track, tracks
from sonograph.recognition.audio.decode import decode
from sonograph.recognition.landmarks.check import CHECK_DENSITY
from sonograph.recognition.landmarks.finder import find_peaks
from sonograph.recognition.landmarks.packing import PITCH_STEPS, TIME_STEPS, VERSION, WORD, pack, unpack
from sonograph.recognition.landmarks.peaks import FRAMES_PER_SECOND, HIGH, LOW, Peaks, reference_peaks
from sonograph.recognition.landmarks.triplets import Keys, query_keys, reference_keys
from sonograph.recognition.segments.kind import Part as Batch
from sonograph.recognition.segments.landmark_build import landmarks_part

LENGTH = 240.0  # seconds of each track
CHUNK = 500  # made-up references at a time
PIECE = 6.0  # seconds that a made-up reference takes from one place
TEMPO, SEMITONES = 0.32, 5  # octaves (0.8 to 1.25 times as fast) and semitones by which it is changed, up or down


@dataclass(frozen=True, slots=True)
class Marked:
    path: Path
    part: Part
    peaks: Peaks


def marked(corpus: Path, kept: Path) -> list[Marked]:
    """The tracks of a corpus with the peaks that are compared; kept in a file."""
    found = list(tracks(corpus))
    if not kept.exists():
        with ProcessPoolExecutor(os.cpu_count()) as pool:
            all_peaks = list(pool.map(_peaks, found, chunksize=4))
        joined = Peaks.joined(all_peaks)
        sizes = [len(peaks) for peaks in all_peaks]
        np.savez(kept, sizes=sizes, time=joined.time, pitch=joined.pitch, rank=joined.rank)
    with np.load(kept) as file:
        bounds = np.cumsum(file["sizes"])[:-1]
        parted = zip(*(np.split(file[name], bounds) for name in ("time", "pitch", "rank")), strict=True)
        return [Marked(track.path, track.part, Peaks(*peaks)) for track, peaks in zip(found, parted, strict=True)]


def _peaks(track: Track) -> Peaks:
    return find_peaks(decode(track.path, length=LENGTH)).densest(CHECK_DENSITY)


def part_of(known: list[Marked], ids: NDArray[np.int64]) -> Batch:
    """Real references."""
    return landmarks_part(ids, [pack(reference_peaks(one.peaks)) for one in known])


def made_up(
    real: list[Marked], count: int, first_id: int, *, seconds: float = LENGTH, seed: int = 1
) -> Iterator[Batch]:
    """References that nobody recorded: pieces of real ones, each transposed and at a tempo of its own.

    All of a piece is from one track, so that its peaks are as far from each other as music has them.
    """
    stored = [reference_peaks(marks.peaks) for marks in real]
    lengths = np.array([len(peaks) and float(peaks.time[-1]) for peaks in stored])
    begins = np.cumsum(lengths) - lengths
    line = np.concatenate([peaks.time + begin for peaks, begin in zip(stored, begins, strict=True)])
    pitches = np.concatenate([peaks.pitch for peaks in stored])
    for number in range(0, count, CHUNK):
        dice = np.random.default_rng((seed, number))
        size = min(CHUNK, count - number)
        yield _chunk(dice, line, pitches, np.arange(first_id + number, first_id + number + size), seconds)


def _chunk(
    dice: np.random.Generator,
    line: NDArray[np.float64],
    pitches: NDArray[np.float32],
    ids: NDArray[np.int64],
    seconds: float,
) -> Batch:
    each = round(seconds / PIECE)
    frames = PIECE * FRAMES_PER_SECOND
    count = each * len(ids)
    tempo = 2.0 ** dice.uniform(-TEMPO, TEMPO, count)
    factor = 2.0 ** (dice.integers(-SEMITONES, SEMITONES + 1, count) / 12)
    starts = dice.random(count) * (line[-1] - frames * 2**TEMPO)
    first = np.searchsorted(line, starts)
    number = np.searchsorted(line, starts + frames * tempo) - first
    piece = np.repeat(np.arange(count), number)
    places = np.arange(len(piece)) + np.repeat(first - np.cumsum(number) + number, number)
    time = (line[places] - starts[piece]) / tempo[piece] + piece % each * frames
    pitch = pitches[places] * factor[piece]
    heard = (pitch > LOW) & (pitch < HIGH)
    owner = piece[heard] // each
    steps = np.rint(time[heard] * TIME_STEPS).astype(np.int64)
    steps = np.diff(steps, prepend=0)
    sizes = np.bincount(owner, minlength=len(ids))
    firsts = np.cumsum(sizes) - sizes
    steps[firsts[sizes > 0]] = np.rint(time[heard][firsts[sizes > 0]] * TIME_STEPS)
    found = np.minimum(steps, 2047) | np.rint(pitch[heard] * PITCH_STEPS).astype(np.int64) << 11
    packed = found.astype("<u4").view(np.uint8).reshape(-1, 4)[:, :WORD]
    return ids, sizes, packed.reshape(-1)


def meeting(asked: list[Peaks], parts: list[Batch]) -> float:
    """How likely it is that a key that is asked for equals one of the references' keys."""
    wanted = np.concatenate([keys for peaks in asked for _, keys, _ in query_keys(peaks, (1.0,))])
    values, counts = np.unique(wanted, return_counts=True)
    equal = known = 0
    for part in parts:
        keys = _keys(part)
        places = np.minimum(np.searchsorted(values, keys), len(values) - 1)
        equal += int(counts[places[values[places] == keys]].sum())
        known += len(keys)
    return equal / (len(wanted) * known)


def _keys(part: Batch) -> Keys:
    _, sizes, packed = part
    pieces = np.split(packed, np.cumsum(sizes)[:-1] * WORD)
    return np.concatenate([reference_keys(unpack(bytes([VERSION]) + piece.tobytes()))[0] for piece in pieces])
