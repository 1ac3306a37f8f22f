"""Windows become airings: the rules, without sound."""

from collections.abc import Sequence

import pytest

from sonograph.monitoring.hearing.airing import Change, Continued, Ended, OpenAiring, Started
from sonograph.monitoring.hearing.airings import Airings
from sonograph.monitoring.hearing.tuning import Tuning, tuning_of
from sonograph.monitoring.hearing.window import Sighting, Window
from sonograph.monitoring.vocabulary import DetectionMode

BALANCED = tuning_of(None, DetectionMode.BALANCED)
STEP = 3.0
TRACKS = {1: 1, 11: 1, 2: 2, 3: 3}  # references 1 and 11 are of one track


def sighting(reference: int, end: float, *, begins: float, since: float | None = None, sure: float = 0.99) -> Sighting:
    """Of a reference of 200 s."""
    return Sighting(
        reference=reference,
        position=end - begins,
        speed=1.0,
        confidence=sure,
        score=100.0,
        evidence=9.0,
        since=begins if since is None else since,
        until=end,
        begins=begins,
        length=200.0,
    )


class Radio:
    """Windows one after the other, and what they changed."""

    def __init__(self, tuning: Tuning = BALANCED, resume: OpenAiring | None = None) -> None:
        self.airings = Airings(tuning, resume)
        self.end = 0.0
        self.told: list[Change] = []

    def hear(self, *heard: Sighting) -> None:
        window = Window(self.end - 10, self.end, heard, silent=False, searched=not heard)
        self.told += [one for one in self.airings.add(window, TRACKS) if not isinstance(one, Continued)]

    def play(self, reference: int, seconds: float, *, begins: float, sure: float = 0.99) -> None:
        since = max(begins, self.end)
        for _ in range(round(seconds / STEP)):
            self.end += STEP
            self.hear(sighting(reference, self.end, begins=begins, since=since, sure=sure))

    def talk(self, seconds: float, lost: Sequence[Sighting] = ()) -> None:
        for _ in range(round(seconds / STEP)):
            self.end += STEP
            self.hear(*lost)

    def on_air(self) -> int | None:
        return self.airings.now.track_id if self.airings.now else None

    @property
    def said(self) -> list[tuple[str, int]]:
        return [(type(one).__name__, one.airing.track_id) for one in self.told]


def test_one_airing_is_told_twice() -> None:
    radio = Radio()
    radio.play(1, 60, begins=0.0)
    assert radio.on_air() == 1
    radio.talk(15)
    assert radio.on_air() is None
    radio.talk(30)
    assert radio.said == [("Started", 1)]  # it may yet go on: it has 140 s left
    radio.talk(18)
    assert radio.said == [("Started", 1), ("Ended", 1)]
    assert radio.told[1].airing.ended_at == pytest.approx(60.0)


def test_what_cannot_go_on_is_over_sooner() -> None:
    """Played to within 26 s of its end, or to its end."""
    for seconds, waits in ((174, 33), (198, 9)):
        radio = Radio()
        radio.play(1, seconds, begins=0.0)
        radio.talk(waits - STEP)
        assert radio.said == [("Started", 1)]
        radio.talk(STEP)
        assert radio.said == [("Started", 1), ("Ended", 1)]


def test_a_long_voice_within_a_song_is_no_end() -> None:
    radio = Radio()
    radio.play(1, 60, begins=0.0)
    radio.talk(48)
    assert radio.on_air() is None
    radio.play(1, 90, begins=0.0)
    assert radio.on_air() == 1
    assert radio.said == [("Started", 1)]
    radio.play(2, 30, begins=198.0)
    assert radio.said[1:] == [("Started", 2), ("Ended", 1)]
    assert radio.told[2].airing.ended_at == pytest.approx(198.0)


def test_what_is_kept_grows_while_it_goes_on() -> None:
    airings = Airings(BALANCED)
    changes = [
        change
        for end in (6.0, 9.0, 12.0)
        for change in airings.add(
            Window(end - 6, end, (sighting(1, end, begins=0.0),), silent=False, searched=False), TRACKS
        )
    ]
    assert [type(one) for one in changes] == [Started, Continued, Continued]
    assert [one.airing.heard_until for one in changes] == [6.0, 9.0, 12.0]


def test_a_reference_whose_track_is_unknown_is_not_heard() -> None:
    radio = Radio()
    radio.play(99, 30, begins=0.0)
    assert radio.said == []
    assert radio.airings.now is None


