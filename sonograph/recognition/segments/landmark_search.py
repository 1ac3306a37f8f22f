"""Finds recordings by landmarks: votes on diagonals at several speeds, then the peaks at the best places compared.

A `LandmarkSearcher` is a view of the index that notices changes; threads may share it. Nothing here writes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sonograph.recognition.landmarks.check import CHECK_DENSITY, Checked, Place, check, refined
from sonograph.recognition.landmarks.peaks import FRAMES_PER_SECOND, Peaks
from sonograph.recognition.landmarks.triplets import (
    DENSER_DENSITY,
    DENSER_FAN,
    QUERY_DENSITY,
    QUERY_FAN,
    SPEEDS,
    Keys,
    query_keys,
)
from sonograph.recognition.segments.landmark_segment import TICK, LandmarkSegment
from sonograph.recognition.segments.view import Part, View
from sonograph.recognition.segments.votes import agreeing, best_diagonals

LONGEST = 30.0  # seconds of a query that are looked at: who has more asks window by window
LONGEST_LIST = 1000  # postings of one key: a longer list costs more than it says
# Postings in all, the rarest keys' first: what is left out is what much music has
LOOKED_AT_FIRST, LOOKED_AT, LOOKED_AT_DENSER = 200_000, 400_000, 300_000
FEWEST_VOTES = 2  # in a small catalog places with two are compared, too; in a large one others fill the list
SURE = 12.0  # nats from which nothing else is tried
# Before other speeds are: a piece of another recording, 1.5 % slower, had 26 where the right one, 4 % faster, has 350
SURE_FIRST = 40.0
COUNTED = 2000  # places at which votes are counted exactly
CHECKED_FIRST, CHECKED = 40, 60  # places compared, of all segments
BETWEEN_FIRST, BETWEEN = 20, 30  # places that are compared between the steps of the grid, too, if none is sure
BETWEEN_STEPS = (0.99, 1.01)
BETWEEN_SPAN = 5.0  # frames by which a place is wrong there
REFINED = 5  # references whose speed is looked for
MOST_SPEEDS = 7  # of a grid
_ANCHOR_BITS = 12  # of a vote


@dataclass(frozen=True, slots=True)
class LandmarkMatch:
    """A reference that sounds like the query from the query's second `start` to `end`."""

    reference: int
    offset: float  # seconds in the reference at the query's time 0: negative if the query begins before it
    speed: float  # how fast the reference runs in the query: 1.02 is two per cent faster
    score: float  # nats of evidence; what to rank by
    votes: int  # anchors that agreed; 0 if it was not looked up
    hits: int  # peaks of the reference that the query has
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class _Candidate:
    part: Part[LandmarkSegment]
    number: int  # of the reference in the segment
    offset: float  # frames
    speed: float
    votes: int

    def around(self, frames: float) -> tuple[int, float, float]:
        """Where in the reference a query of so many frames may be: number, first frame, last."""
        return self.number, self.offset - _PAD, self.offset + frames * self.speed * 1.02 + _PAD


_PAD = 16.0  # frames to each side


def _places(candidates: Sequence[_Candidate], frames: float) -> list[Place]:
    """With the peaks that are there."""
    by_segment: dict[LandmarkSegment, list[int]] = {}
    for number, candidate in enumerate(candidates):
        by_segment.setdefault(candidate.part.segment, []).append(number)
    peaks: dict[int, Peaks] = {}
    for segment, numbers in by_segment.items():
        pieces = segment.pieces([candidates[number].around(frames) for number in numbers])
        peaks.update(zip(numbers, pieces, strict=True))
    return [Place(peaks[number], of.offset, of.speed) for number, of in enumerate(candidates)]


