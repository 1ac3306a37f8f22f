"""The tiers by which a recording is found, as common table expressions over the parameters of `Asked`.

Each is bounded by limits inside, is asked only for lines that the better ones left without an answer, and is
materialised, so that PostgreSQL runs it once and in this order. `docs/explanation/search.md` tells why.
"""

from sonograph.catalog.search.query import MatchTier, Reading

ARTISTS = 100  # of one line whose titles are compared
NAMESAKES = 100  # artists of one name: among 600,000 made-up artists some names have dozens
TYPO_ROWS = 150  # of one hash
SIGNATURES = 4000  # titles of one artist whose signatures are compared: an index-only scan, 0.2 µs each
NEAR_TITLES = 24  # of one artist that are compared letter by letter
NEAR_BITS = 12  # of 32 that may differ: two slips change eight at most, other titles have fourteen on average
VERSIONS = 50  # of a song by one artist
SAME_TITLE = 10  # recordings of one signature by one artist

FAR = 30  # letters by which versions of a song are told apart
PARAMETERS = 16  # of `Asked`
_KEYS = "unnest($1::int[], $2::int[], $3::bigint[], $4::text[]) k(line, tier, key, title)"
_SWAPPED = "unnest($5::int[], $6::bigint[], $7::text[]) k(line, key, title)"
# `hashes` is the text of an array, read only where a name is looked up by it: a hundred lines have 3,500 hashes, which
# as rows took half the time of a bulk resolve that needs none of them.
_NAMES = "unnest($8::int[], $9::int[], $10::text[], $11::text[]) with ordinality n(line, reading, key, hashes, place)"
_TITLES = (
    "unnest($12::int[], $13::int[], $14::text[], $15::int[], $16::int[]) w(line, reading, title, signature, score)"
)
# The score of a hit `h` of an exact tier: by how many letters the title of `t` is not the version asked for.
# Most are: counting the letters of equal titles took a tenth of a bulk resolve.
VERSION_SCORE = f"case when t.title_key = h.title then 0 else edit_distance(t.title_key, h.title, {FAR}) end"
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
    when length(t.title_key) >= 5 and starts_with(w.title, t.title_key || ' ') then 40 end"""


def tiers(per_key: int) -> str:
    """CTEs `exact`, `swapped` and `near` of (line, id, …); the last one is `similar_swapped()`."""
    exact = f"""select k.line, m.track_id as id, k.tier, k.title from {_KEYS} cross join lateral (
        select track_id from match_key where key = k.key order by popularity desc, track_id limit {per_key}) m"""
    swapped = f"""select k.line, m.track_id as id, k.title from (select * from {_SWAPPED}
        where k.line not in (select line from exact)) k cross join lateral (
        select track_id from match_key where key = k.key order by popularity desc, track_id limit {per_key}) m"""
    as_given = f"({Reading.AS_GIVEN.value}, {Reading.SPLIT.value})"
    return f"""exact as materialized ({exact}), swapped as materialized ({swapped}),
      {_near("near", as_given, "exact", "swapped")}"""


def similar_swapped(*before: str) -> str:
    """The last tier: asked for lines that none of the CTEs named has found anything for."""
    return _near("similar_swapped", f"({Reading.SWAPPED.value})", *before)


def versions() -> str:
    """Of one line that has an exact match: other versions of the song by artists of this very name."""
    return f"""versions as materialized (
      select h.track_id as id, min(length(t.title_key) - length(w.title)) as score
      from (select * from {_NAMES} where n.reading = {Reading.AS_GIVEN.value} and exists (select from exact) offset 0) n
      cross join lateral (
        select artist_id from artist_key where key collate "C" = n.key
        order by popularity desc, artist_id limit {NAMESAKES}) a
      join (select * from {_TITLES} where w.reading = {Reading.AS_GIVEN.value} and w.score = 0 offset 0) w on true
      cross join lateral (
        select s.title_signature from (
          select title_signature from track_artist where artist_id = a.artist_id and title_signature is not null
          limit {SIGNATURES}) s
        where w.signature & ~s.title_signature = 0 group by 1 order by bit_count(s.title_signature::bit(32)), 1
        limit {VERSIONS}) s
      cross join lateral (
        select track_id from track_artist where artist_id = a.artist_id and title_signature = s.title_signature
        limit {SAME_TITLE}) h
      cross join lateral (select title_key from track where id = h.track_id offset 0) t
      where starts_with(t.title_key, w.title || ' ')
      group by 1)"""


def hits(*, text: bool) -> str:
    """Rows (line, id, tier, score, title) of all CTEs; a track may be in several. `VERSION_SCORE` fills in for null."""
    found = f"""
      select line, id, tier, null::int as score, title from exact
      union all select line, id, {MatchTier.SIMILAR.value}, score, null from near
      union all select line, id, {MatchTier.SWAPPED.value}, null, title from swapped
      union all select line, id, {MatchTier.SWAPPED_SIMILAR.value}, score, null from similar_swapped"""
    if text:
        found += f"""
      union all select 1, id, {MatchTier.SONG.value}, score, null from versions
      union all select 1, id, {MatchTier.WORDS.value}, score, null from text"""
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
