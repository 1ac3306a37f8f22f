"""Finds the references that are heard in a clip.

Chromaprint proposes: it is cheap, so it looks at every window. The peaks of what it proposes confirm it, and follow it
through the clip. Where that explains nothing, landmarks search: at most `SEARCHED` pieces of a clip, spread over it.
"""

from dataclasses import dataclass
from pathlib import Path

from sonograph.recognition import confidence
from sonograph.recognition.agreement import Agreement, agreement
from sonograph.recognition.answer import By, Heard
from sonograph.recognition.chromaprint import SECONDS_PER_ITEM, Items
from sonograph.recognition.clip import SEEN_BY_ITEM, Clip
from sonograph.recognition.edges import edges, snapped, traced
from sonograph.recognition.landmarks.peaks import FRAMES_PER_SECOND, Peaks
from sonograph.recognition.lines import COST, SURE, Line, Piece, followed, from_match, pieces_of
from sonograph.recognition.segments.landmark_search import LandmarkSearcher
from sonograph.recognition.segments.search import Searcher
from sonograph.recognition.windows import WINDOW, cut, scattered

PROPOSED = 10  # references that Chromaprint proposes for each window
COMPARED = 200  # of them in all: those that most windows agree on
SEARCHED = 40  # pieces that landmarks look up: nearly seven minutes of what Chromaprint knows nothing of
ANSWERED = 5  # references that landmarks propose for each
_STRAIGHT = 0.004  # of speed, beside 1: Chromaprint's items are still the same, and stay on one diagonal


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of one reference in a clip, as confidence is reckoned from it."""

    reference: int
    line: Line | None  # None: no landmarks of the clip, or of the reference
    agreed: Agreement | None  # None: Chromaprint has nothing to say, as at another speed

    @property
    def confidence(self) -> float:
        sure = self.agreed.evidence if self.agreed else 0.0
        return confidence.of(sure, self.line.score if self.line else None)


class Matcher:
    """Of one catalog's index. Synchronous, and not to be shared by threads."""

    def __init__(self, folder: Path) -> None:
        self.items = Searcher(folder / "items")
        self.landmarks = LandmarkSearcher(folder / "landmarks")

    def refresh(self) -> None:
        """Takes up what changed in the index; do it before every clip."""
        self.items.refresh()
        self.landmarks.refresh()

    def recognise(self, clip: Clip, top: int = 10) -> list[Heard]:
        """The references that are heard in it, the surest first, each once."""
        return self.answers(clip, self.evidence(clip), top)

    def answers(self, clip: Clip, evidence: list[Evidence], top: int) -> list[Heard]:
        """What of it is sure enough."""
        sure = [one for one in evidence if one.confidence >= confidence.LEAST]
        return [self._heard(clip, one) for one in sure[:top]]

    def evidence(self, clip: Clip) -> list[Evidence]:
        """All that was compared, whatever came of it; the likeliest first, each reference once."""
        pieces = pieces_of(clip.peaks, clip.seconds) if clip.peaks is not None else []
        proposed = self._proposed(clip, pieces)
        lines = [one.line for one in proposed if one.line is not None]
        searched = [self._agreed(clip, line) for line in self._searched(pieces, lines)]
        found: dict[int, Evidence] = {}
        for one in sorted((*proposed, *searched), key=lambda one: -one.confidence):
            found.setdefault(one.reference, one)
        return list(found.values())

    def _proposed(self, clip: Clip, pieces: list[Piece]) -> list[Evidence]:
        """What Chromaprint proposes, followed by its peaks where there are any."""
        found = []
        for reference, offset in self._diagonals(clip.items):
            items = self.items.items_of(reference)
            agreed = agreement(clip.items, items, offset) if items is not None else None
            if agreed is not None:
                found.append(Evidence(reference, self._confirmed(pieces, reference, agreed), agreed))
        return found

    def _diagonals(self, items: Items) -> list[tuple[int, int]]:
        """(reference, place of the clip's first item in it), those with most evidence over all windows first."""
        weights: dict[tuple[int, int], float] = {}
        for start, end in cut(len(items), int(WINDOW / SECONDS_PER_ITEM)):
            for match in self.items.match(items[start:end], PROPOSED, limited=False):
                offset = match.offset - start
                near = next((o for o in (offset, offset - 1, offset + 1) if (match.reference, o) in weights), offset)
                key = (match.reference, near)
                weights[key] = weights.get(key, 0.0) + max(0.0, match.evidence) ** 2
        return sorted(weights, key=lambda key: -weights[key])[:COMPARED]

    def _confirmed(self, pieces: list[Piece], reference: int, agreed: Agreement) -> Line | None:
        """The line of what Chromaprint proposes, begun where it agrees best; None without landmarks."""
        middle = agreed.surest * SECONDS_PER_ITEM + SEEN_BY_ITEM / 2
        number = next((n for n, piece in enumerate(pieces) if piece.end > middle), len(pieces) - 1)
        if number < 0:
            return None
        piece = pieces[number]
        place = agreed.offset * SECONDS_PER_ITEM + piece.start
        match = self.landmarks.check(reference, place, 1.0, piece.peaks)
        if match is None:
            return None
        line = from_match(match, pieces, number)
        return followed(self.landmarks, pieces, line) if match.score > COST else line

    def _searched(self, pieces: list[Piece], known: list[Line]) -> list[Line]:
        """The lines of what landmarks find in pieces that nothing explains yet."""
        explained = {at for line in known for at, match in line.matches.items() if match.score >= SURE}
        lines: list[Line] = []
        looked_at = 0
        for number in scattered(len(pieces)):
            if number in explained or looked_at == SEARCHED:
                continue
            looked_at += 1
            for match in self.landmarks.match(pieces[number].peaks, ANSWERED):
                line = from_match(match, pieces, number)
                if any(line.same(other, pieces[number].start) for other in (*known, *lines)):
                    continue
                line = followed(self.landmarks, pieces, line)
                lines.append(line)
                explained |= {at for at, of in line.matches.items() if of.score >= SURE}
        return lines

    def _agreed(self, clip: Clip, line: Line) -> Evidence:
        """What Chromaprint says of a line that landmarks found."""
        items = self.items.items_of(line.reference) if abs(line.speed - 1) <= _STRAIGHT else None
        if items is None:
            return Evidence(line.reference, line, None)
        middle = self._middle(clip, line)
        offset = round((line.at(middle) - middle) / SECONDS_PER_ITEM)
        return Evidence(line.reference, line, agreement(clip.items, items, offset))

    @staticmethod
    def _middle(clip: Clip, line: Line) -> float:
        count = len(pieces_of(Peaks.none(), clip.seconds))
        return (line.first + line.last + 1) / 2 * clip.seconds / count

    def _heard(self, clip: Clip, one: Evidence) -> Heard:
        line, agreed = one.line, one.agreed
        by: By = "both"
        if line is None or line.score <= COST:
            by = "chromaprint"
        elif agreed is None or agreed.evidence < confidence.AGREES:
            by = "landmarks"
        if line is not None and by != "chromaprint":
            start, end = self._edges(clip, line)
            speed, offset = line.speed, line.offset
        else:
            assert agreed is not None  # noqa: S101  (one of both made the answer)
            start, end = self._run(clip, one.reference, agreed)
            speed, offset = 1.0, agreed.offset * SECONDS_PER_ITEM
        return Heard(
            reference=one.reference,
            confidence=one.confidence,
            clip_start=start,
            clip_end=end,
            reference_start=max(0.0, offset + speed * start),
            reference_end=offset + speed * end,
            speed=speed,
            bit_error=agreed.bit_error if agreed is not None and by != "landmarks" else None,
            score=line.score if line is not None else 0.0,
            by=by,
        )

    def _run(self, clip: Clip, reference: int, agreed: Agreement) -> tuple[float, float]:
        """Seconds of a run of items; where it begins or ends in the middle of both, half of what an item looks at."""
        items = self.items.items_of(reference)
        behind = len(items) if items is not None else 0
        start, end = agreed.start * SECONDS_PER_ITEM, (agreed.end - 1) * SECONDS_PER_ITEM + SEEN_BY_ITEM
        if agreed.start > 0 and agreed.offset + agreed.start > 0:
            start += SEEN_BY_ITEM / 2
        if agreed.end < len(clip.items) and agreed.offset + agreed.end < behind:
            end -= SEEN_BY_ITEM / 2
        return start, min(clip.seconds, end)

    def _edges(self, clip: Clip, line: Line) -> tuple[float, float]:
        reference = self.landmarks.peaks_of(line.reference)
        assert clip.peaks is not None  # noqa: S101  (or there were no line)
        if reference is None or not len(reference):
            return 0.0, clip.seconds
        along = traced(clip.peaks, reference, line, clip.seconds)
        width = clip.seconds / max(1, len(pieces_of(Peaks.none(), clip.seconds)))
        start, end = edges(along, (line.first - 1) * width, (line.last + 2) * width)
        return snapped(start, end, line, clip.seconds, float(reference.time[-1]) / FRAMES_PER_SECOND)
