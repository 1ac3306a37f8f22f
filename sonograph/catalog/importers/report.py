"""What an import tells while it runs and at its end."""

from dataclasses import dataclass, field
from pathlib import Path

from sonograph.catalog.importers.counts import Counts


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an import is. Bytes are those of the file as it is stored (compressed)."""

    path: Path
    file: int  # from 1
    files: int
    counts: Counts  # of this file, earlier interrupted attempts included
    bytes_read: int
    bytes_total: int
    seconds: float  # on this file
    finished: bool = False

    @property
    def seconds_left(self) -> float | None:
        if not self.bytes_read or not self.seconds:
            return None
        return self.seconds * (self.bytes_total - self.bytes_read) / self.bytes_read


@dataclass(frozen=True, slots=True)
class FileReport:
    path: Path
    counts: Counts
    seconds: float
    resumed_at: int  # items that an earlier attempt had committed
    rejects: Path | None  # None: nothing was rejected or left out
    former_rejects: tuple[Path, ...] = ()  # of earlier imports of this file, newest last: unchanged records stand there
    finished: bool = True  # False: what was committed before an error, or before it was stopped

    @property
    def rejected_whole(self) -> int:
        """How many records were rejected, if nothing else stood in the file: it is most likely of another kind."""
        kept = sum(number for verdict, number in self.counts.records.items() if not verdict.endswith(" rejected"))
        return 0 if kept or self.counts.notes else sum(self.counts.rejected.values())


@dataclass(frozen=True, slots=True)
class Report:
    files: list[FileReport] = field(default_factory=list)
    dry_run: bool = False  # nothing was written

    @property
    def empty(self) -> bool:
        """Whether nothing of any file was kept."""
        return all(file.rejected_whole for file in self.files)

    @property
    def counts(self) -> Counts:
        total = Counts()
        for file in self.files:
            total.add(file.counts)
        return total