def test_a_dropout_is_no_end() -> None:
    radio = Radio()
    radio.play(1, 30, begins=0.0)
    radio.talk(18)
    radio.play(1, 30, begins=0.0)
    assert radio.said == [("Started", 1)]


def test_the_same_track_anew_is_another_airing() -> None:
    radio = Radio()
    radio.play(1, 60, begins=0.0)
    radio.play(1, 30, begins=60.0)
    assert radio.said[:2] == [("Started", 1), ("Started", 1)]
    assert radio.told[1].airing.started_at == pytest.approx(60.0)


@pytest.mark.parametrize(("reference", "begins"), [(1, -30.0), (1, 12.0), (11, -30.0)], ids=["cut", "loop", "edit"])
def test_another_place_of_the_same_track_is_the_same_airing(reference: int, begins: float) -> None:
    radio = Radio()
    radio.play(1, 60, begins=0.0)
    radio.play(reference, 60, begins=begins)
    assert radio.said == [("Started", 1)]


def test_a_crossfade_starts_the_next_before_the_last_ends() -> None:
    radio = Radio()
    radio.play(1, 60, begins=0.0)
    for _ in range(2):
        radio.end += STEP
        radio.hear(sighting(1, radio.end, begins=0.0), sighting(2, radio.end, begins=58.0))
    assert radio.said == [("Started", 1), ("Started", 2)]
    assert radio.airings.now is not None
    assert radio.airings.now.track_id == 2
    radio.play(2, 30, begins=58.0)
    assert radio.said[2:] == [("Ended", 1)]


def test_two_tracks_that_sound_alike_are_one_airing() -> None:
    radio = Radio()
    radio.play(1, 30, begins=0.0)
    for _ in range(6):
        radio.end += STEP
        radio.hear(sighting(1, radio.end, begins=0.0), sighting(2, radio.end, begins=0.0))
    radio.play(2, 30, begins=0.0)
    radio.talk(66)
    assert radio.said == [("Started", 1), ("Ended", 1)]


def test_a_track_found_at_another_place_after_its_end_is_not_said_again() -> None:
    radio = Radio()
    radio.play(1, 30, begins=0.0)
    radio.talk(66)
    assert radio.said[-1] == ("Ended", 1)
    radio.end += STEP
    radio.hear(sighting(1, radio.end, begins=-10.0, since=20.0))
    radio.talk(114)
    radio.end += STEP
    radio.hear(sighting(1, radio.end, begins=-10.0, since=80.0))
    assert radio.said == [("Started", 1), ("Ended", 1)]


def test_a_taken_over_airing_goes_on_or_ends() -> None:
    kept = OpenAiring(track_id=1, started_at=-50.0, heard_until=-6.0)
    goes_on = Radio(resume=kept)
    goes_on.play(1, 30, begins=-50.0)
    assert goes_on.said == []
    assert goes_on.airings.now is not None
    assert goes_on.airings.now.started_at == -50.0
    ends = Radio(resume=kept)
    ends.talk(30)
    assert ends.said == [("Ended", 1)]
    assert ends.told[0].airing.ended_at == pytest.approx(-6.0)


def test_an_outage_ends_what_is_on_air() -> None:
    radio = Radio()
    radio.play(1, 30, begins=0.0)
    (ended,) = radio.airings.finish(32.0)
    assert isinstance(ended, Ended)
    assert ended.airing.ended_at == pytest.approx(32.0)
    assert radio.airings.now is None
    assert radio.airings.finish(40.0) == []


@pytest.mark.parametrize(("sure", "windows"), [(0.3, (2, None, None)), (0.75, (1, 2, None)), (0.95, (1, 1, 4))])
def test_modes_differ_in_how_sure_they_must_be(sure: float, windows: tuple[int | None, ...]) -> None:
    modes = (DetectionMode.BROAD, DetectionMode.BALANCED, DetectionMode.PRECISE)
    for mode, expected in zip(modes, windows, strict=True):
        radio = Radio(tuning_of(None, mode))
        told = None
        for number in range(1, 8):
            radio.play(1, STEP, begins=0.0, sure=sure)
            told = told or (number if radio.said else None)
        assert told == expected, mode


def test_what_sounds_like_a_track_for_some_seconds_is_none_where_precision_counts() -> None:
    modes = (DetectionMode.BROAD, DetectionMode.BALANCED, DetectionMode.PRECISE)
    radios = [Radio(tuning_of(None, mode)) for mode in modes]
    for radio in radios:
        for end in (0.0, 15.0):  # three windows, a break, and three more
            radio.end = end
            radio.play(1, 9, begins=0.0)
    assert [len(radio.said) for radio in radios] == [1, 1, 0]
