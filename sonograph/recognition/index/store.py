"""Changes of the references of one catalog, read in the order of the transactions that made them."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncpg

from sonograph.recognition.index.snapshot import Snapshot

PAGE = 500  # rows read at a time
CONNECT_SECONDS, ANSWER_SECONDS = 10.0, 60.0

# Another cluster, a point in time restored, another database of the cluster, a table that was emptied or written anew.
_DATABASE = """
select concat_ws('/', (pg_control_system()).system_identifier, (pg_control_checkpoint()).timeline_id, d.oid,
  pg_relation_filenode('audio_reference')) from pg_database d where d.datname = current_database()
"""
# Where the server does not let us see the cluster.
_DATABASE_ALONE = """
select concat_ws('/', d.oid, pg_relation_filenode('audio_reference'))
from pg_database d where d.datname = current_database()
"""
_NOW = "select pg_current_snapshot()::text, pg_relation_filenode('audio_reference')"
_PAGE = """
select changed_in, id, case when not gone then {column} end as content from audio_reference
where (changed_in, id) > ($1::xid8, $2::int) and changed_in <= $3::xid8 and changed_in <> all($4::xid8[])
order by changed_in, id limit {page}
"""
_CHANGED = "select count(*) from audio_reference where changed_in between $1 and $2 and changed_in <> all($3::xid8[])"


@dataclass(frozen=True, slots=True)
class Change:
    """A reference that was written, or one that is to be found no more (no content)."""

    place: tuple[int, int]
    content: bytes | None

    @property
    def reference(self) -> int:
        return self.place[1]


class Replaced(Exception):
    """The table was emptied or written anew, as by a new version of the sandbox: what was read of it may be gone."""


class Feed:
    """A connection that tells of changes; questions wait for each other."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection
        self._one = asyncio.Lock()
        self._table: int | None = None  # its file: another one when it was emptied

    async def database(self) -> str:
        """Which table of which database this is."""
        async with self._one:
            try:
                return str(await self._connection.fetchval(_DATABASE))
            except (asyncpg.InsufficientPrivilegeError, asyncpg.UndefinedFunctionError):
                return str(await self._connection.fetchval(_DATABASE_ALONE))

    async def snapshot(self) -> Snapshot:
        """Which transactions have ended by now; raises `Replaced` when the table is not what it was at first."""
        async with self._one:
            text, table = await self._connection.fetchrow(_NOW)
        if self._table not in (None, table):
            raise Replaced
        self._table = table
        return Snapshot.parse(text)

    async def page(self, column: str, place: tuple[int, int], last: int, left_out: Sequence[int]) -> list[Change]:
        """Changes behind a place up to a transaction, the first of them; those of some transactions are left out."""
        async with self._one:
            rows = await self._connection.fetch(_PAGE.format(column=column, page=PAGE), *place, last, left_out)
        return [Change((row[0], row[1]), row[2]) for row in rows]

    async def changes(self, seen: Snapshot, target: Snapshot) -> int:
        """How many references changed between two snapshots."""
        async with self._one:
            counts = [
                await self._connection.fetchval(_CHANGED, low, high, target.running)
                for low, high in target.ended_since(seen)
            ]
        return sum(counts)

    async def count(self, column: str) -> int:
        """How many references there are of a kind."""
        async with self._one:
            return int(
                await self._connection.fetchval(
                    f"select count(*) from audio_reference where not gone and {column} is not null"
                )
            )

    async def mend(self) -> int:
        """Bring changes of transactions that are still to come to now; how many there were.

        Rows that were dumped from a database with more transactions behind it bring such numbers along.
        """
        async with self._one:
            told = await self._connection.execute(
                "update audio_reference set changed_in = pg_current_xact_id() "
                "where changed_in >= pg_snapshot_xmax(pg_current_snapshot())"
            )
        return int(told.split()[-1])


class Changes:
    """Changes by transactions that ended between two snapshots, those behind a place, in pages.

    What changes meanwhile moves behind the second snapshot, to come with the next one.
    """

    def __init__(
        self, feed: Feed, column: str, seen: Snapshot, target: Snapshot, place: tuple[int, int] = (0, 0)
    ) -> None:
        self._feed = feed
        self._column = column
        self._left_out = target.running
        self._ranges = [(low, high) for low, high in target.ended_since(seen) if high >= place[0]]
        self._place = place

    async def next(self) -> list[Change]:
        """The next page; an empty one at the end."""
        while self._ranges:
            low, high = self._ranges[0]
            page = await self._feed.page(self._column, max(self._place, (low, 0)), high, self._left_out)
            if page:
                self._place = page[-1].place
                return page
            del self._ranges[0]
        return []


@asynccontextmanager
async def open_feed(dsn: str, schema: str) -> AsyncIterator[Feed]:
    """A connection to a catalog's references, on the database itself: a replica would lag behind."""
    connection = await asyncpg.connect(
        dsn,
        timeout=CONNECT_SECONDS,
        command_timeout=ANSWER_SECONDS,
        server_settings={
            "search_path": schema,
            "application_name": f"sonograph index {schema}",
            "jit": "off",
            # Before the first ANALYZE of a new table a sort of everything looks cheap, for each page of it.
            "enable_seqscan": "off",
            "enable_bitmapscan": "off",
        },
    )
    try:
        yield Feed(connection)
    finally:
        if not connection.is_closed():
            await connection.close(timeout=CONNECT_SECONDS)
