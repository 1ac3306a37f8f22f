"""From sound to airings, with real fingerprints of synthesised songs in a real index."""

import tracemalloc

import numpy as np
import pytest

from sonograph.monitoring.hearing.airing import OpenAiring
from sonograph.monitoring.hearing.hearing import Hearing
from sonograph.recognition.matcher import Matcher
from tests.monitoring_hearing.shows import (
    BALANCED,
    RATE,
    Show,
    Sound,
    blocks,
    crossfade,
    cut,
    faster,
    heard,
    noise,
    over,
    silence,
    talk,
)

EVENT = 15.0  # seconds after its start in which an airing is told


def joined(*sounds: Sound) -> Sound:
    return np.concatenate(sounds)


@pytest.fixture(scope="module")
def show(songs: list[Sound], matcher: Matcher) -> Show:
    """Talk, a song, talk, the stranger, a song that fades into another one, silence."""
    # from       0         8         58        85                   105                           199
    return heard(
        matcher,
        joined(
            talk(8), songs[0], talk(27, seed=4), cut(songs[5], 0, 20), crossfade(songs[1], songs[2], 6), silence(25)
        ),
    )


def test_each_airing_is_told_once_and_soon(show: Show) -> None:
    assert show.tracks == [0, 1, 2]
    starts = {airing.track_id: airing.started_at for airing in show.started}
    for track, start in ((0, 8.0), (1, 105.0), (2, 149.0)):
        assert starts[track] == pytest.approx(start, abs=0.2)
        told = next(one.at for one in show.told if one.change.airing.track_id == track)
        assert told - start < EVENT


def test_ends_are_found(show: Show) -> None:
    assert [airing.track_id for airing in show.ended] == [0, 1, 2]
    for airing, end in zip(show.ended, (58.0, 155.0, 199.0), strict=True):
        assert airing.ended_at == pytest.approx(end, abs=2.5)


def test_talk_strangers_and_silence_are_no_track(show: Show) -> None:
    assert show.on_air(40) == 0
    assert all(track is None for at, track in show.now if 58 + 15 < at < 105)
    assert show.on_air(130) == 1
    assert show.on_air(170) == 2
    assert show.now[-1][1] is None
    assert show.windows[-1].silent
    assert not show.windows[0].silent


def test_hearing_begins_in_the_middle_of_a_song(songs: list[Sound], matcher: Matcher) -> None:
    show = heard(matcher, cut(songs[3], 20, 45), at=1_700_000_000.0)
    (airing,) = show.started
    assert airing.started_at == pytest.approx(1_700_000_000.0, abs=0.5)
    assert airing.position == pytest.approx(20.0, abs=0.6)
    (ended,) = show.ended
    assert ended.ended_at == pytest.approx(1_700_000_025.0, abs=1.5)


def test_the_same_song_twice_in_a_row(songs: list[Sound], matcher: Matcher) -> None:
    show = heard(matcher, joined(songs[4], songs[4], talk(6), cut(songs[4], 0, 30)))
    assert show.tracks == [4, 4, 4]
    assert [airing.started_at for airing in show.started] == pytest.approx([0.0, 50.0, 106.0], abs=0.3)


def test_what_is_said_over_a_song_is_no_end_of_it(songs: list[Sound], matcher: Matcher) -> None:
    jingle = cut(songs[5], 3, 8)
    song = over(over(songs[0], talk(8), 14, gain=0.35), jingle, 30, gain=0.3)
    song[round(38 * RATE) : round(41 * RATE)] = noise(3)
    show = heard(matcher, joined(noise(4), song, talk(30)))
    assert show.tracks == [0]
    (ended,) = show.ended
    assert ended.ended_at == pytest.approx(54.0, abs=2.0)


def test_a_loop_and_a_cut_are_the_same_airing(songs: list[Sound], matcher: Matcher) -> None:
    song = songs[2]
    show = heard(matcher, joined(cut(song, 0, 26), cut(song, 18, 26), cut(song, 18, 32), cut(song, 38, 50)))
    assert show.tracks == [2]
    (ended,) = show.ended
    assert ended.ended_at == pytest.approx(60.0, abs=1.5)


@pytest.mark.parametrize("speed", [1.02, 0.97])
def test_other_speeds(songs: list[Sound], matcher: Matcher, speed: float) -> None:
    show = heard(matcher, joined(talk(5), cut(faster(songs[1], speed), 0, 30), talk(10)))
    (airing,) = show.started
    assert airing.track_id == 1
    assert airing.speed == pytest.approx(speed, abs=0.002)
    assert airing.started_at == pytest.approx(5.0, abs=0.3)


def test_a_watcher_that_takes_over_says_nothing_twice(songs: list[Sound], matcher: Matcher) -> None:
    before = heard(matcher, cut(songs[3], 0, 25))
    kept = before.told[-2].change.airing.open()  # the last one is its end, which the watcher did not live to see
    assert kept.started_at == pytest.approx(0.0, abs=0.2)
    after = heard(matcher, joined(cut(songs[3], 31, 50), talk(12)), at=31.0, resume=kept)
    assert after.tracks == []
    (ended,) = after.ended
    assert (ended.track_id, ended.started_at) == (3, kept.started_at)
    assert ended.ended_at == pytest.approx(50.0, abs=1.5)


def test_a_watcher_that_takes_over_hears_that_it_is_over(songs: list[Sound], matcher: Matcher) -> None:
    open_airing = OpenAiring(track_id=3, started_at=-60.0, heard_until=-8.0)
    show = heard(matcher, joined(cut(songs[3], 0, 20)), resume=open_airing)
    assert show.tracks == [3]
    assert show.ended[0].ended_at == pytest.approx(-8.0)


def test_how_sound_is_cut_makes_no_difference(songs: list[Sound], matcher: Matcher) -> None:
    sound = joined(talk(3), cut(songs[0], 10, 26))
    expected = heard(matcher, sound)
    dice = np.random.default_rng(1)
    cuts = np.sort(dice.integers(0, len(sound), 60))
    assert expected.windows
    for pieces in (np.split(sound, cuts), [sound], blocks(sound, 997)):
        assert heard(matcher, pieces).windows == expected.windows


def test_memory_is_bounded(songs: list[Sound], matcher: Matcher) -> None:
    hearing = Hearing(matcher, BALANCED)
    hearing.feed(songs[0])  # what is loaded once
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        streams = [Hearing(matcher, BALANCED) for _ in range(2)]
        for stream in streams:
            for block in blocks(np.concatenate((cut(songs[1], 0, 20), songs[5]))):
                stream.feed(block)
        used = (tracemalloc.get_traced_memory()[0] - before) / len(streams)
    finally:
        tracemalloc.stop()
    assert used < 1.5 * 2**20
