"""What AcoustID knows of which fingerprint is of which recording, so that its files can be read in any order of days."""

from tortoise import migrations
from tortoise.migrations import operations as ops

TABLES = """
-- Numbers are AcoustID's. A fingerprint belongs to one of its tracks; people say which recordings a track is, and how many
-- of them do (submissions) tells the likeliest.
create table acoustid_fingerprint (id int primary key, track_id int not null);
create index acoustid_fingerprint_track on acoustid_fingerprint(track_id);
create table acoustid_recording (
  track_id int not null, submissions int not null, mbid uuid not null, primary key (track_id, mbid)
);
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0008_audio_files")]

    operations = [ops.RunSQL(TABLES, reverse_sql="drop table acoustid_fingerprint, acoustid_recording")]
