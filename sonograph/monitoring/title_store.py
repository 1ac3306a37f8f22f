"""How the catalog calls its tracks, for comparing them with what a station says. The pool names the catalog."""

from collections.abc import Sequence

from sonograph.catalog.vocabulary import ArtistRole
from sonograph.monitoring.calibration import TrackName
from sonograph.postgres.pool import Pool

_NAMES = f"""
select t.id, t.title, coalesce(array_agg(coalesce(c.credited_as, a.name) order by c.position)
  filter (where a.id is not null), '{{}}') as artists
from track t
left join track_artist c on c.track_id = t.id and c.role = {ArtistRole.PRIMARY.value}
left join artist a on a.id = c.artist_id
where t.id = any($1::int[]) group by t.id
"""


async def track_names(pool: Pool, tracks: Sequence[int]) -> dict[int, TrackName]:
    """{track: its name}; unknown tracks are left out."""
    rows = await pool.rows(_NAMES, [list(tracks)])
    return {row["id"]: TrackName(tuple(row["artists"]), row["title"]) for row in rows}
