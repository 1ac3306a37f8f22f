"""References in the database: written, removed, read. The connection's search_path names the catalog."""

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from typing import Any

import asyncpg

from sonograph.catalog.vocabulary import ArtistRole, EntityKind, OriginId
from sonograph.postgres.pool import Pool
from sonograph.recognition.references import Reference, Stored, Written, from_bytes, to_bytes

BATCH, BATCH_BYTES = 500, 8 << 20  # references sent at a time, and of those with long fingerprints fewer
PAGE = 500  # references read at a time

_COLUMNS = "id, track_id, origin_id, external_id, seconds, gone, chromaprint, landmarks"
_KNOWN = (
    "select r.external_id, r.origin_id, r.id from unnest($1::text[], $2::smallint[]) g(external_id, origin_id) "
    "join audio_reference r using (external_id, origin_id)"
)
_GIVEN = "unnest($1::int[], $2::smallint[], $3::text[], $4::real[], $5::bytea[], $6::bytea[]"
# Two that write one name at a time: the second waits for the first, and takes its place.
_INSERT = f"""
insert into audio_reference as r (track_id, origin_id, external_id, seconds, chromaprint, landmarks)
select g.* from {_GIVEN}) g order by 3, 2
on conflict (external_id, origin_id) do update set track_id = excluded.track_id, seconds = excluded.seconds,
  chromaprint = excluded.chromaprint, landmarks = excluded.landmarks, gone = false, changed_in = pg_current_xact_id()
returning external_id, origin_id, id
"""
_UPDATE = f"""
update audio_reference r set track_id = g.track_id, seconds = g.seconds, chromaprint = g.chromaprint,
  landmarks = g.landmarks, gone = false, changed_in = pg_current_xact_id()
from {_GIVEN}, $7::int[]) g(track_id, origin_id, external_id, seconds, chromaprint, landmarks, id)
where r.id = g.id and (r.gone or r.track_id <> g.track_id or r.seconds <> g.seconds
  or r.chromaprint is distinct from g.chromaprint or r.landmarks is distinct from g.landmarks)
returning r.id
"""
_REMOVE = (
    "update audio_reference set gone = true, chromaprint = null, landmarks = null, changed_in = pg_current_xact_id() "
    "where id = any($1::int[]) and not gone"
)
_TRACKS = (
    "select r.id, coalesce(d.new_id, r.track_id) as track_id from audio_reference r "
    f"left join redirect d on d.kind = {EntityKind.TRACK.value} and d.old_id = r.track_id "
    "where r.id = any($1::int[]) and not r.gone"
)
_TITLES = (
    "select t.id, t.title, coalesce(array_agg(coalesce(c.credited_as, a.name) order by c.position) "
    "filter (where a.id is not null), '{}') as artists from track t "
    f"left join track_artist c on c.track_id = t.id and c.role = {ArtistRole.PRIMARY.value} "
    "left join artist a on a.id = c.artist_id where t.id = any($1::int[]) group by t.id"
)
_Name = tuple[str, int]


async def write_references(connection: asyncpg.Connection, references: Iterable[Reference]) -> Written:
    """Write references inside the caller's transaction; of several with one name the last one counts."""
    names: list[_Name] = []
    ids: dict[_Name, int] = {}
    added = changed = unchanged = 0
    for batch in _batches(references):
        named = {(one.external_id, one.origin.value): one for one in batch}
        names += [(one.external_id, one.origin.value) for one in batch]
        asked = [[text for text, _ in named], [origin for _, origin in named]]
        known = {(text, origin): row for text, origin, row in await connection.fetch(_KNOWN, *asked)}
        fresh = [one for name, one in named.items() if name not in known]
        if fresh:
            inserted = await connection.fetch(_INSERT, *_arrays(fresh))
            ids.update({(text, origin): row for text, origin, row in inserted})
            added += len(fresh)
        if known:
            again = [named[name] for name in known]
            different = len(await connection.fetch(_UPDATE, *_arrays(again), list(known.values())))
            changed += different
            unchanged += len(known) - different
            ids.update(known)
    return Written(added, changed, unchanged, tuple(ids[name] for name in names))


async def remove_references(connection: asyncpg.Connection, ids: Sequence[int]) -> int:
    """Remove references, by their ids; how many there were. Their rows stay, so that indexes hear of it."""
    return int((await connection.execute(_REMOVE, ids)).split()[-1])


async def tracks_of(pool: Pool, reference_ids: Sequence[int]) -> dict[int, int]:
    """{reference: track}, merged tracks led on to what they became; removed and unknown references are left out."""
    return {row["id"]: row["track_id"] for row in await pool.rows(_TRACKS, [list(reference_ids)])}


async def titles_of(pool: Pool, track_ids: Sequence[int]) -> dict[int, str]:
    """{track: "artist - title"}, for people to read; unknown tracks are left out."""
    rows = await pool.rows(_TITLES, [list(track_ids)])
    return {row["id"]: " - ".join((*filter(None, [", ".join(row["artists"])]), row["title"])) for row in rows}


async def references_of(connection: asyncpg.Connection, ids: Sequence[int]) -> list[Stored]:
    """References by their ids, in the order of those; unknown ones are left out."""
    rows = await connection.fetch(f"select {_COLUMNS} from audio_reference where id = any($1::int[])", ids)
    found = {row["id"]: _stored(row) for row in rows}
    return [found[one] for one in dict.fromkeys(ids) if one in found]


async def read_references(connection: asyncpg.Connection, page: int = PAGE) -> AsyncIterator[list[Stored]]:
    """All references that are not removed, in the order of their ids, some at a time."""
    last = 0
    while rows := await connection.fetch(
        f"select {_COLUMNS} from audio_reference where id > $1 and not gone order by id limit $2", last, page
    ):
        yield [_stored(row) for row in rows]
        last = rows[-1]["id"]


def _batches(references: Iterable[Reference]) -> Iterator[list[Reference]]:
    batch: list[Reference] = []
    size = 0
    for one in references:
        batch.append(one)
        size += (0 if one.items is None else one.items.nbytes) + len(one.landmarks or b"")
        if len(batch) == BATCH or size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _arrays(references: Sequence[Reference]) -> tuple[list[Any], ...]:
    return (
        [one.track_id for one in references],
        [one.origin.value for one in references],
        [one.external_id for one in references],
        [one.seconds for one in references],
        [None if one.items is None else to_bytes(one.items) for one in references],
        [one.landmarks for one in references],
    )


def _stored(row: Any) -> Stored:
    number, track, origin, name, seconds, gone, chromaprint, landmarks = row
    items = None if chromaprint is None else from_bytes(chromaprint)
    return Stored(number, track, OriginId(origin), name, seconds, gone, items, landmarks)
