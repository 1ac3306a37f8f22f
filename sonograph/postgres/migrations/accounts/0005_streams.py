"""Streams that are watched, what was heard on them, and the log of events that every listener reads."""

from tortoise import migrations
from tortoise.migrations import operations as ops

TABLES = """
-- A process that watches streams. One row a process is kept alive, not one a stream: who has not been seen for some
-- seconds has lost its streams to whoever takes them.
create table monitor (
  id int generated always as identity primary key,
  name text not null,
  started_at timestamptz not null,
  seen_at timestamptz not null,
  capacity int not null
);

-- format, detection_mode, runtime_status: sonograph/monitoring/vocabulary.py. stopped_at: null while it is watched.
-- revision grows with each change that its watcher must take up. tuning: what was learnt from the station's own titles.
create table stream (
  id int generated always as identity primary key,
  account_id int not null references account(id) on delete cascade,
  test boolean not null,
  url text not null,
  name text,
  format smallint,
  detection_mode smallint not null,
  outage_notifications boolean not null,
  created_at timestamptz not null,
  stopped_at timestamptz,
  revision int not null default 1,
  monitor_id int references monitor(id) on delete set null,
  runtime_status smallint not null,
  status_reason text,
  status_at timestamptz not null,
  heard_at timestamptz,
  last_recognized_at timestamptz,
  offline_since timestamptz,
  tuning jsonb
) with (fillfactor = 70);
create index stream_account on stream(account_id, test, id);
create index stream_monitor on stream(monitor_id) where stopped_at is null;

-- One row an airing, by months. ended_at is null while it goes on; heard_until is how far it was heard so far.
-- test says in which catalog the track stands, as of its stream.
create sequence play_id;
create table play (
  id bigint not null default nextval('play_id'),
  account_id int not null references account(id) on delete cascade,
  stream_id int not null references stream(id) on delete cascade,
  test boolean not null,
  track_id int not null,
  started_at timestamptz not null,
  heard_until timestamptz not null,
  ended_at timestamptz,
  played_ms int,
  confidence real not null,
  primary key (stream_id, started_at, id)
) partition by range (started_at);
alter sequence play_id owned by play.id;
create index play_open on play(stream_id) where ended_at is null;

-- What was on a stream that is no airing: silence and outages (kind); the rest of its day is talk and the unknown.
create table stream_gap (
  stream_id int not null references stream(id) on delete cascade,
  kind smallint not null,
  started_at timestamptz not null,
  ended_at timestamptz,
  reason text,
  primary key (stream_id, started_at, kind)
);

-- The log of events. Ids are taken under a lock that is held until the commit, so their order is that of commits.
create sequence event_id;
create table event (
  id bigint primary key default nextval('event_id'),
  account_id int not null references account(id) on delete cascade,
  test boolean not null,
  type smallint not null,
  stream_id int,
  created_at timestamptz not null,
  data jsonb not null
);
alter sequence event_id owned by event.id;
create index event_feed on event(account_id, test, id);
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_uploads")]

    operations = [
        ops.RunSQL(
            TABLES,
            reverse_sql="drop table event, stream_gap, play, stream, monitor",
        )
    ]
