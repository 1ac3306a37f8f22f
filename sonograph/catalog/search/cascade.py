"""The tiers by which a recording is found, as common table expressions over the parameters of `Asked`.

Each is bounded by limits inside, is asked only for lines that the better ones left without an answer, and is
materialised, so that PostgreSQL runs it once and in this order. `docs/explanation/search.md` tells why.
"""

from sonograph.catalog.search.query import MatchTier, Reading
from sonograph.catalog.search.versions import ORIGINAL, ends_in_version, version_score

ARTISTS = 100  # of one line whose titles are compared
NAMESAKES = 100  # artists of one name: among 600,000 made-up artists some names have dozens
TYPO_ROWS = 150  # of one hash
SIGNATURES = 4000  # titles of one artist whose signatures are compared: an index-only scan, 0.2 µs each
NEAR_TITLES = 24  # of one artist that are compared letter by letter
NEAR_BITS = 12  # of 32 that may differ: two slips change eight at most, other titles have fourteen on average
VERSIONS = 50  # of a song by one artist
SAME_TITLE = 10  # recordings of one signature by one artist

FAR = 30  # letters by which versions of a song are told apart
PARAMETERS = 23  # of `Asked`
_KEYS = "unnest($1::int[], $2::int[], $3::bigint[], $4::text[], $5::bool[]) k(line, tier, key, title, lost)"
_SWAPPED = "unnest($6::int[], $7::bigint[], $8::text[]) k(line, key, title)"
# `hashes` is the text of an array, read only where a name is looked up by it: a hundred lines have 3,500 hashes, which
# as rows took half the time of a bulk resolve that needs none of them.
_NAMES = "unnest($9::int[], $10::int[], $11::text[], $12::text[]) with ordinality n(line, reading, key, hashes, place)"
_TITLES = (
    "unnest($13::int[], $14::int[], $15::text[], $16::int[], $17::int[]) w(line, reading, title, signature, score)"
)
_SONGS = (
    "unnest($18::int[], $19::int[], $20::text[], $21::int[], $22::int[], $23::text[]) "
    "g(line, reading, title, signature, wanted, version)"
)
# The score of a hit `h` of an exact tier: by how many letters the title of `t` is not the version asked for, or where
# that is lost, not the song alone. Most are: counting the letters of equal titles took a tenth of a bulk resolve.
VERSION_SCORE = f"""case when h.lost then {ORIGINAL} else 0 end
    + case when t.title_key = h.title then 0 else edit_distance(t.title_key, h.title, {FAR}) end"""
WANTED_TITLE = "($4::text[])[1]"  # title key of a single line; of none that has no key, null


def _letters(text: str) -> str:
    """The letters of a text in order: equal where neighbours or words changed places, or spaces are missing."""
    return f"array(select unnest(string_to_array(replace({text}, ' ', ''), null)) order by 1)"


def key_distance(found: str, asked: str) -> str:
    """What tells two names apart, 0 for nothing, null for too much; `d.edits` is their distance, counted to 2."""
    return f"""case when d.edits <= 1 then d.edits
      when {_letters(found)} = {_letters(asked)} then 1
      when d.edits = 2 and length({asked}) >= 8 then 2 end"""


# Of titles, in tenths of a letter; null for too much. A title that is cut off or has words behind it costs more.
_TITLE_SCORE = f"""case
    when s.title_signature = w.signature then least(10 * d.edits, 30)
    when d.edits <= d.allowed then 10 * d.edits
    when d.edits <= 4 and {_letters("t.title_key")} = {_letters("w.title")} then 10
    when length(w.title) >= 6 and (d.begun = 0
      or d.begun <= least(d.allowed - 1, 2) and 2 * length(w.title) >= length(t.title_key)) then 20 + 10 * d.begun
        + least(greatest(length(t.title_key) - length(w.title), 0) / 4, 4)
    when length(t.title_key) >= 5 and starts_with(w.title, t.title_key || ' ') then 40 end"""


