"""Tempo and key that were heard in audio: they outlive imports of the track from other sources, and merges of it.

Kept in `audio_file`, and given to the track again whenever it is written. Where another source tells a tempo or a key,
that stands; what was heard of the key stands beside it, under the source "audio".
"""

from collections.abc import Collection

import asyncpg

from sonograph.catalog.vocabulary import EntityKind

SOURCE = "audio"

# A track that was merged into another brings its files along. OFFSET 0: see source_ids.
_HEARD = f"""
select w.id, f.bpm, f.bpm_confidence, f.camelot, f.key_confidence from unnest($1::int[]) w(id) cross join lateral (
  select * from audio_file a where a.track_id = w.id
  union all
  select a.* from redirect r join audio_file a on a.track_id = r.old_id
  where r.new_id = w.id and r.kind = {EntityKind.TRACK.value} offset 0) f
"""  # noqa: S608  # a number of ours
_SURE_KEY = f"""
select distinct on (id) id, camelot from ({_HEARD}) h where camelot is not null order by id, key_confidence desc
"""  # noqa: S608  # constants of this file
_TEMPO = f"""
update track t set bpm = s.bpm from (
  select distinct on (id) id, bpm from ({_HEARD}) h where bpm is not null order by id, bpm_confidence desc) s
where t.id = s.id and t.bpm is null
"""  # noqa: S608
_KEY = f"update track t set camelot = s.camelot from ({_SURE_KEY}) s where t.id = s.id and t.camelot is null"  # noqa: S608
_KEYS = f"""
insert into track_musical_key (track_id, source, camelot)
select s.id, '{SOURCE}', s.camelot from ({_SURE_KEY}) s join track t on t.id = s.id
on conflict (track_id, source) do update set camelot = excluded.camelot
"""  # noqa: S608


async def restore_heard(connection: asyncpg.Connection, tracks: Collection[int]) -> None:
    """Give these tracks what was heard in their audio, where no other source tells it."""
    if tracks and await connection.fetchval("select exists (select from audio_file)"):
        rows = list(tracks)
        await connection.execute(_TEMPO, rows)
        await connection.execute(_KEY, rows)
        await connection.execute(_KEYS, rows)
