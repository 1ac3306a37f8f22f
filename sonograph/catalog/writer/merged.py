"""Rows that became one: the lines of `merged`, from which they come back as they were."""

import zlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

import asyncpg
import msgspec
from msgspec import Struct

from sonograph.catalog.vocabulary import EntityKind, MergeReason, OriginId
from sonograph.catalog.writer.rows import COLUMNS

# Whose facts come first. MusicBrainz tells recordings apart and is corrected by hand, Discogs prints what is on the
# sleeve, the feed of The MLC is what distributors sent in; what an operator adds fills gaps.
PRIORITY = (OriginId.MUSICBRAINZ, OriginId.DISCOGS, OriginId.MLC, OriginId.JSONL, OriginId.SANDBOX)
_RANKS = {int(origin): rank for rank, origin in enumerate(PRIORITY)}

B = TypeVar("B", bound=Struct)
Cells = dict[str, Any]  # a row by columns, as JSON holds it


def source_of(origin: int) -> int:
    """The source of a row: rows with tags of MusicBrainz are under another licence, their ids are those of the rest."""
    return int(OriginId.MUSICBRAINZ if origin == OriginId.MUSICBRAINZ_TAGS else origin)


@dataclass(frozen=True, slots=True)
class Member(Generic[B]):
    """A row as its source gave it, whether it stands alone or was merged into another."""

    row: int  # its own
    stands: int  # the row that is there for it: its own one, or the survivor's
    source: int  # OriginId
    source_id: str  # the least of its ids there, "" where nobody asked
    body: B
    reason: MergeReason = MergeReason.LEADER
    evidence: str = ""
    merged_at: datetime | None = None

    @property
    def order(self) -> tuple[int, int, str]:
        """The leader of a cluster is the least of its members."""
        return _RANKS.get(self.source, len(_RANKS)), len(self.source_id), self.source_id


Cluster = Sequence[Member[B]]  # the leader first; of one member: a row that stands alone


def survivor(cluster: Cluster[B]) -> int:
    """The row that is left of a cluster: the oldest, which most clients know."""
    return min(member.row for member in cluster)


def pack(body: Struct) -> bytes:
    return zlib.compress(msgspec.json.encode(body))


async def load_lines(
    connection: asyncpg.Connection, kind: EntityKind, rows: Collection[int], body: type[B]
) -> dict[int, list[Member[B]]]:
    """Members of the clusters that these rows are left of, the leader first."""
    found: dict[int, list[Member[B]]] = {}
    for row, member, origin, reason, source_id, evidence, merged_at, packed in await connection.fetch(
        'select "row", member, origin_id, reason, external_id, evidence, merged_at, body from merged '
        'where "row" = any($1) and kind = $2',
        list(rows), kind,
    ):  # fmt: skip
        was = msgspec.json.decode(zlib.decompress(packed), type=body)
        found.setdefault(row, []).append(
            Member(member, row, origin, source_id, was, MergeReason(reason), evidence, merged_at)
        )
    for members in found.values():
        members.sort(key=lambda member: member.order)
    return found


async def write_lines(
    connection: asyncpg.Connection,
    kind: EntityKind,
    clusters: Iterable[Cluster[B]],
    hidden: Callable[[int, Member[B]], list[int]] = lambda _row, _member: [],
) -> None:
    """Note clusters of two and more members, and let the ids of rows that are gone lead to the survivor."""
    lines = list[tuple[Any, ...]]()
    moves = list[tuple[int, int]]()
    for cluster in clusters:
        row = survivor(cluster)
        for member in cluster if len(cluster) > 1 else ():
            lines.append(
                (row, member.row, kind, member.source, member.reason, member.merged_at, member.source_id,
                 member.evidence, pack(member.body), hidden(row, member) or None)
            )  # fmt: skip
            moves += [(old, row) for old in (member.row, *redirected(member.body)) if old != row]
    if lines:
        await connection.copy_records_to_table("merged", records=lines, columns=_LINE)
        await connection.execute(
            "insert into redirect (kind, old_id, new_id) select $1, * from unnest($2::int[], $3::int[]) "
            "on conflict (kind, old_id) do update set new_id = excluded.new_id",
            kind, [old for old, _ in moves], [new for _, new in moves],
        )  # fmt: skip


