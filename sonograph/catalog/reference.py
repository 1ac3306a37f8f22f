"""Rows that come with us and not from an import: origins with their licences, genres, musical keys."""

from collections.abc import Sequence
from typing import Any

import asyncpg

from sonograph.catalog.genre_names import GENRES
from sonograph.catalog.keys import KEYS
from sonograph.catalog.vocabulary import OriginId

_ORIGINS = (
    (OriginId.SANDBOX, "sandbox", "Apache-2.0", None),
    (OriginId.JSONL, "jsonl", "as agreed with whoever supplied the file", None),
    (OriginId.DISCOGS, "discogs", "CC0 1.0", "https://data.discogs.com/"),
    (OriginId.MUSICBRAINZ, "musicbrainz", "CC0 1.0", "https://musicbrainz.org/doc/MusicBrainz_Database/Download"),
    (
        OriginId.MUSICBRAINZ_TAGS,
        "musicbrainz with tags",
        "CC0 1.0, genres CC BY-NC-SA 3.0",
        "https://musicbrainz.org/doc/About/Data_License",
    ),
    (
        OriginId.MLC,
        "mlc",
        "as agreed with The MLC (Bulk Data Access)",
        "https://www.themlc.com/dataprograms",
    ),
    (OriginId.LISTENBRAINZ, "listenbrainz", "CC0 1.0", "https://listenbrainz.org/data/"),
    (OriginId.ESTIMATE, "estimate", "Apache-2.0", None),
    (OriginId.ACOUSTID, "acoustid", "CC BY-SA 3.0", "https://acoustid.org/database"),
    (OriginId.AUDIO, "audio", "as the files are licensed to the operator", None),
)

# (rows as they should be, what reads them as they are, what writes one)
_TABLES: tuple[tuple[Sequence[tuple[Any, ...]], str, str], ...] = (
    (
        [(int(number), *rest) for number, *rest in _ORIGINS],
        "select id, name, licence, url from origin",
        (
            "insert into origin (id, name, licence, url) values ($1, $2, $3, $4) "
            "on conflict (id) do update set name = excluded.name, licence = excluded.licence, url = excluded.url"
        ),
    ),
    (
        [(genre.id, genre.parent_id, genre.name) for genre in GENRES],
        "select id, parent_id, name from genre",
        (
            "insert into genre (id, parent_id, name) values ($1, $2, $3) "
            "on conflict (id) do update set parent_id = excluded.parent_id, name = excluded.name"
        ),
    ),
    (
        [(key.alphanumeric, key.musical, key.open) for key in KEYS],
        "select camelot, musical, open from musical_key",
        (
            "insert into musical_key (camelot, musical, open) values ($1, $2, $3) "
            "on conflict (camelot) do update set musical = excluded.musical, open = excluded.open"
        ),
    ),
)


async def load_reference(connection: asyncpg.Connection) -> None:
    """Write what is missing or different, in the schema that the connection's search_path names.

    Three small reads when nothing changed. Rows that are no longer ours stay, because tracks may refer to them.
    """
    for rows, read, write in _TABLES:
        known = {tuple(row) for row in await connection.fetch(read)}
        if missing := [row for row in rows if row not in known]:
            async with connection.transaction():
                await connection.executemany(write, missing)
