"""SQL of an import of audio: tracks that files are of, and files that were imported."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg

from sonograph.catalog.lookup import LINKED
from sonograph.catalog.search.query import MatchTier
from sonograph.catalog.search.tracks import tracks as search_tracks
from sonograph.catalog.vocabulary import ArtistRole, EntityKind, OriginId, Platform

_LED_ON = f"left join redirect r on r.kind = {EntityKind.TRACK.value} and r.old_id = "
_BY_RECORDING = f"""
select t.id, t.duration from (
  select coalesce(r.new_id, s.entity_id) as id from source_ref s {_LED_ON} s.entity_id
  where s.external_id = $1 and s.kind = {EntityKind.TRACK.value} and s.origin_id = {OriginId.MUSICBRAINZ.value}
  union select l.track_id from platform_link l
  where {LINKED.format("$1::text")} and l.source = {Platform.MUSICBRAINZ.value}
) f join track t on t.id = f.id order by t.id
"""
_BY_ISRC = """
select t.id, t.duration from isrc i join track t on t.id = i.track_id where i.code = any($1) order by t.id
"""
_BY_ACOUSTID = f"""
select t.id, t.duration from audio_reference a {_LED_ON} a.track_id
join track t on t.id = coalesce(r.new_id, a.track_id)
where a.external_id = $1 and a.origin_id = {OriginId.ACOUSTID.value} and not a.gone order by t.id
"""
_OWN = f"""
select coalesce(r.new_id, s.entity_id) from source_ref s {_LED_ON} s.entity_id
where s.external_id = $1 and s.kind = {EntityKind.TRACK.value} and s.origin_id = {OriginId.AUDIO.value}
"""
_REFERENCE = f"""
select a.id, coalesce(r.new_id, a.track_id) as track_id from audio_reference a {_LED_ON} a.track_id
where a.external_id = $1 and a.origin_id = {OriginId.AUDIO.value} and not a.gone
"""
_REFERENCES = f"""
select a.id, coalesce(r.new_id, a.track_id) as track_id from audio_reference a {_LED_ON} a.track_id
where a.id = any($1::int[]) and not a.gone
"""
# Not of a coalesce(): there is an index for each of these two ways.
_OF_TRACK = f"""
select a.id from audio_reference a where not a.gone and a.chromaprint is not null and (a.track_id = $1
  or a.track_id in (select old_id from redirect where new_id = $1 and kind = {EntityKind.TRACK.value}))
order by a.id limit $2
"""
_NAMES = f"""
select t.id, t.title, coalesce(array_agg(coalesce(c.credited_as, a.name) order by c.position)
  filter (where a.id is not null), '{{}}') as artists from track t
left join track_artist c on c.track_id = t.id and c.role = {ArtistRole.PRIMARY.value}
left join artist a on a.id = c.artist_id where t.id = $1 group by t.id
"""
_REFUSED = """
insert into audio_file as f (path, imported_at, size, modified, name, track_id) values ($1, $2, $3, $4, $5, $6)
on conflict (path) do update set size = excluded.size, modified = excluded.modified, imported_at = excluded.imported_at,
  name = excluded.name
where f.track_id = excluded.track_id
"""
_SAVE = """
insert into audio_file (path, imported_at, size, modified, name, track_id, reference_id, bpm, bpm_confidence, camelot,
  key_confidence, album, disc_number, track_number, released)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
on conflict (path) do update set size = excluded.size, modified = excluded.modified, imported_at = excluded.imported_at,
  name = excluded.name, track_id = excluded.track_id, reference_id = excluded.reference_id, bpm = excluded.bpm,
  bpm_confidence = excluded.bpm_confidence, camelot = excluded.camelot, key_confidence = excluded.key_confidence,
  album = excluded.album, disc_number = excluded.disc_number, track_number = excluded.track_number,
  released = excluded.released
