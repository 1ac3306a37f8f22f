"""The route that a good engineer writes by hand: six statements for a page of any size, rows put together in Python."""

import asyncio
import json
from base64 import urlsafe_b64encode
from typing import Any, Self

import asyncpg
import orjson

from benchmarks.reads.contender import APPLICATION

TRACKS = """select t.id, t.title, t.duration, round(t.bpm::numeric, 2)::float8 as bpm, t.camelot, k.musical, k.open,
  {sort} as sort
from {source} left join musical_key k on k.camelot = t.camelot where {where}"""
BY_ISRC = TRACKS.format(
    source="track t",
    sort="null",
    where="t.id = (select i.track_id from isrc i where i.code = $1 order by i.track_id limit 1)",
)
BY_GENRE = (
    TRACKS.format(
        source="track_genre tg join track t on t.id = tg.track_id",
        sort="coalesce(tg.released, '-infinity')::text",
        where="tg.genre_id = $1",
    )
    + " order by coalesce(tg.released, '-infinity') desc, tg.track_id desc limit $2"
)
ARTISTS = """select ta.track_id, ta.artist_id, a.name, ta.role from track_artist ta join artist a on a.id = ta.artist_id
where ta.track_id = any($1::int[]) order by ta.track_id, ta.position"""
RELEASES = """select rt.track_id, r.id, r.title, r.artist_id, a.name as artist, r.label_id, l.name as label,
  r.release_date
from release_track rt join release r on r.id = rt.release_id
  join artist a on a.id = r.artist_id left join label l on l.id = r.label_id
where rt.track_id = any($1::int[]) order by rt.track_id, r.release_date nulls last, r.id"""
ISRCS = """select distinct on (track_id) track_id, code from isrc where track_id = any($1::int[])
order by track_id, preferred desc, code"""
GENRES = """select tg.track_id, g.name, g.parent_id from track_genre tg join genre g on g.id = tg.genre_id
where tg.track_id = any($1::int[]) order by tg.track_id, g.id"""
KEYS = """select s.track_id, s.source, s.camelot, k.musical, k.open from track_musical_key s
join musical_key k on k.camelot = s.camelot where s.track_id = any($1::int[]) order by s.track_id, s.source"""

RELEASES_SHOWN = 20


class Pooled:
    """A contender on asyncpg's own pool, whose connections prepare each statement once."""

    def __init__(self, name: str, *, tuned: bool = False) -> None:
        """`tuned`: generic plans, and without the statement by which asyncpg cleans a connection after each use."""
        self.name, self._tuned = name, tuned
        self.sent = 0

    async def open(self, dsn: str, size: int) -> Self:
        self._pool = await asyncpg.create_pool(
            dsn,
            min_size=1,
            max_size=size,
            reset=_no_reset if self._tuned else None,
            server_settings={
                "search_path": "catalog",
                "jit": "off",
                "timezone": "UTC",
                "plan_cache_mode": "force_generic_plan" if self._tuned else "auto",
                "application_name": APPLICATION.format(self.name),
            },
        )
        return self

    async def close(self) -> None:
        await self._pool.close()


class SixQueries(Pooled):
    """One statement for the tracks, five for what belongs to them."""

    async def track(self, isrc: str) -> bytes:
        async with self._pool.acquire() as connection:
            self.sent += 1
            tracks = await self._tracks(connection, await connection.fetch(BY_ISRC, isrc))
        return orjson.dumps({"data": {"track": tracks[0] if tracks else None}})

    async def tracks(self, genre_id: int, first: int) -> bytes:
        async with self._pool.acquire() as connection:
            self.sent += 1
            rows = await connection.fetch(BY_GENRE, genre_id, first + 1)
            cursor = _cursor(rows[first - 1]) if len(rows) > first else None
            tracks = await self._tracks(connection, rows[:first])
        return orjson.dumps({"data": {"browseTracks": {"nodes": tracks, "nextCursor": cursor}}})

    async def _tracks(self, connection: Any, rows: list[Any]) -> list[dict[str, Any]]:
        tracks = {row["id"]: _track(row) for row in rows}
        if not tracks:
            return []
        ids = list(tracks)
        self.sent += 5
        for row in await connection.fetch(ARTISTS, ids):
            role = row["role"]
            tracks[row["track_id"]]["artists"].append(
                {
                    "artistDatabaseId": row["artist_id"],
                    "artistName": row["name"],
                    "isPrimary": role == 0,
                    "isRemixer": role == 2,
                }
            )
        for row in await connection.fetch(RELEASES, ids):
            releases = tracks[row["track_id"]]["releases"]
            if len(releases) < RELEASES_SHOWN:
                releases.append(
                    {
                        "databaseId": row["id"],
                        "title": row["title"],
                        "artist": {"databaseId": row["artist_id"], "name": row["artist"]},
                        "label": None
                        if row["label"] is None
                        else {"databaseId": row["label_id"], "name": row["label"]},
                        "releaseDate": row["release_date"],
                    }
                )
        for row in await connection.fetch(ISRCS, ids):
            tracks[row["track_id"]]["isrc"] = row["code"]
        for row in await connection.fetch(GENRES, ids):
            tracks[row["track_id"]]["genre" if row["parent_id"] is None else "subgenre"].append(row["name"])
        for row in await connection.fetch(KEYS, ids):
            tracks[row["track_id"]]["keys"].append(
                {
                    "source": row["source"],
                    "keyAlphanumeric": row["camelot"],
                    "keyMusical": row["musical"],
                    "keyOpen": row["open"],
                }
            )
        return list(tracks.values())


def _track(row: Any) -> dict[str, Any]:
    return {
        "databaseId": row["id"],
        "title": row["title"],
        "artists": [],
        "releases": [],
        "isrc": None,
        "duration": row["duration"],
        "genre": [],
        "subgenre": [],
        "bpm": row["bpm"],
        "keyAlphanumeric": row["camelot"],
        "keyMusical": row["musical"],
        "keyOpen": row["open"],
        "keys": [],
    }


def _cursor(row: Any) -> str:
    return urlsafe_b64encode(json.dumps([row["sort"], str(row["id"])]).encode()).decode()


async def _no_reset(_: Any) -> None:
    await asyncio.sleep(0)
