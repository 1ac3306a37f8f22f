"""The station on air: what is heard is what the schedule says, and a listener can neither stop nor fill it."""

import asyncio
from collections import deque
from io import BytesIO
from itertools import groupby

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from sonograph.errors import Unavailable
from sonograph.monitoring.station import audio
from sonograph.monitoring.station.audio import BACKLOG, Encoder, Listener, Part, Station
from sonograph.monitoring.station.icy import INTERVAL, Interleaver
from sonograph.monitoring.station.programme import NAME, Programme
from sonograph.recognition.sandbox.synthesis import RATE

START = 1_800_000_000.0  # talk 5 s, jingle 2 s, "Iron Raven" 40 s, silence 8 s, talk 5 s
SONG = "Gabberghast - Iron Raven"


@pytest.fixture(scope="module")
def programme() -> Programme:
    return Programme()


@pytest.fixture(scope="module")
def minute(programme: Programme) -> list[Part]:
    encoder = Encoder(programme, START)
    return [part for tick in range(1, 121) for part in encoder.until(START + tick / 2)]


def heard(sound: bytes) -> NDArray[np.float64]:
    """Samples of an MP3 stream, -1 to 1."""
    with av.open(BytesIO(sound), "r", format="mp3") as container:
        return np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)]).astype(np.float64)


def test_what_is_heard_is_what_the_schedule_says(minute: list[Part]) -> None:
    samples = heard(b"".join(part.sound for part in minute))
    assert abs(len(samples) / RATE - 60) < 0.1
    loudness = [
        float(np.sqrt(np.mean(samples[int(a * RATE) : int(b * RATE)] ** 2))) for a, b in ((1, 4), (8, 46), (48, 54))
    ]
    assert loudness[0] > 0.02
    assert loudness[1] > 0.1
    assert loudness[2] < 0.001
    assert [title for title, _ in groupby(part.title for part in minute)] == [NAME, SONG, NAME]


def test_each_part_can_be_read_without_those_before_it(minute: list[Part]) -> None:
    whole, later = (
        heard(b"".join(part.sound for part in minute[40:50])),
        heard(b"".join(p.sound for p in minute[44:50])),
    )
    tail = len(later) // 2
    assert np.abs(whole[-tail:] - later[-tail:]).max() < 0.01


def test_titles_stand_between_the_sound(minute: list[Part]) -> None:
    interleaver = Interleaver()
    stream = b"".join(interleaver.add(part.sound, part.title) for part in minute)
    sound, titles = bytearray(), []
    while len(stream) > INTERVAL:
        sound += stream[:INTERVAL]
        length = 16 * stream[INTERVAL]
        if length:
            titles.append(stream[INTERVAL + 1 : INTERVAL + 1 + length].rstrip(b"\0").decode())
        stream = stream[INTERVAL + 1 + length :]
    assert bytes(sound) + stream == b"".join(part.sound for part in minute)
    assert titles == [f"StreamTitle='{title}';" for title in (NAME, SONG, NAME)]


async def some(listener: Listener, count: int) -> list[Part]:
    found: list[Part] = []
    async with asyncio.timeout(60):
        async for part in listener.parts():
            found.append(part)
            if len(found) == count:
                break
    return found


class Clock:
    """Time that passes by half a second each time somebody looks at it."""

    def __init__(self) -> None:
        self.at = START + 20

    def __call__(self) -> float:
        self.at += 0.5
        return self.at


def test_nothing_runs_before_and_after_there_is_a_listener() -> None:
    async def scenario() -> None:
        station = Station(Clock())
        states = [station.on_air]
        async with station.listening() as one, station.listening() as other:
            mine = await some(one, 6)
            assert mine == await some(other, 6)
            assert mine[0].title == SONG
            states.append(station.on_air)
        async with asyncio.timeout(20):
            await station.off_air()
        assert [*states, station.on_air] == [False, True, False]

    asyncio.run(scenario())


def test_a_slow_listener_is_let_go_of() -> None:
    listener = Listener(deque())
    part = Part(b"", "")
    assert all(listener.offer([part]) for _ in range(BACKLOG))
    assert not listener.offer([part])


def test_listeners_are_bounded_and_let_go_of_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audio, "MOST", 1)

    async def scenario() -> None:
        station = Station(Clock())
        async with station.listening() as one:
            with pytest.raises(Unavailable):
                async with station.listening():
                    pass
            await station.drain()
            assert [part async for part in one.parts()] == []
            with pytest.raises(Unavailable):
                async with station.listening():
                    pass

    asyncio.run(scenario())
