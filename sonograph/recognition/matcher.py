"""Finds the references that are heard in a clip."""

from pathlib import Path

from sonograph.recognition import confidence
from sonograph.recognition.agreement import Agreement, agreement
from sonograph.recognition.answer import Heard
from sonograph.recognition.chromaprint import SECONDS_PER_ITEM
from sonograph.recognition.clip import SEEN_BY_ITEM, Clip
from sonograph.recognition.segments.search import Searcher
from sonograph.recognition.windows import WINDOW, cut

PROPOSED = 10  # references that Chromaprint proposes for each window
COMPARED = 60  # places of references compared with the whole clip: those that most windows agree on


class Matcher:
    """Of one catalog's index. Synchronous, and not to be shared by threads."""

    def __init__(self, folder: Path) -> None:
        self._items = Searcher(folder / "items")

    def refresh(self) -> None:
        """Takes up what changed in the index; do it before every clip."""
        self._items.refresh()

    def recognise(self, clip: Clip, top: int = 10) -> list[Heard]:
        """The references that are heard in it, the surest first, each once."""
        heard: dict[int, Heard] = {}
        for reference, offset in self._proposed(clip):
            items = self._items.items_of(reference)
            agreed = agreement(clip.items, items, offset) if items is not None else None
            if agreed is None:
                continue
            answer = _heard(clip, reference, agreed)
            best = heard.get(reference)
            if best is None or answer.confidence > best.confidence:
                heard[reference] = answer
        sure = [one for one in heard.values() if one.confidence >= confidence.LEAST]
        return sorted(sure, key=lambda one: -one.confidence)[:top]

    def _proposed(self, clip: Clip) -> list[tuple[int, int]]:
        """(reference, place of the clip's first item in it), those with most evidence over all windows first."""
        weights: dict[tuple[int, int], float] = {}
        for start, end in cut(len(clip.items), int(WINDOW / SECONDS_PER_ITEM)):
            for match in self._items.match(clip.items[start:end], PROPOSED, limited=False):
                offset = match.offset - start
                near = next((o for o in (offset, offset - 1, offset + 1) if (match.reference, o) in weights), offset)
                key = (match.reference, near)
                weights[key] = weights.get(key, 0.0) + max(0.0, match.evidence) ** 2
        return sorted(weights, key=lambda key: -weights[key])[:COMPARED]


def _heard(clip: Clip, reference: int, agreed: Agreement) -> Heard:
    start = agreed.start * SECONDS_PER_ITEM
    end = min(clip.seconds, (agreed.end - 1) * SECONDS_PER_ITEM + SEEN_BY_ITEM)
    begin = agreed.offset * SECONDS_PER_ITEM
    return Heard(
        reference=reference,
        confidence=confidence.of_fingerprint(agreed.evidence),
        clip_start=start,
        clip_end=end,
        reference_start=begin + start,
        reference_end=begin + end,
        speed=1.0,
        bit_error=agreed.bit_error,
        score=0.0,
        by="chromaprint",
    )
