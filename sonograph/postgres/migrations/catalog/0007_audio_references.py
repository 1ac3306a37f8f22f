"""Audio by which recordings are known: fingerprints, and what an index needs to follow them."""

from tortoise import migrations
from tortoise.migrations import operations as ops

TABLE = """
-- A fingerprint of a track's audio, under the name that its origin has for it (AcoustID's number, the place of a file). What
-- is written again under that name takes its place. track_id: as it was written; where tracks were merged, `redirect` leads
-- on. changed_in: the transaction that wrote the row last, by which indexes learn of changes. chromaprint: little-endian items
-- of algorithm 1; landmarks: packed peaks; null where there are none. gone: removed; the row stays, without fingerprints, so
-- that indexes hear of it. seconds: of the audio that the fingerprints are of.
create table audio_reference (
  changed_in xid8 not null default pg_current_xact_id(),
  id int generated always as identity primary key,
  track_id int not null,
  seconds real not null,
  origin_id smallint not null,
  gone boolean not null default false,
  external_id text not null,
  chromaprint bytea,
  landmarks bytea
);
-- Fingerprints are noise to a compressor: trying costs time and gains nothing.
alter table audio_reference alter column chromaprint set storage external, alter column landmarks set storage external;
create unique index audio_reference_name on audio_reference(external_id, origin_id);
create index audio_reference_track on audio_reference(track_id);
create index audio_reference_changed on audio_reference(changed_in, id);
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0006_fewer_bytes")]

    operations = [ops.RunSQL(TABLE, reverse_sql="drop table audio_reference")]
