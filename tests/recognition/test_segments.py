"""The index: what is in it is found, what was removed is not, through merges, other processes and deaths."""

import json
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sonograph.errors import Unavailable
from sonograph.recognition.chromaprint import SILENCE, Items
from sonograph.recognition.segments import build as building
from sonograph.recognition.segments import writer as writing
from sonograph.recognition.segments.build import ITEMS
from sonograph.recognition.segments.kind import Part
from sonograph.recognition.segments.layout import Layout
from sonograph.recognition.segments.manifest import NAME, Manifest
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


def found(searcher: Searcher, items: Items) -> list[int]:
    searcher.refresh()
    return [match.reference for match in searcher.match(items)]


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


def test_references_are_replaced_and_removed(tmp_path: Path) -> None:
    searcher = Searcher(tmp_path)
    with Writer(tmp_path, ITEMS) as writer:
        writer.add([part(1, 2, 3)])
        assert found(searcher, song(2)) == [2]
        writer.add([(np.array([2], np.int64), np.array([SIZE], np.int64), song(22))])
        assert found(searcher, song(2)) == []
        assert found(searcher, song(22)) == [2]
        writer.remove([2, 3, 4711])
        assert found(searcher, song(22)) == found(searcher, song(3)) == []
        assert found(searcher, song(1)) == [1]
        assert searcher.references == 1
        writer.add([part(5, 5)])
        assert searcher.refresh()
        assert searcher.references == 2


