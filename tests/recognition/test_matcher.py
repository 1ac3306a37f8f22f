"""The matcher on generated songs: what is heard, how sure, from when to when."""

from pathlib import Path

import numpy as np
import pytest

from sonograph.recognition.answer import Heard
from sonograph.recognition.audio.decode import decode
from sonograph.recognition.clip import Clip, clip_of, listen
from sonograph.recognition.landmarks.packing import pack
from sonograph.recognition.matcher import SEARCHED, Matcher
from sonograph.recognition.segments.build import ITEMS
from sonograph.recognition.segments.landmark_build import LANDMARKS, landmarks_part
from sonograph.recognition.segments.landmark_search import LandmarkSearcher
from sonograph.recognition.segments.writer import Writer
from sonograph.recognition.windows import best_run, cut, scattered
from tests.recognition import songs
from tests.recognition.songs import clip, faster, noise, noisy, silence, song
from tests.recognition.sounds import encoded

KNOWN = 8  # songs 0 to 7 are in the index
STRANGER = 33


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("index")
    songs.index(folder, [(number, song(number)) for number in range(KNOWN)])
    return folder


@pytest.fixture
def matcher(folder: Path) -> Matcher:
    return Matcher(folder)


def only(heard: list[Heard]) -> Heard:
    (one,) = heard
    return one


def at(one: Heard) -> tuple[float, float, float, float]:
    return one.clip_start, one.clip_end, one.reference_start, one.reference_end


@pytest.mark.parametrize(("start", "end"), [(20, 25), (3.3, 13.3), (0, 60)])
def test_clips_are_found_at_their_place(matcher: Matcher, start: float, end: float) -> None:
    one = only(matcher.recognise(clip(songs.cut(song(3), start, end))))
    assert (one.reference, one.by) == (3, "both")
    assert one.confidence > 0.99
    assert at(one) == pytest.approx((0, end - start, start, end), abs=0.3)
    assert one.speed == pytest.approx(1, abs=0.001)
    assert one.bit_error is not None
    assert one.bit_error < 0.2
    assert one.score > 50


def test_a_clip_in_loud_noise(matcher: Matcher) -> None:
    one = only(matcher.recognise(clip(noisy(songs.cut(song(3), 20, 30), 3))))
    assert one.reference == 3
    assert one.confidence > 0.9


@pytest.mark.parametrize("factor", [0.965, 1.03])
def test_a_clip_at_another_speed(matcher: Matcher, factor: float) -> None:
    one = only(matcher.recognise(clip(songs.cut(faster(song(3), factor), 20, 40))))
    assert (one.reference, one.by, one.bit_error) == (3, "landmarks", None)
    assert one.speed == pytest.approx(factor, abs=0.002)
    assert at(one) == pytest.approx((0, 20, 20 * factor, 40 * factor), abs=0.5)


def test_a_clip_through_a_codec(matcher: Matcher, tmp_path: Path) -> None:
    path = tmp_path / "clip"
    path.write_bytes(encoded(songs.cut(song(6), 30, 40), "mp3", "libmp3lame", rate=songs.RATE))
    one = only(matcher.recognise(listen(decode(path))))
    assert one.reference == 6
    assert one.confidence > 0.99


@pytest.mark.parametrize(
    "strange",
    [
        song(STRANGER),
        silence(40),
        noise(40),
        np.tile(np.array([20000, -20000], np.int16), 20 * songs.RATE),
        silence(0.1),
        silence(0),
    ],
    ids=["song", "silence", "noise", "tone", "moment", "nothing"],
)
def test_what_is_not_there_is_not_found(matcher: Matcher, strange: songs.Sound) -> None:
    assert matcher.recognise(clip(strange), 25) == []


def test_songs_one_after_the_other_with_their_times(matcher: Matcher) -> None:
    mix = clip(
        noise(20), songs.cut(song(2), 5, 45), silence(3), songs.cut(faster(song(5), 1.02), 10, 40), song(STRANGER)
    )
    heard = sorted(matcher.recognise(mix), key=lambda one: one.clip_start)
    assert [one.reference for one in heard] == [2, 5]
    assert at(heard[0]) == pytest.approx((20, 60, 5, 45), abs=1.5)
    assert at(heard[1]) == pytest.approx((63, 93, 10.2, 40.8), abs=1.5)
    assert heard[1].speed == pytest.approx(1.02, abs=0.001)


