"""Credits in the database: each function is one statement, and after each of them

used = sum of the ledger = sum of usage_day.credits + sum of the leases, for every account and month.

A lease holds what a process has taken and usage_day does not tell yet. How processes use them: credits.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import asyncpg

LEASE_SECONDS = 60.0  # without a sign of life from its process, until what a lease holds counts as lost
LOST = "lost"  # the endpoint under which usage tells credits whose process died

# $3 limit, $4 wanted, $5 ahead at most, and no more than a hundredth of what is left, $6 the least that is of use.
# A lease that is not new ($12) must be there still, or what is taken for it would mix with what was lost with it.
TAKE = """
with account as (select id from account where id = $1 for key share),
month as (
  insert into credit_month as m (account_id, month, used, taken)
  select id, $2, least($3::bigint, $4::bigint + least($5::bigint, $3 / 100)),
    least($3, $4 + least($5, $3 / 100))
  from account where $3 >= $6::bigint and ($12::boolean or exists (select from credit_lease where id = $10))
  on conflict (account_id, month) do update set
    used = m.used + least($3 - m.used, $4 + least($5, ($3 - m.used) / 100)),
    taken = least($3 - m.used, $4 + least($5, ($3 - m.used) / 100))
  where $3 - m.used >= $6
  returning used, taken),
entry as (
  insert into credit_entry (account_id, month, at, kind, amount, endpoint, key_id)
  select $1, $2, now(), $7, taken, $8, $9 from month),
lease as (
  insert into credit_lease as l (id, account_id, month, amount, expires_at)
  select $10, $1, $2, taken, now() + make_interval(secs => $11) from month
  on conflict (id) do update set amount = l.amount + excluded.amount, expires_at = excluded.expires_at)
select exists (select from account) as known,
  $12 or exists (select from credit_lease where id = $10) as leased,
  coalesce(month.taken, 0) as taken,
  coalesce(month.used, (select used from credit_month where account_id = $1 and month = $2), 0) as used
from (select) one left join month on true
"""

# Usage becomes part of the log, and leaves the leases. Sent again ($3 the same), it changes nothing a second time, but
# for requests without a lease, which cost nothing. Where a lease is gone, its credits count as lost already.
SETTLE = """
with account as (select id from account where id = any($5::int[]) order by id for key share),
lease as (
  update credit_lease l set amount = l.amount - s.amount, settlement = $3
  from unnest($1::uuid[], $2::bigint[]) s (id, amount)
  where l.id = s.id and l.settlement < $3
  returning l.id),
sent as (select id from credit_lease where id = any($1) and settlement = $3)
insert into usage_day as u (account_id, day, key_id, endpoint, requests, refused, credits)
select t.account_id, t.day, t.key_id, t.endpoint, sum(t.requests), sum(t.refused),
  coalesce(sum(t.credits) filter (where lease.id is not null), 0)
from unnest($4::uuid[], $5::int[], $6::date[], $7::int[], $8::text[], $9::bigint[], $10::bigint[], $11::bigint[])
  t (lease, account_id, day, key_id, endpoint, requests, refused, credits)
join account on account.id = t.account_id
left join lease on lease.id = t.lease
left join sent on sent.id = t.lease
where sent.id is null
group by 1, 2, 3, 4 order by 1, 2, 3, 4
on conflict (account_id, day, key_id, endpoint) do update set
  requests = u.requests + excluded.requests, refused = u.refused + excluded.refused,
  credits = u.credits + excluded.credits
"""

GIVE_BACK = """
with account as (select id from account where id = $2 for key share),
lease as (delete from credit_lease l using account where l.id = $1 returning l.account_id, l.month, l.amount),
month as (
  update credit_month m set used = m.used - lease.amount from lease
  where m.account_id = lease.account_id and m.month = lease.month and lease.amount > 0)
insert into credit_entry (account_id, month, at, kind, amount)
select account_id, month, now(), 'return', -amount from lease where amount > 0
"""

END = "delete from credit_lease where id = any($1::uuid[]) and amount = 0 returning id"

REFUND = """
with account as (select id from account where id = $2 for key share),
lease as (
  update credit_lease l set amount = l.amount - $3::bigint from account where l.id = $1 and l.amount >= $3
  returning l.account_id, l.month),
month as (
  update credit_month m set used = m.used - $3 from lease
  where m.account_id = lease.account_id and m.month = lease.month)
insert into credit_entry (account_id, month, at, kind, amount, endpoint, key_id)
select account_id, month, now(), 'refund', -$3, $4, $5 from lease
"""

EXTEND = """
update credit_lease set expires_at = now() + make_interval(secs => $2) where id = any($1::uuid[]) returning id
"""

# Whether what a dead process held was served, nobody knows: it stays charged, or processes that are killed could serve
# more than the quota. The ledger says so by a return and an equal loss.
SWEEP = """
with lease as (
  delete from credit_lease where id in (
    select id from credit_lease where expires_at < now() for update skip locked)
  returning account_id, month, amount),
