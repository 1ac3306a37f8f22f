"""What an index promises, whatever is in it: both kinds, through merges, other processes, damage and deaths."""

import json
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from sonograph.errors import Unavailable
from sonograph.recognition.landmarks.packing import pack
from sonograph.recognition.landmarks.peaks import Peaks
from sonograph.recognition.segments import writer as writing
from sonograph.recognition.segments.build import ITEMS
from sonograph.recognition.segments.kind import Kind, Part
from sonograph.recognition.segments.landmark_build import LANDMARKS, landmarks_part
from sonograph.recognition.segments.landmark_search import LandmarkSearcher
from sonograph.recognition.segments.layout import Layout
from sonograph.recognition.segments.manifest import NAME, Manifest
from sonograph.recognition.segments.search import Searcher
from sonograph.recognition.segments.writer import Writer


@dataclass(frozen=True)
class Made:
    """A kind of index, and songs of which each has a number."""

    kind: Kind
    part: Callable[[list[int]], Part]
    ask: Callable[[Searcher | LandmarkSearcher, int], list[int]]
    open: Callable[[Path], Searcher | LandmarkSearcher]

    def parts(self, *numbers: int, under: Iterable[int] | None = None) -> list[Part]:
        """Songs, under their own numbers or others."""
        _, sizes, content = self.part(list(numbers))
        return [(np.array(list(numbers if under is None else under), np.int64), sizes, content)]


def items(number: int) -> np.ndarray[tuple[int], np.dtype[np.uint32]]:
    return np.random.default_rng(number).integers(0, 2**32, 220, np.uint32)


def items_part(numbers: list[int]) -> Part:
    joined = np.concatenate([np.zeros(0, np.uint32), *(items(number) for number in numbers)])
    return np.array(numbers, np.int64), np.full(len(numbers), 220, np.int64), joined


def ask_items(searcher: Searcher | LandmarkSearcher, number: int) -> list[int]:
    assert isinstance(searcher, Searcher)
    searcher.refresh()
    return [match.reference for match in searcher.match(items(number)[60:140])]


def peaks(number: int) -> Peaks:
    dice = np.random.default_rng(number)
    return Peaks(np.sort(dice.random(240) * 860), (10 + 350 * dice.random(240)).astype("f4"), np.zeros(240, np.uint8))


def peaks_part(numbers: list[int]) -> Part:
    return landmarks_part(numbers, [pack(peaks(number)) for number in numbers])


def ask_peaks(searcher: Searcher | LandmarkSearcher, number: int) -> list[int]:
    assert isinstance(searcher, LandmarkSearcher)
    searcher.refresh()
    matches = searcher.match(peaks(number).between(200, 600), grid=(1.0,))
    return [match.reference for match in matches if match.score > 100]


@pytest.fixture(params=["items", "landmarks"])
def made(request: pytest.FixtureRequest) -> Made:
    if request.param == "items":
        return Made(ITEMS, items_part, ask_items, Searcher)
    return Made(LANDMARKS, peaks_part, ask_peaks, LandmarkSearcher)


def test_references_are_replaced_and_removed(made: Made, tmp_path: Path) -> None:
    searcher = made.open(tmp_path)
    with Writer(tmp_path, made.kind) as writer:
        assert writer.add(made.parts(1, 2, 3)) == 3
        assert made.ask(searcher, 2) == [2]
        writer.add(made.parts(22, under=[2]))
        assert made.ask(searcher, 2) == []
        assert made.ask(searcher, 22) == [2]
        writer.remove([2, 3, 4711])
        assert made.ask(searcher, 22) == made.ask(searcher, 3) == []
        assert made.ask(searcher, 1) == [1]
        assert searcher.references == 1
        writer.add(made.parts(5, 6, under=[5, 5]))
        assert made.ask(searcher, 6) == [5]
        assert made.ask(searcher, 5) == []
        assert searcher.references == 2


