"""Recordings by artists that the catalog does not have: the right answer is none."""

from random import Random

import asyncpg

from benchmarks.catalog.world import World
from sonograph.catalog.names import artist_key

OTHER_SEED = 7_654_321  # of the world that the names are from: the same syllables and words, other artists


async def absent(connection: asyncpg.Connection, tracks: int, sample: int, random: Random) -> list[tuple[str, str]]:
    """(artist, title); every other title is one of the catalog's."""
    other = World(min(tracks, 100_000), OTHER_SEED)
    names = random.sample(other.artists[1:], min(2 * sample, len(other.artists) - 1))
    keys = [artist_key(name) for name in names]
    known = {
        row["key"] for row in await connection.fetch("select key from artist_key where key = any($1::text[])", keys)
    }
    chosen = [name for name, key in zip(names, keys, strict=True) if key not in known][:sample]
    titles = [
        row["title"]
        for row in await connection.fetch(
            "select title from track where id = any($1::int[]) order by id",
            random.sample(range(1, tracks + 1), min(sample, tracks)),
        )
    ]
    return [(name, titles[n % len(titles)] if n % 2 else other.song_title(random)) for n, name in enumerate(chosen)]
