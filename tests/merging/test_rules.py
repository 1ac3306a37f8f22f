"""What each rule merges, and the look-alikes that it leaves."""

from typing import Literal

import asyncpg
import pytest
from msgspec import structs

from sonograph.catalog.records import ArtistRecord, EditionRecord, Link, Same
from sonograph.catalog.vocabulary import EntityKind
from tests.merging.sources import (
    DISCOGS,
    JSONL,
    MB,
    MLC,
    SPOTIFY_ID,
    all_rows,
    clusters,
    conflicts,
    mbid,
    merged,
    on_discogs,
    pressing,
    recording,
    write,
)

ISRC = ("GBDUW0000053",)
SPOTIFY = (Link(source="spotify", id=SPOTIFY_ID),)


async def test_shared_isrc(catalog: asyncpg.Connection) -> None:
    await write(catalog, MB, recording("m", isrcs=ISRC))
    await write(catalog, MLC, recording("x", "SONG", "KINO", 207, isrcs=ISRC))
    before = await all_rows(catalog)
    await merged(catalog)
    assert await clusters(catalog) == {frozenset("mx")}
    assert await catalog.fetchval("select count(*) from track") == 1
    await merged(catalog)
    assert await catalog.fetchval("select count(*) from track") == 1
    assert before


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (recording("j", "Song (X Remix)", isrcs=ISRC), "versions differ"),
        (recording("j", "Song (Live)", isrcs=ISRC), "versions differ"),
        (recording("j", duration=220, isrcs=ISRC), "durations differ"),
        (recording("j", artist="Nobody Else", isrcs=ISRC), "artists differ"),
        (recording("j", "Another One Entirely", isrcs=ISRC), "titles differ"),
    ],
)
async def test_shared_isrc_of_something_else_is_a_conflict(
    catalog: asyncpg.Connection, other: object, why: str
) -> None:
    await write(catalog, MB, recording("m", isrcs=ISRC))
    await write(catalog, JSONL, other)  # type: ignore[arg-type]  # a record
    before = await all_rows(catalog)
    _, lines = await merged(catalog)
    assert [said.partition(":")[0] for said in conflicts(lines)] == [why]
    assert await all_rows(catalog) == before


async def test_name_and_duration(catalog: asyncpg.Connection) -> None:
    await write(catalog, MB, recording("m"), recording("n", "Song (Live)"), recording("o", "Other"))
    await write(
        catalog, DISCOGS,
        on_discogs("1", ("Song", 203), ("Song (X Remix)", 200), ("Song (Live)", 196)),
        on_discogs("2", ("Song", 204), ("Other", None)),
        on_discogs("3", ("Song", 200), artist="Somebody"),
    )  # fmt: skip
    await merged(catalog)
    # 203 is within 3 s of 200; 204 is within 3 s of 203, but not of the leader.
    assert await clusters(catalog) == {frozenset(("m", "1-1"))}


@pytest.mark.parametrize(
    ("title", "kind", "merges"),
    [
        ("Album", None, True), ("Live At The Apollo", None, False), ("Album", "live", False),
        ("Kino Unplugged", None, False), ("Alive!", None, True),
    ],
)  # fmt: skip
async def test_no_name_merges_a_live_album_with_a_studio_one(
    catalog: asyncpg.Connection, title: str, kind: Literal["live"] | None, *, merges: bool
) -> None:
    await write(catalog, MB, recording("m"))
    edition = EditionRecord(source="discogs", id="1", title=title, kind=kind)
    await write(catalog, DISCOGS, structs.replace(on_discogs("1", ("Song", 200)), editions=(edition,)))
    await merged(catalog)
    assert await clusters(catalog) == ({frozenset(("m", "1-1"))} if merges else set())


async def test_relation_of_releases_merges_what_stands_in_one_place(catalog: asyncpg.Connection) -> None:
    await write(
        catalog, MB, recording("m", "Song", duration=200), recording("n", "Long One", duration=300),
        pressing(mbid(1), "m", "n", source="musicbrainz", group=mbid(9), same_as=(Same(source="discogs", id="7"),)),
    )  # fmt: skip
    await write(catalog, DISCOGS, on_discogs("7", ("Song", None), ("Something", 300), group="m5"))
    await merged(catalog)
    assert await clusters(catalog) == {frozenset(("m", "7-1"))}
    assert await clusters(catalog, EntityKind.RELEASE) == {frozenset((mbid(1), "7"))}
    assert await catalog.fetchval("select count(*) from release") == 1
    assert await catalog.fetchval("select count(*) from edition") == 2


async def test_artists_by_relation(catalog: asyncpg.Connection) -> None:
    await write(
        catalog,
        MB,
        ArtistRecord(id=mbid(1), name="Кино", musicbrainz_id=mbid(1), same_as=(Same(source="discogs", id="12"),)),
    )
    await write(catalog, DISCOGS, ArtistRecord(id="12", name="Kino (Band)", country="Russia"))
    await merged(catalog)
    assert await clusters(catalog, EntityKind.ARTIST) == {frozenset((mbid(1), "12"))}
    row = await catalog.fetchrow("select name, country from artist")
    assert tuple(row) == ("Кино", "Russia")
