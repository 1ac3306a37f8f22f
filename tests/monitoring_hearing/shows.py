"""A station's sound, put together of songs, and what is heard of it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from numpy.typing import NDArray

from sonograph.monitoring.hearing.airing import Airing, Change, Ended, OpenAiring, Started
from sonograph.monitoring.hearing.airings import Airings
from sonograph.monitoring.hearing.hearing import Hearing
from sonograph.monitoring.hearing.tuning import Tuning, tuning_of
from sonograph.monitoring.hearing.window import Window
from sonograph.monitoring.vocabulary import DetectionMode
from sonograph.recognition.audio.decode import decode
from sonograph.recognition.audio.pcm import FINGERPRINT
from sonograph.recognition.matcher import Matcher
from sonograph.recognition.sandbox.making import wave_of
from sonograph.recognition.sandbox.synthesis import play
from sonograph.recognition.sandbox.tunes import Tune

RATE = FINGERPRINT.rate
Sound = NDArray[np.int16]
BALANCED = tuning_of(None, DetectionMode.BALANCED)


def rendered(tune: Tune, seconds: float) -> Sound:
    samples: Sound = np.concatenate(list(decode(BytesIO(wave_of(play(tune, seconds)))))).astype(np.int16)
    return samples


def cut(sound: Sound, start: float, end: float) -> Sound:
    return sound[round(start * RATE) : round(end * RATE)]


def talk(seconds: float, seed: int = 3) -> Sound:
    """Like a voice: vowels of a few harmonics that glide, with pauses between the syllables."""
    dice = np.random.default_rng(seed)
    parts: list[NDArray[np.float64]] = []
    size = 0
    while size < seconds * RATE:
        count = int(dice.uniform(0.08, 0.25) * RATE)
        pitch = dice.uniform(90, 220) * np.linspace(1, dice.uniform(0.8, 1.25), count)
        phase = 2 * np.pi * np.cumsum(pitch) / RATE
        weights = dice.uniform(0, 1, 16) / np.arange(1, 17) ** 0.5
        vowel = np.sum([weight * np.sin((n + 1) * phase) for n, weight in enumerate(weights)], axis=0)
        parts += [vowel * np.hanning(count), np.zeros(int(dice.uniform(0.02, 0.15) * RATE))]
        size += len(parts[-1]) + count
    voice = np.concatenate(parts)[: round(seconds * RATE)]
    loud: Sound = (voice / np.abs(voice).max() * 14000).astype(np.int16)
    return loud


def noise(seconds: float, seed: int = 5) -> Sound:
    samples: Sound = np.random.default_rng(seed).normal(0, 3000, round(seconds * RATE)).astype(np.int16)
    return samples


def silence(seconds: float) -> Sound:
    return np.zeros(round(seconds * RATE), np.int16)


def over(sound: Sound, other: Sound, at: float, gain: float = 0.4) -> Sound:
    """The other one over the sound, which is turned down meanwhile."""
    mixed = sound.astype(np.float64)
    part = slice(round(at * RATE), round(at * RATE) + len(other))
    mixed[part] = mixed[part] * gain + other[: len(mixed[part])]
    return np.clip(mixed, -32768, 32767).astype(np.int16)


def crossfade(one: Sound, other: Sound, seconds: float) -> Sound:
    size = round(seconds * RATE)
    rise = np.sin(np.linspace(0, np.pi / 2, size))
    both = one[-size:] * rise[::-1] + other[:size] * rise
    return np.concatenate((one[:-size], np.clip(both, -32768, 32767).astype(np.int16), other[size:]))


def faster(sound: Sound, factor: float) -> Sound:
    """As a turntable plays faster: higher, too."""
    places = np.arange(0, len(sound) - 1, factor)
    played: Sound = np.interp(places, np.arange(len(sound)), sound).astype(np.int16)
    return played


@dataclass(frozen=True, slots=True)
class Told:
    """A change, and at which second of the stream it was told."""

    at: float
    change: Change


@dataclass(frozen=True, slots=True)
class Show:
    told: list[Told]
    now: list[tuple[float, int | None]]  # what is said to be on air, second by second
    windows: list[Window]

    @property
    def started(self) -> list[Airing]:
        return [one.change.airing for one in self.told if isinstance(one.change, Started)]

    @property
    def ended(self) -> list[Airing]:
        return [one.change.airing for one in self.told if isinstance(one.change, Ended)]

    @property
    def tracks(self) -> list[int]:
        return [airing.track_id for airing in self.started]

    def on_air(self, second: float) -> int | None:
        return next(track for at, track in self.now if at >= second)


def blocks(sound: Sound, size: int = RATE) -> Iterator[Sound]:
    for at in range(0, len(sound), size):
        yield sound[at : at + size]


def heard(
    matcher: Matcher,
    sound: Sound | Iterable[Sound],
    tuning: Tuning = BALANCED,
    *,
    at: float = 0.0,
    resume: OpenAiring | None = None,
) -> Show:
    """Tracks have the numbers of their references."""
    hearing, airings = Hearing(matcher, tuning, at), Airings(tuning, resume)
    show = Show([], [], [])
    for block in blocks(sound) if isinstance(sound, np.ndarray) else sound:
        for window in hearing.feed(block):
            show.windows.append(window)
            tracks = {sighting.reference: sighting.reference for sighting in window.heard}
            show.told.extend(Told(hearing.now, change) for change in airings.add(window, tracks))
        show.now.append((hearing.now, airings.now.track_id if airings.now else None))
    show.told.extend(Told(hearing.now, change) for change in airings.finish(hearing.now))
    return show
