"""Files of the operator that were imported: what is passed over the next time, and what was heard in them."""

from tortoise import migrations
from tortoise.migrations import operations as ops

TABLE = """
-- size in bytes and modified in nanoseconds tell whether a file changed. reference_id: null where its sound was a reference
-- already. bpm and camelot, with how sure they are (0 to 1), are given to the track wherever it is written anew: they are no
-- other source's. track_id: as it was found; where tracks were merged, `redirect` leads on. name: of the sound, as its source_ref
-- and its audio_reference have it. album, with place and date: of a track that was made of the file, to tell the whole album
-- whenever a file of it comes.
create table audio_file (
  size bigint not null, modified bigint not null, imported_at timestamptz not null, bpm float8, track_id int not null,
  reference_id int, bpm_confidence real, key_confidence real, disc_number smallint, track_number smallint, camelot text,
  name text not null, album text, released text, path text primary key
);
create index audio_file_track on audio_file(track_id);
create index audio_file_album on audio_file(album) where album is not null;
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0007_audio_references")]

    operations = [ops.RunSQL(TABLE, reverse_sql="drop table audio_file")]
