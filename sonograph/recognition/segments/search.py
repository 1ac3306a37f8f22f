"""Finds references that sound like a fingerprint: votes on diagonals, then bits compared.

A `Searcher` is a view of the index that notices changes; threads may share it. Nothing here writes.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sonograph.recognition.chromaprint import SILENCE, Items
from sonograph.recognition.segments.evidence import SURE, evidence
from sonograph.recognition.segments.segment import ItemSegment
from sonograph.recognition.segments.view import Part, View
from sonograph.recognition.segments.votes import best_diagonals

# Postings looked at for each item of a query, on average: a million references of 30 s have about 31, as items of real
# tracks are equal by chance once in 7 million pairs. And in all, which bounds what a long query costs.
LOOKED_AT = 100
MOST_LOOKED_AT = 20_000
VERIFIED = 12  # diagonals compared bit by bit, of each segment
SHORTEST = 8  # items in common: below that, chance agrees too often
_SLIP = (0, -1, 1)  # a clip that begins between two items of the reference may agree better with a neighbour


@dataclass(frozen=True, slots=True)
class Match:
    """A reference that agrees with the query from the query's item `start` to `end`."""

    reference: int
    offset: int  # where the query's first item stands in the reference: negative if the query begins before it
    start: int
    end: int
    ber: float  # share of bits that differ, silent items left out
    votes: int
    evidence: float  # by how many standard deviations fewer bits differ than by chance; what to rank by


class Searcher(View[ItemSegment]):
    def __init__(self, folder: Path) -> None:
        super().__init__(folder, ItemSegment)

    def match(self, query: Items, top: int = 10, *, limited: bool = True) -> list[Match]:
        """The references that agree best, at most `top`, each once, the surest first.

        `limited` leaves out what may agree by chance (`evidence`); without, everything that was compared is there:
        candidates, for who checks them by other means.
        """
        found: dict[int, Match] = {}
        for part in self._parts:
            for match in _matches(part, query):
                best = found.get(match.reference)
                if best is None or match.evidence > best.evidence:
                    found[match.reference] = match
        ranked = sorted(found.values(), key=lambda match: -match.evidence)
        if limited:
            ranked = [match for match in ranked if match.evidence >= SURE]
        return ranked[:top]

    def items_of(self, reference: int) -> Items | None:
        """All items of a reference; None if it is not there."""
        for part in self._parts:
            for at in np.flatnonzero(part.segment.ids == reference).tolist():
                if part.gone is None or not part.gone[at]:
                    return part.segment.items[part.segment.starts[at] : part.segment.starts[at + 1]]
        return None


def _matches(part: Part[ItemSegment], query: Items) -> list[Match]:
    segment = part.segment
    fresh = np.concatenate((np.ones(1, bool), query[1:] != query[:-1]))[: len(query)]
    asked = np.flatnonzero(fresh & (query != SILENCE))
    number, ordinals = segment.occurrences(query[asked], min(LOOKED_AT * len(asked), MOST_LOOKED_AT))
    if not len(ordinals):
        return []
    # One key a vote: its diagonal, moved so that none is negative, and its ordinal
    diagonals = ordinals.astype(np.uint64) + (len(query) - asked[number]).astype(np.uint64)
    keys = diagonals << np.uint64(32) | ordinals
    keys.sort()
    chosen, votes = best_diagonals((keys >> np.uint64(32)).astype(np.int64), VERIFIED)
    places = keys[chosen].astype(np.uint32)  # of the type of `starts`, or that would be converted whole for each query
    references = np.searchsorted(segment.starts, places, "right") - 1
    if part.gone is not None:
        alive = ~part.gone[references]
        chosen, votes, references = chosen[alive], votes[alive], references[alive]
    moved = (keys[chosen] >> np.uint64(32)).astype(np.int64) - len(query)
    return _compared(segment, query, references, moved, votes)


def _compared(
    segment: ItemSegment,
    query: Items,
    references: NDArray[np.int64],
    diagonals: NDArray[np.int64],
    votes: NDArray[np.int64],
) -> list[Match]:
    """Each reference against the query, bit by bit, where both are."""
    if not len(references):
        return []
    size = len(query)
    tried = (diagonals[:, np.newaxis] + _SLIP).reshape(-1, 1)  # (candidate and slip, item of the query)
    first = np.repeat(segment.starts[references].astype(np.int64), len(_SLIP))[:, np.newaxis]
    behind = np.repeat(segment.starts[references + 1].astype(np.int64), len(_SLIP))[:, np.newaxis]
    places = tried + np.arange(size)
    both = (places >= first) & (places < behind)
    theirs = segment.items[np.clip(places, 0, len(segment.items) - 1)]
    sounding = both & ((theirs != SILENCE) | (query != SILENCE))
    counted = sounding.sum(axis=1)
    bers = (np.bitwise_count(theirs ^ query) * sounding).sum(axis=1) / np.maximum(32 * counted, 1)
    bers[counted < SHORTEST] = 1.0
    bers = bers.reshape(-1, len(_SLIP))
    best = bers.argmin(axis=1)
    found = []
    for at, slip in enumerate(best.tolist()):
        row = at * len(_SLIP) + slip
        diagonal, begin, end = int(tried[row, 0]), int(first[row, 0]), int(behind[row, 0])
        ber, reference = float(bers[at, slip]), int(segment.ids[references[at]])
        if ber < 1.0:
            start, stop = max(0, begin - diagonal), min(size, end - diagonal)
            weight = evidence(ber, int(counted[row]))
            found.append(Match(reference, diagonal - begin, start, stop, ber, int(votes[at]), weight))
    return found
