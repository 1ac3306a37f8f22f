"""What monitoring reported beside what was true.

A report is right if its track is aired within its time, and no report before it was of the same airing: all others are
errors, those that split an airing and those that repeat it too. Reports of a track's kin (`benchmarks.recognition
.kinship`) are neither right nor wrong, and an airing that was reported as its kin alone is left out.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from benchmarks.figures import percentile
from benchmarks.radio.programme import Airing, Programme, Stretch
from benchmarks.recognition.kinship import Kin

OVERLAP = 3.0  # seconds that a report and an airing share at the least, or half of the shorter one
NULL_WITHIN = 15.0  # seconds of talk after which nothing may be on air
NULLS = ("talk", "advertisements", "news", "silence")


@dataclass(slots=True)
class Report:
    """A play that was reported; times are seconds of the stream."""

    track: int
    start: float
    end: float
    said_at: float  # when it was reported
    confidence: float


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of a show."""

    reports: Sequence[Report]
    now: Sequence[tuple[float, int | None]]  # what was on air, whenever that changed
    cpu: float  # seconds
    seconds: float  # of the show


@dataclass(slots=True)
class Case:
    """Something that went wrong."""

    sort: str
    at: float
    what: str
    kinds: tuple[str, ...] = ()
    by: float = 0.0


