"""Search: a cascade of tiers, each bounded, each asked only where the ones before have not filled the page.

Rows carry `_tier` (0 is the best match) and `_score` (smaller is nearer) and are ordered by both, then by popularity.
A cursor holds (tier, score, popularity, id); a page behind a cursor asks every tier, because the first tiers may end on
it. `totalCount` therefore counts what the search has looked at.
"""

from itertools import chain

from sonograph.catalog.names import artist_key, fold, query_keys, query_tokens, title_key
from sonograph.errors import Invalid
from sonograph.postgres.found import Found, Order, page

MAX_QUERY = 5000  # characters of a name or title that are looked at
PER_KEY = 500  # matches of one key: more recordings of one song by one artist are not told apart by a search
PER_TIER = 1000  # rows of a prefix or text tier that are ranked
TEXT_LOOKED_AT = 5000  # rows of the text index that are ranked: "love" has 30,000 among a million

RANKED = (
    Order("this._tier", "int"),
    Order("this._score", "int"),
    Order("this.popularity", "int", desc=True),
    Order("this.id", "int"),
)
BY_COUNT = (RANKED[0], RANKED[1], Order("this.release_count", "int", desc=True), RANKED[3])


def tracks(artist: str, title: str, first: int, after: str | None) -> Found:
    """Recordings by artist and title: exact match keys in order of preference, then all words of both in any order."""
    artist, title = _needed(artist, "artist"), _needed(title, "title")
    levels = query_keys(artist, title)
    keys = list(chain.from_iterable(levels))
    tiers = list(chain.from_iterable([level] * len(keys_) for level, keys_ in enumerate(levels)))
    words = " ".join(query_tokens(artist, title))
    wanted = title_key(title)
    exact = f"""select m.track_id as id, min(k.tier) as tier
        from unnest($1::bigint[], $2::int[]) k(key, tier), lateral (select track_id, popularity from match_key
          where key = k.key order by popularity desc, track_id limit {PER_KEY}) m
        group by m.track_id"""
    text = f"""select t.id, t.popularity, 10 as tier, (t.title_key <> $4::text)::int as score
        from (select * from track where to_tsvector('simple', search_text) @@ plainto_tsquery('simple', $3::text)
          {_unless_full(first, after, "exact")} limit {TEXT_LOOKED_AT}) t
        order by score, t.popularity desc, t.id limit {PER_TIER}"""
    return page(
        f"""from (with exact as materialized ({exact}), text as materialized ({text})
        select t.*, h.tier as _tier, h.score as _score from (
          select id, tier, 0 as score from exact union all
          select id, tier, score from text where id not in (select id from exact)) h
        join track t on t.id = h.id) this where true""",
        (keys, tiers, words, wanted),
        RANKED,
        first,
        after,
    )


def artists(name: str, first: int, after: str | None) -> Found:
    """By name: the whole key, then keys that begin so, then all words in any order."""
    key = artist_key(_needed(name, "name"))
    return page(_named("artist", "popularity", first, after), (key, _behind(key), _words(name)), RANKED, first, after)


def labels(name: str, first: int, after: str | None) -> Found:
    """As artists, then by number of releases."""
    key = artist_key(_needed(name, "name"))
    return page(
        _named("label", "release_count", first, after), (key, _behind(key), _words(name)), BY_COUNT, first, after
    )


def _named(table: str, weight: str, first: int, after: str | None) -> str:
    """Tiers over a table of keys: `key` is $1, the end of its prefix range $2, its words $3."""
    keys, owner = f"{table}_key", f"{table}_id"
    exact = f"""select {owner} as id, 0 as tier, 0 as score from {keys}
        where key collate "C" = $1::text order by {weight} desc, {owner} limit {PER_KEY}"""
    prefix = f"""select {owner} as id, 1 as tier, length(key) as score from (select * from {keys}
        where key collate "C" > $1::text and key collate "C" < $2::text {_unless_full(first, after, "exact")}
        order by key collate "C" limit {PER_TIER}) k"""
    text = f"""select {owner} as id, 2 as tier, length(key) as score from (select * from {keys}
        where to_tsvector('simple', key) @@ plainto_tsquery('simple', $3::text)
        {_unless_full(first, after, "exact", "prefix")} limit {PER_TIER}) k"""
    return f"""from (with exact as materialized ({exact}), prefix as materialized ({prefix}),
        text as materialized ({text}),
        hit as (select id, tier, min(score) as score from (
          select * from exact union all select * from prefix union all select * from text) u group by id, tier)
        select r.*, h.tier as _tier, h.score as _score
        from (select distinct on (id) * from hit order by id, tier, score) h
        join {table} r on r.id = h.id) this where true"""


