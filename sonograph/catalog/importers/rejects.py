"""The file of what was rejected or left out, one JSON object a line."""

from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec

from sonograph.catalog.importers.items import Item
from sonograph.catalog.writer import Problem
from sonograph.errors import Unavailable

_encoder = msgspec.json.Encoder()


class RejectsFile:
    """Written before each commit, which notes its length: an import that goes on cuts off what was not committed."""

    def __init__(self, path: Path, length: int) -> None:
        """Keep the first `length` bytes of a file that may exist."""
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("r+b" if length and path.exists() else "w+b")
            self._file.truncate(length)
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

    def write(self, items: list[Item], records: list[Item], problems: list[Problem]) -> int:
        """Write what is wrong with these items, in their order. `problems` are numbered by `records`.

        Returns the length of the file.
        """
        found: dict[int | str, list[tuple[Problem, Item]]] = {}
        for problem in problems:
            record = records[problem.index]
            found.setdefault(record.where, []).append((problem, record))
        for item in items:
            for rejection in (*((item.rejection,) if item.rejection else ()), *item.flags):
                self._line(item.where, rejection.message, rejection.text, kept=rejection is not item.rejection)
            for problem, record in found.pop(item.where, ()):
                self._line(item.where, problem.message, record.record, kept=not problem.rejected)
        self._file.flush()
        return self._file.tell()

    def _line(self, where: int | str, reason: str, record: Any, *, kept: bool) -> None:
        place = {"line": where} if isinstance(where, int) else {"id": where}
        try:
            encoded = _encoder.encode({**place, "reason": reason, "kept": kept, "record": record})
        except UnicodeEncodeError:  # a lone surrogate, which may be the very reason
            encoded = _encoder.encode({**place, "reason": ascii(reason), "kept": kept, "record": ascii(record)})
        self._file.write(encoded + b"\n")
