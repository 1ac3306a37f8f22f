"""Genres that reviewers accepted for tracks: they outlive the next import of the track, and merges of it.

Sources write `track_genre` anew with every record of a track. What was accepted is kept in `accepted_genre` as well,
and put back whenever the track is written.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from sonograph.catalog.vocabulary import EntityKind
from sonograph.errors import Conflict, Unavailable
from sonograph.postgres.pool import Pool

# Held to the end of a transaction by whoever writes genres of tracks that exist: a batch of an import takes seconds,
# the import itself may take hours, so this is not its lock.
_LOCK = "select pg_advisory_xact_lock(hashtext('sonograph genres ' || current_schema()))"
WAIT_SECONDS = 8  # for a batch of an import

_FACTS = f"""
select t.id as track_id, g.id as genre_id,
  exists (select from track_genre tg where tg.track_id = t.id and tg.genre_id = g.id) as has_genre
from (select coalesce(
    (select new_id from redirect where kind = {EntityKind.TRACK.value} and old_id = $1::int), $1::int) as id) asked
left join track t on t.id = asked.id
left join genre g on g.id = $2::int
"""  # noqa: S608  # a number of ours
_ACCEPT = """
insert into accepted_genre (track_id, genre_id, accepted_at)
select $1::int, g.id, $3::timestamptz from genre child join genre g on g.id in (child.id, child.parent_id)
where child.id = $2::int on conflict do nothing
"""
_RESTORE = """
insert into track_genre (track_id, genre_id, released)
select a.track_id, a.genre_id, t.released from accepted_genre a join track t on t.id = a.track_id
where a.track_id = any($1::int[]) on conflict do nothing
"""
_MOVE = """
insert into accepted_genre (track_id, genre_id, accepted_at)
select m.new, a.genre_id, a.accepted_at
from unnest($1::int[], $2::int[]) m(old, new) join accepted_genre a on a.track_id = m.old on conflict do nothing
"""


@dataclass(frozen=True, slots=True)
class GenreFacts:
    """What the catalog says of a track and a genre; None for the one that does not exist."""

    track_id: int | None  # of the row that a merged id leads to
    genre_id: int | None
    has_genre: bool


async def genre_facts(pool: Pool, track_id: int, genre_id: int) -> GenreFacts:
    """Whether both exist, and whether the track has the genre already."""
    (row,) = await pool.rows(_FACTS, (track_id, genre_id))
    return GenreFacts(**dict(row))


async def accept_genre(connection: asyncpg.Connection, catalog: str, track_id: int, genre_id: int, at: datetime) -> int:
    """Give a track a genre, and its main genre with it, for good; the id of the track, where a merge led on.

    Inside a transaction of the database itself; `catalog` is the schema. Raises `Conflict` when either is gone, and
    `Unavailable` when an import does not let go of the tracks in time.
    """
    await connection.execute(f"set local search_path = {catalog}")
    await connection.execute(f"set local lock_timeout = '{WAIT_SECONDS}s'")
    try:
        await connection.execute(_LOCK)
    except asyncpg.LockNotAvailableError as error:
        raise Unavailable("An import is writing tracks; try again in a moment.") from error
    facts = GenreFacts(**dict(await connection.fetchrow(_FACTS, track_id, genre_id)))
    if facts.track_id is None or facts.genre_id is None:
        raise Conflict("The track or the genre is not in the catalog any more: reject the suggestion.")
    await connection.execute(_ACCEPT, facts.track_id, facts.genre_id, at)
    await connection.execute(_RESTORE, [facts.track_id])
    return facts.track_id


async def restore_accepted(connection: asyncpg.Connection, tracks: Collection[int]) -> None:
    """Put back what was accepted for tracks whose genres were written anew."""
    if tracks:
        await connection.execute(_RESTORE, list(tracks))


async def hold_genres(connection: asyncpg.Connection) -> None:
    """Let nobody accept genres until the end of the transaction, which is about to rewrite tracks."""
    await connection.execute(_LOCK)


async def move_accepted(connection: asyncpg.Connection, moves: Sequence[tuple[int, int]]) -> None:
    """Tracks (old, new) were merged: what was accepted for the old one holds for the new one."""
    old, new = [old for old, _ in moves], [new for _, new in moves]
    await hold_genres(connection)
    await connection.execute(_MOVE, old, new)
    for table in ("accepted_genre", "track_genre"):  # the latter: accepted while the old track was being deleted
        await connection.execute(f"delete from {table} where track_id = any($1::int[])", old)  # noqa: S608  # ours
    await connection.execute(_RESTORE, new)