def test_an_index_built_anew_is_another_under_the_same_names(made: Made, tmp_path: Path) -> None:
    folder = tmp_path / "index"
    with Writer(folder, made.kind) as writer:
        writer.add(made.parts(1))
    searcher = made.open(folder)
    shutil.rmtree(folder)
    with Writer(folder, made.kind) as writer:
        writer.add(made.parts(2))
    assert made.ask(searcher, 1) == []
    assert made.ask(searcher, 2) == [2]


def test_changes_are_noticed_and_nothing_else(made: Made, tmp_path: Path) -> None:
    searcher = made.open(tmp_path)
    assert made.ask(searcher, 1) == []
    with Writer(tmp_path, made.kind) as writer:
        writer.add(made.parts(1))
        assert searcher.refresh()
        assert not searcher.refresh()
        writer.add([])
        writer.add([made.part([])])
        writer.remove([99])
        assert not searcher.refresh()


def test_merges_keep_what_is_there(made: Made, tmp_path: Path) -> None:
    with Writer(tmp_path, made.kind) as writer:
        for first in range(0, 100, 5):
            writer.add(made.parts(*range(first, first + 5)))
        writer.remove(range(0, 100, 3))
        searcher = made.open(tmp_path)
        while writer.merge():
            assert made.ask(searcher, 52) == [52]
        entries = Manifest.read(tmp_path).entries
    assert len(entries) <= writing.FACTOR
    assert searcher.references == 100 - 34
    assert made.ask(searcher, 99) == []
    for number in range(1, 100, 9):
        assert made.ask(searcher, number) == [number]
    assert {path.name for path in tmp_path.iterdir()} == {"lock", *Manifest.read(tmp_path).files()}


def test_a_merged_segment_is_what_one_addition_makes(made: Made, tmp_path: Path) -> None:
    with Writer(tmp_path / "merged", made.kind) as writer:
        for first in range(0, 8, 2):
            writer.add(made.parts(first, first + 1))
        assert writer.merge()
    (entry,) = Manifest.read(tmp_path / "merged").entries
    merged = made.kind.open(tmp_path / "merged" / entry.segment)
    made.kind.build(tmp_path / "once", made.parts(*merged.ids.tolist()))
    assert (tmp_path / "once").read_bytes() == merged.path.read_bytes()


def test_what_is_removed_while_merging_stays_removed(made: Made, tmp_path: Path) -> None:
    def and_meanwhile(path: Path, parts: Iterable[Part]) -> Layout:
        layout = made.kind.build(path, parts)
        if merging:
            merging.clear()
            writer.remove([3])
            writer.add(made.parts(50))
        return layout

    merging: list[bool] = []
    with Writer(tmp_path, replace(made.kind, build=and_meanwhile)) as writer:
        for first in range(4):
            writer.add(made.parts(first * 2, first * 2 + 1))
        merging.append(True)
        assert writer.merge()
    searcher = made.open(tmp_path)
    assert made.ask(searcher, 3) == []
    assert made.ask(searcher, 2) == [2]
    assert made.ask(searcher, 50) == [50]
    assert searcher.references == 8


def test_many_removals_make_a_merge_due(made: Made, tmp_path: Path) -> None:
    with Writer(tmp_path, made.kind) as writer:
        writer.add(made.parts(*range(20)))
        assert not writer.merge()
        writer.remove(range(10))
        assert writer.merge()
        (entry,) = Manifest.read(tmp_path).entries
        assert (entry.references, entry.gone) == (10, None)
        writer.remove(range(20))
        assert writer.merge()
    assert made.open(tmp_path).references == 0


def test_large_additions_become_several_segments(made: Made, tmp_path: Path) -> None:
    two = made.kind.extent(made.part(list(range(20))))
    with Writer(tmp_path, replace(made.kind, largest=int(1.2 * two))) as writer:
        assert writer.add(made.parts(*range(first, first + 10))[0] for first in range(0, 100, 10)) == 100
    assert [entry.references for entry in Manifest.read(tmp_path).entries] == [20] * 5
    assert made.ask(made.open(tmp_path), 99) == [99]


