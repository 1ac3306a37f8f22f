"""Follows a reference through a clip, piece by piece, by its peaks.

If a clip is a recording, the peaks of the one lie on a straight line over those of the other: the reference's second is
`offset + speed * the clip's second`. What speaks for a line is summed over neighbouring pieces, so that a recording
which no single piece is sure of is still found.
"""

from dataclasses import dataclass, replace

from sonograph.recognition.landmarks.peaks import FRAMES_PER_SECOND, Peaks
from sonograph.recognition.segments.landmark_search import LandmarkMatch, LandmarkSearcher
from sonograph.recognition.windows import PIECE, cut

# What a piece's score has to exceed to speak for a line. A score has paid for what it may reach by chance already, so
# wrong places have none at all.
COST = 1.0
MISSES = 2  # pieces in a row without the reference, behind which it is looked for no further
SURE = 12.0  # score of a piece that needs no other explanation
_SAME = 0.25  # seconds between two lines that are one


@dataclass(frozen=True, slots=True)
class Piece:
    start: float  # seconds
    end: float
    peaks: Peaks  # times count from `start`


@dataclass(frozen=True, slots=True)
class Line:
    """A reference along a clip, from piece `first` to piece `last`."""

    reference: int
    offset: float  # the reference's second at the clip's second 0
    speed: float
    first: int
    last: int
    score: float  # nats, of all pieces together
    matches: dict[int, LandmarkMatch]  # by piece: where it was compared

    def at(self, second: float) -> float:
        """The reference's second."""
        return self.offset + self.speed * second

    def same(self, other: "Line", second: float) -> bool:
        return self.reference == other.reference and abs(self.at(second) - other.at(second)) < _SAME


def pieces_of(peaks: Peaks, seconds: float) -> list[Piece]:
    edges = cut(round(seconds * 1000), round(PIECE * 1000))
    return [
        Piece(start / 1000, end / 1000, peaks.between(*(at / 1000 * FRAMES_PER_SECOND for at in (start, end))))
        for start, end in edges
    ]


def from_match(match: LandmarkMatch, pieces: list[Piece], number: int) -> Line:
    """What a match in one piece says of the whole clip."""
    offset = match.offset - match.speed * pieces[number].start
    return Line(match.reference, offset, match.speed, number, number, match.score, {number: match})


def followed(searcher: LandmarkSearcher, pieces: list[Piece], line: Line) -> Line:
    """The line to both sides of the piece that it was found in, as far as the reference is heard."""
    for step in (1, -1):
        line = _followed(searcher, pieces, line, step)
    return line


def _followed(searcher: LandmarkSearcher, pieces: list[Piece], line: Line, step: int) -> Line:
    first, last, best = line.first, line.last, line.score
    score, missed = line.score, 0
    matches = dict(line.matches)
    guide, number = line, last if step > 0 else first
    while 0 <= number + step < len(pieces) and missed < MISSES:
        number += step
        piece = pieces[number]
        match = searcher.check(line.reference, guide.at(piece.start), guide.speed, piece.peaks)
        if match is None:
            break
        score += match.score - COST
        matches[number] = match
        missed = missed + 1 if match.score <= COST else 0
        if score > best:
            best, first, last = score, min(first, number), max(last, number)
        if match.score > COST:
            guide = _straightened(replace(guide, matches=matches), pieces)
    kept = {at: match for at, match in matches.items() if first <= at <= last}
    return _straightened(replace(line, first=first, last=last, score=best, matches=kept), pieces)


def _straightened(line: Line, pieces: list[Piece]) -> Line:
    """The speed from where the farthest sure pieces lie: far better known than from any of them alone."""
    sure = sorted(at for at, match in line.matches.items() if match.score > COST)
    if len(sure) < 2:  # noqa: PLR2004  (a line needs two points)
        return line
    one, other = sure[0], sure[-1]
    apart = pieces[other].start - pieces[one].start
    speed = (line.matches[other].offset - line.matches[one].offset) / apart
    return replace(line, speed=speed, offset=line.matches[one].offset - speed * pieces[one].start)
