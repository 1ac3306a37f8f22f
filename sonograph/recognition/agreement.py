"""Where a clip and a reference agree, item by item, once their places are known."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from sonograph.recognition.chromaprint import SILENCE, Items
from sonograph.recognition.segments.evidence import evidence
from sonograph.recognition.windows import best_run

Errors: TypeAlias = NDArray[np.float64]

# Share of differing bits that speaks neither for nor against: between that of music through a bad telephone and chance.
NEUTRAL = 0.42
_ABSENT = 1e-3  # cost of an item that there is nothing to compare with: a run begins and ends where there is
_BITS = 32
_FEW = 64  # items: 8 seconds
_SLIPS = (0, -1, 1, -2, 2)


@dataclass(frozen=True, slots=True)
class Agreement:
    """The run of items that agrees best; `start` and `end` count the clip's items."""

    offset: int  # where the clip's first item stands in the reference
    start: int
    end: int
    surest: int  # in the middle of the few seconds that agree best
    bit_error: float
    evidence: float  # standard deviations


def errors(query: Items, reference: Items, offset: int) -> Errors:
    """Share of bits that differ for each item of the query: NaN where there is no reference, or both are silent."""
    found = np.full(len(query), np.nan)
    start, end = max(0, -offset), min(len(query), len(reference) - offset)
    if start < end:
        ours, theirs = query[start:end], reference[start + offset : end + offset]
        shares = np.bitwise_count(ours ^ theirs) / _BITS
        found[start:end] = np.where((ours == SILENCE) & (theirs == SILENCE), np.nan, shares)
    return found


def agreement(query: Items, reference: Items, offset: int) -> Agreement | None:
    """The best run around an offset; None if nothing agrees."""
    best: Agreement | None = None
    for slip in _SLIPS:
        shares = errors(query, reference, offset + slip)
        known = np.isfinite(shares)
        gains = np.where(known, NEUTRAL - shares, -_ABSENT)
        start, end, gain = best_run(gains)
        counted = int(known[start:end].sum())
        if gain <= 0.0 or not counted:
            continue
        ber = float(shares[start:end][known[start:end]].mean())
        sure = evidence(ber, counted)
        if best is None or sure > best.evidence:
            best = Agreement(offset + slip, start, end, _surest(gains, start, end), ber, sure)
    return best


def _surest(gains: Errors, start: int, end: int) -> int:
    size = min(_FEW, end - start)
    sums = np.concatenate((np.zeros(1), np.cumsum(gains[start:end])))
    return start + int(np.argmax(sums[size:] - sums[: len(sums) - size])) + size // 2