def releases(title: str, artist: str | None, first: int, after: str | None) -> Found:
    """By title, and by artist when one is given: exact title, titles that begin so, all words in any order."""
    key = title_key(_needed(title, "title"))
    if artist is None:
        return page(_titled(first, after), (key, _behind(key), _words(title)), RANKED, first, after)
    name = artist_key(_needed(artist, "artist"))
    whose = """select artist_id from artist_key where key collate "C" = $3::text
        order by popularity desc, artist_id limit 50"""
    # By the title and by the artist, since either may have too many releases for all of them to be looked at.
    exact = f"""select e.id, e.title_key from (select id, artist_id, title_key from release
        where title_key collate "C" = $1::text order by popularity desc, id desc limit {TEXT_LOOKED_AT}) e
        where e.artist_id in ({whose})"""
    newest = f"""select n.id, n.title_key from (select r.id, r.title_key from ({whose}) w cross join lateral (
          select id, title_key from release where artist_id = w.artist_id
          order by coalesce(release_date, '-infinity'::date) desc, id desc limit {TEXT_LOOKED_AT}) r
        limit {TEXT_LOOKED_AT}) n
        where starts_with(n.title_key, $1::text)
          or to_tsvector('simple', n.title_key) @@ plainto_tsquery('simple', $2::text)"""
    sql = f"""from (select r.*, h.tier as _tier, h.score as _score from (
          select distinct c.id, length(c.title_key) as score, case when c.title_key = $1::text then 0
            when starts_with(c.title_key, $1::text) then 1 else 2 end as tier
          from (({exact}) union all ({newest})) c) h
        join release r on r.id = h.id) this where true"""
    return page(sql, (key, _words(title), name), RANKED, first, after)


def _titled(first: int, after: str | None) -> str:
    exact = f"""select id, 0 as tier, 0 as score from release
        where title_key collate "C" = $1::text order by popularity desc, id desc limit {PER_KEY}"""
    prefix = f"""select id, 1 as tier, length(title_key) as score from (select * from release
        where title_key collate "C" > $1::text and title_key collate "C" < $2::text
        {_unless_full(first, after, "exact")} order by title_key collate "C" limit {PER_TIER}) k"""
    text = f"""select id, 2 as tier, length(title_key) as score from (select * from release
        where to_tsvector('simple', title_key) @@ plainto_tsquery('simple', $3::text)
        {_unless_full(first, after, "exact", "prefix")} limit {PER_TIER}) k"""
    return f"""from (with exact as materialized ({exact}), prefix as materialized ({prefix}),
        text as materialized ({text})
        select r.*, h.tier as _tier, h.score as _score
        from (select distinct on (id) * from (
          select * from exact union all select * from prefix union all select * from text) u order by id, tier) h
        join release r on r.id = h.id) this where true"""


def _unless_full(first: int, after: str | None, *tiers: str) -> str:
    """A condition that no row decides: PostgreSQL tests it once and does not start the scan when it is false.

    Up to `first` hits of the tiers before, this one is asked, because the page's `hasNextPage` needs one row more. Rows
    are counted once: an artist may be in a tier by several keys.
    """
    hits = " union all ".join(f"select id from {tier}" for tier in tiers)
    return "" if after is not None else f"and (select count(distinct id) from ({hits}) f) <= {_step(first)}"


def _step(first: int) -> int:
    """`first` rounded up, so that clients' page sizes do not each make a statement of their own."""
    return next(step for step in (5, 20, 50, 100, max(first, 100)) if first <= step)


def _needed(text: str, field: str) -> str:
    if not text.strip():
        raise Invalid(f"{field}: must not be empty", field)
    return text[:MAX_QUERY].replace("\0", " ")


def _behind(key: str) -> str:
    """The end of the range of keys that begin so: no character sorts behind U+10FFFF in collation C."""
    return key + "\U0010ffff"


def _words(text: str) -> str:
    return " ".join(fold(text)[:MAX_QUERY].split()[:12])
