"""Sound made for the tests: the same samples on every machine, because it is integer arithmetic alone."""

import io
import struct
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.video.frame import VideoFrame
from numpy.typing import NDArray

PHASE = 1 << 32
# Of one octave from 110 Hz, in 1/1000 Hz
SCALE = (110000, 123471, 130813, 146832, 164814, 174614, 195998, 220000)


def music(seconds: float, rate: int = 44100, seed: int = 1) -> NDArray[np.int16]:
    """Three voices of triangle waves that change their notes, and a little noise."""
    count = int(seconds * rate)
    state = seed * 2654435761 % PHASE or 1
    mix = np.zeros(count, np.int64)
    for voice in range(3):
        step = np.empty(count, np.int64)
        at = 0
        while at < count:
            state = (state * 1664525 + 1013904223) % PHASE
            length = rate * (2 + (state >> 29)) // 10
            note = SCALE[state >> 13 & 7] << voice
            step[at : at + length] = note * PHASE // (rate * 1000)
            at += length
        phase = np.cumsum(step) % PHASE
        mix += np.abs((phase >> 16) - 32768) * 2 - 32768
    noise = (np.arange(count, dtype=np.uint64) * np.uint64(2654435761) >> np.uint64(11)).astype(np.int64) % 2048 - 1024
    return ((mix // 4) + noise).astype(np.int16)


def encoded(
    samples: NDArray[np.int16], container: str, codec: str, *, rate: int = 44100, layout: str = "mono"
) -> bytes:
    """A file of these samples; for several channels they are interleaved."""
    file = io.BytesIO()
    with av.open(file, "w", format=container) as out:
        stream = cast("AudioStream", out.add_stream(codec, rate=rate, layout=layout))
        _feed(out, stream, samples, rate, layout)
    return file.getvalue()


def film(samples: NDArray[np.int16] | None, *, rate: int = 44100) -> bytes:
    """An MP4 with a second of grey pictures, and these samples if there are any."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as out:
        pictures = out.add_stream("mpeg4", rate=5)
        pictures.width, pictures.height, pictures.pix_fmt = 64, 64, "yuv420p"
        sound = None if samples is None else out.add_stream("aac", rate=rate, layout="mono")
        for number in range(5):
            picture = VideoFrame(64, 64, "yuv420p")
            picture.pts, picture.time_base = number, Fraction(1, 5)
            out.mux(pictures.encode(picture))
        out.mux(pictures.encode(None))
        if sound is not None and samples is not None:
            _feed(out, sound, samples, rate, "mono")
    return file.getvalue()


def _feed(
    out: av.container.OutputContainer, stream: AudioStream, samples: NDArray[np.int16], rate: int, layout: str
) -> None:
    channels = len(av.AudioLayout(layout).channels)
    size = 4096 * channels
    for at in range(0, len(samples), size):
        frame = AudioFrame.from_ndarray(samples[at : at + size].reshape(1, -1), format="s16", layout=layout)
        frame.sample_rate = rate
        frame.pts, frame.time_base = at // channels, Fraction(1, rate)
        out.mux(stream.encode(frame))
    out.mux(stream.encode(None))


def kept(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def flac_of_silence(frames: int) -> bytes:
    """Frames of 65,535 zeros at 8 kHz, 14 to 16 bytes each, by RFC 9639; the header leaves the length open."""
    info = struct.pack(">HH", 65535, 65535) + bytes(6) + (8000 << 44 | 15 << 36).to_bytes(8) + bytes(16)
    out = bytearray(b"fLaC\x80\0\0\x22" + info)
    for number in range(frames):
        head = b"\xff\xf8\x74\x08" + _coded(number) + b"\xff\xfe"
        frame = head + bytes([_crc(head, 0x07, 8)]) + b"\0\0\0"
        out += frame + _crc(frame, 0x8005, 16).to_bytes(2)
    return bytes(out)


def _coded(number: int) -> bytes:
    """As UTF-8 writes it, surrogates included."""
    return chr(number).encode("utf-8", "surrogatepass")


def _crc(data: bytes, polynomial: int, bits: int) -> int:
    value = 0
    for byte in data:
        value ^= byte << bits - 8
        for _ in range(8):
            value = (value << 1 ^ (polynomial if value >> bits - 1 else 0)) & (1 << bits) - 1
    return value
