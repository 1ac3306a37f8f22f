"""SQL of an import of audio: tracks that files are of, and files that were imported."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg

from sonograph.catalog.lookup import LINKED
from sonograph.catalog.search.query import MatchTier
from sonograph.catalog.search.tracks import tracks as search_tracks
from sonograph.catalog.vocabulary import EntityKind, OriginId, Platform

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
select a.id, coalesce(r.new_id, a.track_id) as track_id, a.seconds from audio_reference a {_LED_ON} a.track_id
where a.id = any($1::int[]) and not a.gone
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
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class AlbumPlace:
    """Where a sound stands on an album, and the date that its file tells of that."""

    name: str
    disc: int | None
    number: int | None
    date: str | None


async def known_files(connection: asyncpg.Connection) -> dict[str, tuple[int, int]]:
    """{path: (size, modified)} of all files that were imported: 300 bytes each."""
    return {row[0]: (row[1], row[2]) for row in await connection.fetch("select path, size, modified from audio_file")}


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


async def titles(connection: asyncpg.Connection, tracks: Sequence[int]) -> dict[int, str]:
    return dict(await connection.fetch("select id, title from track where id = any($1)", list(tracks)))


async def imported(connection: asyncpg.Connection, path: str) -> bool:
    """Whether a file of this path was imported, be it another one by now."""
    return bool(await connection.fetchval("select exists (select from audio_file where path = $1)", path))


async def album_places(connection: asyncpg.Connection, album: str, but: str) -> list[AlbumPlace]:
    """The places of all sounds of an album that were imported, but of one, in their order."""
    places = [AlbumPlace(*row) for row in await connection.fetch(_ALBUM, album, but)]
    return sorted(places, key=lambda one: (one.disc or 0, one.number or 10_000, one.name))


async def save_file(connection: asyncpg.Connection, path: str, at: datetime, values: Sequence[Any]) -> None:
    """An imported file: `values` are the columns from `size` on, in the order of the statement."""
    await connection.execute(_SAVE, path, at, *values)


def _candidates(rows: Sequence[Any]) -> list[Candidate]:
    return [Candidate(row[0], row[1]) for row in rows]
