"""The music that is aired: tracks that are in the index, and strangers that have no kin in it."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.recognition.accuracy import indexed
from benchmarks.recognition.clips import Half, name_of
from benchmarks.recognition.corpus import Track, tracks
from benchmarks.recognition.kinship import Kin, kin_of
from benchmarks.recognition.overlays import Served
from benchmarks.recognition.recordings import Recording, recording, recording_path
from sonograph.recognition.audio.pcm import FINGERPRINT

SILENT = 0.003  # of full scale: what is quieter is not heard, and stations leave it out
BLOCK = 110  # samples at 11,025 Hz: 10 ms
SHORTEST = 45.0  # seconds: shorter pieces are not aired as songs


@dataclass(frozen=True, slots=True)
class Song:
    number: int  # of the track and its reference
    name: str
    path: Path  # of its recording
    cue_in: float  # seconds: the first and the last of it that is heard
    cue_out: float
    level: float  # root mean square of full scale, in between


@dataclass(frozen=True, slots=True)
class Library:
    """What a half of a part can air, and what its index has."""

    references: tuple[tuple[int, str], ...]  # all of the index: number, name
    known: tuple[Song, ...]
    strangers: tuple[Song, ...]
    kin: Kin
    names: dict[int, str]
    alike: tuple[Song, ...] = ()  # in no index, but share material with what is: never aired in shows


def library(corpus: Path, kept: Path, part: Served, half: Half) -> Library:
    found = list(tracks(corpus))
    kin = kin_of(corpus, kept)
    cues = _cues(kept, found)
    known, strangers, alike, references = [], [], [], []
    inside = {name_of(track) for track in found if indexed(track, part, half)}
    for number, track in enumerate(found):
        name = name_of(track)
        if name in inside:
            references.append((number, name))
        song = Song(number, name, recording_path(kept, track), *cues[name])
        if track.part != part or song.cue_out - song.cue_in < SHORTEST:
            continue
        if name in inside:
            known.append(song)
        elif not kin.any_of(name, inside):
            strangers.append(song)
        else:
            alike.append(song)
    names = {number: name_of(track) for number, track in enumerate(found)}
    return Library(tuple(references), tuple(known), tuple(strangers), kin, names, tuple(alike))


def recordings(corpus: Path, kept: Path, wanted: Library) -> Iterator[tuple[int, str, Recording]]:
    """The references of a library's index, as `build_index` takes them."""
    chosen = {number for number, _ in wanted.references}
    for number, track in enumerate(tracks(corpus)):
        if number in chosen:
            yield number, name_of(track), recording(kept, track)


def _cues(kept: Path, found: list[Track]) -> dict[str, tuple[float, float, float]]:
    """By name; worked out once, and kept in KEPT/cues.json."""
    path = kept / "cues.json"
    if not path.exists():
        cues = {name_of(track): _cue(recording(kept, track)) for track in found}
        partial = path.with_suffix(f".{os.getpid()}")
        partial.write_text(json.dumps(cues, indent=0))
        partial.rename(path)
    return {name: (cue[0], cue[1], cue[2]) for name, cue in json.loads(path.read_text()).items()}


def _cue(sound: Recording) -> tuple[float, float, float]:
    blocks = np.asarray(sound[: len(sound) // BLOCK * BLOCK], np.float32).reshape(-1, BLOCK) / 32768
    power = (blocks**2).mean(axis=1)
    heard = np.flatnonzero(power > SILENT**2)
    if not len(heard):
        return 0.0, 0.0, 0.0
    first, behind = int(heard[0]), int(heard[-1]) + 1
    level = float(np.sqrt(power[first:behind].mean()))
    return first * BLOCK / FINGERPRINT.rate, behind * BLOCK / FINGERPRINT.rate, level
