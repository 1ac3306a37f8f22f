"""Runs of an import of audio into a catalog of their own, and what became of them."""

import json
from pathlib import Path
from typing import Any

import asyncpg

from sonograph.catalog.importers.report import Report
from sonograph.catalog.records import Credit, Ref, TrackRecord
from sonograph.catalog.vocabulary import OriginId
from sonograph.catalog.writer import write_records
from sonograph.recognition.importing.run import run_audio_import


class Catalog:
    """A database, a data folder, and a folder of music."""

    def __init__(self, dsn: str, connection: asyncpg.Connection, data: Path, music: Path) -> None:
        self.dsn, self.connection, self.data, self.music = dsn, connection, data, music

    async def run(self, *paths: Path, **options: Any) -> Report:
        return await run_audio_import(self.dsn, "catalog", paths or (self.music,), self.data, **options)

    async def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in await self.connection.fetch(sql, *values)]

    async def counts(self) -> tuple[int, ...]:
        """Tracks, references, files, artists, releases."""
        tables = ("track", "audio_reference", "audio_file", "artist", "release")
        return tuple([await self.connection.fetchval(f"select count(*) from {table}") for table in tables])

    async def told(self, *tracks: TrackRecord, origin: OriginId = OriginId.MUSICBRAINZ) -> list[int]:
        """Tracks of another source."""
        await write_records(self.connection, origin, tracks)
        rows = [
            await self.rows("select entity_id from source_ref where external_id = $1 and kind = 4", track.id)
            for track in tracks
        ]
        return [row[0][0] for row in rows]


def track(
    number: int, artist: str = "Kino", title: str = "Song", seconds: int | None = 10, **facts: Any
) -> TrackRecord:
    credit = Credit(artist=Ref(id=artist, name=artist))
    return TrackRecord(id=f"{number}", title=title, artists=(credit,), duration=seconds, **facts)


def named(title: str, artist: str = "Kino", **more: str) -> dict[str, str]:
    return {"title": title, "artist": artist} | more


def left_out(report: Report) -> dict[str, int]:
    return dict(report.counts.rejected)


def lines(report: Report) -> dict[str, str]:
    (file,) = report.files
    if not file.rejects:
        return {}
    said = [json.loads(line) for line in file.rejects.read_text("utf-8").splitlines()]
    return {Path(one["id"]).name: one["reason"] for one in said}
