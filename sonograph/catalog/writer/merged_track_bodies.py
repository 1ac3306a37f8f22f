# ruff: noqa: S608 - SQL is put together from numbers and columns of ours; values are parameters
"""Tracks as their sources gave them, whether they stand alone or were merged, and several of them as one."""

import dataclasses
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import asyncpg
from msgspec import Struct
from msgspec.structs import replace

from sonograph.catalog.vocabulary import EntityKind, OriginId
from sonograph.catalog.writer.merged import (
    Cells,
    Cluster,
    Member,
    best_popularity,
    first_known,
    load_lines,
    load_redirects,
    owned,
    read_cells,
    source_of,
)
from sonograph.catalog.writer.merged_places import Place, ReleaseBody
from sonograph.catalog.writer.rows import COLUMNS
from sonograph.catalog.writer.track_keys import recording_signature
from sonograph.catalog.writer.tracks import SEARCHED_ROLES

_WITHOUT = ("id", "released", "search_text")  # worked out from the rest
_CREDIT = tuple(column for column in COLUMNS["track_artist"] if column != "track_id")
_FRONT = (0, 1)  # roles primary and featured: the billing, which is the leader's


class TrackBody(Struct, frozen=True, array_like=True):
    """A track and all under it, as the source gave it: artists and releases by the rows that they have there."""

    track: Cells
    credits: list[Cells]
    genres: list[int]
    isrcs: list[tuple[bool, str]]  # (preferred, code), the preferred one first
    works: list[int]
    links: list[tuple[int, str]]
    keys: list[tuple[str, str]]
    releases: list[Place]
    editions: list[Place]
    redirects: list[int]
    accepted: list[tuple[int, datetime]]  # genres by reviewers


TrackMember = Member[TrackBody]
_CHILDREN = {
    "genres": "select track_id, genre_id from track_genre where track_id = any($1) order by 2",
    "isrcs": "select track_id, preferred, code from isrc where track_id = any($1) order by 2 desc, 3",
    "works": "select track_id, work_id from work_recording where track_id = any($1) order by 2",
    "links": "select track_id, source, external_id from platform_link where track_id = any($1) order by 2, 3",
    "keys": "select track_id, source, camelot from track_musical_key where track_id = any($1) order by 2",
    "releases": (
        "select track_id, release_id, disc_number, track_number from release_track where track_id = any($1) order by 2"
    ),
    # edition_track has no index by track: the way leads over its releases. OFFSET 0: see source_ids.
    "editions": (
        "select rt.track_id, e.id, t.disc_number, t.track_number from release_track rt "
        "cross join lateral (select id from edition where release_id = rt.release_id offset 0) e "
        "cross join lateral ("
        "select * from edition_track where edition_id = e.id and track_id = rt.track_id offset 0) t "
        "where rt.track_id = any($1) order by 2"
    ),
    "accepted": "select track_id, genre_id, accepted_at from accepted_genre where track_id = any($1) order by 2",
}


async def load_tracks(connection: asyncpg.Connection, rows: Collection[int]) -> list[TrackMember]:
    """The members of these rows, whether they are clusters or stand alone (`source_id` is "" then)."""
    clusters = await load_lines(connection, EntityKind.TRACK, rows, TrackBody)
    await _since_merged(connection, clusters)
    alone = [row for row in dict.fromkeys(rows) if row not in clusters]
    return [*(member for members in clusters.values() for member in members), *await _read(connection, alone)]


async def _read(connection: asyncpg.Connection, rows: Collection[int]) -> list[TrackMember]:
    cells = await read_cells(connection, "track", rows, _WITHOUT)
    if not cells:
        return []
    children: dict[str, dict[int, list[Any]]] = {name: {} for name in _CHILDREN}
    for name, sql in _CHILDREN.items():
        for row, *values in await connection.fetch(sql, list(cells)):
            children[name].setdefault(row, []).append(values[0] if len(values) == 1 else tuple(values))
    credited: dict[int, list[Cells]] = {}
    for row in await connection.fetch(
        f"select track_id, {', '.join(_CREDIT)} from track_artist where track_id = any($1) order by track_id, position",
        list(cells),
    ):
        credited.setdefault(row[0], []).append(dict(zip(_CREDIT, row[1:], strict=True)))
    artists = await owned(
        connection, EntityKind.ARTIST, {credit["artist_id"] for found in credited.values() for credit in found}
    )
    releases = await owned(
        connection, EntityKind.RELEASE, {place[0] for found in children["releases"].values() for place in found}
    )
    works = await owned(connection, EntityKind.WORK, {work for found in children["works"].values() for work in found})
    own_places = await _own_places(connection, releases) if releases else {}
    redirects = await load_redirects(connection, EntityKind.TRACK, cells)
    members = []
    for row, track in cells.items():
        source = source_of(track["origin_id"])
        places = list[Place]()
        for release, *numbered in children["releases"].get(row, ()):
            own = releases.get((release, source))
            places.append((release, *numbered) if own is None else own_places.get((own, row), (own, None, None)))
        body = TrackBody(
            track,
            [{**c, "artist_id": artists.get((c["artist_id"], source), c["artist_id"])} for c in credited.get(row, ())],
            children["genres"].get(row, []),
            children["isrcs"].get(row, []),
            sorted({works.get((work, source), work) for work in children["works"].get(row, ())}),
            children["links"].get(row, []),
            children["keys"].get(row, []),
            places,
            children["editions"].get(row, []),
            redirects.get(row, []),
            children["accepted"].get(row, []),
        )
        members.append(Member(row, row, source, "", body))
    return members


