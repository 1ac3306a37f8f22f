"""Outages that are to be told of by mail: noted with the event, gathered, and sent once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sonograph.events.event import EventType


@dataclass(frozen=True, slots=True)
class Note:
    """One thing to tell."""

    id: int
    stream_id: int
    name: str | None
    url: str
    type: EventType  # STREAM_OFFLINE or STREAM_ONLINE
    at: datetime
    reason: str | None


# The account's row is the lock: another process takes another account. Those that have had their letters of the day
# wait; what was noted in the last seconds waits for more of its kind.
_ACCOUNT = """
select a.id, a.email from account a
where a.email_verified_at is not null and a.id in (select account_id from outage_note where sent_at is null
    group by account_id having min(noted_at) <= clock_timestamp() - make_interval(secs => $1))
  and (select count(distinct o.sent_at) from outage_note o
    where o.account_id = a.id and o.sent_at > clock_timestamp() - interval '1 day') < $2
order by a.id limit 1 for no key update skip locked
"""
_NOTES = """
select o.id, o.stream_id, s.name, s.url, o.type, o.at, o.reason
from outage_note o join stream s on s.id = o.stream_id
where o.account_id = $1 and o.sent_at is null order by o.id
"""
_LETTERS = """
select count(distinct sent_at) from outage_note where account_id = $1 and sent_at > clock_timestamp() - interval '1 day'
"""
_SENT = "update outage_note set sent_at = $2 where id = any($1::int[])"
_FORGET = "delete from outage_note where noted_at < clock_timestamp() - make_interval(days => $1)"


async def next_account(connection: Any, gather_seconds: float, letters: int) -> tuple[int, str] | None:
    """(id, e-mail address) of an account that is to have a letter now, locked until the transaction ends."""
    row = await connection.fetchrow(_ACCOUNT, gather_seconds, letters)
    return None if row is None else (row["id"], row["email"])


async def waiting_notes(connection: Any, account_id: int) -> list[Note]:
    """What the account has not been told yet, in order."""
    rows = await connection.fetch(_NOTES, account_id)
    return [Note(**{**dict(row), "type": EventType(row["type"])}) for row in rows]


async def letters_today(connection: Any, account_id: int) -> int:
    """How many letters the account had in the last 24 hours."""
    return int(await connection.fetchval(_LETTERS, account_id))


async def mark_sent(connection: Any, notes: Sequence[Note], at: datetime) -> None:
    await connection.execute(_SENT, [note.id for note in notes], at)


async def forget_notes(connection: Any, days: int) -> int:
    """Delete old notes; how many."""
    return int((await connection.execute(_FORGET, days)).split()[-1])
