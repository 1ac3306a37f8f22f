"""Sorts more numbers than memory holds: in buckets on the disk."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Self

import numpy as np
from numpy.typing import NDArray

HELD = 1 << 24  # numbers sorted in memory at a time: 128 MB, and as much again while they are sorted
_BUCKET_BITS = 6  # 64 of them: of 800 million numbers, 100 MB each


class Sorter:
    """Takes numbers of 64 bits as they come, spread evenly, and gives them back in order, range by range.

    The buckets are files without a name: whatever happens, nothing is left of them.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stack = ExitStack()
        self._buckets: list[IO[bytes]] = []
        self._held: list[NDArray[np.uint64]] = []
        self._room = HELD
        self.count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def add(self, numbers: NDArray[np.uint64]) -> None:
        self._held.append(numbers)
        self._room -= len(numbers)
        self.count += len(numbers)
        if self._room < 0:
            self._spill()

    def ranges(self) -> Iterator[NDArray[np.uint64]]:
        if not self._buckets:
            yield self._sorted()
            return
        self._spill()
        for bucket in self._buckets:
            bucket.seek(0)
            numbers = np.frombuffer(bytearray(bucket.read()), np.uint64)
            numbers.sort()
            yield numbers

    def _spill(self) -> None:
        if not self._buckets:
            for _ in range(1 << _BUCKET_BITS):
                file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115  (the stack closes it)
                self._buckets.append(self._stack.enter_context(file))
        numbers = self._sorted()
        bounds = np.arange(1, 1 << _BUCKET_BITS, dtype=np.uint64) << np.uint64(64 - _BUCKET_BITS)
        for bucket, inside in zip(self._buckets, np.split(numbers, np.searchsorted(numbers, bounds)), strict=True):
            bucket.write(inside.tobytes())

    def _sorted(self) -> NDArray[np.uint64]:
        numbers = np.concatenate(self._held) if self._held else np.zeros(0, np.uint64)
        self._held = []
        self._room = HELD
        numbers.sort()
        return numbers
