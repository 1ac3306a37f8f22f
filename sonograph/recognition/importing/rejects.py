"""The file of what was left out, and of what a person should look at, one JSON object a line."""

from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import msgspec

from sonograph.catalog.importers.rejects import RejectsNames
from sonograph.errors import Unavailable


class Rejects:
    """Opened when there is a first line; each line is on its way to the disk when the next file is looked at."""

    def __init__(self, names: RejectsNames, run: int, *, dry_run: bool) -> None:
        self.path = names.of_run(run, dry_run=dry_run)
        self._file: BinaryIO | None = None

    @property
    def any(self) -> bool:
        return self._file is not None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._file:
            self._file.close()

    def line(self, path: Path, reason: str, message: str, *, kept: bool) -> None:
        """`kept`: the file was imported all the same."""
        place = str(path).encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
        said = {"id": place, "reason": f"{reason}: {message}", "kept": kept}
        try:
            if self._file is None:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                self._file = self.path.open("wb")
            self._file.write(msgspec.json.encode(said) + b"\n")
            self._file.flush()
        except OSError as error:
            raise Unavailable(f"rejects cannot be written to {self.path}: {error.strerror}") from error
