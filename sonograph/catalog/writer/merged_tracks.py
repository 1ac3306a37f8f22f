# ruff: noqa: S608 - SQL is put together from numbers and columns of ours; values are parameters
"""Tracks of several sources as one row: read as their sources gave them, written together or apart."""

import dataclasses
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from itertools import chain
from typing import Any

import asyncpg
from msgspec import Struct
from msgspec.structs import replace

from sonograph.catalog.names import MAX_SEARCH_TEXT, match_keys, search_text, search_words, title_key
from sonograph.catalog.vocabulary import EntityKind, MergeReason, OriginId
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
    touch,
    write_lines,
)
from sonograph.catalog.writer.merged_names import own_names
from sonograph.catalog.writer.merged_places import Place, ReleaseBody, least_places
from sonograph.catalog.writer.rows import COLUMNS, copy, delete
from sonograph.catalog.writer.track_keys import recording_signature
from sonograph.catalog.writer.tracks import (
    SEARCHED_ROLES,
    Billing,
    rekey_tracks_of,
    searched_names,
)

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
            children["works"].get(row, []),
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


async def write_track_clusters(connection: asyncpg.Connection, clusters: Sequence[Cluster[TrackBody]]) -> None:
    """Write these clusters in the place of what there is: all members of each row that is touched are among them."""
    members = [member for cluster in clusters for member in cluster]
    before = list({member.stands for member in members})
    placing = await _Placing.of(connection, members)
    touched = await _unplace(connection, placing, members, before)
    await delete(connection, "track", before)
    await connection.execute("delete from accepted_genre where track_id = any($1)", before)
    await forget_lines(connection, EntityKind.TRACK, members)
    await _place(connection, placing, clusters)
    await connection.execute(_COUNT_TRACKS, sorted(touched))
    hidden = await _write_rows(connection, clusters)
    await write_lines(connection, EntityKind.TRACK, clusters, hidden)


class _Placing:
    """What is there now for the releases of members, and whether the numbers of a release are those that are shown."""

    def __init__(self, lines: Iterable[tuple[int, int, int]]) -> None:
        self._merged = {member: (row, reason == MergeReason.LEADER) for member, row, reason in lines}

    @classmethod
    async def of(cls, connection: asyncpg.Connection, members: Iterable[TrackMember]) -> "_Placing":
        releases = {place[0] for member in members for place in member.body.releases}
        return cls(
            await connection.fetch(
                'select member, "row", reason from merged where kind = $1 and member = any($2)',
                EntityKind.RELEASE, list(releases),
            )
        )  # fmt: skip

    def release(self, place: Place) -> Place:
        row, numbered = self._merged.get(place[0], (place[0], True))
        return (row, place[1], place[2]) if numbered else (row, None, None)


async def _unplace(
    connection: asyncpg.Connection, placing: _Placing, members: Iterable[TrackMember], before: Collection[int]
) -> set[int]:
    """Take the tracks off releases and editions. Returns the releases."""
    listed = [(place[0], member.stands) for member in members for place in member.body.editions]
    await connection.execute(
        "delete from edition_track t using unnest($1::int[], $2::int[]) d(edition, track) "
        "where t.edition_id = d.edition and t.track_id = d.track",
        [edition for edition, _ in listed], [track for _, track in listed],
    )  # fmt: skip
    await connection.execute("delete from release_track where track_id = any($1)", list(before))
    return {placing.release(place)[0] for member in members for place in member.body.releases}


async def _place(connection: asyncpg.Connection, placing: _Placing, clusters: Iterable[Cluster[TrackBody]]) -> None:
    releases, editions = list[tuple[Any, ...]](), list[tuple[Any, ...]]()
    for cluster in clusters:
        row = survivor(cluster)
        releases += [
            (place[0], row, *place[1:])
            for place in least_places(placing.release(place) for member in cluster for place in member.body.releases)
        ]
        editions += [
            (place[0], row, *place[1:])
            for place in least_places(place for member in cluster for place in member.body.editions)
        ]
    await copy(connection, "release_track", releases)
    await copy(connection, "edition_track", editions)


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