class LandmarkSearcher(View[LandmarkSegment]):
    def __init__(self, folder: Path) -> None:
        super().__init__(folder, LandmarkSegment)

    def match(self, peaks: Peaks, top: int = 10, grid: Sequence[float] = SPEEDS) -> list[LandmarkMatch]:
        """The references that sound most like it, at most `top`, each once, the best first.

        `grid` are the speeds that are tried; the steps between them are found by comparing. What speaks for a match is
        its score; nothing is left out for having little. Only the first 30 s are looked at.
        """
        if len(grid) > MOST_SPEEDS:
            raise ValueError(f"{len(grid)} speeds: more than {MOST_SPEEDS}")
        known: dict[int, LandmarkMatch] = {}
        for query, effort in _rounds(peaks, tuple(grid)):
            for match in self._match(query, effort, top):
                known[match.reference] = max(match, known.get(match.reference, match), key=lambda one: one.score)
            if any(match.score >= effort.sure for match in known.values()):
                break
        return sorted(known.values(), key=lambda match: -match.score)[:top]

    def _match(self, query: "_Query", effort: "_Effort", top: int) -> list[LandmarkMatch]:
        parts = self._parts
        postings = sum(part.segment.layout.postings for part in parts)
        found = [
            candidate
            for part in parts
            for candidate in _candidates(part, query, effort.share(part.segment.layout.postings, postings))
        ]
        found.sort(key=lambda candidate: -candidate.votes)
        return query.best(found[: effort.places], effort.between, top)

    def check(self, reference: int, offset: float, speed: float, peaks: Peaks) -> LandmarkMatch | None:
        """How much a reference sounds like it at a place. None if there is no such reference.

        `offset` is in seconds and at most 0.1 s wrong, the speed at most 1 %.
        """
        found = self._find(reference)
        if found is None:
            return None
        part, number = found
        query = _Query.short(peaks)
        candidate = _Candidate(part, number, offset * FRAMES_PER_SECOND, speed, 0)
        (checked,) = refined(query, _places([candidate], _frames(query)))
        return _match(candidate, checked, _frames(query))

    def peaks_of(self, reference: int) -> Peaks | None:
        """All that is stored of a reference."""
        found = self._find(reference)
        return found[0].segment.peaks(found[1]) if found else None

    def _find(self, reference: int) -> tuple[Part[LandmarkSegment], int] | None:
        for part in self._parts:
            for number in part.segment.numbers_of(reference):
                if part.gone is None or not part.gone[number]:
                    return part, number
        return None


