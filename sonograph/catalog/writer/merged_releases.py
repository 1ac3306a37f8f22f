"""Releases of several sources as one row: read as their sources gave them, written together or apart."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any

import asyncpg

from sonograph.catalog.vocabulary import EntityKind
from sonograph.catalog.writer.artists import count_releases
from sonograph.catalog.writer.merged import (
    Cells,
    Cluster,
    Member,
    best_popularity,
    first_known,
    forget_lines,
    load_lines,
    load_redirects,
    owned,
    read_cells,
    source_of,
    stands,
    survivor,
    write_lines,
)
from sonograph.catalog.writer.merged_places import Place, ReleaseBody, least_places
from sonograph.catalog.writer.merged_track_bodies import TrackBody
from sonograph.catalog.writer.rows import COLUMNS, copy, delete
from sonograph.catalog.writer.tracks import date_tracks

ReleaseMember = Member[ReleaseBody]


async def load_releases(connection: asyncpg.Connection, rows: Collection[int]) -> list[ReleaseMember]:
    """The members of these rows, whether they are clusters or stand alone (`source_id` is "" then)."""
    clusters = await load_lines(connection, EntityKind.RELEASE, rows, ReleaseBody)
    alone = [row for row in dict.fromkeys(rows) if row not in clusters]
    return [*(member for members in clusters.values() for member in members), *await _read(connection, alone)]


async def _read(connection: asyncpg.Connection, rows: Collection[int]) -> list[ReleaseMember]:
    cells = await read_cells(connection, "release", rows, ("id", "track_count"))
    if not cells:
        return []
    artists = await owned(connection, EntityKind.ARTIST, {row["artist_id"] for row in cells.values()})
    labels = await owned(
        connection, EntityKind.LABEL, {row["label_id"] for row in cells.values() if row["label_id"] is not None}
    )
    placed: dict[int, list[Place]] = {}
    for row, *place in await connection.fetch(
        "select release_id, track_id, disc_number, track_number from release_track where release_id = any($1) "
        "order by 1, 2",
        list(cells),
    ):
        placed.setdefault(row, []).append((place[0], place[1], place[2]))
    tracks = await load_lines(
        connection, EntityKind.TRACK, {place[0] for places in placed.values() for place in places}, TrackBody
    )
    editions: dict[int, list[int]] = {}
    for row, edition in await connection.fetch(
        "select release_id, id from edition where release_id = any($1) order by 2", list(cells)
    ):
        editions.setdefault(row, []).append(edition)
    redirects = await load_redirects(connection, EntityKind.RELEASE, cells)
    members = []
    for row, release in cells.items():
        source = source_of(release["origin_id"])
        own = {
            **release,
            "artist_id": artists.get((release["artist_id"], source), release["artist_id"]),
            "label_id": labels.get((release["label_id"], source), release["label_id"]),
        }
        places = [
            place
            for shown in placed.get(row, ())
            for place in (
                [
                    (member.row, disc, number)
                    for member in tracks[shown[0]]
                    for release_row, disc, number in member.body.releases
                    if release_row == row
                ]
                if shown[0] in tracks
                else [shown]
            )
        ]
        body = ReleaseBody(own, places, editions.get(row, []), redirects.get(row, []))
        members.append(Member(row, row, source, "", body))
    return members


async def write_release_clusters(connection: asyncpg.Connection, clusters: Sequence[Cluster[ReleaseBody]]) -> None:
    """Write these clusters in the place of what there is: all members of each row that is touched are among them."""
    members = [member for cluster in clusters for member in cluster]
    before = list({member.stands for member in members})
    counted = await connection.fetch("select artist_id, label_id from release where id = any($1)", before)
    await delete(connection, "release", before)
    await delete(connection, "release_track", before)
    await forget_lines(connection, EntityKind.RELEASE, members)
    rows = {survivor(cluster): cluster for cluster in clusters}
    tracks = {place[0] for member in members for place in member.body.places}
    now = await stands(connection, EntityKind.TRACK, tracks)
    placed = {
        row: least_places(
            (now.get(place[0], place[0]), *(place[1:] if number == 0 else (None, None)))
            for number, member in enumerate(cluster)
            for place in member.body.places
        )
        for row, cluster in rows.items()
    }
    await copy(connection, "release_track", [(row, *place) for row, places in placed.items() for place in places])
    moved = [(edition, row) for row, cluster in rows.items() for m in cluster for edition in m.body.editions]
    await connection.execute(
        "update edition e set release_id = d.release from unnest($1::int[], $2::int[]) d(edition, release) "
        "where e.id = d.edition and e.release_id <> d.release",
        [edition for edition, _ in moved], [row for _, row in moved],
    )  # fmt: skip
    written = await _write_rows(connection, rows.items(), {row: len(places) for row, places in placed.items()})
    artists, labels = Counter[int](), Counter[int]()
    for sign, pairs in ((-1, [tuple(row) for row in counted]), (1, written)):
        for artist, label in pairs:
            artists[artist] += sign
            if label is not None:
                labels[label] += sign
    await count_releases(connection, iter(sorted(artists.items())), iter(sorted(labels.items())))
    await write_lines(connection, EntityKind.RELEASE, clusters)
    await date_tracks(connection, sorted({now.get(track, track) for track in tracks}))


async def _write_rows(
    connection: asyncpg.Connection, rows: Iterable[tuple[int, Cluster[ReleaseBody]]], counts: dict[int, int]
) -> list[tuple[int, int | None]]:
    """Returns (artist, label) of each."""
    merged = {row: together(cluster) for row, cluster in rows}
    artists = await stands(connection, EntityKind.ARTIST, {release["artist_id"] for release in merged.values()})
    labels = await stands(
        connection, EntityKind.LABEL, {r["label_id"] for r in merged.values() if r["label_id"] is not None}
    )
    written = list[tuple[int, int | None]]()
    records = list[tuple[Any, ...]]()
    for row, release in merged.items():
        released = release["release_date"]
        cells = {
            **release,
            "id": row,
            "track_count": counts[row],
            "artist_id": artists.get(release["artist_id"], release["artist_id"]),
            "label_id": labels.get(release["label_id"], release["label_id"]),
            "release_date": date.fromisoformat(released) if released else None,
        }
        records.append(tuple(cells[column] for column in COLUMNS["release"]))
        written.append((cells["artist_id"], cells["label_id"]))
    await copy(connection, "release", records)
    return written


def together(cluster: Cluster[ReleaseBody]) -> Cells:
    """One release of all members: facts of the first, label and number of the first with a label, the earliest date."""
    rows = [member.body.release for member in cluster]
    if len(rows) == 1:
        return rows[0]
    first = rows[0]
    release = {column: first_known(rows, column) for column in first}
    labelled = next((row for row in rows if row["label_id"] is not None), first)
    # Of 1999 and 1999-01-01 the latter says more: precisions are numbered from the day on.
    dated = min(
        (row for row in rows if row["release_date"]),
        key=lambda row: (row["release_date"], row["date_precision"]),
        default=first,
    )
    release |= {column: labelled[column] for column in ("label_id", "catalog_no")}
    release |= {column: dated[column] for column in ("release_date", "date_precision")}
    release["popularity"], release["popularity_origin"] = best_popularity(rows)
    return release


async def dissolve_releases(connection: asyncpg.Connection, rows: Collection[int]) -> list[int]:
    """Take the clusters among these rows apart. Returns the rows that were left of them, which their members follow."""
    clusters = await load_lines(connection, EntityKind.RELEASE, rows, ReleaseBody)
    if not clusters:
        return []
    apart = [[member] for members in clusters.values() for member in members]
    await write_release_clusters(connection, apart)
    return list(clusters)
