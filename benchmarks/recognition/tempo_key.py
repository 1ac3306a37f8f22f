"""Tempo and key against the truth of made-up music, and what they say of real music.

`python -m benchmarks.recognition.tempo_key [--songs N] [--corpus CORPUS] [--librosa]`. The songs are those of
`made_music`, drawn by seeds from 1000 on; what the confidence rests on was fitted to seeds below 1000. With --librosa
(which must be installed) its tempo and its chromagram with the same profiles are measured beside ours, and the two are
compared on the corpus, of which nobody told us tempo or key.
"""

import argparse
import time
from collections import Counter
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.figures import table
from benchmarks.recognition.corpus import tracks
from benchmarks.recognition.made_music import Song, song
from benchmarks.recognition.overlays import load
from sonograph.catalog.keys import MusicalKey
from sonograph.recognition.audio.decode import BLOCK, decode
from sonograph.recognition.audio.pcm import FINGERPRINT
from sonograph.recognition.key import KEYS, PROFILES, Key, KeyFinder
from sonograph.recognition.tempo import Tempo, TempoFinder

FIRST_SEED = 1000
SECONDS = 45.0
LENGTH = 120.0  # seconds of a real track
RATE = FINGERPRINT.rate
TOLERANCE = 0.04  # of tempos, as usual in MIREX
_RATIOS = {"double": 2.0, "half": 0.5, "3/2": 1.5, "2/3": 2 / 3, "3": 3.0, "1/3": 1 / 3, "4": 4.0, "1/4": 0.25}
_BANDS = ((0.0, 0.3), (0.3, 0.6), (0.6, 0.8), (0.8, 0.9), (0.9, 1.01))

Sound = NDArray[np.int16]
Heard = tuple[Tempo | None, Key | None]


def of_tempo(said: Tempo | float | None, truth: float) -> str:
    if said is None:
        return "none"
    found = said.bpm if isinstance(said, Tempo) else said
    if abs(found / truth - 1) < TOLERANCE:
        return "right"
    return next((name for name, ratio in _RATIOS.items() if abs(found / truth / ratio - 1) < TOLERANCE), "wrong")


def of_key(said: Key | MusicalKey | None, truth: MusicalKey) -> str:
    """How keys are related, as MIREX tells them apart."""
    if said is None:
        return "none"
    found = said.key if isinstance(said, Key) else said
    number, other = int(found.alphanumeric[:-1]), int(truth.alphanumeric[:-1])
    minor, of_minor = found.alphanumeric[-1], truth.alphanumeric[-1]
    if minor == of_minor:
        return {0: "right", 1: "fifth", 11: "fifth"}.get((number - other) % 12, "wrong")
    if number == other:
        return "relative"
    return "parallel" if (number - other) % 12 == (3 if minor == "B" else 9) else "wrong"


def hear(sound: Sound) -> tuple[Heard, float, float]:
    """What we say, and the CPU seconds of tempo and key."""
    tempo, key = TempoFinder(), KeyFinder()
    for_tempo = for_key = 0.0
    for at in range(0, len(sound), BLOCK):
        times = [time.process_time()]
        for feed in (tempo.feed, key.feed):
            feed(sound[at : at + BLOCK])
            times.append(time.process_time())
        for_tempo += times[1] - times[0]
        for_key += times[2] - times[1]
    return (tempo.result(), key.result()), for_tempo, for_key


def librosa_hears() -> Callable[[Sound], tuple[float, MusicalKey]]:
    librosa: Any = import_module("librosa")

    def hear_it(sound: Sound) -> tuple[float, MusicalKey]:
        samples = sound.astype(np.float32) / 32768
        tempo, _ = librosa.beat.beat_track(y=samples, sr=RATE, hop_length=256)
        notes = librosa.feature.chroma_stft(y=samples, sr=RATE, n_fft=8192, hop_length=4096).mean(axis=1)
        alike = PROFILES @ (notes - notes.mean())
        return float(np.atleast_1d(tempo)[0]), KEYS[int(np.argmax(alike))]

    return hear_it


def _shares(rows: Sequence[tuple[str, Counter[str]]]) -> str:
    names = sorted({name for _, counter in rows for name in counter}, key=lambda name: (name != "right", name))
    return table(["", "of", *names], [[what, c.total(), *(c[name] for name in names)] for what, c in rows])


def _held(said: Sequence[tuple[float, bool]]) -> str:
    rows = []
    for low, high in _BANDS:
        inside = [(confidence, right) for confidence, right in said if low <= confidence < high]
        if inside:
            mean, share = (sum(values) / len(inside) for values in zip(*inside, strict=True))
            rows.append([f"{low:.1f}-{min(high, 1):.1f}", len(inside), f"{mean:.2f}", f"{share:.2f}"])
    return table(["confidence", "songs", "said", "right"], rows)


