"""Choices that come out the same on every machine.

Each thing draws from a generator of its own, seeded with SEED and the thing's id, so that a new artist or release
changes nothing about the others. Only `Random.random()` is used: Python promises the same sequence for it in every
version, which it does not for `choice`, `shuffle` or `sample`.
"""

from collections.abc import Sequence
from random import Random
from typing import TypeVar

SEED = "sonograph sandbox 1"
T = TypeVar("T")


class Draw:
    def __init__(self, key: str) -> None:
        self._random = Random(f"{SEED}/{key}")  # noqa: S311  # invented facts are no secrets

    def chance(self, probability: float) -> bool:
        return self._random.random() < probability

    def number(self, low: int, high: int) -> int:
        """A whole number, both ends included."""
        return low + int(self._random.random() * (high - low + 1))

    def pick(self, options: Sequence[T]) -> T:
        return options[int(self._random.random() * len(options))]

    def some(self, options: Sequence[T], count: int) -> list[T]:
        """`count` different options in random order (fewer when there are fewer)."""
        left = list(options)
        return [left.pop(int(self._random.random() * len(left))) for _ in range(min(count, len(left)))]

    def popularity(self, highest: int = 100_000) -> int:
        """Zipf-like: a random rank's share of `highest`, so that half of all things stay below 200."""
        return highest // self.number(1, 1000)
