"""Fingerprints of the corpus, made once and kept, and of references that are made up."""

import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.recognition.corpus import Part, Track, tracks
from sonograph.recognition.audio.decode import decode
from sonograph.recognition.chromaprint import SILENCE, Items, fingerprint
from sonograph.recognition.segments.kind import Part as Batch

LENGTH = 90.0  # seconds of each track
CHUNK = 10_000  # made-up references at a time
SIZE = 220  # items of 30 s
RUN = 20  # items that a made-up reference takes from one place
VARIATIONS, SEMITONES = 24, 7  # speeds at which the music for made-up references is played; up and down by so many


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


def variations(corpus: Path) -> list[Items]:
    """The tracks for tuning, each at many speeds: the music that made-up references are made of.

    At another speed and pitch a track is music that nobody else has, as alike to other music as any; so who asks for
    tracks of the other parts meets as many equal items as among real references. Kept in CORPUS/variations.npz.
    """
    kept = corpus / "variations.npz"
    if not kept.exists():
        chosen = [track for track in tracks(corpus) if track.part == "tuning"]
        with ProcessPoolExecutor(os.cpu_count()) as pool:
            all_items = [items for many in pool.map(_varied, chosen) for items in many]
        np.savez(kept, sizes=[len(items) for items in all_items], items=np.concatenate(all_items))
    with np.load(kept) as file:
        return np.split(file["items"], np.cumsum(file["sizes"])[:-1])


def _varied(track: Track) -> list[Items]:
    pcm = np.concatenate(list(decode(track.path, length=LENGTH)))
    places = np.arange(len(pcm))
    return [
        fingerprint([np.interp(np.arange(0, len(pcm) - 1, speed), places, pcm).astype(np.int16)], None)
        for speed in 2.0 ** np.linspace(-SEMITONES / 12, SEMITONES / 12, VARIATIONS)
    ]


def made_up(pool: list[Items], count: int, first_id: int, seed: int = 1) -> Iterator[Batch]:
    """References of 30 s that nobody recorded: pieces of 2.5 s put together."""
    line = np.concatenate(pool)
    for number in range(0, count, CHUNK):
        dice = np.random.default_rng((seed, number))
        size = min(CHUNK, count - number)
        starts = dice.integers(0, len(line) - RUN, (size, -(-SIZE // RUN)))
        items = line[starts[:, :, np.newaxis] + np.arange(RUN)].reshape(size, -1)[:, :SIZE].reshape(-1)
        ids = np.arange(first_id + number, first_id + number + size, dtype=np.int64)
        yield ids, np.full(size, SIZE, np.int64), items


def meeting(asked: list[Print], pool: list[Items]) -> float:
    """How likely it is that an item that is asked for equals one of the pool's."""
    values, counts = np.unique(np.concatenate([p.items for p in asked]), return_counts=True)
    known = np.concatenate(pool)
    places = np.minimum(np.searchsorted(values, known), len(values) - 1)
    equal = (values[places] == known) & (known != SILENCE)
    return float(counts[places[equal]].sum()) / (float(counts.sum()) * len(known))