@dataclass(frozen=True, slots=True)
class _Effort:
    """What one round of looking up and comparing may cost."""

    postings: int  # looked at
    places: int  # compared
    between: int  # of them, compared between the steps of the grid, too, if none is sure
    sure: float  # nats from which no other round follows

    def share(self, postings: int, total: int) -> int:
        """What a segment has of the postings; the smallest have more than their share."""
        return max(self.postings * postings // max(1, total), self.postings // 8)


def _rounds(peaks: Peaks, grid: tuple[float, ...]) -> "Iterator[tuple[_Query, _Effort]]":
    """What is tried until something is sure.

    Most music plays at its speed, the first of the grid: looking there first costs a fifth. With a voice 6 dB over
    the music, 83 % are found with the denser keys of the last round and not 72 %.
    """
    rounds = (
        (grid[:1], QUERY_DENSITY, QUERY_FAN, _Effort(LOOKED_AT_FIRST, CHECKED_FIRST, BETWEEN_FIRST, SURE_FIRST)),
        (grid[1:], QUERY_DENSITY, QUERY_FAN, _Effort(LOOKED_AT, CHECKED, BETWEEN, SURE)),
        ((1.0,), DENSER_DENSITY, DENSER_FAN, _Effort(LOOKED_AT_DENSER, CHECKED, BETWEEN, SURE)),
    )
    for speeds, density, fan, effort in rounds:
        query = _Query.of(peaks, speeds, density, fan) if speeds else None
        if query is not None:
            yield query, effort


@dataclass(frozen=True, slots=True)
class _Query:
    """What is looked up: the keys at all speeds in one list."""

    peaks: Peaks  # those that are compared
    speeds: tuple[float, ...]
    keys: Keys
    speed: NDArray[np.int32]  # of each key, its number
    anchor: NDArray[np.int32]  # of each key, its place among the anchors
    ticks: NDArray[np.int64]  # (speed, anchor)

    @classmethod
    def of(cls, peaks: Peaks, speeds: tuple[float, ...], density: int, fan: int) -> "_Query | None":
        short = cls.short(peaks)
        by_speed = query_keys(short, speeds, density, fan)
        keys = np.concatenate([keys for _, keys, _ in by_speed])
        if not len(keys):
            return None
        anchor = np.concatenate([anchors for _, _, anchors in by_speed]).astype(np.int32)
        speed = np.repeat(np.arange(len(speeds), dtype=np.int32), [len(keys) for _, keys, _ in by_speed])
        order = np.argsort(
            keys
        )  # so that what is looked up lies in the order of the file: pages are walked, not hopped
        keys, anchor, speed = keys[order], anchor[order], speed[order]
        times = short.densest(density).time
        ticks = (times * np.array(speeds)[:, np.newaxis] / TICK).astype(np.int64)
        return cls(short, speeds, keys, speed, anchor, ticks)

    @staticmethod
    def short(peaks: Peaks) -> Peaks:
        return peaks.densest(CHECK_DENSITY).between(0.0, LONGEST * FRAMES_PER_SECOND)

    def best(self, candidates: list[_Candidate], between: int, top: int) -> list[LandmarkMatch]:
        """Compares the peaks at all places, and looks for the speed of the best."""
        frames = _frames(self.peaks)
        places = _places(candidates, frames)
        checked = check(self.peaks, places)
        if between and max((one.score for one in checked), default=0.0) < SURE:
            # At 1 % between two steps high peaks are 3 bins away: without this, 71 % are found there and not 100 %
            tried = [
                Place(of.reference, of.offset, of.speed * step) for of in places[:between] for step in BETWEEN_STEPS
            ]
            for at, other in enumerate(check(self.peaks, tried, BETWEEN_SPAN)):
                number = at // len(BETWEEN_STEPS)
                checked[number] = max(checked[number], other, key=lambda one: one.score)
        by_reference: dict[int, int] = {}
        order = sorted(range(len(checked)), key=lambda number: -checked[number].score)
        for number in order:
            of = candidates[number]
            by_reference.setdefault(int(of.part.segment.ids[of.number]), number)
        chosen = [number for number in by_reference.values() if checked[number].score > 0][: max(top, REFINED)]
        finer = chosen[:REFINED]
        found = [Place(places[n].reference, checked[n].offset, checked[n].speed) for n in finer]
        for number, better in zip(finer, refined(self.peaks, found), strict=True):
            if better.score > checked[number].score:
                checked[number] = better
        matches = [_match(candidates[number], checked[number], frames) for number in chosen]
        return sorted(matches, key=lambda match: -match.score)[:top]


def _candidates(part: Part[LandmarkSegment], query: _Query, most: int) -> Iterator[_Candidate]:
    """The diagonals on which most anchors agree."""
    segment = part.segment
    number, places = segment.occurrences(query.keys, most, LONGEST_LIST)
    if not len(places):
        return
    # A vote is one number: its speed and diagonal, moved so that none is negative, and its anchor. Each anchor has one.
    moved = int(query.ticks.max()) + 2
    span = int(segment.ticks[-1]) + moved + 2
    begins = (span * np.arange(len(query.speeds))[:, np.newaxis] + moved - query.ticks).astype(np.uint32)
    diagonals = begins[query.speed, query.anchor][number] + places  # below 2^32: at most seven speeds of 29 bits
    counted = agreeing(diagonals, COUNTED)
    votes = diagonals[counted].astype(np.int64) << _ANCHOR_BITS | query.anchor[number[counted]]
    votes.sort()
    votes = votes[np.flatnonzero(np.diff(votes, prepend=-1))]
    at, counts = best_diagonals(votes >> _ANCHOR_BITS, CHECKED)
    at, counts = at[counts >= FEWEST_VOTES], counts[counts >= FEWEST_VOTES]
    anchor = votes[at] & ((1 << _ANCHOR_BITS) - 1)
    speed, diagonal = np.divmod(votes[at] >> _ANCHOR_BITS, span)
    found = diagonal - moved
    ticks = (found + query.ticks[speed, anchor]).astype(np.uint32)
    references = np.searchsorted(segment.ticks, ticks, "right") - 1
    offsets = (found - segment.ticks[references]) * float(TICK)
    rows = zip(references.tolist(), offsets.tolist(), speed.tolist(), counts.tolist(), strict=True)
    for reference, offset, number_, count in rows:
        if part.gone is None or not part.gone[reference]:
            yield _Candidate(part, reference, offset, query.speeds[number_], count)


def _frames(query: Peaks) -> float:
    return float(query.time[-1]) if len(query) else 0.0


def _match(candidate: _Candidate, checked: Checked, frames: float) -> LandmarkMatch:
    segment, number = candidate.part.segment, candidate.number
    length = float(int(segment.ticks[number + 1]) - int(segment.ticks[number])) * TICK
    start = max(0.0, -checked.offset / checked.speed)
    end = min(frames, (length - checked.offset) / checked.speed)
    return LandmarkMatch(
        int(segment.ids[number]),
        checked.offset / FRAMES_PER_SECOND,
        checked.speed,
        checked.score,
        candidate.votes,
        checked.hits,
        start / FRAMES_PER_SECOND,
        max(start, end) / FRAMES_PER_SECOND,
    )
