"""Sign-up, sessions, audit, credits, stream entitlements and genre suggestions.

Everything hangs on the account and goes with it: deleting an account is one statement.
"""

from tortoise import migrations
from tortoise.migrations import operations as ops

TABLES = """
-- password_hash: Argon2id with its parameters; null where an operator made the account, who sets one by a reset link.
-- stripe_customer: the id at Stripe, where that driver is on.
alter table account
  add column password_hash text,
  add column name text not null default '',
  add column reviewer boolean not null default false,
  add column stripe_customer text unique;

-- scopes: null is everything. networks: addresses that may use the key, null is all. replaced_by: the key that a rotation
-- made; this one is in force until its expires_at.
alter table api_key
  add column scopes text[],
  add column networks cidr[],
  add column last_used_at timestamptz,
  add column replaced_by int references api_key(id) on delete set null;
create index api_key_account on api_key(account_id);

-- Signed-in browsers. hash: SHA-256 of the cookie; previous_hash: of the one before, good for a moment after rotated_at,
-- because a browser has several requests under way at once.
create table session (
  id bigint generated always as identity primary key,
  hash bytea not null unique,
  previous_hash bytea unique,
  account_id int not null references account(id) on delete cascade,
  created_at timestamptz not null,
  rotated_at timestamptz not null,
  seen_at timestamptz not null,
  expires_at timestamptz not null,
  address inet,
  user_agent text not null default ''
);
create index session_account on session(account_id);
create index session_expires on session(expires_at);

-- Links sent by mail, each good for one use. hash: SHA-256 of the token. email: where it was sent (for `change`: the new address).
-- password_hash: of a sign-up, it becomes the account's when the link is used by who knows the password; until then anybody
-- may have typed the address.
create table mail_link (
  hash bytea primary key,
  account_id int not null references account(id) on delete cascade,
  purpose text not null check (purpose in ('verify', 'reset', 'change')),
  email text not null,
  password_hash text,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz
);
create index mail_link_account on mail_link(account_id, purpose);
create index mail_link_expires on mail_link(expires_at);

-- What the owner may read of what happened to the account: sign-ins, key changes, plan changes.
create table audit (
  id bigint generated always as identity primary key,
  account_id int not null references account(id) on delete cascade,
  at timestamptz not null,
  action text not null,
  address inet,
  detail jsonb not null default '{}'
);
create index audit_account on audit(account_id, id desc);
create index audit_at on audit using brin(at);

-- Processes remember who a key belongs to for a few seconds; they listen to this to forget it at once. Not for last_used_at:
-- a notification takes a lock of the whole server at its commit.
create function tell_account_change() returns trigger language plpgsql as $$
begin
  if tg_table_name = 'account' then
    perform pg_notify('sonograph_account', old.id::text);
  else
    perform pg_notify('sonograph_account', old.account_id::text);
  end if;
  return null;
end $$;
create trigger account_change after update of email, plan, email_verified_at, reviewer or delete on account
  for each row execute function tell_account_change();
create trigger api_key_change after update of revoked_at, expires_at, scopes, networks or delete on api_key
  for each row execute function tell_account_change();

-- Credits. month: the first day of a month in UTC. used: taken by requests, ahead of them or reserved; it never passes what
-- the plan allows. taken: by the last statement, because RETURNING knows no old values before PostgreSQL 18.
create table credit_month (
  account_id int not null references account(id) on delete cascade,
  month date not null,
  used bigint not null default 0 check (used >= 0),
  taken bigint not null default 0,
  primary key (account_id, month)
) with (fillfactor = 50);  -- updated all the time: room for HOT updates

-- Credits that a process has taken and that usage_day does not tell yet: always used = sum(credit_entry.amount) =
-- sum(usage_day.credits) + sum(credit_lease.amount). settlement: number of the last batch of usage, so that one whose answer
-- was lost may be sent again.
create table credit_lease (
  id uuid primary key,
  account_id int not null references account(id) on delete cascade,
  month date not null,
  amount bigint not null check (amount >= 0),
  settlement bigint not null default 0,
  expires_at timestamptz not null
) with (fillfactor = 50);
create index credit_lease_account on credit_lease(account_id);

-- The ledger: each change of credit_month.used, so that their sum is the counter.
create table credit_entry (
  id bigint generated always as identity primary key,
  account_id int not null references account(id) on delete cascade,
  month date not null,
  at timestamptz not null,
  kind text not null check (kind in ('take', 'return', 'reserve', 'refund', 'lost')),
  amount bigint not null,
  endpoint text not null default '',
  key_id int
);
create index credit_entry_account on credit_entry(account_id, month, id);

-- What was asked, by day, key and endpoint. endpoint: the route or the GraphQL root field.
create table usage_day (
  account_id int not null references account(id) on delete cascade,
  day date not null,
  key_id int not null,
  endpoint text not null,
  requests bigint not null,
  refused bigint not null default 0,
  credits bigint not null,
  primary key (account_id, day, key_id, endpoint)
) with (fillfactor = 70);

-- Stream entitlements: how many streams an account may watch, and until when.
create table entitlement (
  id int generated always as identity primary key,
  account_id int not null references account(id) on delete cascade,
  kind text not null check (kind in ('stream')),
  quantity int not null check (quantity > 0),
  price_cents int not null check (price_cents >= 0),
  started_at timestamptz not null,
  period_ends_at timestamptz not null,
  cancelled_at timestamptz,
  external_id text unique
);
create index entitlement_account on entitlement(account_id);

-- What is or will be billed: one row a charge or credit note, never changed.
create table billing_entry (
  id bigint generated always as identity primary key,
  account_id int not null references account(id) on delete cascade,
  entitlement_id int references entitlement(id) on delete set null,
  at timestamptz not null,
  period_from timestamptz not null,
  period_until timestamptz not null,
  quantity int not null,
  amount_cents bigint not null,
  description text not null,
  external_id text unique
);
create index billing_entry_account on billing_entry(account_id, id desc);

-- Genre suggestions. test: for a track of the sandbox.
create table suggestion (
  id int generated always as identity primary key,
  account_id int not null references account(id) on delete cascade,
  test boolean not null,
  track_id int not null,
  genre_id smallint not null,
  note text,
  status text not null default 'pending' check (status in ('pending', 'approved', 'rejected')),
  reason text,
  reviewer text,
  created_at timestamptz not null,
  reviewed_at timestamptz
);
create unique index suggestion_pending on suggestion(account_id, test, track_id, genre_id) where status = 'pending';
create index suggestion_account on suggestion(account_id, id desc);
create index suggestion_open on suggestion(id) where status = 'pending';
"""

DROP = """
drop trigger account_change on account;
drop trigger api_key_change on api_key;
drop function tell_account_change;
drop table suggestion, billing_entry, entitlement, usage_day, credit_entry, credit_lease, credit_month, audit, mail_link, session;
drop index api_key_account;
alter table api_key drop column scopes, drop column networks, drop column last_used_at, drop column replaced_by;
alter table account drop column password_hash, drop column name, drop column reviewer, drop column stripe_customer;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_key_lookup")]

    operations = [ops.RunSQL(TABLES, reverse_sql=DROP)]
