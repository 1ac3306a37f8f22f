"""What whoever goes on watching a stream must know of the one before, and what is to be told by mail."""

from tortoise import migrations
from tortoise.migrations import operations as ops

TABLES = """
-- Of one stream no two airings begin in the same microsecond: a statement that is sent again makes no second play.
alter table play drop constraint play_pkey;
alter table play add primary key (stream_id, started_at);

-- airing: what has to be remembered to go on with the open play (sonograph/monitoring/resuming.py), null without one.
alter table stream add column airing jsonb;

-- Outages to tell the account of by e-mail, gathered to a letter (sonograph/monitoring/outage_letters.py).
-- type: that of the event (sonograph/events/event.py). sent_at: when its letter was handed to the mail server's queue.
create table outage_note (
  id int generated always as identity primary key,
  account_id int not null references account(id) on delete cascade,
  stream_id int not null references stream(id) on delete cascade,
  type smallint not null,
  at timestamptz not null,
  reason text,
  noted_at timestamptz not null,
  sent_at timestamptz
);
create index outage_note_account on outage_note(account_id, sent_at);
create index outage_note_waiting on outage_note(account_id) where sent_at is null;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_streams")]

    operations = [
        ops.RunSQL(
            TABLES,
            reverse_sql="drop table outage_note; alter table stream drop column airing; "
            "alter table play drop constraint play_pkey; alter table play add primary key (stream_id, started_at, id)",
        )
    ]
