"""Rows go into their tables by COPY; rows that are replaced are deleted before, and keep their ids."""

from collections.abc import Collection, Iterable
from typing import Any

import asyncpg

COLUMNS = {
    "artist": (
        "id", "popularity", "release_count", "formation_date", "formation_year", "origin_id", "name", "country",
        "wikidata_id", "musicbrainz_id", "social_links", "popularity_origin",
    ),
    "artist_key": ("artist_id", "popularity", "key"),
    "artist_typo": ("hash", "artist_id"),
    "label": ("id", "popularity", "release_count", "origin_id", "name"),
    "label_key": ("label_id", "release_count", "key"),
    "label_typo": ("hash", "label_id"),
    "work": ("id", "origin_id", "title"),
    "iswc": ("work_id", "code"),
    "track": (
        "id", "popularity", "duration", "released", "bpm", "origin_id", "camelot", "title", "title_key", "search_text",
        "popularity_origin",
    ),
    "track_artist": ("track_id", "artist_id", "position", "role", "credited_as", "join_phrase", "title_signature"),
    "track_genre": ("track_id", "genre_id", "released"),
    "isrc": ("track_id", "preferred", "code"),
    "work_recording": ("work_id", "track_id"),
    "platform_link": ("track_id", "source", "external_id"),
    "track_musical_key": ("track_id", "source", "camelot"),
    "match_key": ("key", "popularity", "track_id"),
    "release": (
        "id", "artist_id", "label_id", "release_date", "popularity", "track_count", "origin_id", "date_precision",
        "title", "title_key", "catalog_no", "popularity_origin",
    ),
    "release_track": ("release_id", "track_id", "disc_number", "track_number"),
    "release_record": ("release_id", "kind", "external_id", "body"),
    "edition": (
        "id", "release_id", "release_date", "medium_count", "track_count", "source", "kind", "format",
        "date_precision", "origin_id", "official", "external_id", "group_external_id", "title", "barcode",
        "unverified_barcode", "country", "label", "catalog_no",
    ),
    "edition_track": ("edition_id", "track_id", "disc_number", "track_number"),
}  # fmt: skip

_DELETES = {
    "artist": ("delete from artist where id = any($1)", "delete from artist_key where artist_id = any($1)"),
    "label": ("delete from label where id = any($1)", "delete from label_key where label_id = any($1)"),
    "work": ("delete from work where id = any($1)", "delete from iswc where work_id = any($1)"),
    "track": (
        "delete from track where id = any($1)",
        "delete from track_artist where track_id = any($1)",
        "delete from track_genre where track_id = any($1)",
        "delete from isrc where track_id = any($1)",
        "delete from work_recording where track_id = any($1)",
        "delete from platform_link where track_id = any($1)",
        "delete from track_musical_key where track_id = any($1)",
        "delete from match_key where track_id = any($1)",
    ),
    "release": ("delete from release where id = any($1)",),
    "release_track": ("delete from release_track where release_id = any($1)",),
    "edition": ("delete from edition where id = any($1)", "delete from edition_track where edition_id = any($1)"),
}


async def copy(connection: asyncpg.Connection, table: str, rows: Iterable[tuple[Any, ...]]) -> None:
    """Add rows, in the order of `COLUMNS`."""
    rows = rows if isinstance(rows, list) else list(rows)
    if rows:
        await connection.copy_records_to_table(table, records=rows, columns=COLUMNS[table])


async def delete(connection: asyncpg.Connection, table: str, ids: Collection[int]) -> None:
    """Delete rows by id, and what belongs to them alone."""
    if ids:
        for statement in _DELETES[table]:
            await connection.execute(statement, list(ids))
