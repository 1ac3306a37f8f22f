"""The index of landmarks: recordings are found by clips of them, at the place and speed they were played."""

from pathlib import Path

import numpy as np
import pytest

from sonograph.errors import Invalid
from sonograph.recognition.landmarks.packing import pack, unpack
from sonograph.recognition.landmarks.peaks import FRAMES_PER_SECOND, Peaks
from sonograph.recognition.segments.kind import Part
from sonograph.recognition.segments.landmark_build import LANDMARKS, landmarks_part
from sonograph.recognition.segments.landmark_search import LandmarkSearcher
from sonograph.recognition.segments.landmark_segment import BLOCK, LandmarkSegment
from sonograph.recognition.segments.writer import Writer

SECONDS = 60.0


def song(number: int, seconds: float = SECONDS) -> Peaks:
    """Twelve peaks a second, anywhere."""
    dice = np.random.default_rng(number)
    count = int(12 * seconds)
    time = np.sort(dice.random(count) * seconds * FRAMES_PER_SECOND)
    return Peaks(time, (10 + 350 * dice.random(count)).astype(np.float32), np.zeros(count, np.uint8))


def part(*numbers: int) -> Part:
    return landmarks_part(numbers, [pack(song(number)) for number in numbers])


def clip(of: Peaks, start: float, seconds: float = 10.0, speed: float = 1.0, *, worn: float = 0.3) -> Peaks:
    """A recording from `start`, played at `speed`: some peaks are gone, others have come."""
    dice = np.random.default_rng(7)
    piece = of.between(start * FRAMES_PER_SECOND, (start + seconds * speed) * FRAMES_PER_SECOND)
    kept = dice.random(len(piece)) >= worn
    added = int(15 * seconds)
    time = np.concatenate((piece.time[kept] / speed, dice.random(added) * seconds * FRAMES_PER_SECOND))
    pitch = np.concatenate((piece.pitch[kept] * speed, 10 + 350 * dice.random(added))).astype(np.float32)
    order = np.argsort(time, kind="stable")
    return Peaks(time[order], pitch[order], np.zeros(len(time), np.uint8))


def test_clips_are_found_with_their_place_and_speed(tmp_path: Path) -> None:
    with Writer(tmp_path, LANDMARKS) as writer:
        assert writer.add([part(*range(20)), part(*range(20, 40))]) == 40
        assert writer.add([part(40)]) == 1
    searcher = LandmarkSearcher(tmp_path)
    assert searcher.references == 41
    for number, speed in ((0, 1.0), (19, 1.02), (20, 0.975), (39, 1.045), (40, 0.955)):
        match, *others = searcher.match(clip(song(number), 21.3, speed=speed))
        assert match.reference == number
        assert match.offset == pytest.approx(21.3, abs=0.08)
        assert match.speed == pytest.approx(speed, abs=0.006)
        assert (match.start, match.end) == pytest.approx((0.0, 10.0), abs=0.3)
        assert all(other.score < match.score / 4 for other in others)
        assert match.score > 40


def test_a_place_is_checked_and_peaks_are_read_back(tmp_path: Path) -> None:
    with Writer(tmp_path, LANDMARKS) as writer:
        writer.add([part(*range(5, 0, -1))])
        writer.add([part(2)])
        writer.remove([4])
    searcher = LandmarkSearcher(tmp_path)
    query = clip(song(3), 30.0)
    right = searcher.check(3, 30.05, 1.005, query)
    wrong = searcher.check(3, 20.0, 1.0, query)
    assert right is not None
    assert wrong is not None
    assert right.score > 40
    assert wrong.score < 10
    assert right.offset == pytest.approx(30.0, abs=0.05)
    assert searcher.check(4, 30.0, 1.0, query) is searcher.check(99, 30.0, 1.0, query) is None
    assert searcher.peaks_of(4) is searcher.peaks_of(99) is None
    for number in (1, 2, 3, 5):
        stored, packed = searcher.peaks_of(number), unpack(pack(song(number)))
        assert stored is not None
        assert np.array_equal(stored.time, packed.time)
        assert np.array_equal(stored.pitch, packed.pitch)


def test_pieces_of_many_references_are_those_of_each(tmp_path: Path) -> None:
    # With a pause so long that a peak's time does not fit, and one that is shorter than a block
    pause = Peaks.joined([song(1), Peaks(song(2).time + 9000, song(2).pitch, song(2).rank)])
    stored = [song(0), pause, song(3, 1.0), song(4)]
    with Writer(tmp_path, LANDMARKS) as writer:
        writer.add([landmarks_part(range(4), [pack(one) for one in stored])])
    segment = LandmarkSegment(next(tmp_path.glob("*.landmarks")))
    wanted = [(3, 400.0, 900.0), (1, 0.0, 12_000.0), (2, -5.0, 50.0), (0, 2000.0, np.inf), (1, 5000.0, 5010.0)]
    pieces = segment.pieces([*wanted, (0, 9000.0, 9100.0)])
    for (number, start, end), found in zip(wanted, pieces, strict=False):
        expected = unpack(pack(stored[number]))
        between = (expected.time >= start) & (expected.time <= end)
        inside = (found.time >= start) & (found.time <= end)
        assert between.any() == (start != 5000.0)
        assert found.time[inside].tolist() == expected.time[between].tolist()
        assert found.pitch[inside].tolist() == expected.pitch[between].tolist()
        assert len(found) <= between.sum() + 2 * BLOCK
    assert (pieces[-1].time < 9000.0).all()
    assert segment.pieces([]) == []


def test_what_is_no_landmarks_is_refused() -> None:
    good = pack(song(1))
    for bad in (b"", b"\xff" + good[1:], good[:-1]):
        with pytest.raises(Invalid):
            landmarks_part([1, 2], [good, bad])
