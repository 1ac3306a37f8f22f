"""Decoding: every common format, by its content; exact cuts; streams; what is no sound."""

import io
import struct
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from sonograph.recognition.audio.decode import decode, opened
from sonograph.recognition.audio.faults import Unreadable
from sonograph.recognition.audio.pcm import Form
from tests.recognition.sounds import encoded, film, kept, music

SECONDS = 4.0


@pytest.fixture(scope="module")
def wav() -> bytes:
    return encoded(music(SECONDS), "wav", "pcm_s16le")


@pytest.mark.parametrize(
    ("container", "codec", "rate"),
    [
        ("wav", "pcm_s16le", 44100),
        ("wav", "pcm_f32le", 48000),
        ("wav", "pcm_u8", 8000),
        ("aiff", "pcm_s16be", 22050),
        ("flac", "flac", 96000),
        ("mp3", "libmp3lame", 44100),
        ("ogg", "libopus", 48000),
        ("ipod", "aac", 44100),
        ("matroska", "flac", 48000),
    ],
)
def test_formats_by_their_content(container: str, codec: str, rate: int) -> None:
    with opened(io.BytesIO(encoded(music(SECONDS, rate), container, codec, rate=rate))) as audio:
        samples = audio.read()
        assert (audio.info.rate, audio.info.channels) == (rate, 1)
    plain = np.concatenate(list(decode(io.BytesIO(encoded(music(SECONDS, rate), "wav", "pcm_s16le", rate=rate)))))
    assert samples.dtype == np.int16
    assert len(samples) == pytest.approx(SECONDS * 11025, abs=0.1 * 11025)  # MP3 and AAC pad
    lag, same = _alignment(samples.astype(float), plain.astype(float))
    assert same > 0.97, f"another sound, shifted by {lag}"


def _alignment(a: NDArray[np.float64], b: NDArray[np.float64]) -> tuple[int, float]:
    """Best shift and correlation of two recordings."""
    size = 1 << 17
    product = np.fft.irfft(np.fft.rfft(a, size) * np.conj(np.fft.rfft(b, size)))
    return int(product.argmax()), float(product.max() / np.sqrt((a**2).sum() * (b**2).sum()))


@pytest.mark.parametrize("layout", ["stereo", "5.1", "7.1"])
def test_channels_are_mixed_down(layout: str) -> None:
    tone = music(1.0)
    channels = {"stereo": 2, "5.1": 6, "7.1": 8}[layout]
    mono = np.concatenate(list(decode(io.BytesIO(encoded(tone, "wav", "pcm_s16le")))))
    many = encoded(np.repeat(tone, channels), "wav", "pcm_s16le", layout=layout)
    mixed = np.concatenate(list(decode(io.BytesIO(many))))
    assert np.corrcoef(mono, mixed)[0, 1] > 0.999


def test_channels_without_a_place_are_averaged() -> None:
    tone = music(1.0)
    data = np.repeat(tone, 20).tobytes()
    header = b"fmt " + struct.pack("<IHHIIHH", 16, 1, 20, 44100, 44100 * 40, 40, 16)
    wav = b"RIFF" + struct.pack("<I", 36 + len(data)) + b"WAVE" + header + b"data" + struct.pack("<I", len(data)) + data
    mixed = np.concatenate(list(decode(io.BytesIO(wav))))
    mono = np.concatenate(list(decode(io.BytesIO(encoded(tone, "wav", "pcm_s16le")))))
    assert np.abs(mixed[: len(mono)].astype(int) - mono[: len(mixed)]).max() < 40


def test_cuts_are_exact_to_the_sample(wav: bytes) -> None:
    whole = np.concatenate(list(decode(io.BytesIO(wav))))
    cut = np.concatenate(list(decode(io.BytesIO(wav), start=1.25, length=2.0)))
    assert np.array_equal(cut, whole[int(1.25 * 11025) : int(1.25 * 11025) + 22050])
    behind = list(decode(io.BytesIO(wav), start=10.0))
    assert behind == []


