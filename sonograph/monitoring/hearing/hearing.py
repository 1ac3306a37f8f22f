"""Listens to a stream: what is heard in its last seconds, every few seconds.

Both fingerprints run once over the stream. What is heard already is looked for first, at its place, which costs next to
nothing; then Chromaprint proposes, and the peaks have to confirm it; landmarks search where neither explains what is on
air, as often as their ration allows.
"""

import numpy as np
from numpy.typing import NDArray

from sonograph.monitoring.hearing.following import Followed
from sonograph.monitoring.hearing.novelty import Novelty
from sonograph.monitoring.hearing.rationing import Ration, postings_of
from sonograph.monitoring.hearing.recent import Recent
from sonograph.monitoring.hearing.tracing import Straight, unexplained
from sonograph.monitoring.hearing.tuning import Tuning
from sonograph.monitoring.hearing.window import Sighting, Window
from sonograph.recognition.chromaprint import SECONDS_PER_ITEM, Fingerprinter
from sonograph.recognition.landmarks.check import Checked, Place, check
from sonograph.recognition.landmarks.finder import PeakFinder
from sonograph.recognition.landmarks.peaks import FRAMES_PER_SECOND, HOP, RATE, Peaks
from sonograph.recognition.matcher import Matcher

# Samples from one look to the next: 64 frames, after which the peak finder has new peaks. And those before the first.
_STEP, _FIRST = 64 * HOP, 63 * HOP + 1024
_LATE = 28  # frames that a peak is certain after it was
_PROPOSED = 4  # references that Chromaprint proposes, at most
_PROPOSES = 2.5  # standard deviations
# What a quick search looks at: seconds, peaks a second, speeds. It costs a third, and what just began is found as often
_BRIEF, _FEWER, _FEWER_SPEEDS = 6.0, 24, 3
_ANSWERS = 3  # references that landmarks find, at most
FOLLOWED = 3  # references at a time: two songs in a crossfade, and what may be a third
_FORGOTTEN = 45.0  # seconds without it after which a reference is not looked for any longer
_DOUBTFUL = 6.0  # the same for what was never sure
_SPEEDS = (1.0, 0.995, 1.005, 0.99, 1.01)  # beside the one that was proposed
_SPAN = 5.0  # frames by which a proposal may be wrong at them
_CLEARLY = 4.0  # nats by which another speed must be better than the one proposed
_KNOWN = 3  # looks in which a reference was heard, from which on fewer are enough
_SAME = 0.3  # seconds between two lines that are one
_PRESENT = 3.0  # seconds before the end of a window up to which a reference is heard that is on air
_QUIET = 33.0  # samples quieter than that, on average, are silence: -60 dB


