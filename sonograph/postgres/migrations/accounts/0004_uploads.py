"""Files that accounts have sent, or are about to: the rows; the bytes are in the data folder."""

from tortoise import migrations
from tortoise.migrations import operations as ops

TABLE = """
-- token: SHA-256 of the secret in the URL, and the file's name. size: null until all bytes are there.
create table upload (
  id int generated always as identity primary key,
  account_id int not null references account(id) on delete cascade,
  test boolean not null,
  token bytea not null unique,
  at_most int not null,
  size int,
  created_at timestamptz not null,
  expires_at timestamptz not null
);
create index upload_account on upload(account_id);
create index upload_expires_at on upload(expires_at);
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_accounts")]

    operations = [ops.RunSQL(TABLE, reverse_sql="drop table upload")]
