"""Random choices as catalogs have them: a few names everywhere, most names hardly anywhere."""

from itertools import accumulate
from random import Random


class Zipf:
    """Ranks 0 to `size` - 1, rank r as often as 1 / (r + shift) ** exponent."""

    def __init__(self, size: int, exponent: float, shift: float) -> None:
        self._ranks = range(size)
        self._weights = list(accumulate((rank + shift) ** -exponent for rank in self._ranks))

    def draw(self, random: Random, count: int) -> list[int]:
        return random.choices(self._ranks, cum_weights=self._weights, k=count)

    def one(self, random: Random) -> int:
        return random.choices(self._ranks, cum_weights=self._weights)[0]
