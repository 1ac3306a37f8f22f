"""Sound as stations send it, encoded by FFmpeg's libraries."""

from functools import cache
from io import BytesIO
from typing import cast

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from numpy.typing import NDArray

from sonograph.recognition.audio.decode import decode

RATE = 44_100


def noise(seconds: float, seed: int = 1, rate: int = RATE) -> NDArray[np.int16]:
    """Tones that wander, in stereo: no two moments alike. Two rows."""
    rng = np.random.default_rng(seed)
    time = np.arange(int(seconds * rate)) / rate
    tones = np.zeros((2, len(time)))
    for number in range(6):
        pitch = rng.uniform(150, 3500) * (1 + 0.2 * np.sin(2 * np.pi * rng.uniform(0.1, 0.7) * time))
        tones[number % 2] += np.sin(2 * np.pi * np.cumsum(pitch) / rate)
    return ((tones + rng.normal(0, 0.02, tones.shape)) * 5000).astype(np.int16)


def silence(seconds: float, rate: int = RATE) -> NDArray[np.int16]:
    return np.zeros((2, int(seconds * rate)), np.int16)


def encoded(  # noqa: PLR0913  (what a station chooses)
    sound: NDArray[np.int16],
    codec: str,
    container: str,
    *,
    rate: int = RATE,
    bitrate: int = 128_000,
    tags: dict[str, str] | None = None,
    options: dict[str, str] | None = None,
) -> bytes:
    """`sound` is two rows at `rate`."""
    file = BytesIO()
    with av.open(file, "w", format=container, options=options or {}) as output:
        output.metadata.update(tags or {})
        stream = cast("AudioStream", output.add_stream(codec, rate=rate, layout="stereo"))
        stream.bit_rate = bitrate
        stream.codec_context.options = {"strict": "experimental"}  # FFmpeg's own encoder of Vorbis
        for start in range(0, sound.shape[1], 8820):
            packed = np.ascontiguousarray(sound[:, start : start + 8820].T.reshape(1, -1))
            frame = AudioFrame.from_ndarray(packed, format="s16", layout="stereo")
            frame.sample_rate = rate
            frame.pts = start
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return file.getvalue()


@cache
def mp3(seconds: float = 6.0, seed: int = 1, bitrate: int = 128_000) -> bytes:
    """As a station sends it: no tags, and no first frame that tells a file's length."""
    options = {"write_xing": "0", "id3v2_version": "0"}
    return encoded(noise(seconds, seed), "libmp3lame", "mp3", bitrate=bitrate, options=options)


@cache
def aac(seconds: float = 6.0, seed: int = 1) -> bytes:
    return encoded(noise(seconds, seed), "aac", "adts")


@cache
def ogg(codec: str, seconds: float = 6.0, seed: int = 1, artist: str = "", title: str = "") -> bytes:
    rate = 48_000 if codec == "libopus" else RATE
    tags = {"artist": artist, "title": title} if title else {}
    return encoded(noise(seconds, seed, rate), codec, "ogg", rate=rate, tags=tags)


def decoded(data: bytes) -> NDArray[np.int16]:
    """What decoding the whole as a file gives: mono, 11,025 Hz."""
    return np.concatenate([np.asarray(block, np.int16) for block in decode(BytesIO(data))])


@cache
def he_aac(seconds: float = 6.0) -> bytes:
    """HE-AAC as stations send it: AAC at half the rate, and in each frame a piece that tells to double it (SBR).

    No free encoder makes it, so the piece is put there by us: a header, and an envelope without anything in it.
    """
    data = encoded(noise(seconds, 3, RATE // 2), "aac", "adts", rate=RATE // 2, bitrate=48_000)
    out = bytearray()
    place = 0
    while place < len(data):
        length = (data[place + 3] & 3) << 11 | data[place + 4] << 3 | data[place + 5] >> 5
        head, block = bytearray(data[place : place + 7]), data[place + 7 : place + length]
        place += length
        bits = "".join(f"{byte:08b}" for byte in block).rstrip("0").removesuffix("111")
        # Extension 13 is SBR; a header with its ranges, then for both channels a grid of one envelope, all zeros.
        piece = ("1101" + "1" + "0" + "0101" + "1000" + "000" + "00" + "0" + "0").ljust(14 * 8, "0")
        bits += "110" + f"{14:04b}" + piece + "111"
        bits = bits.ljust(-(-len(bits) // 8) * 8, "0")
        block = int(bits, 2).to_bytes(len(bits) // 8, "big")
        size = len(block) + 7
        head[3] = head[3] & 0xFC | size >> 11
        head[4], head[5] = size >> 3 & 0xFF, (size & 7) << 5 | head[5] & 31
        out += head + block
    return bytes(out)
