"""What makes one catalog of several sources, and takes it apart again: docs/explanation/merging.md."""

from tortoise import migrations
from tortoise.migrations import operations as ops

TABLES = """
-- Rows that became one: a line for each of them, that of the row which is left included. Nothing is here of rows that were
-- not merged. member: the row that it had, to which source_ref goes on leading; a redirect leads on to `row`. origin_id: of the
-- source (never MUSICBRAINZ_TAGS). reason: vocabulary.MergeReason. body: the row and all under it as they were, zlib-compressed
-- JSON, so that it can come back exactly. hidden: artists of a member of a track that the track does not name, by whose names
-- it is found all the same; null for none.
create table merged (
  id int generated always as identity primary key,
  "row" int not null, member int not null, kind smallint not null, origin_id smallint not null, reason smallint not null,
  merged_at timestamptz not null, external_id text not null, evidence text not null, body bytea not null, hidden int[]
);
create index merged_row on merged("row", kind);
create unique index merged_member on merged(member, kind);
create index merged_hidden on merged using gin(hidden) where hidden is not null;

-- Pairs that somebody took apart: they are not merged again. a sorts before b.
create table merge_ban (
  kind smallint not null, origin_a smallint not null, origin_b smallint not null, external_a text not null,
  external_b text not null, banned_at timestamptz not null,
  primary key (external_a, external_b, kind, origin_a, origin_b)
);

-- Up to which row of a kind the last pass looked, and which of those changed since: what the next one has to look at.
create table merge_state (kind smallint primary key, looked_at int not null);
create table merge_pending ("row" int not null, kind smallint not null);

-- One source saying which record of another speaks of the same thing (MusicBrainz' links to Discogs and back).
create table same_as (
  kind smallint not null, origin_id smallint not null, target_origin smallint not null, external_id text not null,
  target_id text not null,
  primary key (external_id, kind, origin_id, target_origin, target_id)
);
create index same_as_target on same_as(target_id, kind, target_origin);

create index redirect_new on redirect(new_id, kind);
"""

DROP = """
drop index redirect_new;
drop table merged, merge_ban, merge_state, merge_pending, same_as;
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0004_accepted_genres")]

    operations = [ops.RunSQL(TABLES, reverse_sql=DROP)]
