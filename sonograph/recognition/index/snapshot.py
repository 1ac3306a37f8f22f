"""Which transactions had ended at a moment, as PostgreSQL tells it, and which ended between two moments.

A row notes the transaction that wrote it. Transactions do not end in the order in which they begin, so no single number
says up to where an index has come: it keeps a whole snapshot, and what ended since is a few ranges of transactions.
"""

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Transactions below `end` had begun; of those all but the `running` ones had ended."""

    end: int
    running: tuple[int, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """From PostgreSQL's text form, `xmin:xmax:xip,xip,…`; raises ValueError for anything else."""
        _, end, running = text.split(":")
        return cls(int(end), tuple(int(number) for number in running.split(",") if number))

    def __str__(self) -> str:
        return f"{min(self.running, default=self.end)}:{self.end}:{','.join(map(str, self.running))}"

    def ended_since(self, earlier: Self) -> list[tuple[int, int]]:
        """Ranges, ends included and in order, of what may have ended since; the last one has `running` ones in it."""
        late = [(number, number) for number in sorted(earlier.running) if number not in self.running]
        return late + [(earlier.end, self.end - 1)] * (earlier.end < self.end)


NOTHING = Snapshot(0)
