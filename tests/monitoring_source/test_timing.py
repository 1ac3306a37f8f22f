"""When sound was on air, as arrival tells it; and that who is slow harms nobody."""

import asyncio
import random
import time
from contextlib import aclosing

import numpy as np
import pytest

from sonograph.monitoring.source.dead_air import Stillness
from sonograph.monitoring.source.faults import ENDED
from sonograph.monitoring.source.items import Connected, DeadAir, Sound, SoundAgain, Trouble
from sonograph.monitoring.source.patience import Patience
from sonograph.monitoring.source.reader import listen
from sonograph.monitoring.source.timing import Arrivals
from tests.monitoring_source.listening import heard, reason, sound
from tests.monitoring_source.sounds import mp3
from tests.monitoring_source.stations import LOOPBACK, OK, Request, means, station


class Sent:
    """A station sends, on a clock of its own: (when, seconds of sound). Gives each block's error: told less true."""

    def __init__(self, arrivals: list[tuple[float, float]]) -> None:
        self.arrivals = arrivals
        self.told: list[float] = []

    def run(self) -> "Sent":
        clock = Arrivals(1000.0, live=True)
        waiting: list[float] = []
        began = False
        for now, seconds in self.arrivals:
            if waiting and not began and clock.settled(1000 + now - 0.01):
                clock.begin()
                began = True
            clock.arrived(1000 + now, seconds)
            waiting.append(seconds)
            while began and waiting:
                self.told.append(clock.tell(waiting.pop(0)) - 1000)
        return self


def even(seconds: float, *, burst: float = 0.0, delay: float = 0.0, jitter: float = 0.0) -> list[tuple[float, float]]:
    """Blocks of 0.75 s as they are made, after a burst at once; each up to `jitter` late but in order."""
    rng = random.Random(1)
    out = [(delay + 0.01 * n, 0.75) for n in range(int(burst / 0.75))]
    last = 0.0
    for number in range(1, int(seconds / 0.75)):
        last = max(last, delay + number * 0.75 + rng.uniform(0, jitter))
        out.append((last, 0.75))
    return out


