"""What a catalog holds: every row as it is, the same without ids of ours, and what must always hold."""

from typing import Any

import asyncpg

TABLES = (
    "artist", "artist_key", "label", "label_key", "release", "release_track", "release_record", "edition",
    "edition_track", "track", "track_artist", "track_genre", "isrc", "platform_link", "track_musical_key", "match_key",
    "work", "work_recording", "iswc", "redirect", "source_ref", "genre", "musical_key", "origin", "last_id",
)  # fmt: skip

# By names and codes instead of ids: the same whatever the order in which rows were made.
_FACTS = {
    "artists": """
        select a.name, a.release_count, a.popularity, a.formation_year, a.country, a.social_links,
          array(select key || k.popularity from artist_key k where k.artist_id = a.id order by key collate "C")
        from artist a""",
    "labels": """
        select l.name, l.release_count, array(
          select key || k.release_count from label_key k where k.label_id = l.id order by key collate "C")
        from label l""",
    "works": """
        select w.title, array(select code from iswc where work_id = w.id order by code),
          array(select t.title from work_recording r join track t on t.id = r.track_id where r.work_id = w.id
            order by t.title collate "C")
        from work w""",
    "tracks": """
        select t.title, t.duration, t.released, t.bpm, t.camelot, t.popularity, t.search_text, t.title_key,
          array(select concat_ws('|', position, a.name, role, credited_as, join_phrase) from track_artist ta
            join artist a on a.id = ta.artist_id where ta.track_id = t.id order by position),
          array(select key || ':' || m.popularity from match_key m where m.track_id = t.id order by key),
          array(select genre_id || ':' || coalesce(released::text, '') from track_genre g where g.track_id = t.id
            order by genre_id),
          array(select code || preferred from isrc i where i.track_id = t.id order by code),
          array(select source || external_id from platform_link l where l.track_id = t.id order by source, external_id),
          array(select source || camelot from track_musical_key k where k.track_id = t.id order by source)
        from track t""",
    "releases": """
        select r.title, a.name, l.name, r.release_date, r.date_precision, r.catalog_no, r.popularity, r.track_count,
          array(select concat_ws('|', rt.disc_number, rt.track_number, t.title, t.duration) from release_track rt
            join track t on t.id = rt.track_id where rt.release_id = r.id
            order by rt.disc_number, rt.track_number, t.title collate "C", t.duration)
        from release r join artist a on a.id = r.artist_id left join label l on l.id = r.label_id""",
    "editions": """
        select e.source, e.external_id, e.group_external_id, e.title, e.kind, e.format, e.official, e.release_date,
          e.date_precision, e.barcode, e.unverified_barcode, e.country, e.label, e.catalog_no, e.medium_count,
          e.track_count, r.title,
          array(select concat_ws('|', et.disc_number, et.track_number, t.title) from edition_track et
            join track t on t.id = et.track_id where et.edition_id = e.id
            order by et.disc_number, et.track_number, t.title collate "C")
        from edition e join release r on r.id = e.release_id""",
}