def made_up(songs: Sequence[Song], theirs: Callable[[Sound], tuple[float, MusicalKey]] | None) -> None:
    tempos, keys = (
        {"ours": Counter[str](), "librosa": Counter[str]()},
        {"ours": Counter[str](), "librosa": Counter[str]()},
    )
    by_rhythm: dict[str, Counter[str]] = {}
    errors, tempo_said, key_said, costs = [], [], [], np.zeros(2)
    for one in songs:
        (tempo, key), *cost = hear(one.samples)
        costs += cost
        verdict = of_tempo(tempo, one.bpm)
        tempos["ours"][verdict] += 1
        by_rhythm.setdefault(one.rhythm, Counter())[verdict] += 1
        keys["ours"][named := of_key(key, one.key)] += 1
        tempo_said.append((tempo.confidence if tempo else 0.0, verdict == "right"))
        key_said.append((key.confidence if key else 0.0, named == "right"))
        if tempo and verdict == "right":
            errors.append(abs(tempo.bpm / one.bpm - 1))
        if theirs:
            bpm, their_key = theirs(one.samples)
            tempos["librosa"][of_tempo(bpm, one.bpm)] += 1
            keys["librosa"][of_key(their_key, one.key)] += 1
    minutes = len(songs) * SECONDS / 60
    tempo_cost, key_cost = costs / minutes
    print(f"{len(songs)} made-up songs of {SECONDS:.0f} s")
    print(f"CPU a minute: tempo {tempo_cost:.3f} s, key {key_cost:.3f} s")
    print("Tempo\n" + _shares([row for row in tempos.items() if row[1].total()] + list(by_rhythm.items())))
    print(
        f"error where right: median {100 * np.median(errors):.4f} %, 95 % below {100 * np.percentile(errors, 95):.4f} %"
    )
    print(_held(tempo_said))
    print("Key\n" + _shares([row for row in keys.items() if row[1].total()]))
    print(_held(key_said))


def real(corpus: Path, theirs: Callable[[Sound], tuple[float, MusicalKey]] | None) -> None:
    """Tuning and references only: what is never looked at cannot be tuned on."""
    tempos, keys, sure = Counter[str](), Counter[str](), Counter[str]()
    for track in tracks(corpus):
        if track.part == "evaluation":
            continue
        sound = np.concatenate([block.astype(np.int16) for block in decode(track.path, length=LENGTH)])
        (tempo, key), *_ = hear(sound)
        sure["tracks"] += 1
        sure["tempo at 0.8 or more"] += bool(tempo and tempo.confidence >= 0.8)
        sure["key at 0.8 or more"] += bool(key and key.confidence >= 0.8)
        if theirs:
            bpm, their_key = theirs(sound)
            if tempo and bpm:
                tempos[of_tempo(tempo.bpm, bpm)] += 1
            keys[of_key(key, their_key)] += 1
    print("Real music:", ", ".join(f"{what} {count}" for what, count in sure.items()))
    if theirs:
        print("Ours, as librosa would call it ('right': the same)\n" + _shares([("tempo", tempos)]))
        print(_shares([("key", keys)]))


def without(corpus: Path | None) -> None:
    """Noise, strokes at random, and people who talk: how sure we are at most of what is not there."""
    draw = np.random.default_rng(7)
    size = int(SECONDS * RATE)
    sounds: dict[str, list[Sound]] = {"noise": [], "strokes at random": []}
    for _ in range(10):
        sounds["noise"].append((3000 * draw.standard_normal(size)).astype(np.int16))
        wave = np.zeros(size)
        for at in np.cumsum(draw.exponential(0.3, 200)):
            place = wave[int(at * RATE) :][:3000]
            place += (6000 * draw.standard_normal(3000) * np.exp(-np.arange(3000) / 400))[: len(place)]
        sounds["strokes at random"].append(np.clip(wave, -32768, 32767).astype(np.int16))
    if corpus:
        spoken = load(corpus, "tuning")
        for talkers in (1, 3):
            talk = [spoken.talk(talkers, 2 * size, draw) for _ in range(10)]
            sounds[f"{talkers} talking"] = [(2000 * one.reshape(-1, 2).mean(axis=1)).astype(np.int16) for one in talk]
    rows = []
    for what, each in sounds.items():
        heard = [hear(sound)[0] for sound in each]
        sure = [max((one.confidence if one else 0.0) for one in said) for said in zip(*heard, strict=True)]
        rows.append([what, len(each), *(f"{confidence:.3f}" for confidence in sure)])
    print("How sure at most\n" + table(["of", "pieces", "tempo", "key"], rows))


def main() -> None:
    arguments = argparse.ArgumentParser(prog="python -m benchmarks.recognition.tempo_key", description=__doc__)
    arguments.add_argument("--songs", type=int, default=280)
    arguments.add_argument("--corpus", type=Path)
    arguments.add_argument("--librosa", action="store_true")
    asked = arguments.parse_args()
    theirs = librosa_hears() if asked.librosa else None
    made_up([song(FIRST_SEED + n, SECONDS) for n in range(asked.songs)], theirs)
    without(asked.corpus)
    if asked.corpus:
        real(asked.corpus, theirs)


if __name__ == "__main__":
    main()
