"""Percentiles and tables as the benchmarks print them: Markdown, so that docs can take them as they are."""

from collections.abc import Sequence


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of them lie (nearest rank); 0.0 to 1.0."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A Markdown table with aligned columns; the first one is text, the rest are numbers."""
    cells = [[str(cell) for cell in row] for row in (heads, *rows)]
    widths = [max(len(row[n]) for row in cells) for n in range(len(heads))]
    lines = [
        "| "
        + " | ".join(c.rjust(w) if n else c.ljust(w) for n, (c, w) in enumerate(zip(row, widths, strict=True)))
        + " |"
        for row in cells
    ]
    lines.insert(1, "|" + "|".join("-" * (w + 1) + (":" if n else "-") for n, w in enumerate(widths)) + "|")
    return "\n".join(lines)