def tiers(per_key: int, *, others: bool) -> str:
    """CTEs `exact`, `swapped`, `versions` and `near` of (line, id, …); the last one is `similar_swapped()`.

    With `others`, other versions of a song are told beside the one that was asked for, not only in its place.
    """
    exact = f"""select k.line, m.track_id as id, k.tier, k.title, k.lost from {_KEYS} cross join lateral (
        select track_id from match_key where key = k.key order by popularity desc, track_id limit {per_key}) m"""
    swapped = f"""select k.line, m.track_id as id, k.title from (select * from {_SWAPPED}
        where k.line not in (select line from exact)) k cross join lateral (
        select track_id from match_key where key = k.key order by popularity desc, track_id limit {per_key}) m"""
    as_given = f"({Reading.AS_GIVEN.value}, {Reading.SPLIT.value})"
    return f"""exact as materialized ({exact}), swapped as materialized ({swapped}), {_versions(others=others)},
      {_near("near", as_given, "exact", "versions", "swapped")}"""


def similar_swapped(*before: str) -> str:
    """The last tier: asked for lines that none of the CTEs named has found anything for."""
    return _near("similar_swapped", f"({Reading.SWAPPED.value})", *before)


def _versions(*, others: bool) -> str:
    """The song's recordings by artists of this very name, in whatever version: (line, id, tier, score, alike).

    A title that goes on behind the song's is a version of it if it ends as versions do; behind an exact match, others
    are told as well.
    """
    split, given = MatchTier.SPLIT.value, Reading.AS_GIVEN.value
    found = "select from exact e where e.line = g.line and not e.lost"
    asked = f"g.reading = {given} or not exists ({found} and e.tier < {split})" if others else f"not exists ({found})"
    return f"""versions as materialized (
      select g.line, h.track_id as id, case g.reading when {given} then {MatchTier.SONG.value} else {split} end as tier,
        min(v.score) as score, bool_or(g.version <> '' and v.score < {ORIGINAL}) as alike
      from (select g.*, exists ({found}) as found from {_SONGS}
        where ({asked}) and g.line not in (select line from swapped) offset 0) g
      join (select * from {_NAMES} offset 0) n on n.line = g.line and n.reading = g.reading
      cross join lateral (
        select artist_id from artist_key where key collate "C" = n.key
        order by popularity desc, artist_id limit {NAMESAKES}) a
      cross join lateral (
        select s.title_signature from (
          select title_signature from track_artist where artist_id = a.artist_id and title_signature is not null
          limit {SIGNATURES}) s
        where g.signature & ~s.title_signature = 0 group by 1
        order by bit_count((s.title_signature # g.wanted)::bit(32)), 1 limit {VERSIONS}) s
      cross join lateral (
        select track_id from track_artist where artist_id = a.artist_id and title_signature = s.title_signature
        limit {SAME_TITLE}) h
      cross join lateral (
        select title_key, substr(title_key, length(g.title) + 2) as version from track where id = h.track_id offset 0) t
      cross join lateral (select {version_score("t.version", "g.version")} as score offset 0) v
      where (t.title_key = g.title and g.version <> '')
        or (starts_with(t.title_key, g.title || ' ')
          and (g.found and g.version = '' or {ends_in_version("t.version")}))
      group by 1, 2, 3)"""


def hits(*, text: bool) -> str:
    """Rows (line, id, tier, score, title, lost) of all CTEs; a track may be in several.

    `VERSION_SCORE` fills in where the score is null.
    """
    found = f"""
      select line, id, tier, null::int as score, title, lost from exact
      union all select line, id, tier, score, null, null from versions
      union all select line, id, {MatchTier.SIMILAR.value}, score, null, null from near
      union all select line, id, {MatchTier.SWAPPED.value}, null, title, false from swapped
      union all select line, id, {MatchTier.SWAPPED_SIMILAR.value}, score, null, null from similar_swapped"""
    if text:
        found += f"""
      union all select 1, id, {MatchTier.WORDS.value}, score, null, null from text"""
    return found


