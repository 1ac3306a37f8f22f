"""Up to where the log of events was swept, for each of its readers: a cursor from before it is told that it is too old."""

from tortoise import migrations
from tortoise.migrations import operations as ops

TABLES = """
create table event_horizon (
  account_id int not null references account(id) on delete cascade,
  test boolean not null,
  swept_id bigint not null,
  primary key (account_id, test)
);
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_keeping")]

    operations = [ops.RunSQL(TABLES, reverse_sql="drop table event_horizon")]