@pytest.mark.parametrize("burst", [0.0, 4.5, 30.0])
def test_the_burst_lies_in_the_past(burst: float) -> None:
    told = Sent(even(60, burst=burst)).run().told
    true = [-(burst // 0.75) * 0.75 + 0.75 * number for number in range(len(told))]
    assert np.abs(np.subtract(told, true)).max() < 0.05


def test_what_is_late_on_its_way_is_no_later() -> None:
    told = Sent(even(600, burst=6.0, jitter=2.0)).run().told
    errors = np.subtract(told, [-6.0 + 0.75 * number for number in range(len(told))])
    assert np.abs(errors[40:]).max() < 0.3
    assert np.median(np.abs(errors)) < 0.15


def test_a_pause_that_is_not_made_up_for_moves_what_follows() -> None:
    before, after = even(60, burst=6.0), [(now + 90, seconds) for now, seconds in even(60)]
    told = Sent(before + after).run().told
    assert np.all(np.diff(told) >= 0)
    assert told[-1] == pytest.approx(after[-1][0] - 0.75, abs=0.1)


@pytest.mark.parametrize("stood", [5.0, 25.0])
def test_what_comes_at_once_after_we_stood_still_ourselves_is_no_later(stood: float) -> None:
    """The station went on, and it all waited for us: in the middle of a block, and some of it a little later."""
    behind = 60.2 + stood
    arrivals = [(now if not 60 < now < behind else behind + 0.01 * now, seconds) for now, seconds in even(180, burst=6)]
    told = Sent(arrivals).run().told
    assert np.abs(np.subtract(told, [-6.0 + 0.75 * number for number in range(len(told))])).max() < 0.1


def test_clocks_that_differ_are_followed() -> None:
    for drift in (0.9995, 1.0005):  # ten times what cheap quartz does
        arrivals = [(now * drift, seconds) for now, seconds in even(3 * 3600)]
        told = Sent(arrivals).run().told
        assert told[-1] == pytest.approx(arrivals[-1][0] - 0.75, abs=0.1)
        assert np.abs(np.diff(told) - 0.75).max() < 0.01


def test_a_burst_that_comes_slowly_never_runs_back_nor_ahead() -> None:
    """Twice as fast as it plays, for 20 s: then at its own pace."""
    arrivals = [(0.375 * number, 0.75) for number in range(54)]
    arrivals += [(20.0 + now, seconds) for now, seconds in even(60)]
    told = Sent(arrivals).run().told
    assert np.all(np.diff(told) >= 0)
    assert max(at + 0.75 - now for at, (now, _) in zip(told[-80:], arrivals[-80:], strict=True)) < 0.001
    assert told[-1] == pytest.approx(arrivals[-1][0] - 0.75, abs=0.1)


def test_dead_air_is_said_while_it_lasts() -> None:
    stillness = Stillness()
    loud, hush = np.full(5512, 900, np.int16), np.full(5512, 3, np.int16)
    said = [stillness.heard(at / 2, loud if at in (3, 200) else hush, 0.5) for at in range(220)]
    assert [item for item in said if item] == [
        DeadAir(12.0, 2.0),
        DeadAir(72.0, 2.0),
        SoundAgain(100.0, 2.0),
    ]


async def paced(request: Request) -> None:
    """Four seconds at once, then as it plays."""
    data = mp3(12.0)
    await request.send(OK, data[:64_000])
    for place in range(64_000, len(data), 4000):
        await asyncio.sleep(0.25)
        await request.send(data[place : place + 4000])


async def file_in_two(request: Request) -> None:
    """Four seconds at once, and when their time is told, all the rest of a file."""
    data = mp3(40.0, bitrate=64_000)
    await request.send(OK.replace(b"\r\n\r\n", b"\r\nContent-Length: %d\r\n\r\n" % len(data)), data[:32_000])
    await asyncio.sleep(1.0)
    await request.send(data[32_000:])


async def test_no_sound_is_of_the_future_and_a_file_is_asked_again_seldom() -> None:
    by = means(Patience())
    early: list[float] = []

    def over(item: object) -> bool:
        if isinstance(item, Sound):
            early.append(item.at + len(item.pcm) / 11_025 - by.clock.now())
        return isinstance(item, Trouble)

    async with station() as radio:
        items = await heard(radio.on("/", file_in_two), over, live=True, by=by)
    assert max(early) <= 0.001
    assert reason(items) == "This is a file that comes to its end, not a stream."
    assert isinstance(items[-1], Trouble)
    assert items[-1].retry_in > 10


async def test_a_burst_of_a_real_connection_lies_in_the_past_and_is_not_heard_twice() -> None:
    blocks: list[Sound] = []

    def enough(item: object) -> bool:
        blocks.extend([item] if isinstance(item, Sound) else [])
        return len(blocks) > 9

    by = means(Patience())
    assert mp3(12.0)  # encoded before the clock runs
    async with station() as radio:
        began = by.clock.now()
        items = await heard(radio.on("/", paced), enough, live=True, by=by)
        ended = by.clock.now()
    assert isinstance(items[0], Connected)
    ends = [block.at + len(block.pcm) / 11_025 for block in blocks]
    assert blocks[0].at < began - 2.0  # the machine may be slow, so that it lies further in the past than it is
    assert max(ends) <= ended + 0.1
    for end, following in zip(ends, blocks[1:], strict=False):
        assert following.at == pytest.approx(end, abs=0.3)


async def test_a_station_is_not_blamed_for_what_we_stood_still_ourselves() -> None:
    """As a process does that was stopped, or is kept from its event loop."""

    async def pausing(request: Request) -> None:
        data = mp3(12.0)
        await request.send(OK, data[:96_000])
        asyncio.get_running_loop().call_later(0.2, time.sleep, 2.8)
        await asyncio.sleep(0.3)
        await request.send(data[96_000:])

    async with station() as radio, asyncio.timeout(30):
        items = await heard(radio.on("/", pausing), by=means(Patience(silence=2.5)))
    assert reason(items) == ENDED
    assert len(sound(items)) > 11 * 11_025


async def test_who_does_not_take_its_sound_holds_up_nobody_and_little() -> None:
    sent = 0
    assert mp3(6.0)

    async def endless(request: Request) -> None:
        nonlocal sent
        await request.send(OK)
        while True:
            await request.send(mp3(6.0))
            sent += len(mp3(6.0))

    async with station() as radio, asyncio.timeout(20):
        stuck = listen(radio.on("/stuck", endless), allowed=LOOPBACK, live=False, means=means(Patience()))
        async with aclosing(stuck):
            await anext(stuck)
            items = await heard(radio.sends("/", OK, mp3(6.0)))
            assert len(sound(items)) > 5 * 11_025
            assert sent < 16_000_000  # what the kernel holds of both ends


async def test_sound_faster_than_it_plays_is_left_with_the_station() -> None:
    """A file instead of a stream: at most a minute of it is taken ahead of its time."""
    got = 0.0
    async with station() as radio:
        url = radio.sends("/", OK, *[mp3(6.0)] * 20)
        listening = listen(url, allowed=LOOPBACK, means=means(Patience()))
        async with aclosing(listening):
            try:
                async with asyncio.timeout(2.5):
                    async for item in listening:
                        got += len(item.pcm) / 11_025 if isinstance(item, Sound) else 0.0
            except TimeoutError:
                pass
    assert 55 < got < 75
