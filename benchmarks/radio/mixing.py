"""Puts a programme together: blocks of mono sound at the mix's rate, in memory bounded by what sounds at once."""

from collections.abc import Iterator

import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from numpy.typing import NDArray
from scipy import signal

from benchmarks.radio.programme import Bed, Duck, Jingle, Placed, Programme, SongPart, Talk
from benchmarks.recognition import made_music
from benchmarks.recognition.overlays import SPOKEN, Overlays, Sound
from sonograph.recognition.audio.pcm import FINGERPRINT

RATE = FINGERPRINT.rate  # all that recognition looks at lies below 4 kHz
BLOCK = 10 * RATE  # samples
RAMP = 0.3  # seconds that turning the music down or up takes
MADE_UP = 9_000  # the first seed of jingles: no other made-up music has it
JINGLE_SECONDS = 8.0


def mixed(programme: Programme, overlays: Overlays) -> Iterator[Sound]:
    """Blocks of 10 s."""
    waiting = list(reversed(programme.placed))
    sounding: list[tuple[int, Placed, Sound]] = []
    for start in range(0, int(programme.seconds * RATE), BLOCK):
        behind = min(start + BLOCK, int(programme.seconds * RATE))
        while waiting and round(waiting[-1].at * RATE) < behind:
            placed = waiting.pop()
            sounding.append((round(placed.at * RATE), placed, _shaped(placed, overlays)))
        buses = {"music": np.zeros(behind - start, np.float32), "over": np.zeros(behind - start, np.float32)}
        for at, placed, sound in sounding:
            first, last = max(at, start), min(at + len(sound), behind)
            if first < last:
                buses[placed.bus][first - start : last - start] += sound[first - at : last - at]
        sounding = [one for one in sounding if one[0] + len(one[2]) > behind]
        gain = _ducked(programme.ducks, start, behind)
        yield buses["music"] * gain + buses["over"]


def levels_of(programme: Programme, start: int, behind: int, rate: int) -> NDArray[np.float32]:
    """Gain of the whole programme, sample by sample."""
    times, decibels = zip(*programme.levels, strict=True)
    edges = [edge for time in times for edge in (time - 1e-3, time + 0.5)]
    values = [value for before, now in zip((0.0, *decibels), decibels, strict=False) for value in (before, now)]
    seconds = np.arange(start, behind, rate // 20) / rate
    steps = np.interp(seconds, edges, values)
    return np.repeat((10 ** (steps / 20)).astype(np.float32), rate // 20)[: behind - start]


def _ducked(ducks: tuple[Duck, ...], start: int, behind: int) -> NDArray[np.float32]:
    gain = np.ones(behind - start, np.float32)
    for duck in ducks:
        if duck.end + RAMP > start / RATE and duck.start - RAMP < behind / RATE:
            seconds = np.arange(start, behind) / RATE
            edges = (duck.start - RAMP, duck.start, duck.end, duck.end + RAMP)
            low = 10 ** (duck.decibels / 20)
            np.minimum(gain, np.interp(seconds, edges, (1.0, low, low, 1.0)).astype(np.float32), out=gain)
    return gain


def _shaped(placed: Placed, overlays: Overlays) -> Sound:
    sound = _sound(placed, overlays)
    sound = sound[: round(placed.seconds * RATE)] * np.float32(placed.gain)
    for fade, ahead in ((placed.fade_in, True), (placed.fade_out, False)):
        size = min(len(sound), round(fade * RATE))
        if size:
            curve = np.sin(np.linspace(0, np.pi / 2, size)).astype(np.float32)
            if ahead:
                sound[:size] *= curve
            else:
                sound[-size:] *= curve[::-1]
    return sound


def _sound(placed: Placed, overlays: Overlays) -> Sound:
    """Songs at their own level, all else at one of 1."""
    size = round(placed.seconds * RATE)
    match placed.source:
        case SongPart() as part:
            return _song(part)
        case Talk() as talk:
            spoken = _halved(overlays.talk(talk.talkers, 2 * size, np.random.default_rng(talk.seed)))
        case Bed() as bed:
            dice = np.random.default_rng(bed.seed)
            longest = min(len(piece) for piece in overlays.pieces) - 1
            spoken = np.resize(_halved(overlays.music(min(2 * size, longest), dice)), size)
        case Jingle() as jingle:
            made = made_music.song(MADE_UP + jingle.number, JINGLE_SECONDS).samples
            spoken = np.resize(made.astype(np.float32), size)
    level = float(np.sqrt(np.mean(spoken.astype(np.float64) ** 2))) + 1e-9
    return np.asarray(spoken / level, np.float32)


def _song(part: SongPart) -> Sound:
    recording = np.load(part.path, mmap_mode="r")
    first = round(part.start * RATE)
    cut: Sound = recording[first : first + round((part.length + 0.1) * RATE)].astype(np.float32) / np.float32(32768)
    if part.rate == RATE:
        return cut
    resampler = AudioResampler("flt", "mono", part.rate)
    frame = AudioFrame.from_ndarray(cut.reshape(1, -1), format="flt", layout="mono")
    frame.sample_rate = RATE
    frames = [*resampler.resample(frame), *resampler.resample(None)]
    return np.concatenate([one.to_ndarray()[0] for one in frames]).astype(np.float32)


def _halved(sound: Sound) -> Sound:
    """From the rate of overlays to that of the mix."""
    return np.asarray(signal.resample_poly(sound, 1, SPOKEN.rate // RATE), np.float32)