lost as (
  select account_id, month, sum(amount)::bigint as amount from lease where amount > 0
  group by account_id, month order by account_id, month),
entry as (
  insert into credit_entry (account_id, month, at, kind, amount, endpoint)
  select account_id, month, now(), kind, sign * amount, case kind when 'lost' then $1 else '' end
  from lost, (values ('return', -1), ('lost', 1)) k (kind, sign))
insert into usage_day as u (account_id, day, key_id, endpoint, requests, refused, credits)
select account_id, least((now() at time zone 'UTC')::date, (month + interval '1 month')::date - 1), 0, $1, 0, 0, amount
from lost
on conflict (account_id, day, key_id, endpoint) do update set credits = u.credits + excluded.credits
"""

# The ledger of a month that is over, with no process still settling it, becomes one row for each kind.
COMPACT = """
with old as (
  delete from credit_entry e using (
    select account_id, month from credit_entry where month < $1
    group by account_id, month having count(*) > 5 limit 1000
  ) m where e.account_id = m.account_id and e.month = m.month
    and not exists (select from credit_lease l where l.account_id = e.account_id and l.month = e.month)
  returning e.account_id, e.month, e.at, e.kind, e.amount)
insert into credit_entry (account_id, month, at, kind, amount)
select account_id, month, max(at), kind, sum(amount) from old group by account_id, month, kind
"""


@dataclass(frozen=True, slots=True)
class Taken:
    """What a statement took, and the month's counter after it.

    `known` is false for an account that is gone, `leased` for a lease that is.
    """

    known: bool
    leased: bool
    taken: int
    used: int


@dataclass(frozen=True, slots=True)
class Entry:
    """Why credits are taken, as the ledger tells it."""

    kind: str = "take"
    endpoint: str = ""
    key_id: int | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A row of usage that is to be added to usage_day, and the lease that its credits are of."""

    lease: UUID | None
    account_id: int
    day: date
    key_id: int
    endpoint: str
    requests: int
    refused: int
    credits: int


COLUMNS = ("lease", "account_id", "day", "key_id", "endpoint", "requests", "refused", "credits")
TAKEN = Entry()


class Ledger:
    """The statements, on a pool whose search_path is the schema of accounts."""

    def __init__(self, pool: asyncpg.Pool, lease_seconds: float = LEASE_SECONDS) -> None:
        self.pool, self.lease_seconds = pool, lease_seconds

    async def take(  # noqa: PLR0913  # by name
        self,
        lease: UUID,
        account_id: int,
        month: date,
        *,
        new: bool,
        limit: int,
        wanted: int,
        ahead: int = 0,
        least: int = 1,
        entry: Entry = TAKEN,
    ) -> Taken:
        """Take `wanted` credits, at least `least` of them, and some `ahead`; nothing when there are not that many."""
        values = account_id, month, limit, wanted, ahead, least, entry.kind, entry.endpoint, entry.key_id
        row = await self.pool.fetchrow(TAKE, *values, lease, self.lease_seconds, new)
        return Taken(**dict(row))

    async def settle(self, number: int, spent: Sequence[tuple[UUID, int]], rows: Sequence[Row]) -> None:
        """Add rows to usage, and take the credits spent out of their leases."""
        columns = ([getattr(row, name) for row in rows] for name in COLUMNS)
        await self.pool.execute(SETTLE, [s[0] for s in spent], [s[1] for s in spent], number, *columns)

    async def give_back(self, lease: UUID, account_id: int) -> None:
        """End a lease and return all that it holds. Nobody may take for it or spend of it at the same time."""
        await self.pool.execute(GIVE_BACK, lease, account_id)

    async def end(self, leases: Sequence[UUID]) -> set[UUID]:
        """End the leases that hold nothing; which ones."""
        return {row["id"] for row in await self.pool.fetch(END, leases)}

    async def refund(self, lease: UUID, account_id: int, amount: int, entry: Entry) -> None:
        """Return what was reserved."""
        await self.pool.execute(REFUND, lease, account_id, amount, entry.endpoint, entry.key_id)

    async def extend(self, leases: Sequence[UUID]) -> set[UUID]:
        """The sign of life; which of the leases are there still."""
        return {row["id"] for row in await self.pool.fetch(EXTEND, leases, self.lease_seconds)}


async def sweep(pool: asyncpg.Pool, month: date) -> None:
    """Count the leases of dead processes as lost, and sum up the ledger of months before `month`."""
    await pool.execute(SWEEP, LOST)
    await pool.execute(COMPACT, month)
