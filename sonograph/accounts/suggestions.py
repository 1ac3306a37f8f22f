"""Genre suggestions: made by accounts, reviewed by people. The rows alone: what approval changes is the catalog's.

`test` rows are for tracks of the sandbox; keys see those of their own catalog.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

import asyncpg

from sonograph import clock
from sonograph.errors import Conflict, Invalid, LimitReached, NotFound
from sonograph.ids import MAX_INT
from sonograph.postgres.found import Order, encode_cursor, page

MAX_NOTE = 100  # characters
MAX_REASON = 500
MAX_A_DAY = 100  # an account, both catalogs together, by days in UTC
MAX_REVIEWER = 320
NO_SUGGESTION = "There is no such suggestion."
NEWEST = (Order("s.id", "int", desc=True),)
OLDEST = (Order("s.id", "int"),)
OWN, PENDING = "suggestions", "suggestions.pending"  # names of lists

_COLUMNS = """s.id, s.account_id, s.test, s.track_id, s.genre_id, s.note, s.status, s.reason, s.reviewer, s.created_at,
  s.reviewed_at"""
_INSERT = f"""
insert into accounts.suggestion as s (account_id, test, track_id, genre_id, note, created_at)
values ($1, $2, $3, $4, $5, $6) returning {_COLUMNS}
"""  # noqa: S608  # columns of ours, here and below
# A lock of its own, for as long as the transaction: sixty-four requests at once count what the others wrote.
_ONE_AT_A_TIME = "select pg_advisory_xact_lock(hashtext('sonograph suggestions'), $1::int)"
_TODAY = "select count(*) from accounts.suggestion where account_id = $1 and created_at >= $2"
_REVIEW = f"""
update accounts.suggestion s set status = $2, reason = $3, reviewer = $4, reviewed_at = $5
where s.id = $1 and s.status = 'pending' and s.test = coalesce($6, s.test) returning {_COLUMNS}
"""  # noqa: S608
_REVIEWED = "select status, reviewer from accounts.suggestion where id = $1 and test = coalesce($2, test)"
_DUPLICATES = """
update accounts.suggestion set status = 'approved', reviewer = $5, reviewed_at = $6
where status = 'pending' and test = $1 and track_id = any($2::int[]) and genre_id = $3 and id <> $4
"""


class SuggestionStatus(Enum):
    """How far a suggestion came."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A genre that somebody misses on a track."""

    id: int
    account_id: int
    test: bool
    track_id: int
    genre_id: int
    note: str | None
    status: SuggestionStatus
    reason: str | None
    reviewer: str | None
    created_at: datetime
    reviewed_at: datetime | None


@dataclass(frozen=True, slots=True)
class SuggestionPage:
    """Rows with what leads behind the last one; None on the last page."""

    rows: list[Suggestion]
    next_cursor: str | None


def checked_text(text: str | None, name: str, most: int, *, required: bool = False) -> str | None:
    """A text of people without blanks around it, None for an empty one; raises `Invalid`."""
    text = text.strip() if text else ""
    if len(text) > most or "\0" in text:
        raise Invalid(f"{name} must be text of at most {most} characters without NUL", name)
    if not text and required:
        raise Invalid(f"{name} is required", name)
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Invalid(f"{name} must be text in UTF-8", name) from None
    return text or None