def _near(name: str, readings: str, *before: str) -> str:
    """CTE of tracks by artists of nearly this name with nearly this title: (line, id, score).

    Lines are joined as sets: a look at all names for each of a hundred lines took half of the time.
    """

    def asked(rows: str, row: str) -> str:
        left = " and ".join(f"{row}.line not in (select line from {tier})" for tier in before)
        return f"select * from {rows} where {row}.reading in {readings} and {left}"

    named = f"""
      select n.line, n.reading, s.artist_id, 0 as distance, s.popularity from {name}_name n cross join lateral (
        select artist_id, popularity from artist_key where key collate "C" = n.key
        order by popularity desc, artist_id limit {NAMESAKES}) s
      union all
      select n.line, n.reading, s.artist_id, 2, s.popularity from {name}_name n cross join lateral (
        select artist_id, popularity from artist_key where length(n.key) >= 8 and key collate "C" > n.key || ' '
          and key collate "C" < n.key || U&'\\+10FFFF' order by key collate "C" limit 10) s
      union all
      select f.line, f.reading, f.artist_id, v.distance, v.popularity from (
        select distinct on (n.place, y.artist_id) n.line, n.reading, n.key, y.artist_id from {name}_name n
        cross join lateral unnest(n.hashes::int[]) x(hash) cross join lateral (
          select artist_id from artist_typo where hash = x.hash order by artist_id limit {TYPO_ROWS}) y) f
      cross join lateral (
        select min({key_distance("k.key", "f.key")}) as distance, max(k.popularity) as popularity
        from artist_key k cross join lateral (select edit_distance(k.key, f.key, 2) as edits) d
        where k.artist_id = f.artist_id) v
      where v.distance is not null"""
    # What differs, or what is missing: a title that was cut off lacks none of the pairs that were left.
    bits = """least(bit_count((s.title_signature # w.signature)::bit(32)),
          8 + 3 * bit_count((w.signature & ~s.title_signature)::bit(32)))"""
    return f"""{name}_name as materialized ({asked(_NAMES, "n")}),
    {name}_title as materialized ({asked(_TITLES, "w")}),
    {name}_artist as materialized (
      select * from (select c.*, row_number() over (
          partition by line, reading order by distance, popularity desc, artist_id) as place
        from (select line, reading, artist_id, min(distance) as distance, max(popularity) as popularity
          from ({named}) u group by 1, 2, 3) c) r
      where place <= {ARTISTS}),
    {name} as materialized (
      select w.line, h.track_id as id, min(15 * a.distance + w.score + v.score) as score
      from {name}_artist a join {name}_title w on w.line = a.line and w.reading = a.reading
      cross join lateral (
        select s.title_signature from (
          select title_signature from track_artist where artist_id = a.artist_id and title_signature is not null
          limit {SIGNATURES}) s
        where {bits} <= {NEAR_BITS} group by 1 order by min({bits}), 1 limit {NEAR_TITLES}) s
      cross join lateral (
        select track_id from track_artist where artist_id = a.artist_id and title_signature = s.title_signature
        limit {SAME_TITLE}) h
      cross join lateral (select title_key from track where id = h.track_id offset 0) t
      cross join lateral (
        select edit_distance(t.title_key, w.title, 4) as edits,
          edit_distance(left(t.title_key, length(w.title)), w.title, 2) as begun,
          case when length(w.title) <= 2 then 0 when length(w.title) <= 5 then 1 when length(w.title) <= 11 then 2
            when length(w.title) <= 20 then 3 else 4 end - (a.distance > 1)::int as allowed offset 0) d
      cross join lateral (select {_TITLE_SCORE} as score offset 0) v
      where v.score is not null
      group by 1, 2)"""