"""
_ALBUM = """
select distinct on (name) name, disc_number, track_number, released from audio_file
where album = $1 and name <> $2 order by name, imported_at desc
"""
_LOOKED_AT = 10  # hits of a search
MOST_OF_TRACK = 20  # references of a track that a file is compared with
NO_TRACK = 0  # of a file that was left out: ids begin with 1


@dataclass(frozen=True, slots=True)
class Candidate:
    """A track that a file may be of."""

    track: int
    duration: int | None  # seconds


@dataclass(frozen=True, slots=True)
class Known:
    """A reference that is in the database."""

    reference: int
    track: int  # merged ones led on


@dataclass(frozen=True, slots=True)
class Names:
    """What a track is called."""

    title: str
    artists: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AlbumPlace:
    """Where a sound stands on an album, and the date that its file tells of that."""

    name: str
    disc: int | None
    number: int | None
    date: str | None


@dataclass(frozen=True, slots=True)
class KnownFile:
    """A file that was looked at before: 400 bytes each."""

    size: int
    modified: int
    name: str  # of its sound; of a file that is no reference, the reason
    left_out: bool


async def known_files(connection: asyncpg.Connection) -> dict[str, KnownFile]:
    """{path: file} of all files that were imported, or left out."""
    rows = await connection.fetch("select path, size, modified, name, track_id from audio_file")
    return {row[0]: KnownFile(row[1], row[2], sys.intern(row[3]), row[4] == NO_TRACK) for row in rows}


async def by_recording(connection: asyncpg.Connection, mbid: str) -> list[Candidate]:
    return _candidates(await connection.fetch(_BY_RECORDING, mbid))


async def by_isrc(connection: asyncpg.Connection, codes: Sequence[str]) -> list[Candidate]:
    return _candidates(await connection.fetch(_BY_ISRC, codes))


async def by_acoustid(connection: asyncpg.Connection, acoustid: str) -> list[Candidate]:
    return _candidates(await connection.fetch(_BY_ACOUSTID, acoustid))


async def by_name(connection: asyncpg.Connection, artist: str, title: str) -> list[Candidate]:
    """Tracks of this very name and version: the search's two surest tiers."""
    found = search_tracks(artist, title, _LOOKED_AT, None)
    rows = await connection.fetch(
        f"select this.id, this.duration {found.sql} and this._tier <= {MatchTier.RECORDING.value} "
        f"order by this._tier, this._score, this.popularity desc, this.id limit {_LOOKED_AT}",
        *found.params,
    )
    return _candidates(rows)


async def own_track(connection: asyncpg.Connection, external_id: str) -> int | None:
    """The track that was made of a file whose sound has this name."""
    row: int | None = await connection.fetchval(_OWN, external_id)
    return row


async def reference_named(connection: asyncpg.Connection, external_id: str) -> Known | None:
    row = await connection.fetchrow(_REFERENCE, external_id)
    return Known(*row) if row else None


async def references(connection: asyncpg.Connection, ids: Sequence[int]) -> dict[int, Known]:
    """References by their ids; those that are gone are left out."""
    return {row[0]: Known(*row) for row in await connection.fetch(_REFERENCES, list(ids))}


async def references_of_track(connection: asyncpg.Connection, track: int) -> list[int]:
    """Those with Chromaprint, the oldest."""
    return [row[0] for row in await connection.fetch(_OF_TRACK, track, MOST_OF_TRACK)]


async def names(connection: asyncpg.Connection, track: int) -> Names:
    row = await connection.fetchrow(_NAMES, track)
    return Names(row["title"], tuple(row["artists"])) if row else Names("?", ())


async def name_before(connection: asyncpg.Connection, path: str) -> str | None:
    """The name of the sound that a file of this path had when it was imported."""
    name: str | None = await connection.fetchval(
        "select name from audio_file where path = $1 and track_id <> $2", path, NO_TRACK
    )
    return name


async def album_places(connection: asyncpg.Connection, album: str, but: str) -> list[AlbumPlace]:
    """The places of all sounds of an album that were imported, but of one, in their order."""
    places = [AlbumPlace(*row) for row in await connection.fetch(_ALBUM, album, but)]
    return sorted(places, key=lambda one: (one.disc or 0, one.number or 10_000, one.name))


async def save_refused(connection: asyncpg.Connection, path: str, at: datetime, values: Sequence[Any]) -> None:
    """A file that is no reference, not to open it again: `values` are size, time of change, and the reason.

    One that was imported before stays as it was then.
    """
    await connection.execute(_REFUSED, path, at, *values, NO_TRACK)


async def save_file(connection: asyncpg.Connection, path: str, at: datetime, values: Sequence[Any]) -> None:
    """An imported file: `values` are the columns from `size` on, in the order of the statement."""
    await connection.execute(_SAVE, path, at, *values)


def _candidates(rows: Sequence[Any]) -> list[Candidate]:
    return [Candidate(row[0], row[1]) for row in rows]
