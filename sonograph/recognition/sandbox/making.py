"""From a tune to what is shipped of it, and to a file that people can send."""

import hashlib
import wave
from collections.abc import Sequence
from io import BytesIO

import numpy as np
from numpy.typing import NDArray

from sonograph.recognition.audio.decode import decode
from sonograph.recognition.chromaprint import fingerprint
from sonograph.recognition.landmarks.finder import find_peaks
from sonograph.recognition.landmarks.packing import pack
from sonograph.recognition.landmarks.peaks import reference_peaks
from sonograph.recognition.references import to_bytes
from sonograph.recognition.sandbox.load import Shipped
from sonograph.recognition.sandbox.synthesis import RATE, SECONDS, play
from sonograph.recognition.sandbox.tunes import Tune, tunes

CLIP_START, CLIP_SECONDS = 21.3, 10.0
CLIP_OF = "kettledrift/1/1"  # Antenna, by an artist whom the examples of the documentation use


def wave_of(samples: NDArray[np.int16]) -> bytes:
    """A WAV file."""
    content = BytesIO()
    with wave.open(content, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.astype("<i2", copy=False).tobytes())
    return content.getvalue()


def shipped_of(tune: Tune) -> Shipped:
    """Through the decoder, as a listener's file would come."""
    pcm = np.concatenate(list(decode(BytesIO(wave_of(play(tune))))))
    return Shipped(tune.track, SECONDS, to_bytes(fingerprint([pcm], None)), pack(reference_peaks(find_peaks([pcm]))))


def version_of(songs: Sequence[Shipped]) -> str:
    return hashlib.sha256(b"".join(song.chromaprint + song.landmarks for song in songs)).hexdigest()[:12]


def clip() -> bytes:
    """Ten seconds of a song as a WAV file: what the demo identifies."""
    (tune,) = [tune for tune in tunes() if tune.track == CLIP_OF]
    samples = play(tune, CLIP_START + CLIP_SECONDS)
    return wave_of(samples[int(CLIP_START * RATE) :])
