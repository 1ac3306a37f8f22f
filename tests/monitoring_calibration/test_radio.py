"""The radio benchmark's own truth: what its generator says is aired is what sounds, and its scorer counts rightly."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import signal

from benchmarks.radio.drawing import draw
from benchmarks.radio.mixing import RATE
from benchmarks.radio.programme import Airing, Programme, SongPart, Stretch
from benchmarks.radio.scores import Heard, Report, Score, score
from benchmarks.radio.shows import rendered
from benchmarks.radio.songs import Library, Song
from benchmarks.radio.stations import STATIONS, Station
from benchmarks.recognition.kinship import Kin
from benchmarks.recognition.made_music import song
from benchmarks.recognition.overlays import SPOKEN, Overlays

SECONDS = 110.0
NONE = Kin(frozenset())


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    songs = [_kept(tmp_path_factory.mktemp("songs"), number) for number in range(3)]
    names = {one.number: one.name for one in songs}
    return Library(tuple(names.items()), tuple(songs[:2]), tuple(songs[2:]), NONE, names)


@pytest.fixture(scope="module")
def overlays() -> Overlays:
    dice = np.random.default_rng(5)
    noise = [dice.standard_normal(SPOKEN.rate * 4).astype(np.float32) * 0.1 for _ in range(6)]
    piece = np.tile(noise[5], 12)
    return Overlays(tuple((one,) for one in noise[:5]), (piece,))


def _kept(folder: Path, number: int) -> Song:
    path = folder / f"{number}.npy"
    np.save(path, song(number, 40.0).samples)
    return Song(number, f"made/song{number}.ogg", path, 0.0, 40.0, 0.1)


def _station(name: str, **changes: object) -> Station:
    station = next(one for one in STATIONS if one.name == name)
    return replace(station, edits=0.0, cut_early=0.0, loops=0.0, unknown=0.0, **changes)  # type: ignore[arg-type]  # names


@pytest.mark.parametrize("name", ["club", "talk"])
def test_songs_sound_when_and_as_fast_as_the_truth_says(name: str, library: Library, overlays: Overlays) -> None:
    station = _station(name)
    programme = draw(station, library, SECONDS, 3)
    sound = np.concatenate(list(rendered(programme, station, overlays))).astype(np.float64)
    assert abs(len(sound) / RATE - SECONDS) < 0.2
    assert len(programme.airings) >= 2
    looked_at = 0
    for airing in programme.airings:
        part = next(one for one in programme.placed if one.at == airing.start and isinstance(one.source, SongPart))
        assert isinstance(part.source, SongPart)
        speed = RATE / part.source.rate
        if airing.end - airing.start < 20:
            continue
        song_ = np.load(part.source.path).astype(np.float64)
        own = song_[int(12 * speed * RATE) : int(15 * speed * RATE)]
        own = np.interp(np.arange(0, len(own) - 1, speed), np.arange(len(own)), own)
        around = sound[int((airing.start + 11) * RATE) : int((airing.start + 16) * RATE)]
        found = int(np.argmax(np.abs(signal.correlate(around, own, "valid"))))
        assert abs(found / RATE - 1.0) < 0.005, airing
        looked_at += 1
    assert looked_at >= 2


def test_a_show_is_the_same_for_the_same_seed(library: Library) -> None:
    assert draw(STATIONS[0], library, 3600, 1) == draw(STATIONS[0], library, 3600, 1)
    assert draw(STATIONS[0], library, 3600, 1) != draw(STATIONS[0], library, 3600, 2)


@pytest.mark.parametrize("station", STATIONS, ids=lambda one: one.name)
def test_truth_has_an_order(station: Station, library: Library) -> None:
    programme = draw(station, library, 2 * 3600, 2)
    for before, after in zip(programme.airings, programme.airings[1:], strict=False):
        assert before.start < before.end <= after.end
        assert after.start >= before.end - 8.001  # the longest crossfade
        if before.track == after.track and "twice in a row" in after.kinds:
            assert after.start - before.end >= 3.0
    assert all(one.end - one.start >= 5 for one in programme.airings)


AIRED = Programme(
    "x",
    1000.0,
    (),
    (),
    ((0.0, 0.0),),
    (
        Airing(1, "a/1.ogg", 10.0, 200.0, ()),
        Airing(2, "a/2.ogg", 260.0, 400.0, ()),
        Airing(1, "a/1.ogg", 500.0, 700.0, ()),
    ),
    (Stretch(200.0, 260.0, "talk"), Stretch(400.0, 500.0, "unknown", "a/3.ogg")),
)


def _scored(reports: Sequence[Report], now: Sequence[tuple[float, int | None]] = ((0.0, None),)) -> Score:
    names = {1: "a/1.ogg", 2: "a/2.ogg", 3: "a/3.ogg", 4: "a/4.ogg"}
    return score(AIRED, Heard(reports, now, 1.0, 1000.0), Kin(frozenset({("a/3.ogg", "a/4.ogg")})), names)


def test_all_reported_once_is_all_right() -> None:
    found = _scored([Report(1, 10.5, 199.0, 18.0, 0.9), Report(2, 258, 400, 270, 0.9), Report(1, 500, 705, 510, 0.9)])
    assert (found.airings, found.found, found.reports, found.right) == (3, 3, 3, 3)
    assert sorted(found.starts) == [0.0, 0.5, 2.0]
    assert sorted(found.ends) == [0.0, 1.0, 5.0]
    assert sorted(found.delays) == [8.0, 10.0, 10.0]


@pytest.mark.parametrize(
    ("reports", "right"),
    [
        ([Report(1, 10, 100, 18, 0.9), Report(1, 105, 199, 118, 0.9)], 1),  # split
        ([Report(1, 210, 255, 218, 0.9)], 0),  # over talk
        ([Report(3, 20, 100, 28, 0.9)], 0),  # another track
        ([Report(2, 450, 480, 455, 0.9)], 0),  # over a stranger
        ([Report(1, 10, 700, 18, 0.9)], 1),  # two airings taken for one
    ],
)
def test_errors_count(reports: list[Report], right: int) -> None:
    found = _scored(reports)
    assert (found.found, found.right, found.reports) == (right, right, len(reports))
    assert len([case for case in found.cases if case.sort in ("wrong", "repeated")]) == len(reports) - right


def test_kin_of_a_stranger_is_neither_right_nor_wrong() -> None:
    found = _scored([Report(4, 410, 490, 420, 0.9)])
    assert (found.right, found.reports, found.kin) == (0, 0, 1)


def test_nothing_may_be_on_air_within_15_seconds_of_talk() -> None:
    assert (_scored([], [(0.0, None), (20.0, 1), (214.9, None)]).nulls, _scored([]).talks) == (1, 1)
    assert _scored([], [(0.0, None), (20.0, 1), (216.0, None)]).nulls == 0
