"""The route written by hand as one statement, in which PostgreSQL builds the JSON."""

from benchmarks.reads.handwritten import RELEASES_SHOWN, Pooled

TRACK = f"""json_build_object(
  'databaseId', t.id, 'title', t.title,
  'artists', (select coalesce(json_agg(json_build_object('artistDatabaseId', ta.artist_id, 'artistName', a.name,
      'isPrimary', ta.role = 0, 'isRemixer', ta.role = 2) order by ta.position), '[]')
    from track_artist ta join artist a on a.id = ta.artist_id where ta.track_id = t.id),
  'releases', (select coalesce(json_agg(json_build_object('databaseId', r.id, 'title', r.title,
      'artist', json_build_object('databaseId', r.artist_id, 'name', a.name),
      'label', case when l.id is not null then json_build_object('databaseId', l.id, 'name', l.name) end,
      'releaseDate', r.release_date) order by r.release_date nulls last, r.id), '[]')
    from (select r.* from release_track rt join release r on r.id = rt.release_id where rt.track_id = t.id
      order by r.release_date nulls last, r.id limit {RELEASES_SHOWN}) r
    join artist a on a.id = r.artist_id left join label l on l.id = r.label_id),
  'isrc', (select i.code from isrc i where i.track_id = t.id order by i.preferred desc, i.code limit 1),
  'duration', t.duration,
  'genre', (select coalesce(json_agg(g.name order by g.id), '[]') from track_genre tg join genre g on g.id = tg.genre_id
    where tg.track_id = t.id and g.parent_id is null),
  'subgenre', (select coalesce(json_agg(g.name order by g.id), '[]') from track_genre tg
    join genre g on g.id = tg.genre_id where tg.track_id = t.id and g.parent_id is not null),
  'bpm', round(t.bpm::numeric, 2)::float8,
  'keyAlphanumeric', t.camelot, 'keyMusical', k.musical, 'keyOpen', k.open,
  'keys', (select coalesce(json_agg(json_build_object('source', s.source, 'keyAlphanumeric', s.camelot,
      'keyMusical', m.musical, 'keyOpen', m.open) order by s.source), '[]')
    from track_musical_key s join musical_key m on m.camelot = s.camelot where s.track_id = t.id))"""
BY_ISRC = f"""select json_build_object('data', json_build_object('track', (
  select {TRACK} from track t left join musical_key k on k.camelot = t.camelot
  where t.id = (select i.track_id from isrc i where i.code = $1 order by i.track_id limit 1))))::text"""
BY_GENRE = f"""with page as (
    select tg.track_id, coalesce(tg.released, '-infinity') as released, row_number() over () as n
    from (select track_id, released from track_genre where genre_id = $1
      order by coalesce(released, '-infinity') desc, track_id desc limit $2 + 1) tg)
  select json_build_object('data', json_build_object('browseTracks', json_build_object(
    'nodes', (select coalesce(json_agg({TRACK} order by p.n), '[]') from page p join track t on t.id = p.track_id
      left join musical_key k on k.camelot = t.camelot where p.n <= $2),
    'nextCursor', (select translate(encode(convert_to(json_build_array(released::text, track_id::text)::text, 'UTF8'),
      'base64'), E'+/\\n', '-_') from page where n = $2 and (select count(*) from page) > $2))))::text"""


class OneQuery(Pooled):
    """One statement, whose text is the body."""

    async def track(self, isrc: str) -> bytes:
        self.sent += 1
        text: str = await self._pool.fetchval(BY_ISRC, isrc)
        return text.encode()

    async def tracks(self, genre_id: int, first: int) -> bytes:
        self.sent += 1
        text: str = await self._pool.fetchval(BY_GENRE, genre_id, first)
        return text.encode()
