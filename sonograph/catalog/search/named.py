"""Artists and labels by name: the whole key, keys with a typing error, keys that begin so, all words in any order."""

from typing import Any

from sonograph.catalog.names import artist_key
from sonograph.catalog.search.cascade import TYPO_ROWS, key_distance
from sonograph.catalog.search.query import spellings
from sonograph.catalog.search.tiers import BY_COUNT, PER_KEY, PER_TIER, RANKED, behind, needed, unless_full, words_of
from sonograph.catalog.typos import MIN_LETTERS, typo_hashes
from sonograph.postgres.found import Found, page


def artists(name: str, first: int, after: str | None) -> Found:
    """The best match first, then by popularity; a name in another script is found by its Latin letters."""
    sql, params = _named("artist", "popularity", first, after), _params(needed(name, "name"))
    return page(sql, params, RANKED, first, after, name="search.artists")


def labels(name: str, first: int, after: str | None) -> Found:
    """As artists, then by number of releases."""
    sql, params = _named("label", "release_count", first, after), _params(needed(name, "name"))
    return page(sql, params, BY_COUNT, first, after, name="search.labels")


def _params(name: str) -> tuple[Any, ...]:
    key = artist_key(name)
    spelled = spellings(key)
    hashes = [hashed for each in spelled if len(each) >= MIN_LETTERS for hashed in typo_hashes(each)]
    return spelled, key, behind(key), words_of(name), hashes


def whose(table: str, weight: str, names: str, hashes: str, exact: str) -> str:
    """Tiers `exact` and `typo` over a table of keys, by parameters: CTEs of (id, tier, score)."""
    keys, owner = f"{table}_key", f"{table}_id"
    distance = key_distance("k.key", "n.key")
    return f"""{exact} as materialized (select e.id, 0 as tier, min(e.score) as score
        from unnest({names}::text[]) with ordinality n(key, score) cross join lateral (
          select {owner} as id, (n.score - 1)::int as score from {keys} where key collate "C" = n.key
          order by {weight} desc, {owner} limit {PER_KEY}) e group by 1),
      typo as materialized (select f.id, 1 as tier, v.score from (
          select distinct y.id from (
            select * from unnest({hashes}::int[]) x(hash) where not exists (select from {exact})) x
          cross join lateral (
            select {owner} as id from {table}_typo where hash = x.hash order by {owner} limit {TYPO_ROWS}) y
          limit 10 * {TYPO_ROWS}) f
        cross join lateral (
          select min({distance}) as score from {keys} k cross join unnest({names}::text[]) n(key)
          cross join lateral (select edit_distance(k.key, n.key, 2) as edits) d where k.{owner} = f.id) v
        where v.score is not null)"""


def _named(table: str, weight: str, first: int, after: str | None) -> str:
    """Tiers over a table of keys: spellings are $1, the key $2, the end of its range $3, words $4, typo hashes $5."""
    keys, owner = f"{table}_key", f"{table}_id"
    prefix = f"""select {owner} as id, 2 as tier, length(key) as score from (select * from {keys}
        where key collate "C" > $2::text and key collate "C" < $3::text {unless_full(first, after, "exact", "typo")}
        order by key collate "C" limit {PER_TIER}) k"""
    text = f"""select {owner} as id, 3 as tier, length(key) as score from (select * from {keys}
        where to_tsvector('simple', key) @@ plainto_tsquery('simple', $4::text)
        {unless_full(first, after, "exact", "typo", "prefix")} limit {PER_TIER}) k"""
    return f"""from (with {whose(table, weight, "$1", "$5", "exact")},
        prefix as materialized ({prefix}), text as materialized ({text}),
        hit as (select id, tier, min(score) as score from (
          select * from exact union all select * from typo
          union all select * from prefix union all select * from text) u group by id, tier)
        select r.*, h.tier as _tier, h.score as _score
        from (select distinct on (id) * from hit order by id, tier, score) h
        join {table} r on r.id = h.id) this where true"""
