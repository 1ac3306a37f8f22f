"""Votes on diagonals: what belongs to one recording agrees on where it begins."""

import numpy as np
from numpy.typing import NDArray


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
