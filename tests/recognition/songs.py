"""An index of generated songs, and clips of them as they come: noisy, faster, encoded, one after the other."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sonograph.recognition.audio.decode import BLOCK
from sonograph.recognition.audio.pcm import FINGERPRINT
from sonograph.recognition.clip import Clip, listen
from sonograph.recognition.landmarks.packing import pack
from sonograph.recognition.landmarks.peaks import reference_peaks
from sonograph.recognition.segments.build import ITEMS
from sonograph.recognition.segments.landmark_build import LANDMARKS, landmarks_part
from sonograph.recognition.segments.writer import Writer
from tests.recognition.sounds import music

RATE = FINGERPRINT.rate
Sound = NDArray[np.int16]


def song(number: int, seconds: float = 60.0) -> Sound:
    return music(seconds, RATE, seed=number + 1)


def cut(sound: Sound, start: float, end: float) -> Sound:
    return sound[int(start * RATE) : int(end * RATE)]


def noisy(sound: Sound, decibels: float, seed: int = 1) -> Sound:
    """With white noise, so many dB below the sound."""
    samples = sound.astype(np.float64)
    level = samples.std() * 10 ** (-decibels / 20)
    noise = np.random.default_rng(seed).normal(0, level, len(samples))
    return np.clip(samples + noise, -32768, 32767).astype(np.int16)


def faster(sound: Sound, factor: float) -> Sound:
    """As a turntable plays faster: higher, too."""
    places = np.arange(0, len(sound) - 1, factor)
    played: Sound = np.interp(places, np.arange(len(sound)), sound).astype(np.int16)
    return played


def silence(seconds: float) -> Sound:
    return np.zeros(int(seconds * RATE), np.int16)


def noise(seconds: float, seed: int = 5) -> Sound:
    samples: Sound = np.random.default_rng(seed).normal(0, 5000, int(seconds * RATE)).astype(np.int16)
    return samples


def clip(*sounds: Sound) -> Clip:
    samples = np.concatenate(sounds)
    return listen(samples[at : at + BLOCK] for at in range(0, len(samples), BLOCK))


def index(folder: Path, sounds: Iterable[tuple[int, Sound]]) -> None:
    """Both fingerprints of (reference id, sound), as the service has them."""
    known = [(number, clip(sound)) for number, sound in sounds]
    ids = [number for number, _ in known]
    with Writer(folder / "items", ITEMS) as items, Writer(folder / "landmarks", LANDMARKS) as landmarks:
        sizes = [len(of.items) for _, of in known]
        items.add([(np.array(ids), np.array(sizes), np.concatenate([of.items for _, of in known]))])
        peaks = [of.peaks for _, of in known if of.peaks is not None]
        landmarks.add([landmarks_part(ids, [pack(reference_peaks(one)) for one in peaks])])
