"""Fingerprints of the corpus, made once and kept, and of references that are made up."""

import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.recognition.corpus import Part, Track, tracks
from sonograph.recognition.audio.decode import decode
from sonograph.recognition.chromaprint import Items, fingerprint
from sonograph.recognition.segments.kind import Part as Batch

LENGTH = 90.0  # seconds of each track
CHUNK = 10_000  # made-up references at a time
SIZE = 220  # items of 30 s
RUN = 8  # items that a made-up reference takes from one place of a real track
FLIPS = 5  # one in 2^5 of their bits is changed: 36 % of the items stay as they are


@dataclass(frozen=True, slots=True)
class Print:
    path: Path
    part: Part
    items: Items


def prints(corpus: Path) -> list[Print]:
    """The tracks of a corpus with their fingerprints; kept in CORPUS/prints.npz."""
    kept = corpus / "prints.npz"
    found = list(tracks(corpus))
    if not kept.exists():
        with ProcessPoolExecutor(os.cpu_count()) as pool:
            all_items = list(pool.map(_print, found, chunksize=4))
        np.savez(kept, sizes=[len(items) for items in all_items], items=np.concatenate(all_items))
    with np.load(kept) as file:
        parted = np.split(file["items"], np.cumsum(file["sizes"])[:-1])
    return [Print(track.path, track.part, items) for track, items in zip(found, parted, strict=True)]


def _print(track: Track) -> Items:
    return fingerprint(decode(track.path, length=LENGTH), None)


def coincidence(known: list[Print]) -> float:
    """How likely it is that an item of one track equals an item of another."""
    values, counts = np.unique(np.concatenate([np.unique(p.items) for p in known]), return_counts=True)
    common = values[counts > 1]
    total = pairs = 0.0
    sums = np.zeros(len(common))
    for print_ in known:
        inside = np.isin(print_.items, common)
        of_track = np.zeros(len(common))
        np.add.at(of_track, np.searchsorted(common, print_.items[inside]), 1)
        pairs -= float((of_track**2).sum())
        total -= float(len(print_.items)) ** 2
        sums += of_track
    return (pairs + float((sums**2).sum())) / (total + float(sum(len(p.items) for p in known)) ** 2)


def made_up(real: list[Print], count: int, first_id: int, seed: int = 1) -> Iterator[Batch]:
    """References of 30 s that nobody recorded: short pieces of real ones put together, with some bits changed.

    Items of the tracks they are made of come more often than in real music, others less; none resembles another long.
    """
    pool = np.concatenate([p.items for p in real])
    for number in range(0, count, CHUNK):
        dice = np.random.default_rng((seed, number))
        size = min(CHUNK, count - number)
        starts = dice.integers(0, len(pool) - RUN, (size, -(-SIZE // RUN)))
        items = pool[starts[:, :, np.newaxis] + np.arange(RUN)].reshape(size, -1)[:, :SIZE].reshape(-1)
        yield (
            np.arange(first_id + number, first_id + number + size, dtype=np.int64),
            np.full(size, SIZE, np.int64),
            items ^ np.bitwise_and.reduce(dice.integers(0, 2**32, (FLIPS, len(items)), np.uint32)),
        )
