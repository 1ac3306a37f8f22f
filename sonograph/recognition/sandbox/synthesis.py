"""Plays a tune: pad, bass, lead and drums from wave tables."""

import numpy as np
from numpy.typing import NDArray

from sonograph.catalog.sandbox.draw import SEED
from sonograph.recognition.sandbox.tunes import STEPS, Note, Tune

RATE = 44_100
SECONDS = 60.0
_TABLE = 4096
_MAJOR, _MINOR = (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10)
# Strength of the harmonics, the fundamental first
_TIMBRES = (
    (1, 0.5, 0.33, 0.25, 0.2, 0.16, 0.14, 0.12),
    (1, 0, 0.33, 0, 0.2, 0, 0.14, 0, 0.11),
    (1, 0.6, 0.1, 0.35, 0.05, 0.2),
    (1, 0.15, 0.5, 0.1, 0.3, 0.25, 0.05, 0.1, 0.05),
)
_LOUDNESS = 0.8  # of full scale
_DRIVE = 0.3  # of the limiter, for the mean loudness
Wave = NDArray[np.float64]


class Instrument:
    """A wave table, its octave (the MIDI number of a C), how loud it is, and the seconds to its full loudness."""

    def __init__(self, timbre: int, octave: int, level: float, attack: float) -> None:
        phase = 2 * np.pi * np.arange(_TABLE) / _TABLE
        table = np.sum([part * np.sin((n + 1) * phase) for n, part in enumerate(_TIMBRES[timbre])], axis=0)
        self._table: Wave = level * table / np.abs(table).max()
        self._octave, self._attack = octave, attack

    def note(self, tune: Tune, degree: int, count: int) -> Wave:
        """A degree of the tune's scale for so many samples."""
        scale = _MINOR if tune.minor else _MAJOR
        midi = self._octave + tune.tonic + 12 * (degree // 7) + scale[degree % 7]
        time = np.arange(count) / RATE
        phases = (time * (440 * 2 ** ((midi - 69) / 12) * _TABLE)).astype(np.int64) % _TABLE
        release = np.minimum((count / RATE - time) / 0.02, 1)
        envelope: Wave = np.minimum(time / self._attack, 1) * np.exp(-1.5 * time) * release
        return envelope * self._table[phases]


class Drums:
    """The same noise on every machine: PCG64's raw numbers are promised never to change."""

    def __init__(self, track: str) -> None:
        numbers = np.random.PCG64(list(f"{SEED}/{track}".encode())).random_raw(RATE)
        noise: Wave = np.asarray(numbers).astype(np.float64) / 2**63 - 1
        time = np.arange(RATE) / RATE
        self.kick = (np.sin(2 * np.pi * (50 * time - 7 * np.exp(-30 * time))) * np.exp(-14 * time))[: RATE // 4]
        self.snare = ((0.5 * noise + 0.3 * np.sin(2 * np.pi * 185 * time)) * np.exp(-22 * time))[: RATE // 5]
        self.hat = 0.2 * np.diff(noise)[: RATE // 16] * np.exp(-80 * time)[: RATE // 16]


def play(tune: Tune, seconds: float = SECONDS) -> NDArray[np.int16]:
    """Mono samples at RATE. The same on every machine, but for the last bit of a sample."""
    count = int(seconds * RATE)
    mix: Wave = np.zeros(count)
    step_length = 60 / tune.bpm / 4 * RATE
    pad, bass, lead = tune.timbres
    pads, basses = Instrument(pad, 48, 0.16, 0.08), Instrument(bass, 36, 0.4, 0.005)
    leads, drums = Instrument(lead, 60, 0.3, 0.01), Drums(tune.track)

    def place(step: float) -> int:
        return int(step * step_length)

    def add(at: int, sound: Wave) -> None:
        part = mix[at : at + len(sound)]
        part += sound[: len(part)]

    def notes(instrument: Instrument, first: int, those: tuple[Note, ...]) -> None:
        for note in those:
            at = place(first + note.step)
            add(at, instrument.note(tune, note.degree, place(first + note.step + note.steps) - at))

    for number, bar in enumerate(tune.bars):
        first = number * STEPS
        if place(first) >= count:
            break
        notes(pads, first, bar.pad)
        notes(basses, first, bar.bass)
        notes(leads, first, bar.lead)
        for sound, steps in ((drums.kick, bar.kick), (drums.snare, bar.snare), (drums.hat, bar.hat)):
            for step in steps:
                add(place(first + step), sound)
    limited = np.tanh(_DRIVE * mix / np.sqrt(np.mean(mix**2)))
    samples: NDArray[np.int16] = (limited * (_LOUDNESS * 32767 / np.abs(limited).max())).astype(np.int16)
    return samples
