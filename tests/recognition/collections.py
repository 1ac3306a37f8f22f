"""Folders of audio files with tags, made by the real encoders."""

import struct
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from numpy.typing import NDArray

from tests.recognition.sounds import music

RATE = 12000  # Hz: Opus knows no 11,025
CODECS = {
    ".mp3": ("mp3", "libmp3lame"),
    ".flac": ("flac", "flac"),
    ".opus": ("ogg", "libopus"),
    ".m4a": ("ipod", "aac"),
    ".wav": ("wav", "pcm_s16le"),
    ".ogg": ("ogg", "flac"),
}
Sound = NDArray[np.int16]


def song(number: int, seconds: float = 10.0) -> Sound:
    return music(seconds, RATE, seed=100 + number)


def write(
    path: Path, sound: Sound, tags: dict[str, str] | None = None, *, like: str | None = None, rate: int = RATE
) -> Path:
    """A file of the format that its suffix, or `like`, names."""
    container, codec = CODECS[like or path.suffix]
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(path, "w", format=container) as out:
        out.metadata.update(tags or {})
        stream = cast("AudioStream", out.add_stream(codec, rate=rate, layout="mono"))
        for at in range(0, len(sound), 4096):
            frame = AudioFrame.from_ndarray(sound[at : at + 4096].reshape(1, -1), format="s16", layout="mono")
            frame.sample_rate = rate
            frame.pts, frame.time_base = at, Fraction(1, rate)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def with_id3(path: Path, frames: list[tuple[bytes, bytes]]) -> Path:
    """An MP3 with an ID3v2.3 tag of these frames in the place of what it has."""
    body = b"".join(name + struct.pack(">I", len(content)) + b"\0\0" + content for name, content in frames)
    size = bytes(len(body) >> shift & 127 for shift in (21, 14, 7, 0))
    data = path.read_bytes()
    if data.startswith(b"ID3"):
        old = sum(byte << shift for byte, shift in zip(data[6:10], (21, 14, 7, 0), strict=True))
        data = data[10 + old :]
    path.write_bytes(b"ID3\x03\0\0" + size + body + data)
    return path


def mp4_with(path: Path, named: dict[str, str]) -> Path:
    """An M4A whose tags are as iTunes and Picard write them: `moov/udta/meta/ilst`, freeform atoms for codes."""
    data = path.read_bytes()
    at = data.index(b"moov") - 4
    size = int.from_bytes(data[at : at + 4])
    assert at + size == len(data), "the index stands at the end, so nothing moves"

    def atom(name: bytes, *parts: bytes) -> bytes:
        content = b"".join(parts)
        return struct.pack(">I", 8 + len(content)) + name + content

    def text(value: str) -> bytes:
        return atom(b"data", b"\0\0\0\1\0\0\0\0", value.encode())

    known = {"title": b"\xa9nam", "artist": b"\xa9ART", "album": b"\xa9alb", "date": b"\xa9day"}
    items = [
        atom(known[name], text(value))
        if name in known
        else atom(
            b"----",
            atom(b"mean", bytes(4), b"com.apple.iTunes"),
            atom(b"name", bytes(4), name.encode()),
            text(value),
        )
        for name, value in named.items()
    ]
    handler = atom(b"hdlr", bytes(8), b"mdirappl", bytes(9))
    moov = data[at + 8 : at + size]
    cut = moov.find(b"udta")
    if cut >= 4:
        moov = moov[: cut - 4] + moov[cut - 4 + int.from_bytes(moov[cut - 4 : cut]) :]
    udta = atom(b"udta", atom(b"meta", bytes(4), handler, atom(b"ilst", *items)))
    path.write_bytes(data[:at] + atom(b"moov", moov, udta))
    return path
