"""Tracks and the rows that belong to them alone: credits, codes, links, genres, keys, match keys."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice

import asyncpg

from sonograph.catalog.names import match_keys, search_text
from sonograph.catalog.records import Credit, TrackRecord
from sonograph.catalog.vocabulary import ArtistRole, EntityKind
from sonograph.catalog.writer.accepted_genres import restore_accepted
from sonograph.catalog.writer.artists import artist_names
from sonograph.catalog.writer.audio_facts import restore_heard
from sonograph.catalog.writer.intake import PLATFORMS
from sonograph.catalog.writer.merged import source_of, touch
from sonograph.catalog.writer.merged_names import own_names
from sonograph.catalog.writer.popularity import popularity_before, popularity_of
from sonograph.catalog.writer.rows import copy, delete
from sonograph.catalog.writer.source_ids import SourceIds
from sonograph.catalog.writer.track_keys import track_keys

ROLES = {role.name.lower(): role for role in ArtistRole}
# Those whose names people put in a search for the recording; a composer has thousands of recordings.
SEARCHED_ROLES = frozenset((ArtistRole.PRIMARY, ArtistRole.FEATURED, ArtistRole.REMIXER, ArtistRole.PERFORMER))
_REKEYED_AT_ONCE = 5000
# OFFSET 0 makes each an index look-up for one row. Without, the planner reads all releases for every track, because it
# takes a track to be on one in two hundred releases until the tables are analyzed for the first time.
_WRONGLY_DATED = """
select wanted.id, first.released from unnest($1::int[]) wanted(id)
cross join lateral (select released from track where id = wanted.id offset 0) now
cross join lateral (
  select min(r.release_date) as released from release_track rt
  cross join lateral (select release_date from release where id = rt.release_id offset 0) r
  where rt.track_id = wanted.id offset 0
) first
where now.released is distinct from first.released
"""


@dataclass(frozen=True, slots=True)
class Billing:
    """An artist as one recording names it."""

    name: str
    credited_as: str | None
    role: int
    join_phrase: str | None
    own: str | None = None  # the name at the track's source, where several sources were merged into the artist


async def write_tracks(  # noqa: PLR0913  # where, whose, and three things about the rows
    connection: asyncpg.Connection,
    origin: int,
    ids: SourceIds,
    tracks: Mapping[int, TrackRecord],
    released: Mapping[int, date | None],
    *,
    replaced: Collection[int],
) -> None:
    """Write the tracks (row: record), whose artists and works have rows. `replaced` are those that existed before."""
    before = await popularity_before(connection, "track", replaced)
    await delete(connection, "track", replaced)
    await touch(connection, replaced)
    credited = {row: _credits(ids, track) for row, track in tracks.items()}
    names = await artist_names(connection, {artist for pairs in credited.values() for artist, _ in pairs})
    own = {
        artist: name
        for (artist, source), name in (await own_names(connection, names)).items()
        if source == source_of(origin)
    }
    billings = {
        row: [
            Billing(
                names[artist],
                credit.credited_as if credit.credited_as != own.get(artist, names[artist]) else None,
                ROLES[credit.role],
                credit.join_phrase,
                own.get(artist),
            )
            for artist, credit in pairs
        ]
        for row, pairs in credited.items()
    }
    keys = {row: track_keys(searched_names(billings[row]), track.title) for row, track in tracks.items()}
    popularity = {row: popularity_of(track.popularity, origin, before.get(row)) for row, track in tracks.items()}
    await copy(
        connection,
        "track",
        [
            (
                row,
                popularity[row][0],
                track.duration,
                released.get(row),
                track.bpm,
                origin,
                track.key or (track.keys[0].key if track.keys else None),
                track.title,
                keys[row].title_key,
                keys[row].search_text,
                popularity[row][1],
            )
            for row, track in tracks.items()
        ],
    )
    await copy(
        connection,
        "track_artist",
        [
            (
                row,
                artist,
                position,
                billing.role,
                billing.credited_as,
                billing.join_phrase,
                keys[row].signature if billing.role in SEARCHED_ROLES else None,
            )
            for row, pairs in credited.items()
            for position, ((artist, _), billing) in enumerate(zip(pairs, billings[row], strict=True))
        ],
    )
    await copy(
        connection,
        "match_key",
        [(key, popularity[row][0], row) for row in tracks for key in keys[row].match_keys],
    )
    await copy(
        connection,
        "track_genre",
        [(row, genre, released.get(row)) for row, track in tracks.items() for genre in track.genres],
    )
    await restore_accepted(connection, replaced)
    await copy(
        connection,
        "isrc",
        [(row, n == 0, code) for row, track in tracks.items() for n, code in enumerate(track.isrcs)],
    )
    await copy(
        connection,
        "platform_link",
        dict.fromkeys((row, PLATFORMS[link.source], link.id) for row, track in tracks.items() for link in track.links),
    )
    await copy(
        connection,
        "track_musical_key",
        [(row, said.source, said.key) for row, track in tracks.items() for said in track.keys],
    )
    await copy(
        connection,
        "work_recording",
        dict.fromkeys((ids.row(EntityKind.WORK, work), row) for row, track in tracks.items() for work in track.works),
    )
    await restore_heard(connection, replaced)


def _credits(ids: SourceIds, track: TrackRecord) -> list[tuple[int, Credit]]:
    """(artist row, credit), each artist once in a role."""
    found = dict[tuple[int, str], Credit]()
    for credit in track.artists:
        found.setdefault((ids.row(EntityKind.ARTIST, credit.artist.id), credit.role), credit)
    return [(artist, credit) for (artist, _), credit in found.items()]


def searched_names(billings: Sequence[Billing]) -> list[str]:
    """The names by which a recording is looked up: the whole credit, then each artist as credited and as known."""
    searched = [billing for billing in billings if billing.role in SEARCHED_ROLES]
    front = [b for b in searched if b.role in (ArtistRole.PRIMARY, ArtistRole.FEATURED)]
    whole = "".join((b.credited_as or b.name) + (b.join_phrase or " ") for b in front[:-1]) + "".join(
        (b.credited_as or b.name) for b in front[-1:]
    )
    each = (name for b in searched for name in (b.credited_as, b.name, b.own) if name)
    return list(dict.fromkeys((whole, *each) if whole else each))


async def date_tracks(connection: asyncpg.Connection, tracks: Collection[int]) -> None:
    """Set `released` of these tracks to the date of the first release that each is on."""
    if not tracks:
        return
    changed = await connection.fetch(_WRONGLY_DATED, list(tracks))
    if changed:
        await connection.execute(
            "update track t set released = c.released from unnest($1::int[], $2::date[]) c(id, released) "
            "where t.id = c.id",
            [row["id"] for row in changed], [row["released"] for row in changed],
        )  # fmt: skip
        await connection.execute(
            "update track_genre g set released = c.released from unnest($1::int[], $2::date[]) c(id, released) "
            "where g.track_id = c.id",
            [row["id"] for row in changed], [row["released"] for row in changed],
        )  # fmt: skip


async def rekey_tracks_of(connection: asyncpg.Connection, artists: Collection[int]) -> None:
    """Work out match keys and search texts anew, because these artists have other names now.

    Of tracks that stand alone: see `merged_again.rekey`.
    """
    if not artists:
        return
    rows = await connection.fetch(
        "select distinct track_id from track_artist ta where artist_id = any($1) "
        'and not exists (select from merged m where m."row" = ta.track_id and m.kind = $2) order by track_id',
        list(artists), EntityKind.TRACK,
    )  # fmt: skip
    tracks = iter([row["track_id"] for row in rows])
    while chunk := list(islice(tracks, _REKEYED_AT_ONCE)):
        await _rekey(connection, chunk)


async def _rekey(connection: asyncpg.Connection, rows: list[int]) -> None:
    billings: dict[int, list[Billing]] = {row: [] for row in rows}
    tracks = await connection.fetch("select id, title, popularity, origin_id from track where id = any($1)", rows)
    sources = {row["id"]: source_of(row["origin_id"]) for row in tracks}
    credited = await connection.fetch(
        "select ta.track_id, ta.artist_id, a.name, ta.credited_as, ta.role, ta.join_phrase from track_artist ta "
        "join artist a on a.id = ta.artist_id where ta.track_id = any($1) order by ta.track_id, ta.position",
        rows,
    )
    own = await own_names(connection, {row["artist_id"] for row in credited})
    for track, artist, name, credited_as, role, join_phrase in credited:
        billing = Billing(name, credited_as, role, join_phrase, own.get((artist, sources[track])))
        billings[track].append(billing)
    await connection.execute(
        "update track t set search_text = c.text from unnest($1::int[], $2::text[]) c(id, text) where t.id = c.id",
        [row["id"] for row in tracks],
        [search_text(searched_names(billings[row["id"]]), row["title"]) for row in tracks],
    )
    await connection.execute("delete from match_key where track_id = any($1)", rows)
    await copy(
        connection,
        "match_key",
        [
            (key, row["popularity"], row["id"])
            for row in tracks
            for key in sorted(match_keys(searched_names(billings[row["id"]]), row["title"]))
        ],
    )
