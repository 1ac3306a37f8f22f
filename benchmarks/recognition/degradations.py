"""What happens to music on its way to a listener: 24 conditions, from none to a loud room.

All work on mono sound at 22,050 Hz; FFmpeg's filters and encoders come from PyAV's wheel. A result may be some samples
longer, shorter or later than what it was made of, so cut clips out of the middle.
"""

import io
import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import partial

import av
import av.filter
import numpy as np
from av.audio.frame import AudioFrame
from scipy import signal

from benchmarks.recognition.overlays import SPOKEN, Overlays, Sound
from sonograph.recognition.audio.mix import Mixer

RATE = SPOKEN.rate
ENCODED = 44100  # Hz: what music is encoded at

# A station's compressor and limiter, and its idea of a good sound
COMPRESSOR = (
    ("acompressor", "threshold=-24dB:ratio=8:attack=5:release=80:makeup=6"),
    ("alimiter", "limit=0.7:level=true"),
)
EQUALISER = (("bass", "g=8:f=120"), ("treble", "g=-9:f=3500"))
TELEPHONE = (("highpass", "f=300"),) * 2 + (("lowpass", "f=3400"),) * 2
MICROPHONE = (("highpass", "f=200"), ("lowpass", "f=5000"))
REVERBERATION = 0.12  # seconds in which a room's sound falls to 1/e: 60 dB in 0.83 s
DIRECT = 8.0  # the direct sound, beside echoes of 1: 13 dB below all of them together


@dataclass(frozen=True, slots=True)
class Around:
    """What may be heard beside the music, and the dice of this clip and condition."""

    overlays: Overlays
    dice: np.random.Generator


Change = Callable[[Sound, Around], Sound]


def _clean(music: Sound, _: Around) -> Sound:
    return music


def _filtered(music: Sound, filters: tuple[tuple[str, str], ...]) -> Sound:
    graph = av.filter.Graph()
    at = graph.add_abuffer(sample_rate=RATE, format="flt", layout="mono", time_base=Fraction(1, RATE))
    for name, arguments in (*filters, ("aformat", f"sample_fmts=flt:sample_rates={RATE}")):
        after = graph.add(name, arguments)
        at.link_to(after)
        at = after
    sink = graph.add("abuffersink")
    at.link_to(sink)
    graph.configure()
    graph.push(as_frame(music))
    graph.push(None)
    parts = []
    while True:
        try:
            parts.append(graph.pull().to_ndarray()[0])
        except (av.error.EOFError, av.error.BlockingIOError):
            return _in_range(np.concatenate(parts))


def as_frame(sound: Sound) -> AudioFrame:
    frame = AudioFrame.from_ndarray(np.ascontiguousarray(sound).reshape(1, -1), format="flt", layout="mono")
    frame.sample_rate = RATE
    frame.pts = 0
    return frame


def _in_range(sound: Sound) -> Sound:
    """Turned down as a whole where it would be clipped."""
    return np.asarray(sound / max(1.0, float(np.abs(sound).max())), np.float32)


def _encoded(music: Sound, codec: str, bitrate: int, container: str) -> Sound:
    """Through an encoder and its decoder. Bit rates are those of one channel."""
    file = io.BytesIO()
    with av.open(file, "w", format=container) as writing:
        stream = writing.add_stream(codec, rate=ENCODED, layout="mono")
        stream.bit_rate = bitrate  # type: ignore[union-attr]
        writing.mux(stream.encode(as_frame(music)))  # type: ignore[union-attr,arg-type]
        writing.mux(stream.encode(None))  # type: ignore[union-attr]
    file.seek(0)
    with av.open(file, "r", format="aac" if container == "adts" else container) as reading:
        return np.concatenate(list(Mixer(SPOKEN).convert(reading.decode(audio=0)))).astype(np.float32)


def _played(music: Sound, percent: int) -> Sound:
    """Faster or slower with its pitch, as a turntable does."""
    return np.asarray(signal.resample_poly(music, 100, 100 + percent), np.float32)


