"""Music made up with a known tempo and key: drums, bass, chords and a melody, at 11,025 Hz."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sonograph.catalog.keys import MusicalKey, find_key
from sonograph.recognition.audio.pcm import FINGERPRINT

RATE = FINGERPRINT.rate
Wave = NDArray[np.float64]

_MAJOR, _MINOR = (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10)
_NAMES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "G#", "A", "Bb", "B")
# Degrees of a scale, from 0; a minor dominant may be major, as it is in most songs.
_PROGRESSIONS = {
    "major": ((0, 4, 5, 3), (0, 3, 4, 0), (1, 4, 0, 0), (0, 5, 3, 4), (0, 5, 1, 4), (0, 3, 0, 4), (5, 3, 0, 4)),
    "minor": ((0, 5, 2, 6), (0, 3, 4, 0), (0, 6, 5, 6), (0, 3, 6, 2), (0, 0, 3, 4), (0, 5, 3, 4), (0, 6, 5, 4)),
}


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Strokes in quarters of a beat within one bar, and the tempos at which it is played."""

    name: str
    beats: int  # in a bar
    kick: tuple[float, ...]
    snare: tuple[float, ...]
    hat: tuple[float, ...]
    slowest: float
    fastest: float
    swing: float = 0.0  # by which the second of two eighths is late, in beats


RHYTHMS = (
    Rhythm("four on the floor", 4, (0, 4, 8, 12), (4, 12), (2, 6, 10, 14), 110, 150),
    Rhythm("techno without snare", 4, (0, 4, 8, 12), (), (2, 6, 10, 14), 115, 150),
    Rhythm("rock", 4, (0, 8, 10), (4, 12), (0, 2, 4, 6, 8, 10, 12, 14), 80, 160),
    Rhythm("ballad", 4, (0, 7, 8), (4, 12), (0, 2, 4, 6, 8, 10, 12, 14), 60, 85),
    Rhythm("hip-hop", 4, (0, 3, 10), (4, 12), tuple(range(0, 16, 2)), 75, 105, 0.1),
    Rhythm("drum and bass", 4, (0, 10), (4, 12), tuple(range(0, 16, 2)), 165, 180),
    Rhythm("breakbeat", 4, (0, 2, 10, 11), (4, 12), tuple(range(0, 16, 2)), 115, 145),
    Rhythm("swing", 4, (0, 8), (4, 12), (0, 4, 6, 8, 12, 14), 120, 200, 0.17),
    Rhythm("shuffle", 4, (0, 8), (4, 12), (0, 2, 4, 6, 8, 10, 12, 14), 80, 140, 0.15),
    Rhythm("waltz", 3, (0,), (4, 8), (0, 4, 8), 90, 190),
    Rhythm("five four", 5, (0, 10), (6, 14), (0, 2, 4, 6, 8, 10, 12, 14, 16, 18), 100, 170),
    Rhythm("reggae", 4, (8,), (8,), (2, 6, 10, 14), 70, 95),
    Rhythm("sixteenths", 4, (0, 6, 8), (4, 12), tuple(range(16)), 85, 125),
    Rhythm("no drums", 4, (), (), (), 70, 150),
)


@dataclass(frozen=True, slots=True)
class Song:
    samples: NDArray[np.int16]
    bpm: float
    key: MusicalKey
    rhythm: str


def song(seed: int, seconds: float = 60.0) -> Song:
    """A song drawn by its seed: the rhythms in turn, any tempo that each is played at, any key."""
    draw = np.random.default_rng(seed)
    rhythm = RHYTHMS[seed % len(RHYTHMS)]
    bpm = float(draw.uniform(rhythm.slowest, rhythm.fastest))
    tonic, mode = int(draw.integers(12)), ("major", "minor")[int(draw.integers(2))]
    key = find_key(f"{_NAMES[tonic]} {mode}")
    assert key is not None  # noqa: S101  (a name of our own)
    mix = _Mix(seconds, bpm, draw)
    mix.drums(rhythm, float(draw.uniform(0.15, 1.0)))
    mix.harmony(rhythm, tonic, mode, float(draw.uniform(-35, 35)))
    wave = mix.wave + float(draw.uniform(0, 0.02)) * draw.standard_normal(len(mix.wave))
    wave *= 0.8 / np.abs(wave).max()
    return Song((wave * 32767).astype(np.int16), bpm, key, rhythm.name)


