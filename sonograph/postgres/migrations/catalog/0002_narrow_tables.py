"""The narrow tables with composite keys, and the indexes that reads and the search depend on.

Sort keys are indexed in the very expression that a list is ordered by (`coalesce(release_date, '-infinity')`), text keys
in collation C, so that prefix ranges work whatever the database's own collation is.
"""

from tortoise import migrations
from tortoise.migrations import operations as ops

TABLES = """
-- role: vocabulary.ArtistRole. credited_as: the name on this recording where it differs. join_phrase: what stands between
-- this name and the next (" feat. ", " & "). title_signature: typos.title_signature() of the title without weak versions, null
-- for roles by which nobody searches.
create table track_artist (
  track_id int not null, artist_id int not null, title_signature int, position smallint not null, role smallint not null,
  credited_as text, join_phrase text,
  primary key (track_id, position)
);
create index track_artist_artist on track_artist(artist_id, track_id);
create index track_artist_title on track_artist(artist_id, title_signature) where title_signature is not null;

create table release_track (
  release_id int not null, track_id int not null, disc_number smallint, track_number smallint,
  primary key (release_id, track_id)
);
create index release_track_track on release_track(track_id);

create table edition_track (
  edition_id int not null, track_id int not null, disc_number smallint, track_number smallint,
  primary key (edition_id, track_id)
);

-- released: a copy of track.released, so that the newest of a genre come out of one index.
create table track_genre (
  track_id int not null, genre_id smallint not null, released date, primary key (track_id, genre_id)
);
create index track_genre_genre on track_genre(
  genre_id, (coalesce(released, '-infinity'::date)) desc, track_id desc
);

create table isrc (track_id int not null, preferred boolean not null, code text not null, primary key (code, track_id));
create index isrc_track on isrc(track_id);

create table work_recording (work_id int not null, track_id int not null, primary key (work_id, track_id));
create index work_recording_track on work_recording(track_id);

create table iswc (work_id int not null, code text not null, primary key (code, work_id));
create index iswc_work on iswc(work_id);

-- source: vocabulary.Platform
create table platform_link (track_id int not null, source smallint not null, external_id text not null);
-- A hash index takes 106 to 121 bytes a track, a primary key over all three columns 164; the writer sees to doubles.
create index platform_link_external on platform_link using hash(external_id);
create index platform_link_track on platform_link(track_id);

-- What each source says about the key of a recording; track.camelot is the one that we stand by.
create table track_musical_key (
  track_id int not null, source text not null, camelot text not null, primary key (track_id, source)
);

create table musical_key (camelot text primary key, musical text not null, open text not null);

-- Merged ids stay alive. kind: vocabulary.EntityKind
create table redirect (kind smallint not null, old_id int not null, new_id int not null, primary key (kind, old_id));

-- Which row an importer made for which id of its source; digest: of the record as read, so that an unchanged one is skipped.
create table source_ref (
  entity_id int not null, kind smallint not null, origin_id smallint not null, digest bigint not null, external_id text not null,
  primary key (external_id, kind, origin_id)
);

-- What importers read of releases (kind: vocabulary.EntityKind RELEASE or RELEASE_GROUP), as zlib-compressed JSON. A release
-- row is worked out from all records of its group together, so that the order of an import does not matter.
create table release_record (
  release_id int not null, kind smallint not null, external_id text not null, body bytea not null,
  primary key (release_id, kind, external_id)
);

-- The last id given to a row of each kind. Unlike a sequence it is rolled back with its transaction: an import that was
-- killed and goes on gives the same ids as one that was not. Importers hold a lock, so nobody waits for the row.
create table last_id (kind smallint primary key, id int not null);

-- names.match_keys() of a recording, with its popularity, so that a page of matches comes out of one index.
create table match_key (key bigint not null, popularity int not null, track_id int not null);
create index match_key_key on match_key(key, popularity desc, track_id);
create index match_key_track on match_key(track_id);

-- Every key under which an artist or label is found: own name, other spellings, transliterations.
create table artist_key (artist_id int not null, popularity int not null, key text not null);
create index artist_key_key on artist_key(key collate "C", popularity desc, artist_id);
create index artist_key_artist on artist_key(artist_id);
create index artist_key_text on artist_key using gin(to_tsvector('simple', key));

-- typos.all_typo_hashes() of an artist's keys. Rows of an artist are found by its keys: an index on artist_id would take 12
-- bytes a track.
create table artist_typo (hash int not null, artist_id int not null);
create index artist_typo_hash on artist_typo(hash, artist_id);

create table label_key (label_id int not null, release_count int not null, key text not null);
create index label_key_key on label_key(key collate "C", release_count desc, label_id);
create index label_key_label on label_key(label_id);
create table label_typo (hash int not null, label_id int not null);  -- as artist_typo
create index label_typo_hash on label_typo(hash, label_id);
create index label_key_text on label_key using gin(to_tsvector('simple', key));

create index artist_musicbrainz on artist(musicbrainz_id) where musicbrainz_id is not null;
create index artist_wikidata on artist(wikidata_id) where wikidata_id is not null;
create index edition_barcode on edition(barcode) where barcode is not null;
create index edition_group on edition(group_external_id, source) where group_external_id is not null;
create unique index edition_external on edition(external_id, source);
create index edition_release on edition(release_id);
create index release_artist on release(artist_id, (coalesce(release_date, '-infinity'::date)) desc, id desc);
create index release_label on release(label_id, (coalesce(release_date, '-infinity'::date)) desc, id desc);
create index release_new on release((coalesce(release_date, '-infinity'::date)) desc, popularity desc, id desc);
create index release_title on release(title_key collate "C", popularity desc, id desc);
create index release_text on release using gin(to_tsvector('simple', title_key));
create index track_new on track((coalesce(released, '-infinity'::date)) desc, id desc);
create index track_text on track using gin(to_tsvector('simple', search_text));

alter table track add constraint track_bpm check (bpm > 0 and bpm < 1000);  -- refuses NaN and infinity, which JSON lacks
"""

DROP = """
drop table track_artist, release_track, edition_track, track_genre, isrc, work_recording, iswc, platform_link,
  track_musical_key, musical_key, redirect, source_ref, release_record, last_id, match_key, artist_key, artist_typo,
  label_key, label_typo;
drop index artist_musicbrainz, artist_wikidata, edition_barcode, edition_group, edition_external, edition_release, release_artist, release_label, release_new, release_title,
  release_text, track_new, track_text;
alter table track drop constraint track_bpm;
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0001_initial")]

    operations = [ops.RunSQL(TABLES, reverse_sql=DROP)]
