"""What reports read: airings as the database sends them, and what is told of tracks.

A stream's airings come by COPY in its binary form, of which numpy takes rows of one size as they are: no Python object
is made for any of three million.
"""

from collections.abc import Sequence
from typing import Any

from sonograph.monitoring.report.airings import Airings, Gathered
from sonograph.monitoring.report.facts import TrackFacts
from sonograph.monitoring.report.span import Span
from sonograph.postgres.migrate import CATALOGS

COPY_SECONDS = 60.0
_STARTS = """
select started_at, track_id from accounts.play
where stream_id = $1 and started_at >= $2 and started_at < $3 order by started_at
"""
_WHOLE = """
select started_at, track_id, greatest(0, coalesce(played_ms, extract(epoch from heard_until - started_at) * 1000))::int
from accounts.play where stream_id = $1 and started_at >= $2 and started_at < $3 order by started_at
"""
# Merged tracks are led on; the release is where the track came out. Roles: sonograph/catalog/vocabulary.py.
_FACTS = """
select a.id as asked, t.id, t.title, t.duration, t.released,
  (select i.code from {catalog}.isrc i where i.track_id = t.id order by i.preferred desc, i.code collate "C" limit 1)
    as isrc,
  c.ids as artist_ids, c.names as artist_names, c.roles as artist_roles, c.remixers,
  array(select ar.name from {catalog}.track_artist ta join {catalog}.artist ar on ar.id = ta.artist_id
    where ta.track_id = t.id and ta.role = 4 order by ta.position) as composers,
  r.title as release, r.label, r.catalog_no
from unnest($1::int[]) a(id)
left join {catalog}.redirect d on d.kind = 4 and d.old_id = a.id
join {catalog}.track t on t.id = coalesce(d.new_id, a.id)
left join lateral (
  select array_agg(ta.artist_id order by ta.position) as ids, array_agg(ar.name order by ta.position) as names,
    array_agg(ta.role order by ta.position) as roles,
    array_agg(ta.artist_id) filter (where ta.role = 2) as remixers
  from {catalog}.track_artist ta join {catalog}.artist ar on ar.id = ta.artist_id
  where ta.track_id = t.id and ta.role in (0, 1, 2, 6)
) c on true
left join lateral (
  select r.title, l.name as label, r.catalog_no
  from {catalog}.release_track rt join {catalog}.release r on r.id = rt.release_id
  left join {catalog}.label l on l.id = r.label_id
  where rt.track_id = t.id order by coalesce(r.release_date, 'infinity'::date), r.id limit 1
) r on true
"""


async def fetch_airings(connection: Any, stream_id: int, span: Span, *, whole: bool = False) -> Airings:
    """A stream's airings that began in a span, oldest first; `whole`: with how long they were on air."""
    gathered = Gathered(whole=whole)
    query = _WHOLE if whole else _STARTS
    await connection.copy_from_query(
        query, stream_id, span.since, span.until, output=gathered.take, format="binary", timeout=COPY_SECONDS
    )
    return gathered.airings()


async def fetch_facts(connection: Any, numbers: Sequence[int], *, test: bool) -> dict[int, TrackFacts]:
    """What is told of tracks, by the numbers asked for; those that are not in the catalog are left out."""
    rows = await connection.fetch(_FACTS.format(catalog=CATALOGS[1 if test else 0]), numbers)
    return {row["asked"]: TrackFacts.of(row) for row in rows}
