"""Genres that reviewers accepted for tracks: kept beside what sources say, so that no import takes them away."""

from tortoise import migrations
from tortoise.migrations import operations as ops

TABLE = """
-- What stands here is in track_genre, too, whenever the track is written.
create table accepted_genre (
  track_id int not null, genre_id smallint not null, accepted_at timestamptz not null, primary key (track_id, genre_id)
);
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0003_popularity_origin")]

    operations = [ops.RunSQL(TABLE, reverse_sql="drop table accepted_genre")]
