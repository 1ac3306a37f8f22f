# ruff: noqa: S608 - SQL is put together from constants of this file; values are parameters
"""Which tracks have to be looked at together: those that any evidence ties to a new or changed one, however loosely.

What is tied is found in sets by SQL and put together as integers, four bytes for each track of the catalog.
"""

from array import array
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import asyncpg

from sonograph.catalog.merging.candidate import NAME_TOLERANCE_S, STRONG_TOLERANCE_S
from sonograph.catalog.merging.clustering import MAX_SHARING, Shared
from sonograph.catalog.vocabulary import EntityKind, MergeReason, OriginId, Platform

_TRACK = f"{EntityKind.TRACK:d}"
# A cluster shows one duration for members that may lie this far from each other.
_WITHIN_S = NAME_TOLERANCE_S + 2 * STRONG_TOLERANCE_S
_FETCHED = 5000

_CODES = f"""
with wanted as (select distinct i.code from frontier f join isrc i on i.track_id = f."row")
select array_agg(i.track_id), null::int[], false, count(*) > {MAX_SHARING}, i.code
from wanted w join isrc i on i.code = w.code group by i.code having count(*) > 1
"""
_LINKS = f"""
with wanted as (
  select distinct l.source, l.external_id from frontier f join platform_link l on l.track_id = f."row")
select array_agg(l.track_id), null::int[], false, count(*) > {MAX_SHARING}, w.source || ' ' || w.external_id
from wanted w join platform_link l on l.external_id = w.external_id and l.source = w.source
group by w.source, w.external_id having count(*) > 1
"""
# Those of one source that tells recordings apart itself are left out: nothing among them can be merged.
_NAMES = f"""
with wanted as (select distinct k.key from frontier f join match_key k on k.track_id = f."row")
select array_agg(t.id order by t.duration), array_agg(t.duration order by t.duration),
  bool_or(exists (select from merged m where m."row" = t.id and m.kind = {_TRACK})), count(*) > {MAX_SHARING},
  w.key::text
from wanted w join match_key k on k.key = w.key join track t on t.id = k.track_id where t.duration is not null
group by w.key
having count(*) > 1 and (count(distinct t.origin_id) > 1
  or bool_or(t.origin_id in ({OriginId.DISCOGS:d}, {OriginId.MLC:d})))
"""
_ORIGINS = (
    f"(s.origin_id = {OriginId.MUSICBRAINZ:d} and e.source = {Platform.MUSICBRAINZ:d} "
    f"or s.origin_id = {OriginId.DISCOGS:d} and e.source = {Platform.DISCOGS:d})"
)
# Editions of the tracks, editions that are said to be the same, and what stands in one place there or has one title.
_RELATIONS = f"""
with listed as (
  select f."row", t.title_key, et.disc_number, et.track_number, e.source, e.external_id
  from frontier f join track t on t.id = f."row" join release_track rt on rt.track_id = f."row"
  join edition e on e.release_id = rt.release_id
  join edition_track et on et.edition_id = e.id and et.track_id = f."row"
  where e.source in ({Platform.MUSICBRAINZ:d}, {Platform.DISCOGS:d})
), partners as (
  select l."row", l.title_key, l.disc_number, l.track_number, s.target_id as external_id, p.partner as source
  from listed l join (values ({Platform.MUSICBRAINZ:d}, {OriginId.MUSICBRAINZ:d}, {OriginId.DISCOGS:d},
    {Platform.DISCOGS:d}), ({Platform.DISCOGS:d}, {OriginId.DISCOGS:d}, {OriginId.MUSICBRAINZ:d},
    {Platform.MUSICBRAINZ:d})) p(source, origin_id, target, partner) on p.source = l.source
  join same_as s on s.external_id = l.external_id and s.kind = {EntityKind.RELEASE:d} and s.origin_id = p.origin_id
    and s.target_origin = p.target
  union all
  select l."row", l.title_key, l.disc_number, l.track_number, s.external_id, p.partner
  from listed l join (values ({Platform.MUSICBRAINZ:d}, {OriginId.MUSICBRAINZ:d}, {OriginId.DISCOGS:d},
    {Platform.DISCOGS:d}), ({Platform.DISCOGS:d}, {OriginId.DISCOGS:d}, {OriginId.MUSICBRAINZ:d},
    {Platform.MUSICBRAINZ:d})) p(source, origin_id, target, partner) on p.source = l.source
  join same_as s on s.target_id = l.external_id and s.kind = {EntityKind.RELEASE:d} and s.target_origin = p.origin_id
    and s.origin_id = p.target
)
select array[p."row", t.id], null::int[], false, false, ''
from partners p join edition e on e.external_id = p.external_id and e.source = p.source
join edition_track et on et.edition_id = e.id join track t on t.id = et.track_id
where t.id <> p."row" and (t.title_key = p.title_key
  or et.track_number = p.track_number and et.disc_number is not distinct from p.disc_number)
"""
_SOURCES = (
    (MergeReason.ISRC, _CODES),
    (MergeReason.PLATFORM_ID, _LINKS),
    (MergeReason.NAME, _NAMES),
    (MergeReason.RELATION, _RELATIONS),
)


