"""Releases by title, and by artist when one is given."""

from sonograph.catalog.names import artist_key, title_key
from sonograph.catalog.search.named import whose
from sonograph.catalog.search.query import MAX_COMPARED, spellings
from sonograph.catalog.search.tiers import (
    PER_KEY,
    PER_TIER,
    RANKED,
    TEXT_LOOKED_AT,
    behind,
    needed,
    unless_full,
    words_of,
)
from sonograph.catalog.typos import MIN_LETTERS, typo_hashes
from sonograph.postgres.found import Found, page

NAMESAKES = 50  # artists of one name whose releases are looked at
NEAR_LOOKED_AT = 2000  # titles that are compared letter by letter, of each kind
_MANY = 6  # words: half of a longer title tells enough, and twelve common words took the index 50 ms
_TELLING = 4  # letters of a word that may stand alone in a search for titles with an error in another one
_ALLOWED = "least(2, length({title}) / 4)"  # letters that may differ


def releases(title: str, artist: str | None, first: int, after: str | None) -> Found:
    """The best match first, then by popularity: exact title, a typing error, titles that begin so, all words."""
    title = needed(title, "title")
    key = title_key(title)[:MAX_COMPARED]
    if artist is None:
        # A slip leaves one of the halves as it is, also where two letters changed places in the middle.
        half, end = key[: len(key) // 2], key[::-1][: (len(key) - 1) // 2]
        params = key, behind(key), words_of(title), half, behind(half), _without_one(key), end, behind(end)
        return page(_titled(first, after), params, RANKED, first, after, name="search.releases")
    names = spellings(artist_key(needed(artist, "artist")))
    hashes = [hashed for name in names if len(name) >= MIN_LETTERS for hashed in typo_hashes(name)]
    return page(_BY_ARTIST, (key, words_of(title), names, hashes), RANKED, first, after, name="search.releases")


def _without_one(key: str) -> str:
    """A tsquery of all words but any one, for titles with an error in one; "" when too little would be left.

    Of each combination one word has to tell something: "the" alone is in a quarter of all titles.
    """
    words = [word for word in dict.fromkeys(key.split()) if word.isalnum()]
    if len(words) > _MANY:
        return ""
    left = ([w for w in words if w != lost] for lost in words)
    return " | ".join(
        "(" + " & ".join(f"'{word}'" for word in some) + ")" for some in left if any(len(w) >= _TELLING for w in some)
    )


_WHOSE = f"""(select id from (select id from exact_artist union all select id from typo) a limit {NAMESAKES})"""
# By the title and by the artist, since either may have too many releases for all of them to be looked at.
_BY_ARTIST = f"""from (with {whose("artist", "popularity", "$3", "$4", "exact_artist")},
    own as materialized (select id from {_WHOSE} w),
    titled as materialized (select e.id, e.title_key from (select id, artist_id, title_key from release
      where title_key collate "C" = $1::text order by popularity desc, id desc limit {TEXT_LOOKED_AT}) e
      where e.artist_id in (select id from own)),
    newest as materialized (select r.id, r.title_key from own w cross join lateral (
      select id, title_key from release where artist_id = w.id
      order by coalesce(release_date, '-infinity'::date) desc, id desc limit {TEXT_LOOKED_AT}) r
      limit {TEXT_LOOKED_AT})
    select r.*, h.tier as _tier, h.score as _score from (select distinct on (id) * from (
        select id, 0 as tier, 0 as score from titled union all
        select n.id, v.tier,
          case v.tier when 1 then edit_distance(n.title_key, $1::text, 2) else length(n.title_key) end
        from newest n cross join lateral (select case
          when n.title_key = $1::text then 0
          when edit_distance(n.title_key, $1::text, 2) <= {_ALLOWED.format(title="$1::text")} then 1
          when starts_with(n.title_key, $1::text) then 2
          when to_tsvector('simple', n.title_key) @@ plainto_tsquery('simple', $2::text) then 3 end as tier) v
        where v.tier is not null) c order by id, tier, score) h
    join release r on r.id = h.id) this where true"""


def _titled(first: int, after: str | None) -> str:
    exact = f"""select id, 0 as tier, 0 as score from release
        where title_key collate "C" = $1::text order by popularity desc, id desc limit {PER_KEY}"""
    # A table of typing errors would take 170 bytes a track: what stands before the error or behind it leads there, or
    # other words do.
    near = f"""select c.id, 1 as tier, d.edits as score from (
          select * from (select id, title_key from release where title_key collate "C" > $4::text
            and title_key collate "C" < $5::text and length($4::text) >= 3 and not exists (select from exact)
            order by title_key collate "C" limit {NEAR_LOOKED_AT}) b
          union select * from (select id, title_key from release where reverse(title_key) collate "C" > $7::text
            and reverse(title_key) collate "C" < $8::text and length($7::text) >= 3 and not exists (select from exact)
            order by reverse(title_key) collate "C" limit {NEAR_LOOKED_AT}) e
          union select * from (select id, title_key from release
            where to_tsvector('simple', title_key) @@ to_tsquery('simple', $6::text)
            and $6::text <> '' and not exists (select from exact) limit {NEAR_LOOKED_AT}) w) c
        cross join lateral (select edit_distance(c.title_key, $1::text, 2) as edits) d
        where d.edits <= {_ALLOWED.format(title="$1::text")}"""
    prefix = f"""select id, 2 as tier, length(title_key) as score from (select * from release
        where title_key collate "C" > $1::text and title_key collate "C" < $2::text
        {unless_full(first, after, "exact", "near")} order by title_key collate "C" limit {PER_TIER}) k"""
    text = f"""select id, 3 as tier, length(title_key) as score from (select * from release
        where to_tsvector('simple', title_key) @@ plainto_tsquery('simple', $3::text)
        {unless_full(first, after, "exact", "near", "prefix")} limit {PER_TIER}) k"""
    return f"""from (with exact as materialized ({exact}), near as materialized ({near}),
        prefix as materialized ({prefix}), text as materialized ({text})
        select r.*, h.tier as _tier, h.score as _score
        from (select distinct on (id) * from (
          select * from exact union all select * from near
          union all select * from prefix union all select * from text) u order by id, tier, score) h
        join release r on r.id = h.id) this where true"""
