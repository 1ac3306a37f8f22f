"""What is heard is what was sent, in each codec that stations use."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import correlate

from sonograph.monitoring.source.items import Connected, Sound, Title
from tests.monitoring_source.listening import heard, sound
from tests.monitoring_source.sounds import aac, decoded, encoded, he_aac, mp3, noise, ogg
from tests.monitoring_source.stations import OK, station

EXACT: dict[str, Callable[[], bytes]] = {
    "mp3": mp3,
    "aac": aac,
    "aac, doubled": he_aac,
    "flac": lambda: encoded(noise(6.0), "flac", "flac"),
}


@pytest.mark.parametrize("codec", EXACT)
async def test_sound_is_that_of_the_same_bytes_as_a_file(codec: str) -> None:
    data = EXACT[codec]()
    async with station() as radio:
        items = await heard(radio.sends("/", OK, data))
    assert isinstance(items[0], Connected)
    assert items[0].codec == codec.partition(",")[0]
    np.testing.assert_array_equal(sound(items), decoded(data))
    lengths = [len(item.pcm) / 11_025 for item in items if isinstance(item, Sound)]
    assert all(0.5 <= length <= 1.0 for length in lengths[:-1])


@pytest.mark.parametrize(("encoder", "codec"), [("vorbis", "vorbis"), ("libopus", "opus"), ("flac", "flac")])
async def test_ogg_goes_on_through_songs_and_says_their_titles(encoder: str, codec: str) -> None:
    songs = [ogg(encoder, 4.0, seed, "Añdré", f"Song {seed}") for seed in (1, 2)]
    async with station() as radio:
        items = await heard(radio.sends("/", OK, b"".join(songs)))
    assert [item.codec for item in items if isinstance(item, Connected)] == [codec]
    titles = [item for item in items if isinstance(item, Title)]
    assert [title.text for title in titles] == ["Añdré - Song 1", "Añdré - Song 2"]
    assert titles[1].at - titles[0].at == pytest.approx(4.0, abs=0.1)
    whole = np.concatenate([decoded(song) for song in songs])
    assert len(sound(items)) == pytest.approx(len(whole), abs=0.1 * 11_025)
    # Opus keeps the padding between songs that files leave out: the second one is off by 220.5 samples.
    assert likeness(sound(items)[50_000:80_000], whole[50_000:80_000]) > 0.9


def likeness(one: NDArray[np.int16], other: NDArray[np.int16]) -> float:
    """The correlation at the best shift, of what is below 1 kHz: shifts are by fractions of samples."""
    first, second = (np.convolve(pcm.astype(float), np.ones(8) / 8) for pcm in (one, other))
    product = correlate(first, second, mode="same", method="fft")
    return float(product.max() / np.sqrt(np.dot(first, first) * np.dot(second, second)))
