# ruff: noqa: S608 - SQL is put together from constants of this file; values are parameters
"""How much recordings, artists and releases are listened to: counts of listens, and estimates where nobody counted.

`popularity` is a number of listens. What a record tells itself stands first, then a count, then an estimate.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from typing import Literal

import asyncpg
import msgspec

from sonograph.catalog.listen_counts import Counted, ListenCount
from sonograph.catalog.lookup import LINKED
from sonograph.catalog.vocabulary import EntityKind, OriginId, Platform
from sonograph.catalog.writer.intake import Prepared
from sonograph.catalog.writer.outcome import Outcome

Table = Literal["track", "artist", "release"]
Told = tuple[int, int | None]  # popularity, whose figure it is (an OriginId; None: nobody's)
# Figures that outlive a record which does not tell one.
_KEPT = (OriginId.LISTENBRAINZ, OriginId.ESTIMATE)
ESTIMATED_AT_ONCE = 50_000  # ids of rows looked at in one transaction


def popularity_of(told: int | None, origin: int, before: Told | None) -> Told:
    """Of a row that is written: what its record tells, else what was counted or estimated before."""
    if told is not None:
        return told, origin
    return before if before and before[1] in _KEPT else (0, None)


async def popularity_before(connection: asyncpg.Connection, table: Table, rows: Collection[int]) -> dict[int, Told]:
    """Counts and estimates of these rows, which are about to be replaced."""
    if not rows:
        return {}
    found = await connection.fetch(
        f"select id, popularity, popularity_origin from {table} where id = any($1) and popularity_origin = any($2)",
        list(rows),
        _KEPT,
    )
    return {row[0]: (row[1], row[2]) for row in found}


TABLES: Mapping[Counted, Table] = {"recording": "track", "artist": "artist", "release group": "release"}
_SAID = "select w.mbid, w.listens, known.id from unnest($1::text[], $2::int[]) w(mbid, listens) cross join lateral"
# A row that was merged away leads to the one that took it in. OFFSET 0: see source_ids.
_BY_SOURCE = f"""(
  select coalesce(r.new_id, s.entity_id) as id from (
    select entity_id from source_ref where external_id = w.mbid and kind = %d and origin_id = {OriginId.MUSICBRAINZ:d}
    offset 0) s
  left join redirect r on r.kind = %d and r.old_id = s.entity_id) known"""
_KNOWN: Mapping[Counted, str] = {
    "recording": f"""
      {_SAID} {_BY_SOURCE % (EntityKind.TRACK, EntityKind.TRACK)}
      union all {_SAID} (
        select l.track_id as id from platform_link l
        where {LINKED.format("w.mbid")} and l.source = {Platform.MUSICBRAINZ:d} offset 0) known""",
    "artist": f"""
      {_SAID} {_BY_SOURCE % (EntityKind.ARTIST, EntityKind.ARTIST)}
      union all {_SAID} (select id from artist where musicbrainz_id = w.mbid::uuid offset 0) known""",
    "release group": f"""
      {_SAID} (
        select release_id as id from edition
        where group_external_id = w.mbid and source = {Platform.MUSICBRAINZ:d} offset 0) known""",
}
# Copies of a popularity that sort a list by an index.
_COPIES: Mapping[Table, str] = {
    "track": ", c as (update match_key k set popularity = n.popularity from changed n where k.track_id = n.id)",
    "artist": ", c as (update artist_key k set popularity = n.popularity from changed n where k.artist_id = n.id)",
    "release": "",
}


def _set(counted: Counted) -> str:
    """Set counts. Several MBIDs may lead to one row: the largest stands, whatever the order and the batches."""
    table = TABLES[counted]
    return f"""
      with found as materialized ({_KNOWN[counted]}),
      largest as (select id, max(listens) as listens from found group by id),
      changed as (
        update {table} t set popularity = n.listens, popularity_origin = {OriginId.LISTENBRAINZ:d} from largest n
        where t.id = n.id and (t.popularity_origin is null or t.popularity_origin = {OriginId.ESTIMATE:d}
          or t.popularity_origin = {OriginId.LISTENBRAINZ:d} and t.popularity < n.listens)
        returning t.id, t.popularity)
      {_COPIES[table]}
      select (select count(distinct mbid) from found), (select count(*) from changed)"""


_SET = {counted: _set(counted) for counted in TABLES}


_decode = msgspec.json.Decoder(ListenCount).decode


async def write_counts(connection: asyncpg.Connection, counts: Sequence[Prepared]) -> Outcome:
    """Set the popularity of the rows that these counts speak of, inside of the caller's transaction."""
    outcome = Outcome()
    said: dict[Counted, dict[str, int]] = defaultdict(dict)
    for prepared in counts:
        count = _decode(prepared.encoded)
        said[count.kind][count.mbid] = max(count.listens, said[count.kind].get(count.mbid, 0))
    for counted, largest in said.items():
        known, changed = await connection.fetchrow(_SET[counted], list(largest), list(largest.values()))
        unknown = len(largest) - known
        for what, number in (("set", changed), ("not set: nothing in the catalog has this id", unknown)):
            if number:
                outcome.notes[f"popularity of {counted}s {what}"] += number
    return outcome