async def _own_places(
    connection: asyncpg.Connection, releases: Mapping[tuple[int, int], int]
) -> dict[tuple[int, int], Place]:
    """(own row of a merged release, own row of a track): where the source places it."""
    clusters = await load_lines(connection, EntityKind.RELEASE, {row for row, _ in releases}, ReleaseBody)
    return {
        (member.row, track): (member.row, disc, number)
        for members in clusters.values()
        for member in members
        for track, disc, number in member.body.places
    }


async def _since_merged(connection: asyncpg.Connection, clusters: dict[int, list[TrackMember]]) -> None:
    """Take in what came to merged rows by other ways than an import: listen counts, and genres that were accepted."""
    if not clusters:
        return
    told = await read_cells(connection, "track", clusters, [c for c in COLUMNS["track"] if "popularity" not in c])
    accepted: dict[int, list[tuple[int, datetime]]] = {}
    for row, *values in await connection.fetch(_CHILDREN["accepted"], list(clusters)):
        accepted.setdefault(row, []).append(tuple(values))
    for row, members in clusters.items():
        now = told[row]["popularity"], told[row]["popularity_origin"]
        if now[1] == OriginId.LISTENBRAINZ and now != best_popularity(m.body.track for m in members):
            first = members[0]
            track = {**first.body.track, "popularity": now[0], "popularity_origin": now[1]}
            members[0] = _with(first, replace(first.body, track=track))
        known = {genre for member in members for genre, _ in member.body.accepted}
        new = [pair for pair in accepted.get(row, ()) if pair[0] not in known]
        if new:
            for n, member in enumerate(members):
                genres = sorted({*member.body.genres, *(genre for genre, _ in new)})
                members[n] = _with(
                    member, replace(member.body, genres=genres, accepted=sorted([*member.body.accepted, *new]))
                )


def _with(member: TrackMember, body: TrackBody) -> TrackMember:
    return dataclasses.replace(member, body=body)


def together(cluster: Cluster[TrackBody]) -> TrackBody:
    """One track out of all members: facts of the first that has them, codes, links, works and genres of all.

    The billing is that of the leader. Other roles (producers, remixers) are those of the first member that names any.
    """
    bodies = [member.body for member in cluster]
    first = bodies[0]
    if len(bodies) == 1:
        return first
    tracks = [body.track for body in bodies]
    track = {column: first_known(tracks, column) for column in first.track}
    track |= {"title": first.track["title"], "title_key": first.track["title_key"]}
    track["popularity"], track["popularity_origin"] = best_popularity(tracks)
    preferred = next((body.isrcs[0][1] for body in bodies if body.isrcs), None)
    codes = sorted({code for body in bodies for _, code in body.isrcs})
    return TrackBody(
        track,
        _credits(bodies),
        sorted({genre for body in bodies for genre in body.genres}),
        [(code == preferred, code) for code in codes],
        sorted({work for body in bodies for work in body.works}),
        sorted({link for body in bodies for link in body.links}),
        sorted({source: (source, key) for body in reversed(bodies) for source, key in body.keys}.values()),
        [],
        [],
        [],
        sorted({genre: (genre, at) for body in bodies for genre, at in body.accepted}.values()),
    )


def _credits(bodies: Sequence[TrackBody]) -> list[Cells]:
    found = list(bodies[0].credits)
    signature = recording_signature(bodies[0].track["title"])
    for body in bodies[1:]:
        known = {credit["role"] for credit in found}
        for credit in body.credits:
            if credit["role"] not in known and credit["role"] not in _FRONT:
                searched = credit["role"] in SEARCHED_ROLES
                found.append({**credit, "title_signature": signature if searched else None})
    return found
