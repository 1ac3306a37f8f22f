"""Clips of the corpus as a recogniser gets to hear them: `python -m benchmarks.recognition.clips CORPUS CLIPS`.

From each track for tuning and for evaluation comes a clip of 10 s, in 24 conditions. All is drawn from the names
of tracks, so clips are the same wherever they are made. CLIPS/PART/CONDITION.npy holds them, mono int16 at 11,025 Hz,
one a row (a shorter clip is the beginning of a row); CLIPS/PART/clips.json tells what they are of. What is there
already is kept.

Half of a part's tracks is indexed, beside all `references`; clips of the other half are strangers then. Then the halves
change places. So each clip is once a clip to be found and once one to be left alone, but never both in one index.
Thresholds are set on `tuning`; nothing is ever chosen by what `evaluation` shows.
"""

import argparse
import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from benchmarks.recognition.corpus import Track, tracks
from benchmarks.recognition.degradations import CONDITIONS, Around, as_frame
from benchmarks.recognition.overlays import SPOKEN, Served, Sound, load
from sonograph.recognition.audio.decode import decode
from sonograph.recognition.audio.mix import Mixer
from sonograph.recognition.audio.pcm import FINGERPRINT

SECONDS = 10
SIZE = SECONDS * FINGERPRINT.rate  # samples
EACH = 1  # clips of a track
AROUND = 1.5  # seconds of music kept on both sides of a clip: it may play 4 % faster, and rooms echo

Half = Literal["a", "b"]
Rows = NDArray[np.int16]  # (clips, SIZE)


@dataclass(frozen=True, slots=True)
class Clip:
    track: str  # package/file
    half: Half
    start: float  # seconds into the track


def name_of(track: Track) -> str:
    return f"{track.package}/{track.path.name}"


def half_of(name: str) -> Half:
    return "b" if hashlib.sha256(f"half of {name}".encode()).digest()[0] % 2 else "a"


def dice_of(*words: object) -> np.random.Generator:
    return np.random.default_rng(list(hashlib.sha256(repr(words).encode()).digest()))


def read(folder: Path, part: Served) -> tuple[list[Clip], dict[str, Rows]]:
    """The clips of a part, and for each condition that is made their sound, mapped from the files."""
    clips = [Clip(**clip) for clip in json.loads((folder / part / "clips.json").read_text())]
    files = {condition: folder / part / f"{condition}.npy" for condition in CONDITIONS}
    return clips, {name: np.load(path, mmap_mode="r") for name, path in files.items() if path.exists()}


def make(corpus: Path, folder: Path, part: Served) -> None:
    chosen = [track for track in tracks(corpus) if track.part == part]
    clips = [_drawn(track, number) for track in chosen for number in range(EACH)]
    (folder / part).mkdir(parents=True, exist_ok=True)
    (folder / part / "clips.json").write_text(json.dumps([asdict(clip) for clip in clips], indent=0))
    missing = [name for name in CONDITIONS if not (folder / part / f"{name}.npy").exists()]
    if not missing:
        return
    overlays = load(corpus, part)
    paths = {name_of(track): track.path for track in chosen}
    music = [_music(paths[clip.track], clip.start) for clip in clips]
    for condition in missing:
        rows = np.empty((len(clips), SIZE), np.int16)
        for number, (clip, sound) in enumerate(zip(clips, music, strict=True)):
            around = Around(overlays, dice_of(condition, clip.track, clip.start))
            rows[number] = heard(CONDITIONS[condition](sound, around))
        partial = folder / part / f"{condition}.partial.npy"
        np.save(partial, rows)
        partial.rename(folder / part / f"{condition}.npy")
        print(f"{part} {condition}: {len(clips)} clips", flush=True)


def _drawn(track: Track, number: int) -> Clip:
    name = name_of(track)
    space = track.seconds - SECONDS - 2 * AROUND - 1  # a second, as containers do not know their length exactly
    return Clip(name, half_of(name), round(AROUND + space * dice_of(name, number).random(), 3))


def _music(path: Path, start: float) -> Sound:
    blocks = decode(path, SPOKEN, start=start - AROUND, length=SECONDS + 2 * AROUND)
    return np.concatenate(list(blocks)).astype(np.float32)


def heard(sound: Sound) -> NDArray[np.int16]:
    """The middle of a sound, by the product's own resampler."""
    samples = np.concatenate(list(Mixer(FINGERPRINT).convert(iter([as_frame(sound)])))).astype(np.int16)
    at = (len(samples) - SIZE) // 2
    return samples[at : at + SIZE]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.recognition.clips", description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("clips", type=Path)
    parser.add_argument("--part", choices=("tuning", "evaluation"), action="append")
    asked = parser.parse_args()
    parts: tuple[Served, ...] = tuple(asked.part or ("tuning", "evaluation"))
    for part in parts:
        make(asked.corpus, asked.clips, part)


if __name__ == "__main__":
    main()
