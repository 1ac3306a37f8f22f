"""The history of a stream by words: of the titles and artists of what it played, as the catalog folds them."""

from datetime import timedelta

import asyncpg

from sonograph import clock
from sonograph.catalog.names import fold, transliterated
from sonograph.monitoring import play_search_store as store
from sonograph.monitoring.calibration import TrackName
from sonograph.monitoring.play_history import PlayPage, before_of, cursor_of
from sonograph.monitoring.title_store import track_names
from sonograph.postgres.pool import Pool

REACH = timedelta(days=92)  # how far back is searched, as far as a report goes
MOST_WORDS = 12


async def search_plays(  # noqa: PLR0913  # two databases, and a page of a search
    pool: asyncpg.Pool, catalog: Pool, stream_id: int, words: str, *, after: str | None = None, first: int = 20
) -> PlayPage:
    """A page of the airings of the last 92 days, newest first. Raises `Invalid`.

    Each of the words begins a word of the track's title or of one of its main artists.
    """
    now = clock.now()
    before = before_of(after, first)
    wanted = fold(words).split()[:MOST_WORDS]
    played = await store.fetch_tracks(pool, stream_id, now - REACH, now)
    names = await track_names(catalog, played)
    tracks = [track for track, name in names.items() if _is_meant(name, wanted)]
    rows = await store.fetch_plays_of(pool, stream_id, tracks, now - REACH, before, first + 1)
    shown = rows[:first]
    return PlayPage(shown, [cursor_of(play) for play in shown], len(rows) > first)


def _is_meant(name: TrackName, wanted: list[str]) -> bool:
    text = fold(" ".join((name.title, *name.artists)))
    has = set(text.split()) | set((transliterated(text) or "").split())
    return bool(wanted) and all(any(word.startswith(part) for word in has) for part in wanted)
