"""Search: a cascade of tiers, each bounded, each asked only where the ones before have not filled the page.

Rows carry `_tier` (0 is the best match) and `_score` (smaller is nearer) and are ordered by both, then by popularity.
A cursor holds (tier, score, popularity, id); a page behind a cursor asks every tier, because the first tiers may end on
it. `totalCount` therefore counts what the search has looked at.
"""

from sonograph.catalog.search.named import artists, labels
from sonograph.catalog.search.query import MatchTier
from sonograph.catalog.search.releases import releases
from sonograph.catalog.search.tracks import tracks

__all__ = ["MatchTier", "artists", "labels", "releases", "tracks"]