class Hearing:
    """Of one stream. Synchronous and bound to the CPU, for use in a thread; the matcher may be shared by threads.

    Times are seconds that count the samples from `at`, of the first one. After a break in the stream begin a new one,
    and keep the `Airings`: these bridge what is short.
    """

    def __init__(self, matcher: Matcher, tuning: Tuning, at: float = 0.0) -> None:
        self._matcher, self._tuning, self._at = matcher, tuning, at
        self._fingerprinter, self._finder = Fingerprinter(), PeakFinder()
        self._recent = Recent()
        self._ration, self._novelty = Ration(tuning), Novelty()
        self._waiting: list[NDArray[np.int16]] = []
        self._missing = _FIRST  # samples to the next look
        self._samples = 0
        self._looks = 0
        self._quiet = 0  # steps in a row that were silent
        self._followed: list[Followed] = []

    @property
    def now(self) -> float:
        """When the last sample that was fed ended."""
        return self._at + self._samples / RATE

    def feed(self, pcm: NDArray[np.int16]) -> list[Window]:
        """Takes samples (mono, 11,025 Hz, any number); the windows that were looked at. Blocks make no difference."""
        windows = []
        at = 0
        while at < len(pcm):
            block = pcm[at : at + self._missing]
            at += len(block)
            self._samples += len(block)
            self._missing -= len(block)
            self._waiting.append(block.astype(np.int16))  # a copy: the caller may use his buffer again
            if not self._missing:
                window = self._advance(np.concatenate(self._waiting))
                self._waiting, self._missing = [], _STEP
                if window is not None:
                    windows.append(window)
        return windows

    def _advance(self, pcm: NDArray[np.int16]) -> Window | None:
        """Takes a step's samples; the window, if it is time to look."""
        self._looks += 1
        self._quiet = self._quiet + 1 if np.abs(pcm.astype(np.int32)).mean() < _QUIET else 0
        items, peaks = self._fingerprinter.feed(pcm), self._finder.feed(pcm)
        self._recent.add(items, peaks, float(self._looks * 64 - _LATE))
        self._ration.noticed(self._recent.end / FRAMES_PER_SECOND, self._novelty.add(peaks))
        settled = len(self._followed) == 1 and self._followed[0].looks >= _KNOWN and self._heard(self._followed[0])
        if settled and self._looks % max(1, round(self._tuning.hop * RATE / _STEP)):
            return None
        return self._look()

    def _look(self) -> Window:
        recent, width = self._recent, self._tuning.window * FRAMES_PER_SECOND
        start = max(0.0, recent.end - width)
        heard = [one for one in self._followed if self._heard(one)]
        for one in self._followed:
            one.look(recent, start)
        if heard and not any(self._heard(one) for one in heard):
            self._ration.changed(recent.end / FRAMES_PER_SECOND)
        self._forget()
        searched = False
        if self._quiet * _STEP < width * HOP:
            self._matcher.refresh()
            if self._wanted():
                self._propose(start)
                searched = self._search(start)
        self._followed.sort(key=lambda one: -one.score)
        return Window(
            self._second(start),
            self._second(recent.end),
            tuple(self._sighting(one) for one in self._followed),
            self._quiet > 1,
            searched,
        )

    def _second(self, frame: float) -> float:
        return self._at + frame / FRAMES_PER_SECOND

    def _heard(self, one: Followed) -> bool:
        """In the last seconds of its last look, too, and not only at the beginning of the window."""
        return one.heard_at == one.looked_at and one.looked_at - one.until < _PRESENT * FRAMES_PER_SECOND

    def _wanted(self) -> bool:
        """Whether something else may be on air than what is heard already."""
        return not any(self._heard(one) and not one.ending for one in self._followed)

    def _forget(self) -> None:
        end = self._recent.end
        kept = []
        for one in self._followed:
            patience = _FORGOTTEN if one.confidence >= self._tuning.least or one.looks >= _KNOWN else _DOUBTFUL
            over = one.position(end) > one.length + self._tuning.window * FRAMES_PER_SECOND
            if end - one.heard_at < (_DOUBTFUL if over else patience) * FRAMES_PER_SECOND:
                kept.append(one)
        self._followed = kept

    def _propose(self, start: float) -> None:
        if not self._tuning.items:
            return
        items, first = self._recent.items(start)
        if not len(items):
            return
        found = []
        for match in self._matcher.items.match(items, _PROPOSED, limited=False):
            if match.evidence >= _PROPOSES:
                begins = match.offset * SECONDS_PER_ITEM * FRAMES_PER_SECOND
                found.append((match.reference, Straight(begins - first, 1.0)))
        self._take(start, found)

    def _search(self, start: float) -> bool:
        """Lets landmarks look all of the index up, if it is worth its cost; whether it was thoroughly."""
        if not self._tuning.landmarks:
            return False
        end, searcher = self._recent.end, self._matcher.landmarks
        at = end / FRAMES_PER_SECOND
        search = self._ration.may(at, postings_of(searcher))
        if search is None:
            return False
        speeds = self._tuning.speeds
        if not search.thorough:
            start, speeds = max(start, end - _BRIEF * FRAMES_PER_SECOND), speeds[:_FEWER_SPEEDS]
        query = self._unexplained(start)
        found = [
            (match.reference, Straight(match.offset * FRAMES_PER_SECOND - match.speed * start, match.speed))
            for match in searcher.match(query if search.thorough else query.densest(_FEWER), _ANSWERS, speeds)
            if match.score >= self._tuning.heard
        ]
        before = len(self._followed)
        self._take(start, found)
        self._ration.searched(at, search, found=len(self._followed) > before)
        return search.thorough

    def _take(self, start: float, found: list[tuple[int, Straight]]) -> None:
        """Follows what of it the peaks confirm."""
        fresh = []
        for reference, line in found:
            peaks = None if self._known(reference, line) else self._matcher.landmarks.peaks_of(reference)
            if peaks is not None and len(peaks):
                fresh.append((reference, line, peaks))
        query = self._unexplained(start)
        better = _refined(query, [Place(peaks, line.at(start), line.speed) for _, line, peaks in fresh])
        ranked = sorted(zip(fresh, better, strict=True), key=lambda one: -one[1].score)
        for (reference, _, peaks), checked in ranked:
            if checked.score >= self._tuning.heard:
                self._follow(start, reference, peaks, checked)

    def _known(self, reference: int, line: Straight) -> bool:
        end = self._recent.end
        return any(
            one.reference == reference and abs(one.position(end) - line.at(end)) < _SAME * FRAMES_PER_SECOND
            for one in self._followed
        )

    def _unexplained(self, start: float) -> Peaks:
        """Peaks without those of what is heard: two recordings that sound alike are not both heard."""
        end = self._recent.end
        query = self._recent.peaks(start, end)
        for one in self._followed:
            if self._heard(one) and one.looks >= _KNOWN:
                query = unexplained(query, start, end, one.peaks, one.line)
        return query

    def _follow(self, start: float, reference: int, peaks: Peaks, checked: Checked) -> None:
        line = Straight(checked.offset - checked.speed * start, checked.speed)
        if self._known(reference, line):
            return
        one = Followed(reference, peaks, self._matcher.items.items_of(reference), line, self._tuning.heard)
        one.look(self._recent, start)
        if one.score >= self._tuning.heard:
            self._followed.append(one)
        if len(self._followed) > FOLLOWED:
            self._followed.remove(min(self._followed, key=lambda one: (one.heard_at, one.score)))

    def _sighting(self, one: Followed) -> Sighting:
        end = self._recent.end
        return Sighting(
            reference=one.reference,
            position=one.position(end) / FRAMES_PER_SECOND,
            speed=one.line.speed,
            confidence=one.confidence,
            score=one.score,
            evidence=one.evidence,
            since=self._second(one.since),
            until=self._second(one.until),
            begins=self._second(one.line.when(0.0)),
            length=one.length / FRAMES_PER_SECOND,
        )


def _refined(query: Peaks, places: list[Place]) -> list[Checked]:
    """Each place at the best of a few speeds around its own, which is kept unless another one is clearly better."""
    tried = [Place(place.reference, place.offset, place.speed * factor) for place in places for factor in _SPEEDS]
    found = check(query, tried, _SPAN) if tried else []
    each = len(_SPEEDS)
    best = [max(found[at : at + each], key=lambda one: one.score) for at in range(0, len(found), each)]
    own = found[::each]
    return [mine if mine.score + _CLEARLY >= other.score else other for mine, other in zip(own, best, strict=True)]