@dataclass(slots=True)
class TooCommon:
    """What more than `MAX_SHARING` rows share: no evidence. As the candidates hold them."""

    keys: set[Shared] = field(default_factory=set)

    def add(self, reason: MergeReason, text: str) -> None:
        if reason is MergeReason.NAME:
            self.keys.add(int(text))
        elif reason is MergeReason.PLATFORM_ID:
            source, _, external_id = text.partition(" ")
            self.keys.add((int(source), external_id))
        else:
            self.keys.add(text)


class Components:
    """Rows that evidence ties together, put into the temporary table `component` (root, row)."""

    def __init__(self, connection: asyncpg.Connection, last: int) -> None:
        self._connection = connection
        self._parents = array("i", range(last + 1))
        self._seen = bytearray(last + 1)
        self.too_common = TooCommon()

    async def find(self) -> int:
        """Start from the rows in the temporary table `frontier`. Returns how many rows are to be looked at."""
        async for row in self._stream('select "row" from frontier'):
            self._seen[row[0]] = 1
        sources = [source for source in _SOURCES if source[1] is not _RELATIONS or await self._any_relation()]
        while True:
            await self._connection.execute("analyze frontier")
            new = array("i")
            for reason, sql in sources:
                async for rows, durations, merged, too_many, text in self._stream(sql):
                    if too_many:
                        self.too_common.add(reason, text)
                        tied: Iterable[int] = await self._built_on(rows)
                    else:
                        tied = self._tie(rows, durations, merged=merged)
                    for row in tied:
                        if not self._seen[row]:
                            self._seen[row] = 1
                            new.append(row)
            await self._connection.execute("truncate frontier")
            if not new:
                break
            await self._connection.copy_records_to_table("frontier", records=[(row,) for row in new])
        return await self._save()

    async def _any_relation(self) -> bool:
        said = f"select exists (select from same_as where kind = {EntityKind.RELEASE:d})"
        return bool(await self._connection.fetchval(said))

    async def _stream(self, sql: str) -> AsyncIterator[Any]:
        async with self._connection.transaction():
            async for row in self._connection.cursor(sql, prefetch=_FETCHED):
                yield row

    def _tie(self, rows: Sequence[int], durations: Sequence[int] | None, *, merged: bool) -> Iterable[int]:
        """Tie rows to each other, by name only neighbours in duration. Returns those that are tied."""
        if durations is None:
            for a, b in pairwise(rows):
                self._union(a, b)
            return rows
        within = _WITHIN_S if merged else NAME_TOLERANCE_S
        tied = list[int]()
        for (a, first), (b, second) in pairwise(zip(rows, durations, strict=True)):
            if second - first <= within:
                self._union(a, b)
                tied += (a, b)
        return tied

    async def _built_on(self, rows: Sequence[int]) -> list[int]:
        """Clusters among the rows of something too common: it may have been less so when they were merged."""
        return [
            row["row"]
            for row in await self._connection.fetch(
                f'select distinct "row" from merged where "row" = any($1) and kind = {_TRACK}', list(rows)
            )
        ]

    def _find(self, row: int) -> int:
        parents = self._parents
        while (parent := parents[row]) != row:
            parents[row] = row = parents[parent]
        return row

    def _union(self, a: int, b: int) -> None:
        root, other = self._find(a), self._find(b)
        # The lower row is the root: the same whatever the order.
        if root != other:
            self._parents[max(root, other)] = min(root, other)

    async def _save(self) -> int:
        """Rows tied to others, and clusters that may have to come apart."""
        chosen = bytearray(len(self._seen))
        async for row in self._stream(f'select distinct "row" from merged where kind = {_TRACK}'):
            chosen[row[0]] = self._seen[row[0]]
        for row, parent in enumerate(self._parents):
            if parent != row and self._seen[row]:
                chosen[row] = chosen[self._find(row)] = 1
        records = ((self._find(row), row) for row, wanted in enumerate(chosen) if wanted)
        result = await self._connection.copy_records_to_table("component", records=records)
        await self._connection.execute("analyze component")
        return int(result.split()[-1])


async def batches(connection: asyncpg.Connection, size: int) -> AsyncIterator[list[int]]:
    """Rows of whole components, about `size` at a time."""
    root = 0
    while True:
        found = await connection.fetch(
            'select root, "row" from component where root > $1 order by root, "row" limit $2', root, size
        )
        if not found:
            return
        last = found[-1]["root"]
        if len(found) == size:
            found = [row for row in found if row["root"] != last]
            if not found:  # one component that is larger than a batch
                found = await connection.fetch('select root, "row" from component where root = $1', last)
        root = found[-1]["root"]
        yield [row["row"] for row in found]
