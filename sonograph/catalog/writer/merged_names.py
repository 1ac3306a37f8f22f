"""Artists and labels of several sources as one row: read as their sources gave them, written together or apart."""

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Literal

import asyncpg
from msgspec import Struct

from sonograph.catalog.typos import all_typo_hashes
from sonograph.catalog.vocabulary import EntityKind
from sonograph.catalog.writer.artists import delete_named
from sonograph.catalog.writer.merged import (
    Cells,
    Cluster,
    Member,
    best_popularity,
    first_known,
    forget_lines,
    load_lines,
    load_redirects,
    read_cells,
    source_of,
    survivor,
    write_lines,
)
from sonograph.catalog.writer.rows import COLUMNS, copy

Named = Literal[EntityKind.ARTIST, EntityKind.LABEL]
_KEYS = {
    EntityKind.ARTIST: "select artist_id, key from artist_key where artist_id = any($1) order by 2",
    EntityKind.LABEL: "select label_id, key from label_key where label_id = any($1) order by 2",
}
_COUNTED = ("id", "release_count")


class NamedBody(Struct, frozen=True, array_like=True):
    """An artist or label as its source gave it, with the keys by which it is found."""

    named: Cells
    keys: list[str]
    redirects: list[int]


NamedMember = Member[NamedBody]


def table_of(kind: Named) -> Literal["artist", "label"]:
    return "artist" if kind is EntityKind.ARTIST else "label"


async def load_named(connection: asyncpg.Connection, kind: Named, rows: Collection[int]) -> list[NamedMember]:
    """The members of these rows, whether they are clusters or stand alone (`source_id` is "" then)."""
    clusters = await load_lines(connection, kind, rows, NamedBody)
    alone = [row for row in dict.fromkeys(rows) if row not in clusters]
    cells = await read_cells(connection, table_of(kind), alone, _COUNTED)
    keys: dict[int, list[str]] = {}
    for row, key in await connection.fetch(_KEYS[kind], alone):
        keys.setdefault(row, []).append(key)
    redirects = await load_redirects(connection, kind, alone)
    return [
        *(member for members in clusters.values() for member in members),
        *(
            Member(
                row, row, source_of(named["origin_id"]), "", NamedBody(named, keys.get(row, []), redirects.get(row, []))
            )
            for row, named in cells.items()
        ),
    ]


async def own_names(connection: asyncpg.Connection, artists: Collection[int]) -> dict[tuple[int, int], str]:
    """(artist, source): its name there, of artists that several sources were merged into."""
    found = await load_lines(connection, EntityKind.ARTIST, artists, NamedBody)
    return {(row, m.source): m.body.named["name"] for row, members in found.items() for m in members}


async def write_named_clusters(
    connection: asyncpg.Connection, kind: Named, clusters: Sequence[Cluster[NamedBody]]
) -> None:
    """Write these clusters in the place of what there is: all members of each row that is touched are among them.

    What refers to the rows is left to the caller.
    """
    members = [member for cluster in clusters for member in cluster]
    before = list({member.stands for member in members})
    await delete_named(connection, table_of(kind), before)
    await forget_lines(connection, kind, members)
    await _write_rows(connection, kind, clusters)
    await write_lines(connection, kind, clusters)


async def _write_rows(connection: asyncpg.Connection, kind: Named, clusters: Iterable[Cluster[NamedBody]]) -> None:
    table = table_of(kind)
    merged = {survivor(cluster): together(cluster) for cluster in clusters}
    counts: dict[int, int] = dict(await connection.fetch(_COUNTS[kind], list(merged)))
    await copy(
        connection,
        table,
        [
            tuple(_value({**body.named, "id": row, "release_count": counts[row]}, column) for column in COLUMNS[table])
            for row, body in merged.items()
        ],
    )
    await copy(
        connection,
        f"{table}_key",
        [
            (row, body.named["popularity"] if kind is EntityKind.ARTIST else counts[row], key)
            for row, body in merged.items()
            for key in body.keys
        ],
    )
    await copy(
        connection,
        f"{table}_typo",
        [(hashed, row) for row, body in merged.items() for hashed in all_typo_hashes(body.keys)],
    )


_COUNTS = {
    EntityKind.ARTIST: (
        "select w.id, (select count(*) from release where artist_id = w.id)::int from unnest($1::int[]) w(id)"
    ),
    EntityKind.LABEL: (
        "select w.id, (select count(*) from release where label_id = w.id)::int from unnest($1::int[]) w(id)"
    ),
}


def _value(cells: Cells, column: str) -> Any:
    value = cells[column]
    return date.fromisoformat(value) if column == "formation_date" and value else value


def together(cluster: Cluster[NamedBody]) -> NamedBody:
    """One artist or label out of all members: facts of the first that has them, names and their keys of all."""
    bodies = [member.body for member in cluster]
    if len(bodies) == 1:
        return bodies[0]
    rows = [body.named for body in bodies]
    named = {column: first_known(rows, column) for column in rows[0]}
    if "popularity_origin" in named:
        named["popularity"], named["popularity_origin"] = best_popularity(rows)
    else:
        named["popularity"] = max(row["popularity"] for row in rows)
    return NamedBody(named, sorted({key for body in bodies for key in body.keys}), [])


async def write_members(
    connection: asyncpg.Connection,
    kind: Named,
    source: int,
    rows: Collection[int],
    write: Callable[[Mapping[int, int]], Awaitable[None]],
) -> None:
    """Let `write` replace what a source says of these rows, some of which several sources were merged into.

    It is told which row the source has under each of those; they stand alone while it writes.
    """
    clusters = await load_lines(connection, kind, rows, NamedBody)
    members = [member for cluster in clusters.values() for member in cluster]
    if members:
        await write_named_clusters(connection, kind, [[member] for member in members])
    await write({member.stands: member.row for member in members if member.source == source})
    if members:
        alone = await load_named(connection, kind, [member.row for member in members])
        written = {member.row: member.body for member in alone}
        again = [
            [replace(member, stands=member.row, body=written[member.row]) for member in cluster]
            for cluster in clusters.values()
        ]
        await write_named_clusters(connection, kind, again)
