"""Counts of an import, kept in `import_run` with its position and shown at its end."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from typing import Any, Self

from sonograph.catalog.importers.batches import PreparedItem
from sonograph.catalog.writer import Outcome


@dataclass(slots=True)
class Counts:
    read: Counter[str] = field(default_factory=Counter)  # what stood in the files: releases, tracks, headings …
    records: Counter[str] = field(default_factory=Counter)  # "release created": what became of the records
    rows: Counter[str] = field(default_factory=Counter)  # new rows by table
    rejected: Counter[str] = field(default_factory=Counter)  # records left out, by reason
    flagged: Counter[str] = field(default_factory=Counter)  # records kept without the part that is wrong, by reason
    notes: Counter[str] = field(default_factory=Counter)

    def add_items(self, items: Iterable[PreparedItem]) -> None:
        for item in items:
            for name, number in item.tally.items():
                self.read[name] += number
            if item.rejection:
                self.rejected[item.rejection.reason] += 1
            for flag in item.flags:
                self.flagged[flag.reason] += 1

    def add_outcome(self, outcome: Outcome) -> None:
        for (record_type, verdict), count in outcome.verdicts.items():
            self.records[f"{record_type} {verdict}"] += count
        self.rows += outcome.rows
        self.notes += outcome.notes
        for problem in outcome.problems:
            (self.rejected if problem.rejected else self.flagged)[problem.reason] += 1

    def add(self, other: Self) -> None:
        for part in fields(self):
            getattr(self, part.name).update(getattr(other, part.name))

    def to_json(self) -> dict[str, dict[str, int]]:
        return {part.name: dict(getattr(self, part.name)) for part in fields(self)}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        return cls(**{part.name: Counter(value.get(part.name, {})) for part in fields(cls)})
