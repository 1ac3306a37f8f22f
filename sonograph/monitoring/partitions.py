"""Plays are kept by months: the partitions are made before they are needed."""

from datetime import UTC, datetime
from typing import Any

LOCK = 0x706C6179  # any constant will do
AHEAD = 2  # months after the one that is asked for: a loop that fails for weeks does no harm

# Read as a table: what `to_regclass` remembers outlives the wait for a lock.
_EXISTS = "select exists (select from pg_class where relname = $1 and relnamespace = 'accounts'::regnamespace)"
# Attached, and not made as a partition: that would lock all plays against reads.
_MAKE = """
create table accounts.{name} (like accounts.play including defaults including constraints);
alter table accounts.play attach partition accounts.{name} for values from ('{begin}') to ('{end}');
"""


async def ensure_partitions(connection: Any, at: datetime, ahead: int = AHEAD) -> list[str]:
    """Make what is missing of the month of `at` (UTC) and the next ones; the names of what was made.

    Safe to call from many processes at once. For its locks on streams and accounts, let the transaction be its own.
    """
    made = []
    months = [_month(at, number) for number in range(ahead + 1)]
    missing = [one for one in months if not await connection.fetchval(_EXISTS, _name(one))]
    if not missing:
        return []
    async with connection.transaction():
        await connection.execute("select pg_advisory_xact_lock($1)", LOCK)
        for month in missing:
            if not await connection.fetchval(_EXISTS, _name(month)):
                end = _month(month, 1)
                await connection.execute(_MAKE.format(name=_name(month), begin=month.isoformat(), end=end.isoformat()))
                made.append(_name(month))
    return made


def _month(at: datetime, later: int) -> datetime:
    """The beginning of the month that is so many after that of `at`."""
    number = (at := at.astimezone(UTC)).year * 12 + at.month - 1 + later
    return datetime(number // 12, number % 12 + 1, 1, tzinfo=UTC)


def _name(month: datetime) -> str:
    return f"play_{month:%Y_%m}"
