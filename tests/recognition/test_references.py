"""References in the database: what is written is what is read, and changes are told apart."""

from dataclasses import replace

import asyncpg
import numpy as np
import pytest

from sonograph.catalog.vocabulary import EntityKind, OriginId
from sonograph.errors import Invalid
from sonograph.postgres.migrate import CATALOGS
from sonograph.postgres.pool import Pool
from sonograph.recognition.chromaprint import Items
from sonograph.recognition.landmarks.packing import pack
from sonograph.recognition.landmarks.peaks import Peaks
from sonograph.recognition.references import LONGEST_NAME, Reference, Written
from sonograph.recognition.store import (
    read_references,
    references_of,
    remove_references,
    tracks_of,
    write_references,
)


def _items(seed: int, size: int = 240) -> Items:
    return np.random.default_rng(seed).integers(0, 1 << 32, size, np.uint32)


def _reference(seed: int, **other: object) -> Reference:
    values: dict[str, object] = {
        "track_id": 100 + seed,
        "origin": OriginId.AUDIO,
        "external_id": f"folder/{seed}.flac",
        "seconds": 30.0 + seed / 4,
        "items": _items(seed),
    }
    return Reference(**{**values, **other})  # type: ignore[arg-type]


def _peaks(seed: int) -> bytes:
    times = np.sort(np.random.default_rng(seed).uniform(0, 900, 50))
    return pack(Peaks(times, np.full(50, 60.0, np.float32), np.zeros(50, np.uint8)))


def _numbers(items: Items | None) -> list[int] | None:
    return None if items is None else [int(item) for item in items]


async def test_what_is_written_is_what_is_read(catalog: asyncpg.Connection) -> None:
    """Both fingerprints, either alone, names in any script: out of the database comes what went in."""
    written = [
        _reference(1, landmarks=_peaks(1)),
        _reference(2, items=None, landmarks=_peaks(2)),
        _reference(3, external_id="Музыка/日本.mp3"),
    ]
    told = await write_references(catalog, written)
    assert (told.added, told.changed, told.unchanged) == (3, 0, 0)
    stored = await references_of(catalog, told.ids)
    for given, found in zip(written, stored, strict=True):
        assert (found.track_id, found.origin, found.external_id) == (given.track_id, given.origin, given.external_id)
        assert found.seconds == given.seconds
        assert found.landmarks == given.landmarks
        assert _numbers(found.items) == _numbers(given.items)
        assert not found.gone


async def test_written_again_under_a_name_takes_its_place(catalog: asyncpg.Connection) -> None:
    """Ids stay; what is the same is not written; each difference is a change; a name belongs to its origin."""
    first = await write_references(catalog, [_reference(1), _reference(2)])
    number = int(first.ids[0])
    changes: tuple[dict[str, object], ...] = (
        {"track_id": 7},
        {"seconds": 31.0},
        {"items": _items(9)},
        {"items": None, "landmarks": _peaks(3)},
    )
    for change in changes:
        again = await write_references(catalog, [_reference(1, **change), _reference(2)])
        assert again == Written(0, 1, 1, first.ids), change
        assert await write_references(catalog, [_reference(1, **change)]) == Written(0, 0, 1, (number,))
    other = await write_references(catalog, [_reference(1, origin=OriginId.ACOUSTID)])
    assert other.added == 1
    assert other.ids[0] != number


async def test_of_several_with_one_name_the_last_counts(catalog: asyncpg.Connection) -> None:
    """One row, and its id for each that was given."""
    told = await write_references(catalog, [_reference(1), _reference(1, track_id=5)])
    assert told.added == 1
    assert told.ids[0] == told.ids[1]
    (stored,) = await references_of(catalog, told.ids[:1])
    assert stored.track_id == 5