def test_blocks_are_bounded_and_make_the_whole(wav: bytes) -> None:
    with opened(io.BytesIO(wav), block=1000) as audio:
        blocks = list(audio.blocks)
    assert len(blocks) > 20
    assert max(map(len, blocks)) < 6000
    assert np.array_equal(np.concatenate(blocks), np.concatenate(list(decode(io.BytesIO(wav)))))


def test_other_rates_and_floats(wav: bytes) -> None:
    with opened(io.BytesIO(wav), Form(22050, "flt")) as audio:
        samples = audio.read()
    assert samples.dtype == np.float32
    assert len(samples) == SECONDS * 22050
    assert 0.3 < np.abs(samples).max() <= 1


class Stream:
    """What a radio is: bytes as they come, no way back."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self.at = 0

    def read(self, size: int) -> bytes:
        piece = self._content[self.at : self.at + min(size, 1000)]
        self.at += len(piece)
        return piece


def test_streams_are_decoded_as_they_come() -> None:
    stream = Stream(encoded(music(12.0), "mp3", "libmp3lame"))
    with opened(stream, block=5000) as audio:  # type: ignore[arg-type]  # all that is asked of a stream is read
        next(audio.blocks)
        assert stream.at < 80_000
        rest = audio.read()
    assert len(rest) > 11 * 11025


def test_a_change_of_rate_within_a_stream_is_followed() -> None:
    both = encoded(music(2.0), "mp3", "libmp3lame") + encoded(music(2.0, 32000), "mp3", "libmp3lame", rate=32000)
    assert len(np.concatenate(list(decode(io.BytesIO(both))))) == pytest.approx(4.0 * 11025, rel=0.05)


def test_a_file_cut_off_gives_what_is_there(wav: bytes, tmp_path: Path) -> None:
    for content in (wav, encoded(music(SECONDS), "mp3", "libmp3lame"), encoded(music(SECONDS), "flac", "flac")):
        path = kept(tmp_path, "cut", content[: len(content) // 2])
        assert len(np.concatenate(list(decode(path)))) == pytest.approx(SECONDS * 11025 / 2, rel=0.15)


def test_damage_in_the_middle_is_passed_over() -> None:
    content = bytearray(encoded(music(8.0), "mp3", "libmp3lame"))
    middle = len(content) // 2
    content[middle : middle + 3000] = np.random.default_rng(1).bytes(3000)
    assert len(np.concatenate(list(decode(io.BytesIO(bytes(content)))))) > 7 * 11025


def test_the_sound_of_a_film_is_fine() -> None:
    with opened(io.BytesIO(film(music(SECONDS)))) as audio:
        assert audio.info.codec == "aac"
        assert len(audio.read()) == pytest.approx(SECONDS * 11025, rel=0.05)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"RIFF", id="four bytes"),
        pytest.param(b"A text about music. " * 500, id="text"),
        pytest.param(bytes(100_000), id="zeros"),
        pytest.param(np.random.default_rng(2).bytes(300_000), id="noise"),
        pytest.param(b"#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n", id="playlist"),
        pytest.param(b"ffconcat version 1.0\nfile /etc/passwd\n", id="list of files"),
        pytest.param(b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nm=audio 5004 RTP/AVP 0\n", id="sdp"),
        pytest.param(film(None), id="silent film"),
        pytest.param(encoded(music(0.0), "wav", "pcm_s16le"), id="no samples"),
    ],
)
def test_what_is_no_sound(content: bytes) -> None:
    with pytest.raises(Unreadable):
        list(decode(io.BytesIO(content)))


def test_absurd_rates_and_channels() -> None:
    for channels, rate in ((1, 2_000_000_000), (60_000, 44100), (2, 1)):
        size = channels * 2 % 65536
        header = struct.pack("<IHHIIHH", 16, 1, channels, rate, rate * size % (1 << 32), size, 16)
        wav = b"RIFF\x00\x10\x00\x00WAVEfmt " + header + b"data\x00\x10\x00\x00" + bytes(4096)
        with pytest.raises(Unreadable):
            list(decode(io.BytesIO(wav)))
