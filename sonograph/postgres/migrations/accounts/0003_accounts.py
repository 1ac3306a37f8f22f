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

-- Signed-in browsers. hash: SHA-256 of the cookie.
create table session (
  hash bytea primary key,
  account_id int not null references account(id) on delete cascade,
  created_at timestamptz not null,
  seen_at timestamptz not null,
  expires_at timestamptz not null,
  address inet,
  user_agent text not null default ''
);
create index session_account on session(account_id);
create index session_expires on session(expires_at);

-- Links sent by mail, each good for one use. hash: SHA-256 of the token. email: where it was sent (for `change`: the new address).
create table mail_link (
  hash bytea primary key,
  account_id int not null references account(id) on delete cascade,
  purpose text not null check (purpose in ('verify', 'reset', 'change')),
  email text not null,
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

-- Credits. month: the first day of a month in UTC. used: spent or reserved; it never passes what the plan allows.
create table credit_month (
  account_id int not null references account(id) on delete cascade,
  month date not null,
  used bigint not null default 0 check (used >= 0),
  primary key (account_id, month)
) with (fillfactor = 50);  -- updated all the time: room for HOT updates

-- Credits that a process took in one piece to spend one by one; what it does not spend goes back.
create table credit_lease (
  id uuid primary key,
  account_id int not null references account(id) on delete cascade,
  month date not null,
  amount int not null check (amount > 0),
  expires_at timestamptz not null
);
create index credit_lease_expires on credit_lease(expires_at);

-- The ledger: each change of credit_month.used, so that their sum is the counter.
create table credit_entry (
  id bigint generated always as identity primary key,
  account_id int not null references account(id) on delete cascade,
  month date not null,
  at timestamptz not null,
  kind text not null check (kind in ('take', 'lease', 'return', 'reserve', 'refund', 'grant', 'lost')),
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
drop table suggestion, billing_entry, entitlement, usage_day, credit_entry, credit_lease, credit_month, audit, mail_link, session;
drop index api_key_account;
alter table api_key drop column scopes, drop column networks, drop column last_used_at, drop column replaced_by;
alter table account drop column password_hash, drop column name, drop column reviewer, drop column stripe_customer;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_key_lookup")]

    operations = [ops.RunSQL(TABLES, reverse_sql=DROP)]