async def test_removed_references_stay_as_rows_without_fingerprints(catalog: asyncpg.Connection) -> None:
    """Indexes hear of it; reading all passes them over; written again they come back under their ids."""
    told = await write_references(catalog, [_reference(seed) for seed in range(1, 6)])
    assert await remove_references(catalog, told.ids[:2]) == 2
    assert await remove_references(catalog, told.ids[:2]) == 0
    gone = await references_of(catalog, told.ids[:1])
    assert [(one.gone, one.items, one.landmarks) for one in gone] == [(True, None, None)]
    pages = [[one.id for one in page] async for page in read_references(catalog, page=2)]
    assert pages == [list(told.ids[2:4]), list(told.ids[4:])]
    again = await write_references(catalog, [_reference(1)])
    assert again == Written(0, 1, 0, told.ids[:1])


async def test_ids_are_not_used_up_by_writing_again(catalog: asyncpg.Connection) -> None:
    """An update of a large dump each day must not run through the ids of the table."""
    (first,) = (await write_references(catalog, [_reference(1)])).ids
    for seconds in range(20):
        await write_references(catalog, [_reference(1, seconds=1.0 + seconds)])
    (second,) = (await write_references(catalog, [_reference(2)])).ids
    assert second == first + 1


async def test_answers_name_the_survivor_of_merged_tracks(dsn: str) -> None:
    """Redirects are followed, and removed references have no track."""
    connection = await asyncpg.connect(dsn, server_settings={"search_path": "catalog"})
    ids = (await write_references(connection, [_reference(seed) for seed in range(3)])).ids
    await connection.execute(
        "insert into redirect (kind, old_id, new_id) values ($1, 101, 900), ($2, 100, 901)",
        EntityKind.TRACK.value,
        EntityKind.ARTIST.value,
    )
    await remove_references(connection, ids[2:])
    await connection.close()
    pool = await Pool(dsn, "catalog", size=1, statement_timeout_ms=5000).open()
    try:
        assert await tracks_of(pool, [*ids, 999_999]) == {ids[0]: 100, ids[1]: 900}
    finally:
        await pool.close()


async def test_large_writes_are_sent_in_parts(catalog: asyncpg.Connection) -> None:
    """More than a batch, some of them long, and read in pages."""
    many = [_reference(seed, items=_items(seed, 50)) for seed in range(1200)]
    many += [_reference(5000 + seed, items=_items(seed, 150_000)) for seed in range(20)]
    told = await write_references(catalog, many)
    assert told.added == len(many)
    assert len(set(told.ids)) == len(many)
    read = [one async for page in read_references(catalog) for one in page]
    assert sorted(one.external_id for one in read) == sorted(one.external_id for one in many)


@pytest.mark.parametrize("schema", CATALOGS)
async def test_both_catalogs_have_the_table(dsn: str, schema: str) -> None:
    """With fingerprints stored as they are, and a change noted with its transaction."""
    connection = await asyncpg.connect(dsn, server_settings={"search_path": schema})
    try:
        await write_references(connection, [_reference(1, items=_items(1, 20_000))])
        size, noted = await connection.fetchrow(
            "select pg_column_size(chromaprint), changed_in < pg_current_xact_id() from audio_reference"
        )
        assert size == 80_000
        assert noted
    finally:
        await connection.close()


@pytest.mark.parametrize(
    "wrong",
    [
        {"external_id": ""},
        {"external_id": "ж" * LONGEST_NAME},
        {"external_id": "a\0b"},
        {"external_id": "\ud800"},
        {"seconds": 0.0},
        {"seconds": float("nan")},
        {"seconds": float("inf")},
        {"items": np.zeros(0, np.uint32)},
        {"items": np.zeros(200_001, np.uint32)},
        {"items": None},
        {"landmarks": b""},
        {"landmarks": b"no peaks"},
    ],
)
def test_what_cannot_be_stored_is_refused(wrong: dict[str, object]) -> None:
    """With an error that says what is wrong."""
    with pytest.raises(Invalid):
        replace(_reference(1), **wrong)  # type: ignore[arg-type]
