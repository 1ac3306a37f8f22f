"""Landmarks: the same peaks however a stream is cut; a clip is found where it was taken from, also at other speeds."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from sonograph.errors import Invalid
from sonograph.recognition.landmarks.check import CHECK_DENSITY, Place, check, refined
from sonograph.recognition.landmarks.finder import PeakFinder, find_peaks
from sonograph.recognition.landmarks.packing import MOST_FRAMES, pack, unpack
from sonograph.recognition.landmarks.peaks import (
    FRAMES_PER_SECOND,
    HIGH,
    HOP,
    LOW,
    REFERENCE_DENSITY,
    Peaks,
    reference_peaks,
)
from sonograph.recognition.landmarks.triplets import QUERY_DENSITY, keys, query_keys, reference_keys, triplets

RATE = 11025


def music(seconds: float, seed: int) -> NDArray[np.int16]:
    """Nine plucked notes a second."""
    rng = np.random.default_rng(seed)
    sound = np.zeros(int((seconds + 2) * RATE))
    one = np.arange(RATE) / RATE
    for _ in range(int(seconds * 9)):
        start, note = int(rng.random() * seconds * RATE), 110 * 2 ** (rng.integers(0, 48) / 12)
        tones = sum(np.sin(2 * np.pi * note * part * one) / part for part in (1, 2, 3) if note * part < 4500)
        sound[start : start + RATE] += tones * np.exp(-one * rng.uniform(3, 12)) * rng.uniform(500, 3000)
    return sound[: int(seconds * RATE)].astype(np.int16)


def noisy(samples: NDArray[np.int16], seed: int = 1) -> NDArray[np.int16]:
    """With noise of a quarter of its power."""
    noise = np.random.default_rng(seed).standard_normal(len(samples)) * samples.astype(float).std() / 2
    clipped: NDArray[np.int16] = np.clip(samples + noise, -32768, 32767).astype(np.int16)
    return clipped


def played_at(samples: NDArray[np.int16], speed: float) -> NDArray[np.int16]:
    places = np.arange(0, len(samples) - 1, speed)
    played: NDArray[np.int16] = np.interp(places, np.arange(len(samples)), samples).astype(np.int16)
    return played


SONG = music(60.0, seed=11)
OTHER = music(60.0, seed=12)
STORED = unpack(pack(reference_peaks(find_peaks([SONG]))))


def same(one: Peaks, other: Peaks) -> bool:
    return (
        np.array_equal(one.time, other.time)
        and np.array_equal(one.pitch, other.pitch)
        and np.array_equal(one.rank, other.rank)
        and one.standing is not None
        and other.standing is not None
        and np.array_equal(one.standing, other.standing)
    )


def votes(query: Peaks, reference: Peaks, speed: float) -> tuple[int, float]:
    """On the best diagonal: how many keys agree, and the offset in frames. A dictionary is the index."""
    stored, times = reference_keys(reference)
    where: dict[int, list[float]] = {}
    for key, time in zip(stored.tolist(), times.tolist(), strict=True):
        where.setdefault(key, []).append(time)
    (_, asked, anchors), *_ = query_keys(query, (speed,))
    dense = query.densest(QUERY_DENSITY)
    diagonals = [
        round((there - dense.time[anchor] * speed) / 4)
        for key, anchor in zip(asked.tolist(), anchors.tolist(), strict=True)
        for there in where.get(key, ())
    ]
    if not diagonals:
        return 0, 0.0
    values, counts = np.unique(diagonals, return_counts=True)
    return int(counts.max()), float(values[counts.argmax()] * 4)


@pytest.mark.parametrize("largest", [100, 3000, 200_000])
def test_any_cut_into_blocks_gives_the_same_peaks(largest: int) -> None:
    samples = noisy(SONG[: 20 * RATE])
    whole = find_peaks([samples])
    sizes = np.random.default_rng(largest)
    finder, at, found = PeakFinder(), 0, []
    while at < len(samples):
        size = int(sizes.integers(0, largest))
        found.append(finder.feed(samples[at : at + size]))
        at += size
    streamed = Peaks.joined((*found, finder.finish()))
    assert len(whole) > 200
    assert same(streamed, whole)
    assert (np.diff(whole.time) >= 0).all()


def test_a_stream_is_followed_closely_and_in_bounded_memory() -> None:
    finder = PeakFinder()
    block = noisy(SONG[:RATE])
    latest = 0.0
    for second in range(1, 30):
        peaks = finder.feed(block)
        latest = max(latest, *peaks.time) if len(peaks) else latest
        assert latest > (second - 2.4) * FRAMES_PER_SECOND
    tracemalloc.start()
    for _ in range(60):
        finder.feed(block)
    left, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert left < 400_000


def test_only_the_loudest_are_stored() -> None:
    peaks = find_peaks([noisy(SONG)])
    stored = reference_peaks(peaks)
    assert 0.6 * REFERENCE_DENSITY * 60 < len(stored) <= 1.2 * REFERENCE_DENSITY * 60
    assert stored.standing is not None
    assert (stored.standing < REFERENCE_DENSITY).all()
    assert len(stored) < len(peaks) / 3
    loudest = peaks.densest(1).time
    assert 20 < len(loudest) <= 120
    assert np.diff(loudest).min() >= FRAMES_PER_SECOND / 2 - 2  # within half a second of each other, only one is


@pytest.mark.parametrize("seconds", [0.0, 0.05, 0.1, 1.0])
def test_what_is_short_or_silent_has_few_peaks_or_none(seconds: float) -> None:
    count = int(seconds * RATE)
    assert len(find_peaks([np.zeros(count, np.int16)])) == 0
    few = find_peaks([SONG[:count]])
    assert len(few) <= 40 * (seconds + 1)
    assert len(find_peaks([])) == 0
    assert check(few, [Place(STORED, 0.0, 1.0)])[0].score < 12 or seconds >= 1.0
    assert all(len(made) == 0 for _, made, _ in query_keys(few)) or seconds >= 0.1


def test_packed_peaks_come_back_within_half_a_step() -> None:
    peaks = reference_peaks(find_peaks([SONG, np.zeros(40 * RATE, np.int16), SONG]))
    packed = pack(peaks)
    back = unpack(packed)
    assert len(packed) <= 3 * len(peaks) + 3 * 10 + 1
    assert len(back) == len(peaks)
    assert np.abs(back.time - peaks.time).max() <= 1 / 16
    assert np.abs(back.pitch - peaks.pitch).max() <= 1 / 32
    assert np.diff(back.time).max() > 39 * FRAMES_PER_SECOND
    assert pack(back) == packed
    assert len(unpack(pack(Peaks.none()))) == 0


@given(st.lists(st.tuples(st.integers(0, 5000), st.integers(LOW * 16, HIGH * 16)), max_size=40))
@settings(max_examples=100, deadline=None)
def test_any_gaps_are_packed(steps: list[tuple[int, int]]) -> None:
    time = np.cumsum([step for step, _ in steps]) / 8 if steps else np.zeros(0)
    pitch = np.array([pitch / 16 for _, pitch in steps], np.float32)
    back = unpack(pack(Peaks(time, pitch, np.zeros(len(steps), np.uint8))))
    assert np.array_equal(back.time, time)
    assert np.array_equal(back.pitch, pitch)


@pytest.mark.parametrize("damage", ["empty", "version", "cut", "pitch", "huge"])
def test_bytes_that_are_no_peaks_are_refused(damage: str) -> None:
    packed = pack(STORED)
    wrong = {
        "empty": b"",
        "version": b"\x07" + packed[1:],
        "cut": packed[:-1],
        "pitch": packed[:1] + b"\xff\xff\xff" + packed[4:],
        "huge": b"\x01" + b"\xff\x07\x00" * (MOST_FRAMES // 200),
    }
    if damage == "huge":
        wrong["huge"] += packed[1:4]
    with pytest.raises(Invalid, match="landmarks: "):
        unpack(wrong[damage])
    with pytest.raises(Invalid):
        pack(Peaks(np.array([MOST_FRAMES + 1.0]), np.array([100.0], np.float32), np.zeros(1, np.uint8)))


@given(st.binary(max_size=60))
@settings(max_examples=200, deadline=None)
def test_random_bytes_are_refused_or_read(data: bytes) -> None:
    try:
        peaks = unpack(b"\x01" + data)
    except Invalid:
        return
    assert len(peaks) <= len(data) // 3
    assert (np.diff(peaks.time) >= 0).all()


def test_triplets_are_three_peaks_near_each_other() -> None:
    anchor, lower, higher = triplets(STORED, 3)
    assert len(anchor) <= 3 * len(STORED)
    for other in (lower, higher):
        apart = STORED.time[other] - STORED.time[anchor]
        assert ((apart >= 2.0) & (apart <= 62.0)).all()
        assert (np.abs(STORED.pitch[other] - STORED.pitch[anchor]) <= 63).all()
    assert (STORED.pitch[lower] <= STORED.pitch[higher]).all()
    assert (lower != higher).all()


def test_keys_of_a_recording_at_another_speed_are_those_of_the_recording() -> None:
    faster = Peaks(STORED.time / 1.04, STORED.pitch * np.float32(1.04), STORED.rank)
    made = triplets(STORED, 3)
    equal = keys(faster, made, 1.04) == keys(STORED, made)
    assert equal.mean() > 0.98  # rounding apart
    assert (keys(faster, made) == keys(STORED, made)).mean() < 0.5


@pytest.mark.parametrize("speed", [1.0, 0.98, 1.04])
def test_a_clip_is_found_where_it_was_taken_from(speed: float) -> None:
    start = 21.3
    clip = noisy(played_at(SONG, speed)[int(start / speed * RATE) : int((start / speed + 10) * RATE)])
    query = find_peaks([clip])
    count, offset = votes(query, STORED, speed)
    assert count >= 20
    found = check(query.densest(CHECK_DENSITY), [Place(STORED, offset, speed)])[0]
    assert found.score > 60
    assert found.hits > 0.4 * found.peaks
    assert found.offset == pytest.approx(start * FRAMES_PER_SECOND, abs=2)


def test_what_is_not_there_is_not_found() -> None:
    query = find_peaks([noisy(OTHER[: 10 * RATE])]).densest(CHECK_DENSITY)
    places = [Place(STORED, offset, speed) for offset in range(0, 2000, 20) for speed in (1.0, 0.98, 1.02)]
    assert max(one.score for one in check(query, places)) < 15


def test_places_are_checked_together_as_each_alone() -> None:
    query = find_peaks([noisy(SONG[20 * RATE : 30 * RATE])]).densest(CHECK_DENSITY)
    offset = 20 * RATE / HOP
    places = [Place(STORED, offset + slip, 1.0) for slip in (-90.0, -2.0, 0.0, 1.5, 300.0, 9e5, -9e5)]
    together = check(query, places)
    assert together == [check(query, [place])[0] for place in places]
    assert max(together, key=lambda one: one.score) in together[1:4]
    assert together[-1].score == together[-2].score == 0
    assert check(query, []) == []


def test_the_speed_is_refined() -> None:
    clip = played_at(SONG, 1.03)[10 * RATE : 20 * RATE]
    query = find_peaks([clip]).densest(CHECK_DENSITY)
    place = Place(STORED, 10 * 1.03 * FRAMES_PER_SECOND, 1.02)
    (found,) = refined(query, [place])
    assert found.speed == pytest.approx(1.03, abs=0.003)
    assert found.score > check(query, [place])[0].score