def test_answers_are_as_many_as_asked_for(matcher: Matcher) -> None:
    mix = clip(*(songs.cut(song(number), 0, 20) for number in range(5)))
    assert len(matcher.recognise(mix, 25)) == 5
    best = matcher.recognise(mix, 2)
    assert len(best) == 2
    assert best[0].confidence >= best[1].confidence


def test_hours_are_searched_in_a_bounded_number_of_pieces(matcher: Matcher, monkeypatch: pytest.MonkeyPatch) -> None:
    searched = []
    match = LandmarkSearcher.match

    def counted(self: LandmarkSearcher, *arguments: object) -> object:
        searched.append(1)
        return match(self, *arguments)  # type: ignore[arg-type]  # as it was called

    monkeypatch.setattr(LandmarkSearcher, "match", counted)
    strangers = song(STRANGER, 240)
    long = clip(strangers, faster(song(4), 0.97), strangers)
    one = only(matcher.recognise(long))
    assert one.reference == 4
    assert at(one) == pytest.approx((240, 240 + 60 / 0.97, 0, 60), abs=1.5)
    assert len(searched) == SEARCHED


def test_a_fingerprint_alone(matcher: Matcher) -> None:
    whole = clip(songs.cut(song(1), 10, 50))
    one = only(matcher.recognise(clip_of(whole.items)))
    assert (one.reference, one.by, one.score) == (1, "chromaprint", 0.0)
    assert one.confidence > 0.9
    assert at(one) == pytest.approx((0, 40, 10, 50), abs=0.3)
    assert matcher.recognise(clip_of(clip(song(STRANGER)).items)) == []
    assert matcher.recognise(clip_of(whole.items[:0])) == []


def test_references_that_have_one_fingerprint_alone(tmp_path: Path) -> None:
    heard = clip(song(1))
    assert heard.peaks is not None
    with Writer(tmp_path / "items", ITEMS) as items:
        items.add([(np.array([1]), np.array([len(heard.items)]), heard.items)])
    with Writer(tmp_path / "landmarks", LANDMARKS) as landmarks:
        landmarks.add([landmarks_part([2], [pack(heard.peaks.densest(12))])])
    found = Matcher(tmp_path).recognise(clip(songs.cut(song(1), 10, 30)))
    assert {(one.reference, one.by) for one in found} == {(1, "chromaprint"), (2, "landmarks")}
    assert all(one.confidence > 0.9 for one in found)


def test_an_index_that_is_not_there_yet(tmp_path: Path) -> None:
    matcher = Matcher(tmp_path / "none")
    assert matcher.recognise(clip(song(1))) == []
    songs.index(tmp_path / "none", [(1, song(1))])
    matcher.refresh()
    assert only(matcher.recognise(clip(song(1)))).reference == 1


def test_cuts() -> None:
    assert cut(0, 30) == [(0, 0)]
    assert cut(30, 30) == [(0, 30)]
    assert cut(31, 30) == [(0, 16), (16, 31)]
    assert cut(100, 30) == [(0, 25), (25, 50), (50, 75), (75, 100)]
    assert scattered(7) == [3, 1, 5, 0, 2, 4, 6]
    assert sorted(scattered(100)) == list(range(100))
    assert scattered(0) == []


def test_the_best_run() -> None:
    assert best_run(np.array([-1.0, 2.0, -1.0, 3.0, -5.0, 1.0])) == (1, 4, 4.0)
    start, end, gain = best_run(np.array([-1.0, -2.0]))
    assert (start == end, gain) == (True, 0.0)
    assert best_run(np.zeros(0)) == (0, 0, 0.0)


def test_a_clip_without_sound_has_no_fingerprints() -> None:
    nothing: Clip = listen([])
    assert (nothing.seconds, len(nothing.items)) == (0.0, 0)
