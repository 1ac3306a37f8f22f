"""The server's log: one file, and the one before it."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from sonograph.postgres.folder_lock import open_own

LIMIT = 10_000_000  # bytes: some 70,000 lines
TAIL_LINES, TAIL_BYTES = 15, 8_000


@dataclass(frozen=True, slots=True)
class ServerLog:
    """A file that the server appends to (so that it may be cut under it). Two files of about LIMIT bytes at most."""

    path: Path

    def open(self) -> IO[bytes]:
        return os.fdopen(open_own(self.path, os.O_WRONLY | os.O_APPEND), "ab", buffering=0)

    def size(self) -> int:
        try:
            return self.path.stat().st_size
        except FileNotFoundError:
            return 0

    def rotate(self, limit: int = LIMIT) -> None:
        """Keeps what is there as the previous log when it is over the limit. The caller holds the folder's lock."""
        if self.size() <= limit:
            return
        previous = self.path.with_name(self.path.name + ".1")
        previous.unlink(missing_ok=True)
        with self.path.open("rb") as source, os.fdopen(open_own(previous, os.O_WRONLY), "wb") as target:
            shutil.copyfileobj(source, target)
        os.truncate(self.path, 0)

    def tail(self, since: int) -> str:
        """The last lines that were written after the size was `since`."""
        try:
            with self.path.open("rb") as file:
                file.seek(max(since, self.size() - TAIL_BYTES))
                text = file.read().decode(errors="replace")
        except FileNotFoundError:
            return ""
        return "\n".join(text.splitlines()[-TAIL_LINES:])
