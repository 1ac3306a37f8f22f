"""Formats, modes, and what was learnt."""

import pytest

from sonograph.monitoring.calibration import EASIER, HARDER, Learnt
from sonograph.monitoring.hearing.tuning import tuning_of
from sonograph.monitoring.vocabulary import DetectionMode, StreamFormat
from sonograph.recognition.segments.landmark_search import MOST_SPEEDS


@pytest.mark.parametrize("format_", [None, *StreamFormat])
def test_modes_are_ordered(format_: StreamFormat | None) -> None:
    precise, balanced, broad = (tuning_of(format_, mode) for mode in DetectionMode)
    assert precise.least > balanced.least > broad.least
    assert precise.at_once > balanced.at_once > broad.at_once
    assert precise.agreeing >= balanced.agreeing >= broad.agreeing
    assert precise.lasting > balanced.lasting >= broad.lasting
    assert precise.heard >= balanced.heard > broad.heard
    assert precise.search <= balanced.search < broad.search


def test_formats_choose_how_it_is_listened_to() -> None:
    tunings = {kind: tuning_of(kind, DetectionMode.BALANCED) for kind in (None, *StreamFormat)}
    assert max(tunings[StreamFormat.ELECTRONIC].speeds) > max(tunings[None].speeds)
    assert max(tunings[StreamFormat.CLASSICAL].speeds) < max(tunings[None].speeds)
    assert tunings[StreamFormat.CLASSICAL].dropout > tunings[None].dropout
    for tuning in tunings.values():
        assert tuning.speeds[0] == 1.0  # most music plays at its speed, and the first one is cheapest
        assert len(tuning.speeds) <= MOST_SPEEDS


def test_what_was_learnt_moves_thresholds_within_bounds() -> None:
    def least(shift: float) -> float:
        return tuning_of(None, DetectionMode.BALANCED, Learnt(shift)).least

    assert least(-1.0) < least(0.0) < least(0.5)
    assert least(0.0) == pytest.approx(tuning_of(None, DetectionMode.BALANCED).least)
    assert least(-50.0) == least(EASIER)
    assert least(50.0) == least(HARDER) < 1.0


@pytest.mark.parametrize("shift", [-0.5, -1.0, EASIER, HARDER])
def test_modes_stay_ordered_whatever_was_learnt(shift: float) -> None:
    precise, balanced, broad = (tuning_of(None, mode, Learnt(shift)) for mode in DetectionMode)
    assert precise.least > balanced.least > broad.least
    assert precise.at_once > balanced.at_once > broad.at_once


def test_what_was_learnt_is_not_added_to_what_is_low_already() -> None:
    """That a station's recognitions are right down to 0.46 says nothing of those below 0.2."""
    broad = tuning_of(None, DetectionMode.BROAD)
    assert tuning_of(None, DetectionMode.BROAD, Learnt(-1.0)) == broad
    assert tuning_of(None, DetectionMode.BROAD, Learnt(1.0)).least > broad.least
