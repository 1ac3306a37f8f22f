"""What a station's titles teach, by stations whose titles are right, late, false or none."""

import json
from collections.abc import Callable

import numpy as np
import pytest

from sonograph.monitoring.calibration import EASIER, HARDER, Calibration, TrackName
from sonograph.monitoring.station_titles import says

SONG = 200.0  # seconds
NAMES = {n: TrackName((f"Artist{n} Band",), f"The Song of {'abcdefghijklmnopqrstuvwxyz'[n]}{n}") for n in range(25)}
Title = Callable[[int], str]


def right(track: int) -> str:
    return f"{NAMES[track].artists[0]} - {NAMES[track].title} (Radio Edit)"


def aired(title: Title | None, *, late: float = 0.0, weak_right: float = 1.0, songs: int = 100) -> Calibration:
    """A station: every second song is recognised beyond doubt, the others weakly, so many of them rightly."""
    dice = np.random.default_rng(7)
    calibration = Calibration()
    happenings: list[tuple[float, int, tuple[tuple[int, float], ...]]] = []
    for number in range(songs):
        begin, track = number * SONG, int(dice.integers(25))
        if title is not None:
            happenings.append((begin + late + float(dice.uniform(-5, 8)), track, ()))
        seen = track if number % 2 or dice.random() < weak_right else (track + 7) % 25
        confidence = 0.995 if number % 2 else 0.55
        happenings += [(at, -1, ((seen, confidence),)) for at in np.arange(begin + 12, begin + SONG, 9.0).tolist()]
    for at, track, heard in sorted(happenings):
        if heard:
            calibration.note_window(at - 10, at, heard, NAMES)
        elif title is not None:
            calibration.note_title(at, title(track))
    return calibration


def shift(calibration: Calibration) -> float | None:
    learnt = calibration.learnt
    return None if learnt is None else learnt.shift


def test_right_titles_lower_the_thresholds_where_weak_recognitions_are_right() -> None:
    assert shift(aired(right)) == pytest.approx(-1.0)  # as far as weak ones were heard: 0.55 lies within one nat


def test_right_titles_leave_the_thresholds_where_weak_recognitions_are_often_wrong() -> None:
    assert shift(aired(right, weak_right=0.6)) == 0.0


def test_right_titles_raise_the_thresholds_where_what_is_sure_enough_is_wrong() -> None:
    calibration = aired(right)
    for number in range(40):
        at = 1e6 + number * SONG
        calibration.note_title(at, right(number % 25))
        for end in (at + 40, at + 50, at + 60):
            calibration.note_window(end - 10, end, [((number + 3) % 25, 0.75)], NAMES)
    calibration._below = Calibration()._below
    assert shift(calibration) == 0.5


@pytest.mark.parametrize("late", [70.0, 130.0, SONG, 2 * SONG])
def test_titles_that_lag_teach_nothing(late: float) -> None:
    assert shift(aired(right, late=late)) is None


@pytest.mark.parametrize(
    "title",
    [
        lambda _: "Radio Sonne - the best music of the eighties, nineties and today",
        lambda track: right((track * 11 + 5) % 25),
        lambda track: ("Now 20 % off at your hardware store", "News at noon", "")[track % 3],
        lambda _: " ".join(f"{name.artists[0]} {name.title}" for name in NAMES.values())[:3000],  # says everything
        lambda track: NAMES[track].title,  # without an artist
    ],
)
def test_titles_that_lie_teach_nothing(title: Title) -> None:
    assert shift(aired(title)) is None


def test_no_titles_teach_nothing() -> None:
    calibration = aired(None)
    assert shift(calibration) is None
    assert calibration.saved() == Calibration().saved()


def test_few_tracks_teach_nothing() -> None:
    """A title that hangs is right as long as its song is repeated."""
    assert shift(aired(right, songs=8)) is None


def test_what_was_learnt_is_forgotten_when_titles_turn_false() -> None:
    calibration = aired(right)
    assert shift(calibration) is not None
    dice = np.random.default_rng(1)
    for number in range(60):
        at, track = 1e6 + number * SONG, int(dice.integers(25))
        calibration.note_title(at, "Radio Sonne - " + "!" * (number % 2))
        for end in (at + 40, at + 50, at + 60):
            calibration.note_window(end - 10, end, [(track, 0.999)], NAMES)
    assert shift(calibration) is None


def test_it_goes_on_from_what_was_saved() -> None:
    half = aired(right)
    saved = json.loads(json.dumps(half.saved()))
    again = Calibration.restored(saved)
    assert again.saved() == half.saved()
    assert again.learnt == half.learnt


@pytest.mark.parametrize(
    "garbage",
    [
        None,
        [],
        "x",
        {},
        {"version": 2},
        {"version": 1},
        {**Calibration().saved(), "below": [[1, 2]]},
        {**Calibration().saved(), "sure": [1e300, 0]},
        {**Calibration().saved(), "sure": [float("nan"), 0]},
        {**Calibration().saved(), "sure": [-1, 0]},
        {**Calibration().saved(), "sure": ["8", None]},
        {**Calibration().saved(), "tracks": ["a"]},
        {**Calibration().saved(), "tracks": {"a": 1}},
        {**Calibration().saved(), "above": [[True, False]] * 2},
    ],
)
def test_garbage_is_no_calibration(garbage: object) -> None:
    assert Calibration.restored(garbage).saved() == Calibration().saved()


def test_what_is_learnt_is_bounded_and_so_is_memory() -> None:
    calibration = aired(right)
    for number in range(3000):
        calibration.note_window(number, number + 10, [(n, 0.5) for n in range(500)], NAMES)
    assert len(json.dumps(calibration.saved())) < 1000
    shifted = shift(calibration)
    assert shifted is not None
    assert EASIER <= shifted <= HARDER


@pytest.mark.parametrize(
    ("text", "artist", "title", "named"),
    [
        ("Beyoncé feat. Jay-Z - Crazy in Love", "Beyonce", "Crazy In Love", True),
        ("CRAZY IN LOVE - BEYONCE", "Beyoncé", "Crazy in Love (feat. Jay-Z)", True),
        ("Now: Crazy in Love by Beyonce on Radio X", "Beyoncé", "Crazy in Love", True),
        ("Radio X | Simon & Garfunkel - The Boxer", "Simon and Garfunkel", "The Boxer (Remastered 2009)", True),
        ("宇多田ヒカル - First Love", "宇多田ヒカル", "First Love", True),
        ("Metallica - One", "Metallica", "Metallica", False),
        ("Radio X - Love is in the air", "Love", "Alone", False),
        ("Crazy in Love", "Beyoncé", "Crazy in Love", False),
        ("\x00 - \ud800", "", "", False),
        ("", "A", "B", False),
        (" - " * 2000, "A", "B", False),
    ],
)
def test_titles_are_read_as_the_catalog_reads_names(text: str, artist: str, title: str, *, named: bool) -> None:
    assert says(text, TrackName((artist,), title)) is named