async def create_suggestion(  # noqa: PLR0913  # the row
    pool: asyncpg.Pool, account_id: int, *, test: bool, track_id: int, genre_id: int, note: str | None
) -> Suggestion:
    """A new suggestion for a track and genre that exist.

    Raises `Invalid` for a note that is too long, `Conflict` while the account's own for the same is pending, and
    `LimitReached` for the 101st of a day.
    """
    note = checked_text(note, "note", MAX_NOTE)
    now = clock.now()
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    try:
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute(_ONE_AT_A_TIME, account_id)
            if await connection.fetchval(_TODAY, account_id, midnight) >= MAX_A_DAY:
                tomorrow = (midnight + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
                raise LimitReached(f"At most {MAX_A_DAY} suggestions a day; there may be more from {tomorrow}.")
            row = await connection.fetchrow(_INSERT, account_id, test, track_id, genre_id, note, now)
    except asyncpg.UniqueViolationError as error:
        raise Conflict("You have suggested this genre for this track already; it is not reviewed yet.") from error
    return _suggestion(row)


async def suggestion_of(pool: asyncpg.Pool, account_id: int, *, test: bool, number: int) -> Suggestion | None:
    """One of the account's own; None for other people's, too."""
    sql = f"select {_COLUMNS} from accounts.suggestion s where id = $1 and account_id = $2 and test = $3"  # noqa: S608
    row = await pool.fetchrow(sql, number, account_id, test) if 0 < number <= MAX_INT else None
    return _suggestion(row) if row else None


async def suggestions_of(
    pool: asyncpg.Pool, account_id: int, *, test: bool, first: int, after: str | None
) -> SuggestionPage:
    """The account's own, newest first."""
    return await _page(pool, "s.account_id = $1 and s.test = $2", (account_id, test), NEWEST, first, after, OWN)


async def count_of(pool: asyncpg.Pool, account_id: int, *, test: bool) -> int:
    """How many the account has made."""
    sql = "select count(*) from accounts.suggestion where account_id = $1 and test = $2"
    return int(await pool.fetchval(sql, account_id, test))


async def pending(pool: asyncpg.Pool, *, test: bool, first: int, after: str | None) -> SuggestionPage:
    """Everybody's that wait for a review, oldest first."""
    return await _page(pool, "s.status = 'pending' and s.test = $1", (test,), OLDEST, first, after, PENDING)


async def count_pending(pool: asyncpg.Pool, *, test: bool) -> int:
    """How many wait for a review."""
    return int(
        await pool.fetchval("select count(*) from accounts.suggestion where status = 'pending' and test = $1", test)
    )


async def review(  # noqa: PLR0913  # a decision
    connection: asyncpg.Connection,
    number: int,
    status: SuggestionStatus,
    reviewer: str,
    reason: str | None = None,
    *,
    test: bool | None = None,
) -> Suggestion:
    """Decide, once: of two reviewers at the same moment one gets `Conflict`. Raises `NotFound` for an unknown one.

    `test` says which catalog's suggestions are meant, None that of either.
    """
    if not 0 < number <= MAX_INT:
        raise NotFound(NO_SUGGESTION)
    row = await connection.fetchrow(_REVIEW, number, status.value, reason, reviewer[:MAX_REVIEWER], clock.now(), test)
    if row is not None:
        return _suggestion(row)
    known = await connection.fetchrow(_REVIEWED, number, test)
    if known is None:
        raise NotFound(NO_SUGGESTION)
    raise Conflict(f"{known['reviewer']} has {known['status']} this suggestion already.")


async def approve_duplicates(connection: asyncpg.Connection, approved: Suggestion, track_id: int) -> None:
    """Other people's for the same genre are approved with it. `track_id`: where a merge led on."""
    tracks = sorted({approved.track_id, track_id})
    await connection.execute(
        _DUPLICATES, approved.test, tracks, approved.genre_id, approved.id, approved.reviewer, approved.reviewed_at
    )


async def _page(  # noqa: PLR0913, PLR0917  # which rows, in which order, up to where
    pool: asyncpg.Pool,
    where: str,
    values: tuple[object, ...],
    order: tuple[Order, ...],
    first: int,
    after: str | None,
    name: str,
) -> SuggestionPage:
    found = page(where, values, order, first, after, name=name)
    mark, (key,) = len(values) + 1, order
    behind = f" and {key.sql} {'<' if key.desc else '>'} ${mark + 1}" if found.after else ""
    sql = (
        f"select {_COLUMNS} from accounts.suggestion s where {where}{behind} "  # noqa: S608
        f"order by {key.sql}{' desc' if key.desc else ''} limit ${mark}"
    )
    rows = await pool.fetch(sql, *values, first + 1, *(int(text) for text in found.after or ()))
    found_rows = [_suggestion(row) for row in rows[:first]]
    return SuggestionPage(found_rows, encode_cursor(name, [str(found_rows[-1].id)]) if len(rows) > first else None)


def _suggestion(row: asyncpg.Record) -> Suggestion:
    return Suggestion(**{**dict(row), "status": SuggestionStatus(row["status"])})
