"""Landmarks that are hard to find: moved by echoes, or quieter than most of what is heard."""

from pathlib import Path

import numpy as np
import pytest

from sonograph.recognition.landmarks.check import CHECK_DENSITY, Place, check
from sonograph.recognition.landmarks.packing import pack
from sonograph.recognition.landmarks.peaks import FRAMES_PER_SECOND, Peaks
from sonograph.recognition.landmarks.triplets import DENSER_DENSITY, QUERY_DENSITY
from sonograph.recognition.segments.landmark_build import LANDMARKS, landmarks_part
from sonograph.recognition.segments.landmark_search import SURE, LandmarkSearcher
from sonograph.recognition.segments.writer import Writer

START = 20.0


def song(number: int, seconds: float = 60.0, per_second: int = 12) -> Peaks:
    dice = np.random.default_rng(number)
    count = int(per_second * seconds)
    time = np.sort(dice.random(count) * seconds * FRAMES_PER_SECOND)
    return Peaks(time, (10 + 350 * dice.random(count)).astype(np.float32), np.zeros(count, np.uint8))


def with_others(of: Peaks, rank: int, *, worn: float, jitter: float = 0.0) -> Peaks:
    """Ten seconds of a song, a share of its peaks lost and the rest moved, among 30 louder others a second."""
    dice = np.random.default_rng(5)
    piece = of.between(START * FRAMES_PER_SECOND, (START + 10) * FRAMES_PER_SECOND)
    piece = piece.those(dice.random(len(piece)) >= worn)
    others = song(999, 10.0, 30)
    time = np.concatenate((piece.time + jitter * dice.standard_normal(len(piece)), others.time))
    order = np.argsort(time)
    return Peaks(
        time[order],
        np.concatenate((piece.pitch, others.pitch))[order],
        np.concatenate((np.full(len(piece), rank), np.zeros(len(others)))).astype(np.uint8)[order],
    )


@pytest.fixture
def searcher(tmp_path: Path) -> LandmarkSearcher:
    with Writer(tmp_path, LANDMARKS) as writer:
        writer.add([landmarks_part(range(10), [pack(song(number)) for number in range(10)])])
    return LandmarkSearcher(tmp_path)


@pytest.mark.parametrize("rank", [0, QUERY_DENSITY, DENSER_DENSITY - 1])
def test_quiet_peaks_are_looked_up_when_loud_ones_find_nothing(searcher: LandmarkSearcher, rank: int) -> None:
    match = searcher.match(with_others(song(3), rank, worn=0.5))[0]
    assert match.reference == 3
    assert match.score > SURE
    assert match.offset == pytest.approx(START, abs=0.05)


def test_peaks_too_quiet_to_be_looked_up_still_speak_for_a_place(searcher: LandmarkSearcher) -> None:
    quiet = with_others(song(3), DENSER_DENSITY, worn=0.5)
    assert all(match.score < SURE for match in searcher.match(quiet))
    proposed = searcher.check(3, START, 1.0, quiet)
    assert proposed is not None
    assert proposed.score > 60
    elsewhere = searcher.check(3, START + 7, 1.0, quiet)
    assert elsewhere is not None
    assert elsewhere.score < SURE / 2


@pytest.mark.parametrize("jitter", [0.0, 1.0, 2.5])
def test_echoes_move_peaks_and_they_count_less(jitter: float) -> None:
    query = with_others(song(3), 0, worn=0.5, jitter=jitter).densest(CHECK_DENSITY)
    still = with_others(song(3), 0, worn=0.5).densest(CHECK_DENSITY)
    offset = START * FRAMES_PER_SECOND
    (moved,), (unmoved,) = check(query, [Place(song(3), offset, 1.0)]), check(still, [Place(song(3), offset, 1.0)])
    assert moved.score > 2 * SURE
    assert moved.score <= unmoved.score
    wrong = [Place(song(number), offset + slip, 1.0) for number in (2, 4) for slip in range(0, 1000, 25)]
    assert max(one.score for one in check(query, wrong)) < SURE / 2


def test_what_is_empty_is_not_found(searcher: LandmarkSearcher) -> None:
    assert searcher.match(Peaks.none()) == []
    assert all(match.score < SURE for match in searcher.match(song(77, 10.0, 40)))
