"""Tracks of the catalog by what files call them, and what AcoustID says of its own."""

from collections.abc import Sequence

import asyncpg

from sonograph.catalog.lookup import LINKED
from sonograph.catalog.platform_ids import parse_platform_id
from sonograph.catalog.records import AcoustidRecording, AcoustidRedirect, AcoustidTrack, Link
from sonograph.catalog.vocabulary import EntityKind, OriginId, Platform
from sonograph.catalog.writer.intake import PLATFORMS

_NAMED = (
    "select s.external_id, s.entity_id from source_ref s where s.external_id = any($1::text[]) "
    f"and s.kind = {EntityKind.TRACK.value} and s.origin_id = $2"
)
_LINKED = (
    "select w.place, (select l.track_id from platform_link l "
    f"where {LINKED.format('w.external_id')} and l.source = w.source order by l.track_id limit 1) as track_id "
    "from unnest($1::int[], $2::smallint[], $3::text[]) w(place, source, external_id)"
)
_REFERENCES = (
    "select external_id, id from audio_reference where external_id = any($1::text[]) and origin_id = $2 and not gone"
)
# The track of the catalog that MusicBrainz calls so: by its own import, or by a link of another source.
_RECORDING = f"""
coalesce(
  (select s.entity_id from source_ref s where s.external_id = m.mbid::text and s.kind = {EntityKind.TRACK.value}
   and s.origin_id = {OriginId.MUSICBRAINZ.value}),
  (select l.track_id from platform_link l where {LINKED.format("m.mbid::text")}
   and l.source = {Platform.MUSICBRAINZ.value} order by l.track_id limit 1))
"""
# Of the recordings that a track of AcoustID is said to be, the one in our catalog that most people say.
_BEST = f"""
select f.id, (
  select r.track_id from (
    select {_RECORDING} as track_id, m.submissions from acoustid_recording m where m.track_id = f.track_id) r
  where r.track_id is not null order by r.submissions desc, r.track_id limit 1) as track_id
from acoustid_fingerprint f
"""
_TRACKS = f"{_BEST} where f.id = any($1::int[])"
# References that say something else than this now. One that is of nothing any more is gone but keeps its fingerprint:
# the line that says what it is instead may be in the next file.
_REATTACH = f"""
with now as materialized (
  {_BEST} where (f.id = any($1::int[]) or f.track_id = any($2::int[])) and exists (
    select from audio_reference a where a.external_id = f.id::text and a.origin_id = {OriginId.ACOUSTID.value}))
update audio_reference a set track_id = coalesce(now.track_id, a.track_id), gone = now.track_id is null,
  changed_in = pg_current_xact_id()
from now where a.external_id = now.id::text and a.origin_id = {OriginId.ACOUSTID.value} and a.chromaprint is not null
  and case when a.gone then now.track_id is not null else a.track_id is distinct from now.track_id end
"""
_SET_TRACKS = (
    "insert into acoustid_fingerprint (id, track_id) select * from unnest($1::int[], $2::int[]) "
    "on conflict (id) do update set track_id = excluded.track_id "
    "where acoustid_fingerprint.track_id <> excluded.track_id"
)
_SET_RECORDINGS = (
    "insert into acoustid_recording (track_id, mbid, submissions) "
    "select * from unnest($1::int[], $2::text[]::uuid[], $3::int[]) "
    "on conflict (track_id, mbid) do update set submissions = excluded.submissions "
    "where acoustid_recording.submissions <> excluded.submissions"
)
_DROP_RECORDINGS = (
    "delete from acoustid_recording m using unnest($1::int[], $2::text[]::uuid[]) d(track_id, mbid) "
    "where m.track_id = d.track_id and m.mbid = d.mbid"
)
_MOVE_FINGERPRINTS = "update acoustid_fingerprint set track_id = $2 where track_id = $1"
_MOVE_RECORDINGS = (
    "with moved as (delete from acoustid_recording where track_id = $1 returning mbid, submissions) "
    "insert into acoustid_recording (track_id, mbid, submissions) select $2, mbid, submissions from moved "
    "on conflict (track_id, mbid) do nothing"
)


async def tracks_named(connection: asyncpg.Connection, origin: OriginId, names: Sequence[str]) -> dict[str, int]:
    """Tracks by the ids that their records have; unknown ones are left out."""
    return dict(await connection.fetch(_NAMED, list(set(names)), origin.value)) if names else {}


async def tracks_linked(connection: asyncpg.Connection, links: Sequence[Link]) -> dict[Link, int]:
    """Tracks by what platforms call them; unknown ones are left out."""
    asked = []
    for place, link in enumerate(links):
        platform = PLATFORMS[link.source]
        external_id = parse_platform_id(platform, link.id)
        if external_id is not None:
            asked.append((place, platform.value, external_id))
    if not asked:
        return {}
    rows = await connection.fetch(_LINKED, *(list(column) for column in zip(*asked, strict=True)))
    return {links[row["place"]]: row["track_id"] for row in rows if row["track_id"] is not None}


async def references_named(connection: asyncpg.Connection, origin: OriginId, names: Sequence[str]) -> dict[str, int]:
    """References by their names; removed and unknown ones are left out."""
    return dict(await connection.fetch(_REFERENCES, names, origin.value))


async def tracks_of_fingerprints(connection: asyncpg.Connection, fingerprints: Sequence[int]) -> dict[int, int | None]:
    """{AcoustID's fingerprint: track}; None where none of its recordings is in the catalog."""
    return dict(await connection.fetch(_TRACKS, fingerprints))


async def note_tracks(connection: asyncpg.Connection, said: Sequence[AcoustidTrack]) -> None:
    latest = {one.fingerprint: one.track for one in said}
    await connection.execute(_SET_TRACKS, list(latest), list(latest.values()))
    await connection.execute(_REATTACH, list(latest), [])


async def note_recordings(connection: asyncpg.Connection, said: Sequence[AcoustidRecording]) -> None:
    latest = {(one.track, one.mbid): one.submissions for one in said}
    held = [(*pair, number) for pair, number in latest.items() if number >= 0]
    dropped = [pair for pair, number in latest.items() if number < 0]
    if held:
        await connection.execute(_SET_RECORDINGS, *(list(column) for column in zip(*held, strict=True)))
    if dropped:
        await connection.execute(_DROP_RECORDINGS, *(list(column) for column in zip(*dropped, strict=True)))
    await connection.execute(_REATTACH, [], list({track for track, _ in latest}))


async def note_redirects(connection: asyncpg.Connection, said: Sequence[AcoustidRedirect]) -> None:
    for one in said:
        await connection.execute(_MOVE_FINGERPRINTS, one.track, one.into)
        await connection.execute(_MOVE_RECORDINGS, one.track, one.into)
    await connection.execute(_REATTACH, [], list({one.into for one in said}))
