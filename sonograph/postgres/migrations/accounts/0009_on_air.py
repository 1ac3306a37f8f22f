"""What is on air just now, as whoever watches a stream says: a play stays open for longer than its track is heard."""

from tortoise import migrations
from tortoise.migrations import operations as ops

TABLES = """
-- The start of the play that is on air, 1970 while there is none (talk, silence, an outage), null before anybody said.
alter table stream add column on_air timestamptz;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0008_play_report")]

    operations = [ops.RunSQL(TABLES, reverse_sql="alter table stream drop column on_air")]