# Each finds rows that must not be.
_WRONG = {
    "release counts of artists": """
        select id from artist a where release_count <> (select count(*) from release where artist_id = a.id)""",
    "release counts of labels": """
        select id from label l where release_count <> (select count(*) from release where label_id = l.id)""",
    "release counts of label keys": """
        select k.key from label_key k left join label l on l.id = k.label_id
        where l.release_count is distinct from k.release_count""",
    "popularity of artist keys": """
        select k.key from artist_key k left join artist a on a.id = k.artist_id
        where a.popularity is distinct from k.popularity""",
    "track counts": """
        select id from release r where track_count <> (select count(*) from release_track where release_id = r.id)""",
    "dates of tracks": """
        select t.id from track t where released is distinct from (
          select min(r.release_date) from release_track rt join release r on r.id = rt.release_id
          where rt.track_id = t.id)""",
    "dates of track genres": """
        select g.track_id from track_genre g left join track t on t.id = g.track_id
        where t.id is null or g.released is distinct from t.released""",
    "popularity of match keys": """
        select m.key from match_key m left join track t on t.id = m.track_id
        where t.popularity is distinct from m.popularity""",
    "tracks without match keys": """
        select id from track t where title_key <> '' and not exists (select from match_key where track_id = t.id)""",
    "credits": """
        select track_id from track_artist ta where not exists (select from artist where id = ta.artist_id)
        or not exists (select from track where id = ta.track_id)""",
    "releases without an artist": """
        select id from release r where not exists (select from artist where id = r.artist_id)""",
    "releases of a lost label": """
        select id from release r where label_id is not null
        and not exists (select from label where id = r.label_id)""",
    "tracks of releases": """
        select release_id from release_track rt where not exists (select from track where id = rt.track_id)
        or not exists (select from release where id = rt.release_id)""",
    "editions": """
        select id from edition e where not exists (select from release where id = e.release_id)""",
    "tracks of editions": """
        select et.edition_id from edition_track et where not exists (
          select from edition e join release_track rt on rt.release_id = e.release_id
          where e.id = et.edition_id and rt.track_id = et.track_id)""",
    "codes, links and keys of lost tracks": """
        select track_id from isrc x where not exists (select from track where id = x.track_id)
        union all select track_id from platform_link x where not exists (select from track where id = x.track_id)
        union all select track_id from track_musical_key x where not exists (select from track where id = x.track_id)
        union all select track_id from work_recording x where not exists (select from track where id = x.track_id)
        union all select track_id from match_key x where not exists (select from track where id = x.track_id)""",
    "recordings and codes of lost works": """
        select work_id from work_recording x where not exists (select from work where id = x.work_id)
        union all select work_id from iswc x where not exists (select from work where id = x.work_id)""",
    "preferred ISRCs": """
        select track_id from isrc group by track_id having count(*) filter (where preferred) <> 1""",
    "redirects that lead nowhere": """
        select old_id from redirect r where not exists (
          select from artist where r.kind = 1 and id = r.new_id union all
          select from label where r.kind = 2 and id = r.new_id union all
          select from release where r.kind = 3 and id = r.new_id union all
          select from track where r.kind = 4 and id = r.new_id union all
          select from work where r.kind = 5 and id = r.new_id)""",
    "redirects from rows that are there": """
        select old_id from redirect r where exists (
          select from artist where r.kind = 1 and id = r.old_id union all
          select from label where r.kind = 2 and id = r.old_id union all
          select from release where r.kind = 3 and id = r.old_id union all
          select from track where r.kind = 4 and id = r.old_id union all
          select from work where r.kind = 5 and id = r.old_id)""",
    "source ids of lost rows": """
        select external_id from source_ref s
        left join redirect r on r.kind = least(s.kind, 5) and r.old_id = s.entity_id
        where not exists (
          select from artist where s.kind = 1 and id = coalesce(r.new_id, s.entity_id) union all
          select from label where s.kind = 2 and id = coalesce(r.new_id, s.entity_id) union all
          select from release where s.kind = 3 and id = coalesce(r.new_id, s.entity_id) union all
          select from track where s.kind = 4 and id = coalesce(r.new_id, s.entity_id) union all
          select from work where s.kind = 5 and id = coalesce(r.new_id, s.entity_id) union all
          select where s.kind = 7)""",
    "tracks of no source": """
        select id from track t where not exists (
          select from source_ref s left join redirect r on r.kind = 4 and r.old_id = s.entity_id
          where s.kind = 4 and coalesce(r.new_id, s.entity_id) = t.id)""",
}


async def everything(connection: asyncpg.Connection) -> dict[str, list[Any]]:
    """All rows of all tables (but `import_run`, which tells of attempts)."""
    found = {}
    for table in TABLES:
        rows = await connection.fetch(f"select to_jsonb(t)::text as row from {table} t")
        found[table] = sorted(row["row"] for row in rows)
    return found


async def facts(connection: asyncpg.Connection) -> dict[str, list[str]]:
    """What the rows say, without ids of ours."""
    found = {}
    for name, sql in _FACTS.items():
        found[name] = sorted(str(tuple(row)) for row in await connection.fetch(sql))
    return found


async def wrongs(connection: asyncpg.Connection) -> dict[str, list[Any]]:
    """Rows that contradict each other; {} when all is well."""
    found = {}
    for name, sql in _WRONG.items():
        if rows := await connection.fetch(sql):
            found[name] = [tuple(row) for row in rows[:5]]
    return found
