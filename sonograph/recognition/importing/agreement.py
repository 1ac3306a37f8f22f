"""How far two sounds are one: over which share of either they agree, in Chromaprint and in landmarks."""

from dataclasses import dataclass

import numpy as np

from sonograph.recognition.chromaprint import SECONDS_PER_ITEM, SILENCE, Items
from sonograph.recognition.landmarks.check import Place, check
from sonograph.recognition.landmarks.packing import unpack
from sonograph.recognition.landmarks.peaks import FRAMES_PER_SECOND, Peaks

BLOCK = 32  # items, four seconds: unrelated music differs in 49 % of such a block's bits, give or take 4 %
DIFFERENT = 0.25  # share of a block's bits that may differ
IDENTICAL = 0.15  # share of all bits that may differ in all but identical sounds: MP3s of 64 kbit/s have 2 to 8 %
MOST = 0.8  # share of the longer one that must agree in them
PART = 0.5  # share of the shorter one that must agree, to sound alike at all
# Share of the landmarks that must be there in both: MP3s of five tracks had 78 to 87 %, of noise and tones 25 %, and 45
# pairs of unrelated tracks none.
HEARD_AGAIN = 0.15
CHECKED = 360.0  # seconds of landmarks compared
_FEWEST_VOTES = 8
_SLIP = 8.0  # frames of landmarks by which a place by items may be wrong: an item is 5.3


@dataclass(frozen=True, slots=True)
class Agreement:
    """Shares are of the blocks in which there is sound."""

    offset: int  # items: where the first of the one stands in the other
    of_longer: float
    of_shorter: float
    ber: float  # share of bits that differ, over all that they have in common

    @property
    def identical(self) -> bool:
        """All but identical: one recording from end to end, encoded twice."""
        return self.of_longer >= MOST and self.ber <= IDENTICAL

    @property
    def alike(self) -> bool:
        return self.of_shorter >= PART


def agreement(items: Items, other: Items) -> Agreement | None:
    """Where they agree best; None where nothing does."""
    offset = _diagonal(items, other)
    if offset is None:
        return None
    tried = [found for slip in (0, -1, 1) if (found := _at(items, other, offset + slip))]
    return min(tried, key=lambda one: one.ber, default=None)


def landmarks_shared(landmarks: bytes, other: bytes, offset: int) -> float:
    """The share of the other's landmarks that are heard in these, where both are; `offset` in items."""
    query = unpack(landmarks)
    end = int(np.searchsorted(query.time, CHECKED * FRAMES_PER_SECOND))
    place = Place(unpack(other), offset * SECONDS_PER_ITEM * FRAMES_PER_SECOND, 1.0)
    (found,) = check(Peaks(query.time[:end], query.pitch[:end], query.rank[:end]), [place], _SLIP)
    return found.hits / found.peaks if found.peaks and found.score else 0.0


def _diagonal(items: Items, other: Items) -> int | None:
    """The offset at which most items are equal."""
    values, first = np.unique(items, return_index=True)
    if not len(values):
        return None
    places = np.searchsorted(values, other)
    places[places == len(values)] = 0
    hits = np.flatnonzero((values[places] == other) & (other != SILENCE))
    if len(hits) < _FEWEST_VOTES:
        return None
    diagonals, votes = np.unique(hits - first[places[hits]], return_counts=True)
    return int(diagonals[np.argmax(votes)]) if votes.max() >= _FEWEST_VOTES else None


def _at(items: Items, other: Items, offset: int) -> Agreement | None:
    start, end = max(0, -offset), min(len(items), len(other) - offset)
    if end - start < _FEWEST_VOTES:
        return None
    one, two = items[start:end], other[start + offset : end + offset]
    sounding = (one != SILENCE) | (two != SILENCE)
    differing = np.bitwise_count(one ^ two) * sounding
    edges = np.arange(0, end - start, BLOCK)
    heard = np.add.reduceat(sounding.astype(np.int64), edges)
    bad = np.add.reduceat(differing.astype(np.int64), edges)
    agreeing = int(heard[bad <= DIFFERENT * 32 * heard].sum())
    lengths = [max(1, int((whole != SILENCE).sum())) for whole in (items, other)]
    if not heard.sum():
        return None
    return Agreement(
        offset, agreeing / max(lengths), min(1.0, agreeing / min(lengths)), float(bad.sum() / (32 * heard.sum()))
    )
