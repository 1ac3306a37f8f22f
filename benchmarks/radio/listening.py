"""Lets monitoring hear a show."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.radio.scores import Heard, Report
from sonograph.monitoring.hearing.airing import Change, Started
from sonograph.monitoring.hearing.airings import Airings
from sonograph.monitoring.hearing.hearing import Hearing
from sonograph.monitoring.hearing.tuning import Tuning
from sonograph.monitoring.hearing.window import Window
from sonograph.recognition.audio.pcm import FINGERPRINT
from sonograph.recognition.matcher import Matcher

BLOCK = FINGERPRINT.rate // 2  # samples: half a second, as a stream is read

Notice = Callable[[Window], None]


def listen(
    sound: NDArray[np.int16],
    matcher: Matcher,
    tuning: Tuning,
    tracks: Mapping[int, int],
    notice: Notice | None = None,
) -> Heard:
    """Feeds it as it comes. `tracks`: by reference. `notice` is given each window, too."""
    hearing, airings = Hearing(matcher, tuning), Airings(tuning)
    taken = _Taken([], {})
    now: list[tuple[float, int | None]] = [(0.0, None)]
    at = cpu = 0.0
    for start in range(0, len(sound), BLOCK):
        block = np.asarray(sound[start : start + BLOCK], np.int16)
        began = time.thread_time()
        windows = hearing.feed(block)
        changes = [change for window in windows for change in airings.add(window, tracks)]
        on_air = airings.now
        cpu += time.thread_time() - began
        at = (start + len(block)) / FINGERPRINT.rate
        if notice is not None:
            for window in windows:
                notice(window)
        for change in changes:
            taken.take(change, at)
        track = on_air.track_id if on_air else None
        if track != now[-1][1]:
            now.append((at, track))
    for change in airings.finish(at):
        taken.take(change, at)
    return Heard(taken.reports, now, cpu, at)


@dataclass(slots=True)
class _Taken:
    reports: list[Report]
    going_on: dict[int, list[Report]]  # by track

    def take(self, change: Change, at: float) -> None:
        airing = change.airing
        if isinstance(change, Started):
            report = Report(airing.track_id, airing.started_at, airing.heard_until, at, airing.confidence)
            self.reports.append(report)
            self.going_on.setdefault(airing.track_id, []).append(report)
            return
        those = self.going_on.get(airing.track_id, [])
        report = min(those, key=lambda one: abs(one.start - airing.started_at))
        if airing.ended_at is None:
            report.end = airing.heard_until
        else:
            report.end = airing.ended_at
            those.remove(report)