def test_an_index_built_anew_is_another_under_the_same_names(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    with Writer(folder, ITEMS) as writer:
        writer.add([part(1)])
    searcher = Searcher(folder)
    shutil.rmtree(folder)
    with Writer(folder, ITEMS) as writer:
        writer.add([part(2)])
    assert found(searcher, song(1)) == []
    assert found(searcher, song(2)) == [2]


def test_changes_are_noticed_and_nothing_else(tmp_path: Path) -> None:
    searcher = Searcher(tmp_path)
    assert not searcher.refresh()
    with Writer(tmp_path, ITEMS) as writer:
        writer.add([part(1)])
        assert searcher.refresh()
        assert not searcher.refresh()
        writer.add([])
        writer.add([part()])
        writer.remove([99])
        assert not searcher.refresh()


def test_merges_keep_what_is_there(tmp_path: Path) -> None:
    with Writer(tmp_path, ITEMS) as writer:
        for first in range(0, 200, 10):
            writer.add([part(*range(first, first + 10))])
        writer.remove(range(0, 200, 3))
        searcher = Searcher(tmp_path)
        while writer.merge():
            assert found(searcher, song(101)) == [101]
        entries = Manifest.read(tmp_path).entries
    assert len(entries) <= writing.FACTOR
    assert searcher.references == 200 - 67
    assert found(searcher, song(99)) == []
    assert {path.name for path in tmp_path.iterdir()} == {"lock", *Manifest.read(tmp_path).files()}


def test_what_is_removed_while_merging_stays_removed(tmp_path: Path) -> None:
    def and_meanwhile(path: Path, parts: Iterable[Part]) -> Layout:
        layout = ITEMS.build(path, parts)
        if merging:
            merging.clear()
            writer.remove([3])
            writer.add([part(50)])
        return layout

    merging: list[bool] = []
    with Writer(tmp_path, replace(ITEMS, build=and_meanwhile)) as writer:
        for first in range(4):
            writer.add([part(first * 2, first * 2 + 1)])
        merging.append(True)
        assert writer.merge()
    searcher = Searcher(tmp_path)
    assert found(searcher, song(3)) == []
    assert found(searcher, song(2)) == [2]
    assert found(searcher, song(50)) == [50]
    assert searcher.references == 8


def test_many_removals_make_a_merge_due(tmp_path: Path) -> None:
    with Writer(tmp_path, ITEMS) as writer:
        writer.add([part(*range(20))])
        assert not writer.merge()
        writer.remove(range(10))
        assert writer.merge()
        (entry,) = Manifest.read(tmp_path).entries
        assert (entry.references, entry.gone) == (10, None)
        writer.remove(range(20))
        assert writer.merge()
    assert Searcher(tmp_path).references == 0


def test_large_additions_become_several_segments(tmp_path: Path) -> None:
    with Writer(tmp_path, replace(ITEMS, largest=25 * SIZE)) as writer:
        assert writer.add(part(*range(first, first + 10)) for first in range(0, 100, 10)) == 100
    assert [entry.references for entry in Manifest.read(tmp_path).entries] == [20] * 5
    assert found(Searcher(tmp_path), song(99)) == [99]


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


def test_an_index_is_one_writers(tmp_path: Path) -> None:
    with Writer(tmp_path, ITEMS), pytest.raises(Unavailable):
        Writer(tmp_path, ITEMS)
    Writer(tmp_path, ITEMS).close()


def test_damage_is_noticed(tmp_path: Path) -> None:
    with Writer(tmp_path, ITEMS) as writer:
        writer.add([part(1, 2)])
    (entry,) = Manifest.read(tmp_path).entries
    path = tmp_path / entry.segment
    content = bytearray(path.read_bytes())
    content[5000] ^= 1
    path.write_bytes(content)
    assert not ItemSegment(path).intact()
    path.write_bytes(content[:-1])
    with pytest.raises(Unavailable):
        ItemSegment(path)
    content[30] ^= 1
    path.write_bytes(content)
    with pytest.raises(Unavailable):
        ItemSegment(path)
    manifest = tmp_path / NAME
    document = json.loads(manifest.read_bytes())
    document["index"]["entries"][0]["references"] = 3
    manifest.write_text(json.dumps(document))
    with pytest.raises(Unavailable):
        Searcher(tmp_path)


WRITES_FOREVER = """
import sys
import numpy as np
from pathlib import Path
from sonograph.recognition.segments.build import ITEMS
from sonograph.recognition.segments.writer import Writer
with Writer(Path(sys.argv[1]), ITEMS) as writer:
    number = int(sys.argv[2])
    while True:
        ids = np.array([number, number + 1])
        items = [np.random.default_rng(n).integers(0, 2**32, 220, np.uint32) for n in ids]
        writer.add([(ids, np.full(2, 220), np.concatenate(items))])
        print(number + 2, flush=True)  # acknowledged: these are there for good
        if number % 3 == 0:
            writer.remove([number])
        writer.merge()
        number += 2
"""


def test_killed_at_any_moment_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    """Kill -9 in the middle of additions, removals and merges, again and again; a reader looks on."""
    acknowledged = 0
    searcher = Searcher(tmp_path)
    dice = np.random.default_rng(5)
    for _ in range(3):
        process = subprocess.Popen(
            [sys.executable, "-c", WRITES_FOREVER, str(tmp_path), str(acknowledged)], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        lines = int(dice.integers(1, 12))
        for _ in range(lines):
            acknowledged = int(process.stdout.readline())
        time.sleep(float(dice.random() * 0.03))
        process.send_signal(signal.SIGKILL)
        acknowledged = int((process.stdout.read().split() or [str(acknowledged)])[-1])
        process.wait()
        process.stdout.close()
        searcher.refresh()
        for entry in Manifest.read(tmp_path).entries:
            assert ItemSegment(tmp_path / entry.segment).intact()
        for number in range(1, acknowledged, 2):
            assert found(searcher, song(number)) == [number]
    with Writer(tmp_path, ITEMS) as writer:
        assert {path.name for path in tmp_path.iterdir()} == {"lock", *Manifest.read(tmp_path).files()}
        writer.remove(range(acknowledged + 10))
    assert searcher.refresh()
    assert searcher.references == 0


def test_readers_go_on_while_everything_changes(tmp_path: Path) -> None:
    with Writer(tmp_path, ITEMS) as writer:
        writer.add([part(1000)])
        stop = threading.Event()
        wrong: list[object] = []

        def read() -> None:
            searcher = Searcher(tmp_path)
            while not stop.is_set():
                answer = found(searcher, song(1000))
                if answer != [1000]:
                    wrong.append(answer)

        readers = [threading.Thread(target=read) for _ in range(2)]
        for reader in readers:
            reader.start()
        for number in range(10):
            writer.add([part(number, 1000)])
            writer.merge()
        stop.set()
        for reader in readers:
            reader.join()
    assert wrong == []
