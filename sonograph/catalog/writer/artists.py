"""Artists and labels: their rows, and the keys under which they are found."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, Literal

import asyncpg
import orjson

from sonograph.catalog.dates import parse_date
from sonograph.catalog.names import artist_key, fold, transliterated
from sonograph.catalog.records import ArtistRecord, LabelRecord
from sonograph.catalog.typos import all_typo_hashes
from sonograph.catalog.writer.popularity import Told, popularity_before, popularity_of
from sonograph.catalog.writer.rows import copy, delete

_KEYS = {
    "artist": "select artist_id as id, array_agg(key) as keys from artist_key where artist_id = any($1) group by 1",
    "label": "select label_id as id, array_agg(key) as keys from label_key where label_id = any($1) group by 1",
}
_FORGET = {
    "artist": "delete from artist_typo t using unnest($1::int[], $2::int[]) d(hash, owner) "
    "where t.hash = d.hash and t.artist_id = d.owner",
    "label": "delete from label_typo t using unnest($1::int[], $2::int[]) d(hash, owner) "
    "where t.hash = d.hash and t.label_id = d.owner",
}


def name_keys(names: Iterable[str]) -> list[str]:
    """Keys of all spellings, each also without "The" taken off and in Latin letters."""
    keys = dict[str, None]()
    for name in names:
        keys[artist_key(name)] = None
        keys[fold(name)] = None
        if latin := transliterated(name):
            keys[artist_key(latin)] = None
    keys.pop("", None)
    return list(keys)


async def write_artists(
    connection: asyncpg.Connection, origin: int, artists: Sequence[tuple[int, ArtistRecord]]
) -> list[int]:
    """Write or replace the rows of these artists. Returns those whose name changed: keys of their tracks are stale."""
    before = {
        row["id"]: (row["name"], row["release_count"])
        for row in await connection.fetch(
            "select id, name, release_count from artist where id = any($1)", [row for row, _ in artists]
        )
    }
    told = await popularity_before(connection, "artist", before)
    popularity = {row: popularity_of(record.popularity, origin, told.get(row)) for row, record in artists}
    await delete_named(connection, "artist", before)
    await copy(
        connection,
        "artist",
        [
            _artist_row(row, origin, record, popularity[row], before[row][1] if row in before else 0)
            for row, record in artists
        ],
    )
    keys = [(row, popularity[row][0], name_keys((record.name, *record.aliases))) for row, record in artists]
    await copy(
        connection,
        "artist_key",
        [(row, popularity, key) for row, popularity, keys_ in keys for key in keys_],
    )
    await copy(
        connection, "artist_typo", [(hashed, row) for row, _, keys_ in keys for hashed in all_typo_hashes(keys_)]
    )
    return [row for row, record in artists if row in before and before[row][0] != record.name]


async def delete_named(
    connection: asyncpg.Connection, table: Literal["artist", "label"], rows: Collection[int]
) -> None:
    """Delete artists or labels and all that they are found by."""
    found = await connection.fetch(_KEYS[table], list(rows))
    pairs = [(hashed, row["id"]) for row in found for hashed in all_typo_hashes(row["keys"])]
    if pairs:
        await connection.execute(_FORGET[table], [hashed for hashed, _ in pairs], [owner for _, owner in pairs])
    await delete(connection, table, rows)


def _artist_row(row: int, origin: int, record: ArtistRecord, popularity: Told, release_count: int) -> tuple[Any, ...]:
    date = parse_date(record.formation_date)
    year = record.formation_year if record.formation_year is not None else date.date.year if date else None
    return (
        row,
        popularity[0],
        release_count,
        date.date if date and date.precision == "day" else None,
        year,
        origin,
        record.name,
        record.country,
        record.wikidata_id,
        record.musicbrainz_id,
        orjson.dumps(record.social_links).decode() if record.social_links else None,
        popularity[1],
    )


async def write_labels(connection: asyncpg.Connection, origin: int, labels: Sequence[tuple[int, LabelRecord]]) -> None:
    """Write or replace the rows of these labels."""
    counts = {
        row["id"]: row["release_count"]
        for row in await connection.fetch(
            "select id, release_count from label where id = any($1)", [row for row, _ in labels]
        )
    }
    await delete_named(connection, "label", counts)
    await copy(
        connection,
        "label",
        [(row, record.popularity or 0, counts.get(row, 0), origin, record.name) for row, record in labels],
    )
    keys = [(row, name_keys((record.name, *record.aliases))) for row, record in labels]
    await copy(connection, "label_key", [(row, counts.get(row, 0), key) for row, keys_ in keys for key in keys_])
    await copy(connection, "label_typo", [(hashed, row) for row, keys_ in keys for hashed in all_typo_hashes(keys_)])


async def artist_names(connection: asyncpg.Connection, rows: Collection[int]) -> dict[int, str]:
    return {
        row["id"]: row["name"]
        for row in await connection.fetch("select id, name from artist where id = any($1)", list(rows))
    }


async def count_releases(
    connection: asyncpg.Connection, artists: Iterator[tuple[int, int]], labels: Iterator[tuple[int, int]]
) -> None:
    """Add (row, difference) pairs to the release counts of artists and labels.

    Differences, not counts: "Various Artists" has a million releases, which would be counted anew in every batch.
    """
    changed = [(row, by) for row, by in artists if by]
    if changed:
        await connection.execute(
            "update artist a set release_count = release_count + d.by from unnest($1::int[], $2::int[]) d(id, by) "
            "where a.id = d.id",
            [row for row, _ in changed], [by for _, by in changed],
        )  # fmt: skip
    changed = [(row, by) for row, by in labels if by]
    if changed:
        rows, by = [row for row, _ in changed], [by for _, by in changed]
        await connection.execute(
            "update label l set release_count = release_count + d.by from unnest($1::int[], $2::int[]) d(id, by) "
            "where l.id = d.id",
            rows, by,
        )  # fmt: skip
        await connection.execute(
            "update label_key k set release_count = release_count + d.by from unnest($1::int[], $2::int[]) d(id, by) "
            "where k.label_id = d.id",
            rows, by,
        )  # fmt: skip
