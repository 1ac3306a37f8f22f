"""Votes on diagonals: what belongs to one recording agrees on where it begins."""

import numpy as np
from numpy.typing import NDArray

_BESIDE = 2  # diagonals from one neighbour of a diagonal to the other
_MARK_BITS = 20  # of a megabyte, which stays in the cache
_MARKS = np.uint32((1 << _MARK_BITS) - 1)


def best_diagonals(diagonals: NDArray[np.int64], most: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Of sorted diagonals, a vote each, those with most votes, neighbours' included.

    Returns (a place in the middle of its votes, votes), `most` at most, the best first.
    """
    ends = np.flatnonzero(np.diff(diagonals, append=-1))
    values = diagonals[ends]
    own = np.diff(ends, prepend=-1)
    votes = own.copy()
    beside = np.flatnonzero(np.diff(values) == 1)
    votes[beside] += own[beside + 1]
    votes[beside + 1] += own[beside]
    rank = votes * len(diagonals) + own  # of neighbours, the one with most votes of its own
    best = np.argpartition(-rank, 3 * most)[: 3 * most] if len(rank) > 3 * most else np.arange(len(rank))
    best = best[np.argsort(-rank[best], kind="stable")]
    known: set[int] = set()
    chosen = []
    for at, value in zip(best.tolist(), values[best].tolist(), strict=True):
        if value not in known:
            known.update((value - 1, value, value + 1))
            chosen.append(at)
    taken = np.array(chosen[:most], np.int64)
    return ends[taken] - own[taken] // 2, votes[taken]


def agreeing(diagonals: NDArray[np.uint32], most: int) -> NDArray[np.intp]:
    """Of diagonals in any order, a vote each, those to count: the places of all votes near where at least two agree.

    Nearly all votes are alone, and 32 bits are sorted and compared faster than what also says whose vote it is. Places
    of some others are among them. Where two agree more than `most` times, it takes three, and so on.
    """
    line = np.sort(diagonals)
    together = np.arange(len(line))
    agree = 2
    while True:
        together = together[: np.searchsorted(together, len(line) - agree + 1)]
        together = together[line[together + agree - 1] - line[together] <= _BESIDE]
        if len(together) <= most:
            break
        agree += 1
    marked = np.zeros(1 << _MARK_BITS, np.bool_)
    for step in range(_BESIDE + 1):
        marked[(line[together] + np.uint32(step)) & _MARKS] = True
    return np.flatnonzero(marked[diagonals & _MARKS])