@dataclass(slots=True)
class Score:
    airings: int = 0
    found: int = 0
    reports: int = 0  # without those of kin
    right: int = 0
    kin: int = 0
    starts: list[float] = field(default_factory=list)  # absolute errors, seconds
    ends: list[float] = field(default_factory=list)
    delays: list[float] = field(default_factory=list)  # from the true start to the report
    talks: int = 0  # stretches of talk and the like that were longer than 15 s
    nulls: int = 0  # after 15 s of which nothing was on air
    cpu: float = 0.0
    seconds: float = 0.0
    kinds: Counter[str] = field(default_factory=Counter)  # of airings
    missed: Counter[str] = field(default_factory=Counter)
    cases: list[Case] = field(default_factory=list)

    def add(self, other: "Score") -> None:
        for name in ("airings", "found", "reports", "right", "kin", "talks", "nulls", "cpu", "seconds"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.starts += other.starts
        self.ends += other.ends
        self.delays += other.delays
        self.kinds += other.kinds
        self.missed += other.missed
        self.cases += other.cases

    def row(self) -> list[object]:
        """Cells under HEADS."""
        return [
            f"{self.seconds / 3600:.1f}",
            self.airings,
            f"{100 * self.found / max(1, self.airings):.1f}",
            f"{100 * self.right / max(1, self.reports):.1f}",
            self.reports - self.right,
            *(_spread(values) for values in (self.starts, self.ends, self.delays)),
            f"{self.nulls}/{self.talks}",
            f"{100 * self.cpu / max(1.0, self.seconds):.2f}",
        ]


HEADS = (
    "hours",
    "airings",
    "recall %",
    "precision %",
    "errors",
    "start s: median, p95",
    "end s: median, p95",
    "event s: median, p95",
    "null in 15 s",
    "% of a core",
)


def _spread(values: Sequence[float]) -> str:
    if not values:
        return "-"
    return f"{percentile(values, 0.5):.2f}, {percentile(values, 0.95):.2f}"


def score(programme: Programme, heard: Heard, kin: Kin, names: dict[int, str]) -> Score:
    result = Score(cpu=heard.cpu, seconds=heard.seconds)
    first: dict[int, Report] = {}
    excused: set[int] = set()
    for report in sorted(heard.reports, key=lambda one: one.said_at):
        at = _meant(programme.airings, report, first)
        if at is not None and at not in first:
            first[at] = report
            result.right += 1
        elif at is None and (related := _of_kin(programme, report, kin, names)):
            result.kin += 1
            excused |= {number for number in related if number >= 0}
            continue
        else:
            result.cases.append(_wrong(programme, report, at, names))
        result.reports += 1
    for number, airing in enumerate(programme.airings):
        if number not in first and number in excused:
            continue
        result.airings += 1
        result.kinds.update(airing.kinds or ("plain",))
        if number not in first:
            result.missed.update(airing.kinds or ("plain",))
            result.cases.append(Case("missed", airing.start, _said(airing), airing.kinds, airing.end - airing.start))
        else:
            result.found += 1
            _timed(result, airing, first[number])
    _nulls(result, programme, heard, names)
    return result


def _timed(result: Score, airing: Airing, report: Report) -> None:
    start, end, delay = report.start - airing.start, report.end - airing.end, report.said_at - airing.start
    result.starts.append(abs(start))
    result.ends.append(abs(end))
    result.delays.append(delay)
    for sort, error, most in (("start", start, 1.0), ("end", end, 5.0), ("late", delay, 15.0)):
        if abs(error) > most:
            result.cases.append(Case(sort, airing.start, _said(airing), airing.kinds, error))


def _meant(airings: Sequence[Airing], report: Report, taken: dict[int, Report]) -> int | None:
    """The airing of its track that it shares most time with, one that is not reported yet before others."""
    best, most = None, 0.0
    for number, airing in enumerate(airings):
        if airing.track != report.track:
            continue
        shared = min(airing.end, report.end) - max(airing.start, report.start)
        enough = min(OVERLAP, (airing.end - airing.start) / 2, max(0.1, (report.end - report.start) / 2))
        if shared >= enough and (best is None or (number not in taken, shared) > (best not in taken, most)):
            best, most = number, shared
    return best


def _of_kin(programme: Programme, report: Report, kin: Kin, names: dict[int, str]) -> list[int]:
    """The airings whose kin it names; -1 for a song that is in no index."""
    said = names[report.track]
    of_airings = [
        number
        for number, one in enumerate(programme.airings)
        if one.track != report.track and _meet(report, one) and kin.related(one.name, said)
    ]
    strange = [-1 for one in programme.others if one.name and _meet(report, one) and kin.related(one.name, said)]
    return of_airings + strange


def _meet(report: Report, one: Airing | Stretch) -> bool:
    return min(one.end, report.end) - max(one.start, report.start) > 0


def _wrong(programme: Programme, report: Report, at: int | None, names: dict[int, str]) -> Case:
    what = f"{names[report.track]} {report.start:.1f}-{report.end:.1f}, confidence {report.confidence:.2f}"
    if at is not None:
        airing = programme.airings[at]
        return Case("repeated", report.start, f"{what}: {_said(airing)}", airing.kinds)
    airs = [f"{_said(one)}" for one in programme.airings if _meet(report, one)]
    airs += [f"{one.kind} {one.name}" for one in programme.others if _meet(report, one)]
    return Case("wrong", report.start, f"{what}; on air: {'; '.join(airs) or 'nothing'}")


def _said(airing: Airing) -> str:
    return f"{airing.name} {airing.start:.1f}-{airing.end:.1f}"


def _nulls(result: Score, programme: Programme, heard: Heard, names: dict[int, str]) -> None:
    for start, end, kind in _talks(programme):
        at = start + NULL_WITHIN
        if at >= end or at >= heard.seconds:
            continue
        result.talks += 1
        before = [track for when, track in heard.now if when <= at]
        track = before[-1] if before else None
        if track is None:
            result.nulls += 1
        else:
            until = next((when for when, now in heard.now if when > at and now is None), heard.seconds)
            result.cases.append(Case("not null", start, f"{kind}: {names[track]}", (kind,), until - start))


def _talks(programme: Programme) -> list[tuple[float, float, str]]:
    """Where no song is on air, nor any of the fades of one."""
    songs = [(one.start, one.end) for one in programme.airings]
    songs += [(one.start, one.end) for one in programme.others if one.kind == "unknown"]
    found = []
    for one in programme.others:
        if one.kind in NULLS:
            start = max([one.start, *(end for begin, end in songs if begin < one.start)])
            end = min([one.end, *(begin for begin, _ in songs if begin >= start)])
            found.append((start, end, one.kind))
    return found
