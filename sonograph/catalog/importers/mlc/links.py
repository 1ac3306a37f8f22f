"""Works by resource: the links table as an index on disk, for it is larger than memory.

An SQLite file in the temporary folder, made anew by each import: it is read from the feed alone, so that an import that
was interrupted finds the same links again. Its caches are 64 MB, whatever the number of links.
"""

import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

_AT_ONCE = 50_000
_CACHE_KB = 64 << 10


class Links:
    """The links of a feed."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def fill(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Take (resource, work) pairs, then sort them: SQLite does that with files where memory does not suffice."""
        left = iter(pairs)
        self._connection.execute("begin")
        while chunk := list(islice(left, _AT_ONCE)):
            self._connection.executemany("insert into link values (?, ?)", chunk)
        self._connection.execute("create index link_by_resource on link (resource, work)")
        self._connection.execute("commit")

    def works(self, resource: str) -> tuple[str, ...]:
        """Each once, in order."""
        rows = self._connection.execute("select distinct work from link where resource = ? order by work", (resource,))
        return tuple(row[0] for row in rows)


@contextmanager
def empty_links() -> Iterator[Links]:
    with tempfile.TemporaryDirectory(prefix="sonograph-links-") as folder:
        # The reader's thread makes it; whoever lets go of the reader closes it.
        connection = sqlite3.connect(Path(folder) / "links.sqlite", isolation_level=None, check_same_thread=False)
        try:
            # Nothing of it outlives a crash, so it need not survive one.
            for pragma in (
                "journal_mode = off",
                "synchronous = off",
                f"cache_size = -{_CACHE_KB}",
                "temp_store = file",
            ):
                connection.execute(f"pragma {pragma}")
            connection.execute("create table link (resource text not null, work text not null)")
            yield Links(connection)
        finally:
            connection.close()
