"""How a clip is cut for looking up, and in which order."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

WINDOW = 30.0  # seconds looked up at a time by Chromaprint
PIECE = 10.0  # seconds looked up at a time by landmarks: longer ones blur at speeds beside those of the grid


def cut(size: int, largest: int) -> list[tuple[int, int]]:
    """(start, end) of equal parts, as few as are no longer than `largest`."""
    edges = np.linspace(0, size, max(1, -(-size // largest)) + 1).round().astype(int).tolist()
    return list(pairwise(edges))


def scattered(count: int) -> list[int]:
    """The numbers below `count`: the middle first, then the middles of what is left, so that few are spread well."""
    order: list[int] = []
    waiting = [(0, count)]
    while waiting:
        following = []
        for low, high in waiting:
            if low < high:
                middle = (low + high) // 2
                order.append(middle)
                following += [(low, middle), (middle + 1, high)]
        waiting = following
    return order


def best_run(gains: NDArray[np.float64]) -> tuple[int, int, float]:
    """(start, end, sum) of the run with the largest sum; an empty one if no gain is positive."""
    sums = np.concatenate((np.zeros(1), np.cumsum(gains)))
    lowest = np.minimum.accumulate(sums)
    end = int(np.argmax(sums - lowest))
    start = int(np.argmin(sums[: end + 1]))
    return start, end, float(sums[end] - sums[start])
