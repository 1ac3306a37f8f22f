"""The books of an account: counter, ledger, log and leases."""

from dataclasses import dataclass

import asyncpg

BOOKS = """select
  coalesce((select sum(used) from credit_month where account_id = $1), 0)::int as counter,
  coalesce((select sum(amount) from credit_entry where account_id = $1), 0)::int as ledger,
  coalesce((select sum(credits) from usage_day where account_id = $1), 0)::int as log,
  coalesce((select sum(amount) from credit_lease where account_id = $1), 0)::int as leased"""


@dataclass(frozen=True, slots=True)
class Books:
    counter: int
    ledger: int
    log: int
    leased: int

    def are_equal(self) -> bool:
        """Counter = ledger = log and what processes hold: after every statement."""
        return self.counter == self.ledger == self.log + self.leased


async def books(pool: asyncpg.Pool, account_id: int) -> Books:
    """All in one statement, and so of one moment."""
    return Books(**dict(await pool.fetchrow(BOOKS, account_id)))
