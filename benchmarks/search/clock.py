"""Database time of single reads: CPU of the connection's server process, and wall time beside it."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.figures import percentile, table
from benchmarks.processes import cpu_seconds
from benchmarks.search.documents import Ask, Reader

TIMES = 3  # that a read is asked; the median counts, because others use the machine, too


@dataclass(frozen=True, slots=True)
class Timed:
    """ms of one read."""

    name: str
    cpu: float
    wall: float


class Clock:
    """Times reads whose statements run in one server process."""

    def __init__(self, reader: Reader, backend: int) -> None:
        self._reader, self._backend = reader, backend

    async def time(self, name: str, ask: Ask, *, times: int = TIMES) -> tuple[Timed, bytes]:
        runs, body = [], b""
        for _ in range(times):
            cpu, wall = cpu_seconds([self._backend]), time.perf_counter()
            body = await self._reader.answer(ask)
            runs.append(((cpu_seconds([self._backend]) - cpu) * 1000, (time.perf_counter() - wall) * 1000))
        cpus, walls = sorted(run[0] for run in runs), sorted(run[1] for run in runs)
        return Timed(name, cpus[times // 2], walls[times // 2]), body


def report(groups: Mapping[str, Sequence[Timed]], limit: float, **extra: Mapping[str, str]) -> tuple[str, bool]:
    """A table, and whether all reads were within `limit` ms of CPU. `extra` are more columns: {group: text}."""
    rows = []
    for group, timed in groups.items():
        cpus, walls = [t.cpu for t in timed], [t.wall for t in timed]
        worst = max(timed, key=lambda t: t.cpu)
        rows.append(
            [
                group,
                len(timed),
                *(f"{figure:.1f}" for figure in (percentile(cpus, 0.5), percentile(cpus, 0.99), max(cpus))),
                *(f"{figure:.1f}" for figure in (percentile(walls, 0.5), percentile(walls, 0.99), max(walls))),
                *(column.get(group, "-") for column in extra.values()),
                worst.name[:60].replace("|", "/").replace("\n", " "),
            ]
        )
    heads = [
        "ms", "reads", "CPU p50", "CPU p99", "CPU max", "wall p50", "wall p99", "wall max", *extra, "dearest",
    ]  # fmt: skip
    return table(heads, rows), all(t.cpu <= limit for timed in groups.values() for t in timed)
