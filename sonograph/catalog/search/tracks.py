"""Recordings by artist and title."""

from sonograph.catalog.names import query_tokens
from sonograph.catalog.search.cascade import (
    PARAMETERS,
    VERSION_SCORE,
    WANTED_TITLE,
    hits,
    similar_swapped,
    tiers,
    versions,
)
from sonograph.catalog.search.query import Asked, MatchTier
from sonograph.catalog.search.tiers import PER_KEY, PER_TIER, RANKED, TEXT_LOOKED_AT, needed, unless_full
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
    text = f"""select t.id, t.popularity, coalesce(t.title_key <> {WANTED_TITLE}, true)::int as score
        from (select * from track
          where to_tsvector('simple', title_key || ' ' || search_text)
            @@ plainto_tsquery('simple', ${PARAMETERS + 1}::text)
          and not exists (select from exact where tier <> {MatchTier.SONG.value})
          and not exists (select from swapped) and not exists (select from near where score <= {CERTAIN})
          {unless_full(first, after, "exact", "near", "swapped")} limit {TEXT_LOOKED_AT}) t
        order by score, t.popularity desc, t.id limit {PER_TIER}"""
    return page(
        f"""from (with {tiers(PER_KEY)}, {versions()}, text as materialized (select 1 as line, t.* from ({text}) t),
        {similar_swapped("exact", "near", "swapped", "text")}
        select t.*, h.tier as _tier, coalesce(h.score, {VERSION_SCORE}) as _score
        from (select distinct on (id) id, tier, score, title from ({hits(text=True)}) f
          order by id, tier, score, title) h
        join track t on t.id = h.id) this where true""",
        (*asked.values, words),
        RANKED,
        first,
        after,
    )