class _Mix:
    def __init__(self, seconds: float, bpm: float, draw: np.random.Generator) -> None:
        self.wave = np.zeros(int((seconds + 4) * RATE))
        self._length = int(seconds * RATE)
        self._beat = 60 / bpm
        self._draw = draw
        self._late = float(draw.uniform(0, 0.008))  # s: players are not machines
        self._begin = float(draw.uniform(0, 1.5))

    def _put(self, sound: Wave, at: float) -> None:
        place = int((at + self._begin + max(-0.02, self._draw.normal(0, self._late))) * RATE)
        if 0 <= place < self._length:
            part = self.wave[place : place + len(sound)]
            part += sound[: len(part)]

    def _when(self, rhythm: Rhythm, bar: int, place: float) -> float:
        late = rhythm.swing if place % 4 == 2 else 0.0
        return (bar * rhythm.beats + place / 4 + late) * self._beat

    def _bars(self, rhythm: Rhythm) -> int:
        return int(self._length / RATE / (rhythm.beats * self._beat)) + 1

    def drums(self, rhythm: Rhythm, loud: float) -> None:
        kick, snare, hat = self._drum_sounds()
        for bar in range(self._bars(rhythm)):
            for places, sound in ((rhythm.kick, kick), (rhythm.snare, snare), (rhythm.hat, hat)):
                for place in places:
                    if self._draw.random() > 0.03:
                        strength = loud * self._draw.uniform(0.75, 1.0)
                        self._put(sound * strength, self._when(rhythm, bar, place))
            if bar % 8 == 7:
                for place in range(8, 16):
                    if self._draw.random() < 0.5 and rhythm.snare:
                        self._put(snare * loud * 0.7, self._when(rhythm, bar, place))

    def _drum_sounds(self) -> tuple[Wave, Wave, Wave]:
        t = np.arange(int(0.25 * RATE)) / RATE
        low = self._draw.uniform(42, 60)
        kick = np.sin(2 * np.pi * (low * t + 3 * (1 - np.exp(-t * 40)))) * np.exp(-t * 14)
        noise = self._draw.standard_normal(len(t))
        tone = np.sin(2 * np.pi * self._draw.uniform(160, 220) * t)
        snare = (0.5 * noise + 0.5 * tone) * np.exp(-t * 18)
        hat = np.diff(self._draw.standard_normal(len(t) + 1)) * np.exp(-t * self._draw.uniform(50, 90)) * 0.25
        return kick, snare, hat

    def harmony(self, rhythm: Rhythm, tonic: int, mode: str, cents: float) -> None:
        scale = _MAJOR if mode == "major" else _MINOR
        choices = _PROGRESSIONS[mode]
        verse, chorus = (choices[int(n)] for n in self._draw.integers(len(choices), size=2))
        pad, loud_bass, loud_melody = (
            self._draw.uniform(0.05, 0.2),
            self._draw.uniform(0.1, 0.4),
            self._draw.uniform(0, 0.25),
        )
        strum = int(self._draw.integers(3))  # pad, each beat, offbeats
        partials = int(self._draw.integers(2, 9))
        for bar in range(self._bars(rhythm)):
            degree = (verse if bar // 8 % 2 == 0 else chorus)[bar % 4]
            notes = [scale[(degree + step) % 7] + 12 * ((degree + step) // 7) for step in (0, 2, 4)]
            if mode == "minor" and degree == 4 and self._draw.random() < 0.6:
                notes[1] += 1  # the dominant with a leading note
            strokes = (
                ((0.0, float(rhythm.beats)),)
                if strum == 0
                else tuple((4.0 * beat + (2 if strum == 2 else 0), 0.5) for beat in range(rhythm.beats))
            )
            for place, beats in strokes:
                for note in notes:
                    tone = self._tone(48 + tonic + note, cents, beats * self._beat, partials)
                    self._put(pad * tone, self._when(rhythm, bar, place))
            for place in rhythm.kick or (0, 8):
                self._put(
                    loud_bass * self._tone(36 + tonic + notes[0] % 12, cents, 0.8 * self._beat, 3),
                    self._when(rhythm, bar, place),
                )
            for beat in range(2 * rhythm.beats):
                if self._draw.random() < 0.6:
                    step = int(self._draw.integers(7))
                    pitch = notes[int(self._draw.integers(3))] if self._draw.random() < 0.6 else scale[step]
                    tone = self._tone(72 + tonic + pitch % 12, cents, 0.5 * self._beat, partials)
                    self._put(loud_melody * tone, self._when(rhythm, bar, 2 * beat))

    def _tone(self, midi: float, cents: float, seconds: float, partials: int) -> Wave:
        t = np.arange(int(seconds * RATE)) / RATE
        pitch = 440 * 2 ** ((midi - 69 + cents / 100) / 12)
        wave = np.zeros(len(t))
        for n in range(1, partials + 1):
            if n * pitch < 5000:
                wave += np.sin(2 * np.pi * n * pitch * t + n) / n**1.3
        attack = np.minimum(1, t / 0.01)
        return wave * attack * np.exp(-t * 1.5) * np.minimum(1, (seconds - t) / 0.02)
