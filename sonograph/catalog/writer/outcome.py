"""What became of the records of a batch."""

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Literal

Verdict = Literal["created", "updated", "unchanged", "rejected"]


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a record: it was left out, or kept without the part that is wrong."""

    index: int  # of the record in its batch
    reason: str  # one of a few, by which problems are counted: "wrong ISRC"
    message: str  # the reason with the value: "wrong ISRC: 'QM-XX'"
    rejected: bool


@dataclass(slots=True)
class Outcome:
    """Counts and problems; outcomes of several batches can be added up."""

    verdicts: Counter[tuple[str, Verdict]] = field(default_factory=Counter)  # by type of record
    rows: Counter[str] = field(default_factory=Counter)  # new rows by table
    notes: Counter[str] = field(default_factory=Counter)  # what else is worth a line at the end
    problems: list[Problem] = field(default_factory=list)

    def count(self, record_type: str, verdict: Verdict) -> None:
        self.verdicts[record_type, verdict] += 1

    def add(self, other: "Outcome", done: int) -> None:
        """Add what became of a later batch, before which `done` records were read."""
        self.verdicts += other.verdicts
        self.rows += other.rows
        self.notes += other.notes
        self.problems += [replace(problem, index=problem.index + done) for problem in other.problems]

    def reject(self, index: int, record_type: str, reason: str, value: object) -> None:
        self.count(record_type, "rejected")
        self.problems.append(Problem(index, reason, f"{reason}: {_short(value)}", rejected=True))

    def flag(self, index: int, reason: str, value: object) -> None:
        self.problems.append(Problem(index, reason, f"{reason}: {_short(value)}", rejected=False))


def _short(value: object, limit: int = 300) -> str:
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= limit else f"{text[:limit]}…"