def _tempo(music: Sound, percent: int) -> Sound:
    """Faster at the same pitch."""
    return _filtered(music, (("atempo", f"{1 + percent / 100:g}"),))


def _pitch(music: Sound, percent: int) -> Sound:
    """Higher at the same tempo."""
    return _filtered(_played(music, percent), (("atempo", f"{1 / (1 + percent / 100):.9f}"),))


def _over(music: Sound, other: Sound, decibels: float) -> Sound:
    """The music, so much louder than the other sound."""
    gain = _level(music) / _level(other) / 10 ** (decibels / 20)
    return _in_range(music + other * np.float32(gain))


def _level(sound: Sound) -> float:
    return math.sqrt(float(np.mean(sound.astype(np.float64) ** 2))) + 1e-9


def _pink(size: int, dice: np.random.Generator) -> Sound:
    frequencies = np.fft.rfftfreq(size)
    frequencies[0] = frequencies[1]
    spectrum = (dice.standard_normal(len(frequencies)) + 1j * dice.standard_normal(len(frequencies))) / np.sqrt(
        frequencies
    )
    return np.asarray(np.fft.irfft(spectrum, size), np.float32)


def _room(music: Sound, around: Around) -> Sound:
    """A microphone far from the loudspeaker, in a room where people talk."""
    size = int(0.6 * RATE)
    echoes = around.dice.standard_normal(size) * np.exp(-np.arange(size) / RATE / REVERBERATION)
    echoes[0] = DIRECT
    heard = np.asarray(signal.fftconvolve(music, echoes)[: len(music)], np.float32)
    heard = _filtered(_in_range(heard * np.float32(_level(music) / _level(heard))), MICROPHONE)
    return _talked_over(heard, around, 5, 10)


def _talked_over(music: Sound, around: Around, talkers: int, decibels: float) -> Sound:
    return _over(music, around.overlays.talk(talkers, len(music), around.dice), decibels)


def _noisy(music: Sound, around: Around, decibels: float) -> Sound:
    return _over(music, _pink(len(music), around.dice), decibels)


def _crossfaded(music: Sound, around: Around) -> Sound:
    return _over(music, around.overlays.music(len(music), around.dice), 3)


def _aired(music: Sound, _: Around) -> Sound:
    """A station at its worst: a per cent too fast, compressed, equalised, at 64 kbit/s."""
    return _encoded(_filtered(_played(music, 1), COMPRESSOR + EQUALISER), "libmp3lame", 32_000, "mp3")


def _plain(change: Callable[[Sound], Sound]) -> Change:
    """A change that needs nothing from around."""
    return lambda music, _: change(music)


CONDITIONS: dict[str, Change] = {
    "clean": _clean,
    "mp3_64": _plain(partial(_encoded, codec="libmp3lame", bitrate=32_000, container="mp3")),
    "aac_48": _plain(partial(_encoded, codec="aac", bitrate=24_000, container="adts")),
    **{f"speed{percent:+d}": _plain(partial(_played, percent=percent)) for percent in (1, -1, 2, 4, -4)},
    "tempo+2": _plain(partial(_tempo, percent=2)),
    "pitch+2": _plain(partial(_pitch, percent=2)),
    "compress": _plain(partial(_filtered, filters=COMPRESSOR)),
    "eq": _plain(partial(_filtered, filters=EQUALISER)),
    "phone": _plain(partial(_filtered, filters=TELEPHONE)),
    "voice_+5dB": partial(_talked_over, talkers=1, decibels=5),
    "voice_0dB": partial(_talked_over, talkers=1, decibels=0),
    "voice_-6dB": partial(_talked_over, talkers=1, decibels=-6),
    **{f"noise_{db}": partial(_noisy, decibels=db) for db in (20, 10, 5, 0)},
    "babble_0": partial(_talked_over, talkers=5, decibels=0),
    "xfade_mix": _crossfaded,
    "radio_combo": _aired,
    "mic_room": _room,
}