# What is known of every row, and goes up with how much it is listened to. A release without editions counts as one.
_ESTIMATES: Mapping[Table, str] = {
    "track": """
      select t.id, coalesce(on_releases.editions, 0) + coalesce(linked.platforms, 0) as popularity from track t
      left join (
        select rt.track_id, sum(greatest(e.editions, 1))::int as editions from release_track rt
        cross join lateral (select count(*) as editions from edition where release_id = rt.release_id offset 0) e
        where rt.track_id > $1 and rt.track_id <= $2 group by 1) on_releases on on_releases.track_id = t.id
      left join (
        select track_id, count(distinct source)::int as platforms from platform_link
        where track_id > $1 and track_id <= $2 group by 1) linked on linked.track_id = t.id
      where t.id > $1 and t.id <= $2""",
    "artist": "select id, release_count as popularity from artist where id > $1 and id <= $2",
    "release": """
      select r.id, greatest(count(e.id), 1)::int as popularity from release r left join edition e on e.release_id = r.id
      where r.id > $1 and r.id <= $2 group by 1""",
}


async def estimate_popularity(connection: asyncpg.Connection) -> AsyncIterator[tuple[Table, int, int, int]]:
    """Work out the popularity of all rows that nobody counted.

    Of a track: the editions of the releases it is on and the platforms that link it; of an artist: its releases; of a
    release: its editions. The connection holds the import lock of its schema. Yields (table, id
    reached, last id, rows changed) after each transaction.
    """
    for table, estimate in _ESTIMATES.items():
        last = await connection.fetchval(f"select coalesce(max(id), 0) from {table}")
        for first in range(0, last, ESTIMATED_AT_ONCE):
            async with connection.transaction():
                changed = await connection.fetchval(
                    f"""
                    with estimate as materialized ({estimate}),
                    changed as (
                      update {table} t set popularity = n.popularity, popularity_origin = {OriginId.ESTIMATE:d}
                      from estimate n where t.id = n.id and (t.popularity_origin is null and n.popularity > 0
                        or t.popularity_origin = {OriginId.ESTIMATE:d} and t.popularity <> n.popularity)
                      returning t.id, t.popularity)
                    {_COPIES[table]}
                    select count(*) from changed""",
                    first,
                    first + ESTIMATED_AT_ONCE,
                )
            yield table, min(first + ESTIMATED_AT_ONCE, last), last, changed


async def carry_popularity(
    connection: asyncpg.Connection, table: Table, old: Sequence[int], new: Sequence[int]
) -> None:
    """Rows that take others in take over their counts, where they have none that is as large. Estimates wait."""
    counted = f"{OriginId.LISTENBRAINZ:d}"
    await connection.execute(
        f"""
        with largest as (
          select m.new as id, max(o.popularity) as popularity from unnest($1::int[], $2::int[]) m(old, new)
          join {table} o on o.id = m.old and o.popularity_origin = {counted} group by 1),
        changed as (
          update {table} t set popularity = n.popularity, popularity_origin = {counted}
          from largest n where t.id = n.id and (
            t.popularity_origin is null or t.popularity_origin = {OriginId.ESTIMATE:d}
            or t.popularity_origin = {counted} and t.popularity < n.popularity)
          returning t.id, t.popularity)
        {_COPIES[table]}
        select count(*) from changed""",
        list(old),
        list(new),
    )
