"""Clips of the sandbox's songs to identify, and fingerprints of them."""

from functools import cache
from io import BytesIO

import numpy as np

from sonograph.recognition.audio.decode import decode
from sonograph.recognition.chromaprint import Items, fingerprint
from sonograph.recognition.sandbox import making
from sonograph.recognition.sandbox.synthesis import RATE
from tests.recognition.sounds import encoded

TITLE, ARTIST = "Antenna (Original Mix)", "DJ Kettledrift"
NEW_TRACK = """
insert into track (popularity, origin_id, title, title_key, search_text)
values (0, 1, 'A live song', 'a live song', '') returning id
"""
HEAD = 44  # bytes of a WAV file before its samples
START, SECONDS = making.CLIP_START, making.CLIP_SECONDS


@cache
def wav() -> bytes:
    """Ten seconds of a song, as a WAV file of 0.9 MB."""
    return making.clip()


@cache
def items() -> Items:
    """The fingerprint of these ten seconds."""
    return fingerprint(decode(BytesIO(wav())), None)


@cache
def flac() -> bytes:
    """The same ten seconds as FLAC."""
    samples = np.frombuffer(wav()[HEAD:], "<i2")
    return encoded(samples, "flac", "flac", rate=RATE)


@cache
def behind_silence() -> bytes:
    """As much silence, and then the ten seconds."""
    samples = np.frombuffer(wav()[HEAD:], "<i2")
    return making.wave_of(np.concatenate((np.zeros_like(samples), samples)))


@cache
def endless_flac() -> bytes:
    """Ten seconds that say of themselves that they are 27 hours."""
    content = bytearray(flac())
    content[22:26] = b"\xff" * 4  # the number of samples
    return bytes(content)


def padded(size: int) -> bytes:
    """The ten seconds as a file of so many bytes: what stands behind the samples is not looked at."""
    return wav() + bytes(size - len(wav()))