class Names:
    """The names of the artists of members, as they are called now and as their sources call them."""

    def __init__(self, now: Mapping[int, int], names: Mapping[int, str], own: Mapping[tuple[int, int], str]) -> None:
        self._now = now
        self._names = names
        self._own = own

    @classmethod
    async def of(cls, connection: asyncpg.Connection, members: Iterable[TrackMember]) -> "Names":
        own = {credit["artist_id"] for member in members for credit in member.body.credits}
        now = await stands(connection, EntityKind.ARTIST, own)
        rows = [*({*own} - now.keys()), *now.values()]
        names = dict(await connection.fetch("select id, name from artist where id = any($1)", rows))
        return cls(now, names, await own_names(connection, rows))

    def artist(self, own: int) -> int:
        return self._now.get(own, own)

    def searched(self, member: TrackMember) -> list[str]:
        billings = []
        for credit in member.body.credits:
            row = self.artist(credit["artist_id"])
            own = self._own.get((row, member.source))
            billings.append(
                Billing(self._names[row], credit["credited_as"], credit["role"], credit["join_phrase"], own)
            )
        return searched_names(billings)

    def keys(self, member: TrackMember) -> set[int]:
        """Match keys of the member: it is found as its source spells it."""
        return match_keys(self.searched(member), member.body.track["title"])

    def text(self, cluster: Cluster[TrackBody]) -> str:
        """The words of all members that the title key of the leader does not have, the leader's first."""
        title = cluster[0].body.track["title"]
        if len(cluster) == 1:
            return search_text(self.searched(cluster[0]), title)
        known = set(title_key(title).split())
        words = chain.from_iterable(search_words(self.searched(m), m.body.track["title"]) for m in cluster)
        length, taken = -1, []
        for word in dict.fromkeys(word for word in words if word not in known):
            length += 1 + len(word)
            if length > MAX_SEARCH_TEXT:
                break
            taken.append(word)
        return " ".join(taken)


async def dissolve_tracks(connection: asyncpg.Connection, rows: Collection[int]) -> list[int]:
    """Take the clusters among these rows apart. Returns the rows that were left of them, which their members follow."""
    clusters = await load_lines(connection, EntityKind.TRACK, rows, TrackBody)
    if not clusters:
        return []
    members = await load_tracks(connection, clusters)
    await write_track_clusters(connection, [[member] for member in members])
    await touch(connection, [member.row for member in members])
    return list(clusters)


async def rewrite_tracks(connection: asyncpg.Connection, rows: Collection[int]) -> None:
    """Write the clusters among these rows anew, because names of their artists changed."""
    clusters: dict[int, list[TrackMember]] = {}
    for member in await load_tracks(connection, list(await load_lines(connection, EntityKind.TRACK, rows, TrackBody))):
        clusters.setdefault(member.stands, []).append(member)
    if clusters:
        await write_track_clusters(connection, list(clusters.values()))


_REWRITTEN_AT_ONCE = 2000
_OWN = f"""(
  select unnest($1::int[]) union
  select member from merged where "row" = any($1) and kind = {EntityKind.ARTIST:d})"""
_MERGED_OF = f"""
select distinct m."row" from track_artist ta join merged m on m."row" = ta.track_id and m.kind = {EntityKind.TRACK:d}
where ta.artist_id = any($1)
union select "row" from merged where hidden && array{_OWN} and kind = {EntityKind.TRACK:d} order by 1
"""
_TOUCH_OF = f"""
insert into merge_pending ("row", kind)
select distinct ta.track_id, {EntityKind.TRACK:d} from track_artist ta where ta.artist_id = any($1)
and ta.track_id <= (select looked_at from merge_state where kind = {EntityKind.TRACK:d})
"""


async def rekey(connection: asyncpg.Connection, artists: Collection[int]) -> None:
    """Work out how tracks are found, because these artists have other names now."""
    if not artists:
        return
    await rekey_tracks_of(connection, artists)
    merged = [row["row"] for row in await connection.fetch(_MERGED_OF, list(artists))]
    await connection.execute(_TOUCH_OF, list(artists))
    await touch(connection, merged)
    for start in range(0, len(merged), _REWRITTEN_AT_ONCE):
        await rewrite_tracks(connection, merged[start : start + _REWRITTEN_AT_ONCE])
