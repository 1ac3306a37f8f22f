"""Tables out of what a recogniser answered."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path

from benchmarks.figures import percentile, table
from benchmarks.recognition.degradations import CONDITIONS

WINDOWS = "windows"  # the condition of clean windows of tracks that are in no index
PASSING = (0.001, 0.01)  # shares of strangers that the two thresholds let pass
TARGETS = {"voice_0dB": 98, "voice_-6dB": 80, "babble_0": 85, "mic_room": 85, "radio_combo": 99}
MEAN_TARGETS = {10: 97, 5: 90}
STEPS = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 1.0)  # of the table of confidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A clip, and what was answered."""

    condition: str
    track: str
    number: int
    indexed: str  # the half that was in the index
    present: bool  # the track is in the index
    said: str | None
    right: bool
    score: float
    accepted: bool
    confidence: float | None
    cpu: float  # seconds


Rule = Callable[[Asked], bool]


def load(path: Path) -> list[Asked]:
    return [Asked(**json.loads(line)) for line in path.read_text().splitlines()]


def threshold(answers: Sequence[Asked], share: float) -> float:
    """The lowest score that so few of the strangers reach: the next one above theirs."""
    scores = sorted((a.score for a in answers if not a.present and a.said is not None), reverse=True)
    strangers = sum(not answer.present for answer in answers)
    allowed = int(share * strangers)
    return scores[allowed] * (1 + 1e-9) + 1e-12 if allowed < len(scores) else 0.0


def report(asked: Sequence[Asked], tuning: Sequence[Asked], seconds: int) -> str:
    """The table of conditions, and what it rests on; thresholds are those that `tuning` calls for."""
    limits = [threshold(tuning, share) for share in PASSING]
    rules: list[Rule] = [_accepted, *(partial(_reaches, limit) for limit in limits)]
    named = [name for name in CONDITIONS if any(a.condition == name for a in asked)]
    rows: list[list[object]] = []
    shares: list[list[float]] = []
    for condition in named:
        of = [a for a in asked if a.condition == condition and a.present]
        strangers = [a for a in asked if a.condition == condition and not a.present]
        right = [_percent(sum(rule(a) and a.right for a in of), len(of)) for rule in rules]
        wrong = [_percent(sum(rule(a) and not a.right for a in of), len(of)) for rule in rules[:1]]
        passed = [_percent(sum(rule(a) for a in strangers), len(strangers)) for rule in rules[:1]]
        shares.append(right)
        top = _percent(sum(a.right for a in of), len(of))
        target = TARGETS.get(condition, "")
        rows.append([condition, len(of), *(f"{s:.1f}" for s in (*right, top, *wrong, *passed)), target])
    if shares:
        means = [sum(column) / len(column) for column in zip(*shares, strict=True)]
        rows.append(["mean", "", *(f"{mean:.1f}" for mean in means), "", "", "", MEAN_TARGETS.get(seconds, "")])
    heads = ["condition", "clips", "right", "at 0.1 %", "at 1 %", "first", "wrong", "strangers", "target"]
    return "\n".join((table(heads, rows), *_strangers(asked, rules, limits), _cpu(asked), "", reliability(asked)))


def _accepted(answer: Asked) -> bool:
    return answer.said is not None and answer.accepted


def _reaches(limit: float, answer: Asked) -> bool:
    return answer.said is not None and answer.score >= limit


def _strangers(asked: Sequence[Asked], rules: Sequence[Rule], limits: Sequence[float]) -> list[str]:
    lines = []
    shares = zip(limits, PASSING, strict=True)
    names = ["its own rule", *(f"from {limit:.4g} ({share:.1%} of those that set it)" for limit, share in shares)]
    for name, rule in zip(names, rules, strict=True):
        for what, some in (
            ("clips", [a for a in asked if not a.present and a.condition != WINDOWS]),
            ("windows", [a for a in asked if not a.present and a.condition == WINDOWS]),
        ):
            passed = sum(rule(a) for a in some)
            share = _percent(passed, len(some))
            lines.append(f"{name}: {passed} of {len(some)} {what} of strangers answered, {share:.2f} %")
    return lines


def _cpu(asked: Sequence[Asked]) -> str:
    times = [1000 * a.cpu for a in asked]
    return f"CPU a query: {sum(times) / len(times):.1f} ms on average, 99 % below {percentile(times, 0.99):.1f} ms"


def reliability(answers: Sequence[Asked]) -> str:
    """Said confidence against the share that was right, of all answers; what a stranger is answered is wrong."""
    said = [(a.confidence, a.right) for a in answers if a.confidence is not None and a.said is not None]
    if not said:
        return "no confidence was said"
    rows: list[list[object]] = []
    error = 0.0
    for low, high in pairwise(STEPS):
        some = [(c, r) for c, r in said if low <= c < high or (high == 1.0 and c == 1.0)]
        if some:
            mean, right = sum(c for c, _ in some) / len(some), sum(r for _, r in some) / len(some)
            error += abs(mean - right) * len(some) / len(said)
            rows.append([f"{low:g} to {high:g}", len(some), f"{mean:.3f}", f"{right:.3f}"])
    return table(["confidence", "answers", "said", "right"], rows) + f"\nexpected calibration error {error:.4f}"


def _percent(some: int, all_: int) -> float:
    return 100 * some / all_ if all_ else 0.0
