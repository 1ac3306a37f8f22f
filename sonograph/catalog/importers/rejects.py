"""The file of what was rejected or left out, one JSON object a line."""

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from sonograph.catalog.importers.batches import PreparedItem
from sonograph.catalog.writer import Prepared, Problem
from sonograph.errors import Unavailable

_encoder = msgspec.json.Encoder()


class RejectsNames:
    """Names of the rejects files of one input: KIND-FILE-DIGEST-RUN.jsonl, the digest of catalog and full path.

    So files of one name have files of their own. Each run has its own, too: a later one passes over what did not
    change, and would know less.
    """

    def __init__(self, folder: Path, kind: str, schema: str, path: Path) -> None:
        digest = sha256(f"{schema}\0{path.resolve()}".encode("utf-8", "surrogateescape")).hexdigest()[:8]
        self._folder = folder
        self._stem = f"{kind}-{path.name}-{digest}-"

    def of_run(self, run: int, *, dry_run: bool) -> Path:
        return self._folder / f"{self._stem}{run}{'-dry-run' if dry_run else ''}.jsonl"

    def before(self, run: int) -> tuple[Path, ...]:
        """Rejects of earlier runs over the same file, or over others that had its place, the newest last."""
        found = {
            int(number): path
            for path in self._folder.glob("*.jsonl")
            if path.name.startswith(self._stem) and (number := path.stem.removeprefix(self._stem)).isdecimal()
        }
        return tuple(found[number] for number in sorted(found) if number < run)


class RejectsFile:
    """Written before each commit, which notes its length: an import that goes on cuts off what was not committed."""

    def __init__(self, path: Path, length: int) -> None:
        """Keep the first `length` bytes of a file that may exist."""
        self.path = path
        try:
            self._file = path.open("r+b" if length and path.exists() else "w+b")
            self._file.truncate(min(length, self._file.seek(0, 2)))
            self._file.seek(0, 2)
        except OSError as error:
            raise Unavailable(f"rejects cannot be written to {path}: {error.strerror}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        empty = self._file.tell() == 0
        self._file.close()
        if empty and kind is None:
            self.path.unlink(missing_ok=True)

    def write(self, items: Sequence[PreparedItem], problems: Sequence[Problem]) -> int:
        """Write what is wrong with these items, in their order; `problems` are numbered by the records of all items.

        Returns the length of the file.
        """
        of_record: dict[int, list[Problem]] = {}
        for problem in problems:
            of_record.setdefault(problem.index, []).append(problem)
        index = 0
        for item in items:
            if item.rejection:
                self._line(item.where, item.rejection.message, item.rejection.text, kept=False)
            for flag in item.flags:
                self._line(item.where, flag.message, flag.text, kept=True)
            if of_record:
                for record in item.records:
                    for problem in of_record.pop(index, ()):
                        self._line(item.where, problem.message, record, kept=not problem.rejected)
                    index += 1
        self._file.flush()
        return self._file.tell()

    def _line(self, where: int | str, reason: str, record: str | Prepared, *, kept: bool) -> None:
        place = {"line": where} if isinstance(where, int) else {"id": where}
        shown = record if isinstance(record, str) else msgspec.Raw(record.encoded)
        try:
            encoded = _encoder.encode({**place, "reason": reason, "kept": kept, "record": shown})
        except UnicodeEncodeError:  # a lone surrogate, which may be the very reason
            text = record if isinstance(record, str) else ""
            encoded = _encoder.encode(
                {"id": ascii(where), "reason": ascii(reason), "kept": kept, "record": ascii(text)}
            )
        self._file.write(encoded + b"\n")
