"""Tracks of several sources as one row: written together or apart."""

from collections.abc import Callable, Sequence
from datetime import date
from itertools import chain
from typing import Any

import asyncpg

from sonograph.catalog.vocabulary import EntityKind
from sonograph.catalog.writer.audio_facts import restore_heard
from sonograph.catalog.writer.merged import Cells, Cluster, forget_lines, stands, survivor, write_lines
from sonograph.catalog.writer.merged_track_bodies import TrackBody, TrackMember, together
from sonograph.catalog.writer.merged_track_names import Names
from sonograph.catalog.writer.merged_track_places import Placing, place_clusters, unplace
from sonograph.catalog.writer.rows import COLUMNS, copy, delete
from sonograph.catalog.writer.tracks import SEARCHED_ROLES

_COUNT_TRACKS = """
update release r set track_count = c.n from (
  select w.id, (select count(*) from release_track where release_id = w.id) as n from unnest($1::int[]) w(id)) c
where r.id = c.id and r.track_count <> c.n
"""
_RELEASED = """
select w.id, (
  select min(r.release_date) from release_track rt
  cross join lateral (select release_date from release where id = rt.release_id offset 0) r where rt.track_id = w.id)
from unnest($1::int[]) w(id)
"""


async def write_track_clusters(connection: asyncpg.Connection, clusters: Sequence[Cluster[TrackBody]]) -> None:
    """Write these clusters in the place of what there is: all members of each row that is touched are among them."""
    members = [member for cluster in clusters for member in cluster]
    before = list({member.stands for member in members})
    placing = await Placing.of(connection, members)
    touched = await unplace(connection, placing, members, before)
    await delete(connection, "track", before)
    await connection.execute("delete from accepted_genre where track_id = any($1)", before)
    await forget_lines(connection, EntityKind.TRACK, members)
    await place_clusters(connection, placing, clusters)
    await connection.execute(_COUNT_TRACKS, sorted(touched))
    hidden = await _write_rows(connection, clusters)
    await write_lines(connection, EntityKind.TRACK, clusters, hidden)
    await restore_heard(connection, [survivor(cluster) for cluster in clusters])


async def _write_rows(
    connection: asyncpg.Connection, clusters: Sequence[Cluster[TrackBody]]
) -> Callable[[int, TrackMember], list[int]]:
    """Returns what tells the artists of a member that its row does not name."""
    rows = {survivor(cluster): cluster for cluster in clusters}
    released: dict[int, date | None] = dict(await connection.fetch(_RELEASED, list(rows)))
    named = await Names.of(connection, [member for cluster in clusters for member in cluster])
    merged = {row: together(cluster) for row, cluster in rows.items()}
    keys = {row: sorted(set(chain.from_iterable(map(named.keys, cluster)))) for row, cluster in rows.items()}
    await copy(
        connection,
        "track",
        [
            _ordered(
                "track", {**body.track, "id": row, "released": released[row], "search_text": named.text(rows[row])}
            )
            for row, body in merged.items()
        ],
    )
    await copy(
        connection,
        "track_artist",
        [
            _ordered(
                "track_artist",
                {**credit, "track_id": row, "artist_id": named.artist(credit["artist_id"]), "position": position},
            )
            for row, body in merged.items()
            for position, credit in enumerate(body.credits)
        ],
    )
    await copy(
        connection, "match_key", [(key, merged[row].track["popularity"], row) for row in rows for key in keys[row]]
    )
    await copy(
        connection, "track_genre", [(row, genre, released[row]) for row, b in merged.items() for genre in b.genres]
    )
    await copy(connection, "isrc", [(row, *code) for row, body in merged.items() for code in body.isrcs])
    await copy(connection, "platform_link", [(row, *link) for row, body in merged.items() for link in body.links])
    await copy(connection, "track_musical_key", [(row, *key) for row, body in merged.items() for key in body.keys])
    works = await stands(connection, EntityKind.WORK, {work for body in merged.values() for work in body.works})
    await copy(
        connection,
        "work_recording",
        dict.fromkeys((works.get(work, work), row) for row, body in merged.items() for work in body.works),
    )
    accepted = [(row, *said) for row, body in merged.items() for said in body.accepted]
    if accepted:
        await connection.copy_records_to_table(
            "accepted_genre", records=accepted, columns=["track_id", "genre_id", "accepted_at"]
        )

    def hidden(row: int, member: TrackMember) -> list[int]:
        shown = {named.artist(credit["artist_id"]) for credit in merged[row].credits}
        return sorted(
            {
                c["artist_id"]
                for c in member.body.credits
                if c["role"] in SEARCHED_ROLES and named.artist(c["artist_id"]) not in shown
            }
        )

    return hidden


def _ordered(table: str, cells: Cells) -> tuple[Any, ...]:
    return tuple(cells[column] for column in COLUMNS[table])
