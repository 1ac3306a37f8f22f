"""What a request took, and how contenders compare."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from benchmarks.figures import percentile, table


@dataclass(slots=True)
class Measured:
    """One contender at one question, over all rounds."""

    name: str
    python: list[float] = field(default_factory=list)  # CPU µs a request, one figure a round
    database: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)  # of each request
    statements: float = 0.0  # a request
    calls: tuple[int, int] | None = None  # of Python functions, and of all functions, a request

    @property
    def total(self) -> float:
        """CPU µs a request of Python and PostgreSQL together."""
        return median(self.python) + median(self.database)


def report(question: str, measured: Sequence[Measured], base: str) -> str:
    """A table with ratios to the contender named `base`."""
    against = next(m for m in measured if m.name == base)
    rows = [
        [
            m.name,
            f"{m.total / against.total:.2f}",
            f"{median(m.python) / median(against.python):.2f}",
            f"{median(m.database) / median(against.database):.2f}" if median(against.database) else "-",
            f"{median(m.python):,.0f}",
            f"{median(m.database):,.0f}",
            f"{percentile(m.seconds, 0.5) * 1000:.2f}",
            f"{percentile(m.seconds, 0.99) * 1000:.2f}",
            f"{m.statements:g}" if m.statements else "-",
            "-" if m.calls is None else f"{m.calls[0]:,} ({m.calls[1]:,})",
        ]
        for m in measured
    ]
    heads = (
        question, "ratio", "Python", "PostgreSQL", "Python µs", "PostgreSQL µs", "p50 ms", "p99 ms", "statements",
        "calls (with C)",
    )  # fmt: skip
    return table(heads, rows)
