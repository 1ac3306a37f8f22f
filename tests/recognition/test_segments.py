"""The index of items: what is in it is found by clips of it, and nothing else is."""

from pathlib import Path

import numpy as np
import pytest

from sonograph.recognition.chromaprint import SILENCE, Items
from sonograph.recognition.segments import build as building
from sonograph.recognition.segments.build import ITEMS
from sonograph.recognition.segments.kind import Part
from sonograph.recognition.segments.search import Searcher
from sonograph.recognition.segments.segment import ItemSegment
from sonograph.recognition.segments.writer import Writer

SIZE = 220  # items of a reference of 30 s


def song(number: int, size: int = SIZE) -> Items:
    return np.random.default_rng(number).integers(0, 2**32, size, np.uint32)


def part(*numbers: int) -> Part:
    return (
        np.array(numbers, np.int64),
        np.full(len(numbers), SIZE, np.int64),
        np.concatenate([song(n) for n in numbers]) if numbers else np.zeros(0, np.uint32),
    )


def worn(items: Items, share: float, seed: int = 0) -> Items:
    """With this share of the bits flipped, in some items more than in others, as noise does it."""
    dice = np.random.default_rng(seed)
    rates = np.clip(dice.exponential(share, len(items)), 0, 0.5)
    flips = dice.random((len(items), 32)) < rates[:, np.newaxis]
    return items ^ np.packbits(flips, axis=1).view(">u4")[:, 0].astype(np.uint32)


def test_clips_are_found_with_their_place(tmp_path: Path) -> None:
    with Writer(tmp_path, ITEMS) as writer:
        assert writer.add([part(*range(1, 200)), part(*range(200, 301))]) == 300
    searcher = Searcher(tmp_path)
    assert searcher.references == 300
    for number in (1, 77, 199, 200, 300):
        (match,) = searcher.match(worn(song(number)[60:130], 0.1))
        assert (match.reference, match.offset, match.start, match.end) == (number, 60, 0, 70)
        assert 0.05 < match.ber < 0.15
    assert searcher.match(song(999)) == []
    assert searcher.match(np.zeros(0, np.uint32)) == []


def test_a_clip_over_the_edge_of_a_reference(tmp_path: Path) -> None:
    with Writer(tmp_path, ITEMS) as writer:
        writer.add([part(1, 2, 3)])
    searcher = Searcher(tmp_path)
    before = searcher.match(np.concatenate((song(50)[:30], song(2)[:40])))
    behind = searcher.match(np.concatenate((song(2)[-40:], song(51)[:30])))
    assert [(m.reference, m.offset, m.start, m.end) for m in before] == [(2, -30, 30, 70)]
    assert [(m.reference, m.offset, m.start, m.end) for m in behind] == [(2, SIZE - 40, 0, 40)]


def test_silence_says_nothing(tmp_path: Path) -> None:
    silence = np.full(SIZE, SILENCE, np.uint32)
    half = np.concatenate((silence[:110], song(2)[:110]))
    ids, sizes = np.array([1, 2, 3], np.int64), np.full(3, SIZE, np.int64)
    with Writer(tmp_path, ITEMS) as writer:
        writer.add([(ids, sizes, np.concatenate((silence, half, song(3))))])
    searcher = Searcher(tmp_path)
    assert searcher.match(silence) == []
    # Of 110 items only 20 sound, and those differ
    assert searcher.match(np.concatenate((silence[:90], song(9)[:20]))) == []
    assert [m.reference for m in searcher.match(half[60:])] == [2]


def test_lists_are_capped_and_rare_items_decide(tmp_path: Path) -> None:
    """An item that every reference has a hundred times costs nothing and hides nothing."""
    songs = []
    for number in range(2000):
        items = song(number)
        items[:200:2] = 12345
        songs.append(items)
    with Writer(tmp_path, ITEMS) as writer:
        writer.add([(np.arange(2000, dtype=np.int64), np.full(2000, SIZE, np.int64), np.concatenate(songs))])
    searcher = Searcher(tmp_path)
    assert [m.reference for m in searcher.match(songs[1234][50:130])] == [1234]
    (segment,) = (part.segment for part in searcher._parts)
    asked, _ = segment.occurrences(np.array([12345, songs[7][1]], np.uint32), 1000)
    assert set(asked.tolist()) == {1}


def test_postings_sorted_in_ranges_are_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    building.build(tmp_path / "whole", [part(*range(50))])
    monkeypatch.setattr(building, "SORTED", 1000)
    monkeypatch.setattr(building, "_SCANNED", 777)
    building.build(tmp_path / "ranges", [part(*range(50))])
    assert (tmp_path / "whole").read_bytes() == (tmp_path / "ranges").read_bytes()


def test_every_posting_is_in_its_place(tmp_path: Path) -> None:
    building.build(tmp_path / "it", [part(*range(30))])
    segment = ItemSegment(tmp_path / "it")
    assert segment.intact()
    number, ordinals = segment.occurrences(segment.items, 10**9)
    assert set(zip(number.tolist(), ordinals.tolist(), strict=True)) >= {(n, n) for n in range(len(segment.items))}


@pytest.mark.parametrize("often", [1, 100, 300, 3000, 9000])
def test_lists_of_all_lengths_are_found(tmp_path: Path, often: int) -> None:
    """The table counts the postings of a group in ones, fours, sixteens or sixty-fours; none is lost."""
    items = np.random.default_rng(often).integers(0, 2**32, 40_000, np.uint32)
    items[: 2 * often : 2] = 4711
    building.build(tmp_path / "it", [(np.array([1]), np.array([len(items)]), items)])
    segment = ItemSegment(tmp_path / "it")
    asked = np.array([0, *range(1, 2 * often + 50, 2)])  # the common one once, and rare ones
    number, ordinals = segment.occurrences(items[asked], 10**9)
    assert np.isin(asked * len(items) + asked, asked[number] * len(items) + ordinals).all()
    of_the_common_one = ordinals[number == 0]
    assert set(range(0, 2 * often, 2)) <= set(of_the_common_one.tolist())
    assert len(of_the_common_one) < often + 80
