"""What a reader makes of one unit of its file: a line of JSONL, an element of XML."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from sonograph.catalog.importers.source_file import SourceFile
from sonograph.catalog.listen_counts import ListenCount
from sonograph.catalog.records import AcoustidRecord, AnyRecord, FingerprintRecord


@dataclass(frozen=True, slots=True)
class Rejection:
    reason: str  # one of a few, by which rejections are counted
    message: str
    text: str  # the unit as it stands in the file, cut to a length for people to read


@dataclass(frozen=True, slots=True)
class Item:
    """A unit of a file: its record, or why there is none, and records of what it speaks of that come before."""

    where: int | str  # line number, or the source's id
    record: AnyRecord | FingerprintRecord | ListenCount | AcoustidRecord | None
    rejection: Rejection | None = None
    size: int = 1000  # roughly its bytes: batches are bounded by their sum
    tally: dict[str, int] = field(default_factory=dict)  # what was in it, for the counts at the end
    flags: tuple[Rejection, ...] = ()  # parts that were left out
    before: tuple[AnyRecord, ...] = ()

    def each_record(self) -> Iterator["Item"]:
        """An item for each record, in the order in which they are to be written."""
        for record in self.before:
            yield Item(self.where, record)
        if self.record is not None:
            yield self


# Yields the items of a file after the first `skip`, which it passes over as fast as it can. Raises Damaged where the
# file cannot be read on, Invalid if it is of another kind.
Reader = Callable[[SourceFile, int], Iterator[Item]]
