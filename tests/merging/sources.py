"""Small catalogs of several sources, and what a test says of what became of them."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import asyncpg

from sonograph.catalog.merging.report import MergeReport
from sonograph.catalog.merging.run import merge
from sonograph.catalog.records import (
    AnyRecord,
    ArtistRecord,
    Credit,
    EditionRecord,
    Link,
    Place,
    Ref,
    ReleaseRecord,
    Same,
    TrackRecord,
)
from sonograph.catalog.vocabulary import EntityKind, OriginId, Platform
from sonograph.catalog.writer import write_records
from tests.importers.contents import everything, wrongs

MB, DISCOGS, MLC, JSONL = OriginId.MUSICBRAINZ, OriginId.DISCOGS, OriginId.MLC, OriginId.JSONL
AT = datetime(2026, 3, 1, tzinfo=UTC)
SPOTIFY_ID = "4uLU6hMCjMI75M1A2tKUQC"


def mbid(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012}"


def recording(
    source_id: str, title: str = "Song", artist: str = "Kino", duration: int | None = 200, **more: Any
) -> TrackRecord:
    """A track with a record of its own, as MusicBrainz, The MLC and JSONL have them."""
    credited = (Credit(artist=Ref(id=artist.lower(), name=artist)),)
    return TrackRecord(id=source_id, title=title, artists=credited, duration=duration, **more)


def pressing(
    key: str,
    *tracks: TrackRecord | str,
    source: str = "discogs",
    group: str | None = None,
    live: bool = False,
    **more: Any,
) -> ReleaseRecord:
    """A release with one edition of the same id; tracks are described inside, or named."""
    places = tuple(Place(track=track, disc=1, number=n) for n, track in enumerate(tracks, start=1))
    title = f"Live At {key}" if live else f"Album {key}"
    edition = EditionRecord(source=source, id=key, group_id=group, title=title)  # type: ignore[arg-type]  # one of two
    members = {"title": "Album", "artist": Ref(id="kino", name="Kino"), **more}
    return ReleaseRecord(id=key, group=group, tracks=places, editions=(edition,), **members)


def on_discogs(key: str, *tracks: tuple[str, int | None], artist: str = "Kino", **more: Any) -> ReleaseRecord:
    """A release of Discogs: (title, duration) of its tracks."""
    described = [
        recording(f"{key}-{n}", title, artist, duration, links=(Link(source="discogs", id=f"{key}-{n}"),))
        for n, (title, duration) in enumerate(tracks, start=1)
    ]
    return pressing(key, *described, **more)


async def write(catalog: asyncpg.Connection, origin: int, *records: AnyRecord, batch_size: int = 100) -> None:
    outcome = await write_records(catalog, origin, records, batch_size)
    assert not outcome.problems
    assert await wrongs(catalog) == {}


async def merged(catalog: asyncpg.Connection, **options: Any) -> tuple[MergeReport, list[dict[str, Any]]]:
    """A pass, and the lines of its report."""
    lines: list[dict[str, Any]] = []
    report = await merge(catalog, MergeReport(lines.append, **options), clock=lambda: AT)
    assert await wrongs(catalog) == {}
    return report, lines


async def clusters(catalog: asyncpg.Connection, kind: EntityKind = EntityKind.TRACK) -> set[frozenset[str]]:
    """Merged rows by the ids of their sources."""
    return {
        frozenset(row[0])
        for row in await catalog.fetch('select array_agg(external_id) from merged where kind = $1 group by "row"', kind)
    }


LOGS = ("merged", "merge_ban", "merge_state", "merge_pending")


async def all_rows(catalog: asyncpg.Connection) -> dict[str, list[Any]]:
    """Every row of the catalog but what merging notes for itself."""
    found = await everything(catalog)
    for table in ("artist_typo", "label_typo", "accepted_genre", "same_as"):
        found[table] = sorted(row[0] for row in await catalog.fetch(f"select to_jsonb(t)::text from {table} t"))
    return found


async def reasons(catalog: asyncpg.Connection) -> list[tuple[Any, ...]]:
    """What `merged` says, without ids of ours."""
    return sorted(
        tuple(row) for row in await catalog.fetch("select kind, origin_id, external_id, reason, evidence from merged")
    )


def conflicts(lines: Iterable[dict[str, Any]]) -> list[str]:
    return [line["why"] for line in lines if "conflict" in line]


__all__ = [
    "AT", "DISCOGS", "JSONL", "MB", "MLC", "SPOTIFY_ID", "ArtistRecord", "Link", "Platform", "Same", "Sequence",
    "all_rows", "clusters", "conflicts", "mbid", "merged", "on_discogs", "pressing", "reasons", "recording", "write",
]  # fmt: skip
