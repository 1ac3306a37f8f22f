"""Ids of one source and the rows that they stand for, read once for a batch and written back at its end."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import asyncpg

from sonograph.catalog.vocabulary import EntityKind
from sonograph.catalog.writer.accepted_genres import move_accepted

# In the place of a record's digest:
MENTIONED = 0  # known only from records that speak of it (a credit, a track inside a release): its own record fills it
MERGED = -1  # merged into another by a redirect: records of this id are no longer heeded

# OFFSET 0 keeps the planner from turning one index look-up an id into a scan of the whole table.
_READ = """
select wanted.id, coalesce(merged.new_id, ref.entity_id), ref.digest
from unnest($1::text[]) wanted(id)
cross join lateral (
  select entity_id, digest from source_ref where external_id = wanted.id and kind = $2 and origin_id = $3 offset 0
) ref
left join redirect merged on merged.kind = $4 and merged.old_id = ref.entity_id
"""
_UPDATE = """
update source_ref r set entity_id = coalesce(c.entity_id, r.entity_id), digest = c.digest
from unnest($1::text[], $2::smallint[], $4::int[], $5::bigint[]) c(external_id, kind, entity_id, digest)
where r.external_id = c.external_id and r.kind = c.kind and r.origin_id = $3
"""
_DELETE = """
delete from source_ref r using unnest($1::text[], $2::smallint[]) c(external_id, kind)
where r.external_id = c.external_id and r.kind = c.kind and r.origin_id = $3
"""
_LAST_IDS = """
insert into last_id (kind, id) select * from unnest($1::smallint[], $2::int[])
on conflict (kind) do update set id = excluded.id
"""


@dataclass(frozen=True, slots=True)
class SourceId:
    row: int
    digest: int  # of its record, or MENTIONED or MERGED


class SourceIds:
    """The ids of one origin. `load` before `get`; `save` writes what `put` and `drop` changed."""

    def __init__(self, connection: asyncpg.Connection, origin: int, last_ids: dict[int, int]) -> None:
        self._connection = connection
        self._origin = origin
        self._last_ids = last_ids
        self._loaded: dict[tuple[EntityKind, str], SourceId | None] = {}
        self._known: dict[tuple[EntityKind, str], SourceId | None] = {}

    @classmethod
    async def open(cls, connection: asyncpg.Connection, origin: int) -> "SourceIds":
        last_ids = {row["kind"]: row["id"] for row in await connection.fetch("select kind, id from last_id")}
        return cls(connection, origin, last_ids)

    async def load(self, kind: EntityKind, ids: Iterable[str]) -> None:
        """Read what the database knows of these ids, unless it was read before."""
        wanted = list(dict.fromkeys(source_id for source_id in ids if (kind, source_id) not in self._known))
        if not wanted:
            return
        rows = EntityKind.RELEASE if kind is EntityKind.RELEASE_GROUP else kind
        found = dict.fromkeys(((kind, source_id) for source_id in wanted), None)
        found |= {
            (kind, row[0]): SourceId(row[1], row[2])
            for row in await self._connection.fetch(_READ, wanted, kind, self._origin, rows)
        }
        self._loaded |= found
        self._known |= found

    def rows(self, kind: EntityKind) -> set[int]:
        """The rows of all ids of a kind that are loaded."""
        return {known.row for (of, _), known in self._known.items() if of is kind and known}

    async def reload(self, kind: EntityKind, rows: Collection[int]) -> None:
        """Read again which rows the ids of these rows stand for, because they came apart."""
        stale = {key: now for key, now in self._known.items() if key[0] is kind and now and now.row in rows}
        for key in stale:
            del self._known[key]
        before = {key: self._loaded.get(key) for key in stale}
        await self.load(kind, (source_id for _, source_id in stale))
        for key, now in stale.items():
            found = self._known[key]
            if found and now != before[key]:
                self._known[key] = SourceId(found.row, now.digest)

    def get(self, kind: EntityKind, source_id: str) -> SourceId | None:
        """What the id stands for, None when it is new. It must have been loaded."""
        return self._known[kind, source_id]

    def row(self, kind: EntityKind, source_id: str) -> int:
        """The row of an id that is known."""
        found = self._known[kind, source_id]
        if found is None:
            raise LookupError(f"{kind.name} {id!r} has no row")
        return found.row

    def put(self, kind: EntityKind, source_id: str, row: int, digest: int) -> None:
        self._known[kind, source_id] = SourceId(row, digest)

    def drop(self, kind: EntityKind, source_id: str) -> None:
        self._known[kind, source_id] = None

    def follow(self, kind: EntityKind, moves: Mapping[int, int]) -> None:
        """Let what is loaded lead to the rows that others were merged into."""
        for key, known in self._known.items():
            if key[0] is kind and known and known.row in moves:
                self._known[key] = SourceId(moves[known.row], known.digest)

    def new_row(self, kind: EntityKind) -> int:
        """An id for a new row."""
        self._last_ids[kind] = self._last_ids.get(kind, 0) + 1
        return self._last_ids[kind]

    async def save(self) -> None:
        changed = [(key, now, self._loaded.get(key)) for key, now in self._known.items()]
        changed = [(key, now, before) for key, now, before in changed if now != before]
        new = [
            (now.row, kind, self._origin, now.digest, source_id)
            for (kind, source_id), now, before in changed
            if now is not None and before is None
        ]
        if new:
            await self._connection.copy_records_to_table(
                "source_ref", records=new, columns=["entity_id", "kind", "origin_id", "digest", "external_id"]
            )
        # An id that was loaded as the row that others were merged into goes on leading to its own one.
        moved = [
            (kind, source_id, now, None if now.row == before.row else now.row)
            for (kind, source_id), now, before in changed
            if now is not None and before is not None
        ]
        if moved:
            await self._connection.execute(
                _UPDATE,
                [source_id for _, source_id, _, _ in moved],
                [kind for kind, _, _, _ in moved],
                self._origin,
                [row for _, _, _, row in moved],
                [now.digest for _, _, now, _ in moved],
            )
        gone = [key for key, now, before in changed if now is None and before is not None]
        if gone:
            await self._connection.execute(
                _DELETE, [source_id for _, source_id in gone], [kind for kind, _ in gone], self._origin
            )
        await self._connection.execute(_LAST_IDS, list(self._last_ids), list(self._last_ids.values()))


async def redirect(connection: asyncpg.Connection, kind: EntityKind, moves: Sequence[tuple[int, int]]) -> None:
    """Let ids of rows that are gone lead to the rows that took their place; earlier redirects follow."""
    if moves:
        old, new = [old for old, _ in moves], [new for _, new in moves]
        await connection.execute(
            "update redirect r set new_id = m.new from unnest($2::int[], $3::int[]) m(old, new) "
            "where r.kind = $1 and r.new_id = m.old",
            kind, old, new,
        )  # fmt: skip
        await connection.execute(
            "insert into redirect (kind, old_id, new_id) select $1, * from unnest($2::int[], $3::int[]) "
            "on conflict (kind, old_id) do update set new_id = excluded.new_id",
            kind, old, new,
        )  # fmt: skip
        if kind is EntityKind.TRACK:
            await move_accepted(connection, moves)