async def forget_lines(connection: asyncpg.Connection, kind: EntityKind, members: Iterable[Member[B]]) -> None:
    """Take back what `write_lines` noted of these members, all of their clusters."""
    merged = list(members)
    if not merged:
        return
    await connection.execute(
        "delete from merged where member = any($1) and kind = $2", [member.row for member in merged], kind
    )
    await connection.execute(
        "delete from redirect where kind = $1 and old_id = any($2)", kind, [member.row for member in merged]
    )
    led = [(old, member.row) for member in merged for old in redirected(member.body)]
    if led:
        await connection.execute(
            "update redirect r set new_id = d.new from unnest($2::int[], $3::int[]) d(old, new) "
            "where r.kind = $1 and r.old_id = d.old",
            kind, [old for old, _ in led], [new for _, new in led],
        )  # fmt: skip


async def restate_lines(
    connection: asyncpg.Connection, kind: EntityKind, said: Collection[tuple[int, MergeReason, str]]
) -> None:
    """Note what makes these members (own row, reason, evidence) one with their clusters now, which stay as they are."""
    if said:
        await connection.execute(
            "update merged m set reason = d.reason, evidence = d.evidence "
            "from unnest($2::int[], $3::smallint[], $4::text[]) d(member, reason, evidence) "
            "where m.member = d.member and m.kind = $1 and (m.reason, m.evidence) <> (d.reason, d.evidence)",
            kind, [row for row, _, _ in said], [reason for _, reason, _ in said], [text for _, _, text in said],
        )  # fmt: skip


_LINE = ["row", "member", "kind", "origin_id", "reason", "merged_at", "external_id", "evidence", "body", "hidden"]


def redirected(body: Struct) -> Sequence[int]:
    """Rows that the source itself had merged into this one."""
    found: Sequence[int] = getattr(body, "redirects", ())
    return found


async def load_redirects(
    connection: asyncpg.Connection, kind: EntityKind, rows: Collection[int]
) -> dict[int, list[int]]:
    """Rows that lead to these, by the row that they lead to."""
    found: dict[int, list[int]] = {}
    for old, new in await connection.fetch(
        "select old_id, new_id from redirect where kind = $1 and new_id = any($2) order by old_id", kind, list(rows)
    ):
        found.setdefault(new, []).append(old)
    return found


async def stands(connection: asyncpg.Connection, kind: EntityKind, rows: Collection[int]) -> dict[int, int]:
    """What is there now for rows that were merged away; the others are not in it."""
    return {
        row["old_id"]: row["new_id"]
        for row in await connection.fetch(
            "select old_id, new_id from redirect where kind = $1 and old_id = any($2)", kind, list(rows)
        )
    }


async def owned(connection: asyncpg.Connection, kind: EntityKind, rows: Collection[int]) -> dict[tuple[int, int], int]:
    """(row that is there, source): the row that the source has under it, where several were merged."""
    return {
        (row["row"], row["origin_id"]): row["member"]
        for row in await connection.fetch(
            'select "row", origin_id, member from merged where "row" = any($1) and kind = $2', list(rows), kind
        )
    }


async def read_cells(
    connection: asyncpg.Connection, table: str, rows: Collection[int], without: Collection[str]
) -> dict[int, Cells]:
    """Rows by id as JSON would hold them, but for some columns."""
    columns = [column for column in COLUMNS[table] if column not in without]
    found = await connection.fetch(
        f"select id, {', '.join(columns)} from {table} where id = any($1)",  # noqa: S608 - columns of ours
        list(rows),
    )
    return {row[0]: {column: _plain(row[column]) for column in columns} for row in found}


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, int | float | str) else str(value)


def first_known(cells: Iterable[Mapping[str, Any]], column: str) -> Any:
    return next((row[column] for row in cells if row[column] is not None), None)


def best_popularity(cells: Iterable[Mapping[str, Any]]) -> tuple[int, int | None]:
    """The largest that a record told, else the largest that was counted, else that was estimated: and whose it is."""
    found = [(_class(row["popularity_origin"]), -row["popularity"], row["popularity_origin"]) for row in cells]
    best = min(found, key=lambda told: told[:2])
    return -best[1], best[2]


def _class(origin: int | None) -> int:
    order = {None: 3, int(OriginId.ESTIMATE): 2, int(OriginId.LISTENBRAINZ): 1}
    return order.get(origin, 0)


async def touch(connection: asyncpg.Connection, rows: Collection[int], kind: EntityKind = EntityKind.TRACK) -> None:
    """Note tracks or works that changed, so that the next pass looks at them again; it looks at new ones anyway."""
    if rows:
        await connection.execute(
            'insert into merge_pending ("row", kind) select r, $2 from unnest($1::int[]) r '
            "where r <= (select looked_at from merge_state where kind = $2)",
            list(rows), kind,
        )  # fmt: skip
