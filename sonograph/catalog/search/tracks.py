"""Recordings by artist and title."""

from sonograph.catalog.names import fold, query_tokens
from sonograph.catalog.search.cascade import (
    PARAMETERS,
    VERSION_SCORE,
    WANTED_TITLE,
    hits,
    similar_swapped,
    tiers,
)
from sonograph.catalog.search.query import Asked, MatchTier
from sonograph.catalog.search.tiers import PER_KEY, PER_TIER, RANKED, TEXT_LOOKED_AT, needed, unless_full
from sonograph.catalog.search.versions import version_differs
from sonograph.catalog.title_words import MIXES, NAMED, NOISE, STATES, WEAK
from sonograph.postgres.found import Found, page

# Words of which every tenth track has some.
_COMMON = (
    NAMED
    | MIXES
    | STATES
    | WEAK
    | NOISE
    | {"the", "a", "of", "in", "to", "and", "i", "you", "my", "me", "it", "on", "is", "no", "for", "feat", "ft"}
)

# Of tenths of a letter that tell a similar recording from the one asked for: an error in the artist (15) and one in the
# title (10), two in the title, or a title that was cut off (20). Names that go on behind the artist's are 30 away.
CERTAIN = 25
# Of more words than these, the common ones are left out: they tell nothing, and each takes the index milliseconds.
ENOUGH = 6
MAX_WRITTEN = 40  # words among which a version is looked for


def tracks(artist: str, title: str, first: int, after: str | None) -> Found:
    """The best match first, then by popularity: see `MatchTier` for what is seen through.

    A single word ("love" by "!!!") is no search for a recording by its words, whatever common words stand beside it:
    an index entry is read whole, which took 430 ms for "live" and 290 for "the remix" among five million tracks.
    """
    artist, title = needed(artist, "artist"), needed(title, "title")
    asked = Asked()
    asked.add(1, artist, title)
    tokens = query_tokens(artist, title)
    telling = [token for token in tokens if token not in _COMMON]
    words = " ".join(tokens if len(tokens) <= ENOUGH else telling) if len(telling) > 1 else ""
    written = fold(f"{artist} {title}").split()[:MAX_WRITTEN]
    asked_words = f"${PARAMETERS + 2}::text[]"
    differs = version_differs("t.title_key", asked_words)
    # Whole titles come before those that have more words, and before versions that were not asked for, however popular.
    text = f"""select t.id, t.popularity,
          case when t.title_key = {WANTED_TITLE} then 0 when {differs} then 3
            when string_to_array(t.title_key, ' ') <@ {asked_words} then 1 else 2 end as score
        from (select * from track
          where to_tsvector('simple', title_key || ' ' || search_text)
            @@ plainto_tsquery('simple', ${PARAMETERS + 1}::text)
          and not exists (select from exact where tier <> {MatchTier.SONG.value})
          and not exists (select from versions where alike)
          and not exists (select from swapped) and not exists (select from near where score <= {CERTAIN})
          {unless_full(first, after, "exact", "versions", "near", "swapped")} limit {TEXT_LOOKED_AT}) t
        order by score, t.popularity desc, t.id limit {PER_TIER}"""
    return page(
        f"""from (with {tiers(PER_KEY, others=True)}, text as materialized (select 1 as line, t.* from ({text}) t),
        {similar_swapped("exact", "versions", "near", "swapped", "text")}
        select t.*, h.tier as _tier, coalesce(h.score, {VERSION_SCORE}) as _score
        from (select distinct on (id) id, tier, score, title, lost from ({hits(text=True)}) f
          order by id, tier, lost, score, title) h
        join track t on t.id = h.id) this where true""",
        (*asked.values, words, written),
        RANKED,
        first,
        after,
        name="search.tracks",
    )