def test_an_index_is_one_writers(made: Made, tmp_path: Path) -> None:
    with Writer(tmp_path, made.kind), pytest.raises(Unavailable):
        Writer(tmp_path, made.kind)
    Writer(tmp_path, made.kind).close()


def test_damage_is_noticed(made: Made, tmp_path: Path) -> None:
    with Writer(tmp_path, made.kind) as writer:
        writer.add(made.parts(1, 2))
    (entry,) = Manifest.read(tmp_path).entries
    path = tmp_path / entry.segment
    content = bytearray(path.read_bytes())
    content[5000] ^= 1
    path.write_bytes(content)
    assert not made.kind.open(path).intact()
    for damaged in (content[:-1], content[:100], b"", content[:30] + b"\xff" + content[31:]):
        path.write_bytes(damaged)
        with pytest.raises(Unavailable):
            made.open(tmp_path)
    path.unlink()
    with pytest.raises(Unavailable):
        made.open(tmp_path)
    manifest = tmp_path / NAME
    document = json.loads(manifest.read_bytes())
    document["index"]["entries"][0]["references"] = 3
    for text in (json.dumps(document), "{", "[]", "{}"):
        manifest.write_text(text)
        with pytest.raises(Unavailable):
            made.open(tmp_path)


def test_an_index_of_the_other_kind_is_refused(made: Made, tmp_path: Path) -> None:
    other = LANDMARKS if made.kind is ITEMS else ITEMS
    with Writer(tmp_path, made.kind) as writer:
        writer.add(made.parts(1))
    with pytest.raises(Unavailable), Writer(tmp_path, other) as writer:
        writer.remove([1])


WRITES_FOREVER = """
import sys, time
import numpy as np
from pathlib import Path
sys.path.append(sys.argv[4])
from test_segment_kinds import ITEMS, LANDMARKS, Writer, items_part, peaks_part
kind, part = (ITEMS, items_part) if sys.argv[3] == "items" else (LANDMARKS, peaks_part)
with Writer(Path(sys.argv[1]), kind) as writer:
    number = int(sys.argv[2])
    while True:
        writer.add([part([number, number + 1])])
        print(number + 2, flush=True)  # acknowledged: these are there for good
        if number % 3 == 0:
            writer.remove([number])
        writer.merge()
        number += 2
"""


def test_killed_at_any_moment_nothing_acknowledged_is_lost(made: Made, tmp_path: Path) -> None:
    """Kill -9 in the middle of additions, removals and merges, again and again; a reader looks on."""
    acknowledged = 0
    searcher = made.open(tmp_path)
    dice = np.random.default_rng(5)
    for _ in range(3):
        arguments = [str(tmp_path), str(acknowledged), made.kind.suffix, str(Path(__file__).parent)]
        process = subprocess.Popen(
            [sys.executable, "-c", WRITES_FOREVER, *arguments], stdout=subprocess.PIPE, text=True
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
            assert made.kind.open(tmp_path / entry.segment).intact()
        for number in range(1, acknowledged, 2):
            assert made.ask(searcher, number) == [number]
    with Writer(tmp_path, made.kind) as writer:
        assert {path.name for path in tmp_path.iterdir()} == {"lock", *Manifest.read(tmp_path).files()}
        writer.remove(range(acknowledged + 10))
    assert searcher.refresh()
    assert searcher.references == 0


def test_readers_go_on_while_everything_changes(made: Made, tmp_path: Path) -> None:
    with Writer(tmp_path, made.kind) as writer:
        writer.add(made.parts(1000))
        stop = threading.Event()
        wrong: list[object] = []

        def read() -> None:
            searcher = made.open(tmp_path)
            while not stop.is_set():
                answer = made.ask(searcher, 1000)
                if answer != [1000]:
                    wrong.append(answer)

        readers = [threading.Thread(target=read) for _ in range(2)]
        for reader in readers:
            reader.start()
        for number in range(10):
            writer.add(made.parts(number, 1000))
            writer.merge()
        stop.set()
        for reader in readers:
            reader.join()
    assert wrong == []
