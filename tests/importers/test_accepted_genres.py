"""Genres that reviewers accepted outlive what sources say next, and merges of tracks."""

import asyncio

import asyncpg

from sonograph import clock
from sonograph.catalog.records import RedirectRecord
from sonograph.catalog.vocabulary import OriginId
from sonograph.catalog.writer import write_records
from sonograph.catalog.writer.accepted_genres import accept_genre
from tests.importers.conftest import MakeDatabase
from tests.importers.contents import wrongs
from tests.importers.test_writer import release, track, write

HOUSE, DEEP_HOUSE, TECHNO, DISCO, DANCE = 100, 102, 201, 1004, 1000


async def genres(catalog: asyncpg.Connection, track_id: int) -> list[int]:
    rows = await catalog.fetch("select genre_id from track_genre where track_id = $1 order by 1", track_id)
    return [row["genre_id"] for row in rows]


async def accept(catalog: asyncpg.Connection, track_id: int, genre: int) -> int:
    return await accept_genre(catalog, "catalog", track_id, genre, clock.now())


async def test_the_next_import_of_the_record_does_not_lose_it(catalog: asyncpg.Connection) -> None:
    await write(catalog, track("t", genres=(HOUSE,)))
    number = await catalog.fetchval("select id from track")
    assert await genres(catalog, number) == [HOUSE]
    assert await accept(catalog, number, DEEP_HOUSE) == number
    assert await genres(catalog, number) == [HOUSE, DEEP_HOUSE]
    await write(catalog, track("t", title="Other", genres=("Techno",)))
    kept = await genres(catalog, number)
    assert {HOUSE, DEEP_HOUSE} <= set(kept)
    assert len(kept) > 2
    await write(catalog, track("t", title="Third"))
    assert await genres(catalog, number) == [HOUSE, DEEP_HOUSE]
    await accept(catalog, number, DEEP_HOUSE)  # once more is no harm
    assert await catalog.fetchval("select count(*) from accepted_genre") == 2


async def test_nor_does_the_next_import_of_its_release(catalog: asyncpg.Connection) -> None:
    await write(catalog, release("r", track("t", genres=(HOUSE,)), release_date="2001-02-03"))
    number = await catalog.fetchval("select id from track")
    await accept(catalog, number, DISCO)
    await write(catalog, release("r", track("t", title="Other"), release_date="2000-01-01"))
    rows = await catalog.fetch("select genre_id, released::text from track_genre order by 1")
    assert [tuple(row) for row in rows] == [(DANCE, "2000-01-01"), (DISCO, "2000-01-01")]


async def test_a_merge_takes_it_along(catalog: asyncpg.Connection) -> None:
    await write(catalog, track("t"), track("u", title="Another", genres=(HOUSE,)))
    old, new = [row["id"] for row in await catalog.fetch("select id from track order by id")]
    await accept(catalog, old, DISCO)
    await write(catalog, RedirectRecord(kind="track", id="t", into="u"))
    assert await genres(catalog, new) == [HOUSE, DANCE, DISCO]
    assert await catalog.fetchval("select count(*) from track_genre where track_id = $1", old) == 0
    assert await catalog.fetchval("select count(*) from accepted_genre where track_id = $1", old) == 0
    await write(catalog, track("u", title="Once more"))
    assert await genres(catalog, new) == [DANCE, DISCO]
    assert await accept(catalog, old, DEEP_HOUSE) == new  # the old number leads on
    assert await genres(catalog, new) == [HOUSE, DEEP_HOUSE, DANCE, DISCO]


async def test_a_review_and_an_import_of_one_track_wait_for_each_other(make_database: MakeDatabase) -> None:
    dsn = await make_database()
    importer, reviewer = [
        await asyncpg.connect(dsn, server_settings={"search_path": path}) for path in ("catalog", "accounts")
    ]
    try:
        await write_records(importer, OriginId.JSONL, [track("t")])
        number = await importer.fetchval("select id from track")
        transaction = importer.transaction()
        await transaction.start()
        await write_records(importer, OriginId.JSONL, [track("t", title="Other", genres=("Deep House",))])

        async def review() -> None:
            async with reviewer.transaction():
                await accept(reviewer, number, DEEP_HOUSE)

        waiting = asyncio.create_task(review())
        await asyncio.sleep(0.2)
        assert not waiting.done()
        await transaction.commit()
        await waiting
        assert await genres(importer, number) == [HOUSE, DEEP_HOUSE]
        assert await reviewer.fetchval("show search_path") == "accounts"
        assert await wrongs(importer) == {}
    finally:
        await importer.close()
        await reviewer.close()
