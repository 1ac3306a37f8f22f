"""Works of several sources that share an ISWC, by all that the catalog says of them."""

import asyncpg
import pytest

from sonograph.catalog.merging.undo import merges, unmerge_row
from sonograph.catalog.records import RedirectRecord, WorkRecord
from sonograph.catalog.vocabulary import EntityKind
from tests.importers.contents import wrongs
from tests.merging.sources import (
    AT,
    JSONL,
    MB,
    MLC,
    all_rows,
    clusters,
    conflicts,
    merged,
    recording,
    write,
)

CODE = "T0345246801"
OTHER = "T0702330071"


async def recordings(catalog: asyncpg.Connection) -> dict[str, list[str]]:
    """Titles of recordings by title of the work."""
    rows = await catalog.fetch(
        "select w.title, array_agg(t.title order by t.title) from work w join work_recording r on r.work_id = w.id "
        "join track t on t.id = r.track_id group by w.id"
    )
    return {row[0]: row[1] for row in rows}


async def two_sources(catalog: asyncpg.Connection) -> None:
    """A work at MusicBrainz and The MLC, with a recording that both have and one of each."""
    await write(
        catalog, MB, WorkRecord(id="w", title="Lantern", iswcs=(CODE,)),
        recording("m", "Lantern", works=("w",)), recording("n", "Lantern (Live)", works=("w",)),
    )  # fmt: skip
    await write(
        catalog, MLC, WorkRecord(id="9", title="LANTERN", iswcs=(CODE, OTHER)),
        recording("x", "LANTERN", works=("9",)), recording("y", "LANTERN REPRISE", works=("9",)),
    )  # fmt: skip


async def test_one_work_with_the_recordings_and_codes_of_all(catalog: asyncpg.Connection) -> None:
    await two_sources(catalog)
    before = await all_rows(catalog)
    report, _ = await merged(catalog)
    assert report.merged["work: shared ISWC"] == 1
    assert await clusters(catalog, EntityKind.WORK) == {frozenset(("w", "9"))}
    assert await recordings(catalog) == {"Lantern": ["LANTERN REPRISE", "Lantern", "Lantern (Live)"]}
    assert [row[0] for row in await catalog.fetch("select code from iswc order by 1")] == [CODE, OTHER]
    work, track = await merges(catalog, "work"), await merges(catalog, "track")
    await unmerge_row(catalog, "work", work[0].member, AT)
    assert sorted((await recordings(catalog)).items()) == [
        ("LANTERN", ["LANTERN REPRISE", "Lantern"]), ("Lantern", ["Lantern", "Lantern (Live)"]),
    ]  # fmt: skip
    await unmerge_row(catalog, "track", track[0].row, AT)
    assert await all_rows(catalog) == before
    _, lines = await merged(catalog)
    assert conflicts(lines) == ["taken apart by hand"]


async def test_what_comes_later_joins(catalog: asyncpg.Connection) -> None:
    await two_sources(catalog)
    await merged(catalog)
    await write(catalog, MLC, recording("z", "Lantern (Demo)", works=("9",)))
    await write(catalog, JSONL, WorkRecord(id="j", title="Lantern", iswcs=(OTHER,)), recording("k", works=("j",)))
    await merged(catalog)
    assert await clusters(catalog, EntityKind.WORK) == {frozenset(("w", "9", "j"))}
    assert [len(found) for found in (await recordings(catalog)).values()] == [5]
    # A corrected code takes it out of what it was merged with.
    await write(catalog, MLC, WorkRecord(id="9", title="LANTERN", iswcs=(OTHER,)))
    await merged(catalog)
    assert await clusters(catalog, EntityKind.WORK) == {frozenset(("9", "j"))}
    assert await wrongs(catalog) == {}


async def test_redirected_work_takes_its_code_along(catalog: asyncpg.Connection) -> None:
    await two_sources(catalog)
    await merged(catalog)
    await write(catalog, MB, WorkRecord(id="v", title="Lantern"), RedirectRecord(kind="work", id="w", into="v"))
    await merged(catalog)
    assert await catalog.fetchval("select count(*) from work") == 1
    assert [len(found) for found in (await recordings(catalog)).values()] == [3]


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (WorkRecord(id="9", title="Harbour", iswcs=(CODE,)), ["titles differ"]),
        (WorkRecord(id="9", title="LANTERN", iswcs=(OTHER,)), []),
    ],
)
async def test_other_works_stay_alone(catalog: asyncpg.Connection, other: WorkRecord, why: list[str]) -> None:
    await write(catalog, MB, WorkRecord(id="w", title="Lantern", iswcs=(CODE,)))
    await write(catalog, MLC, other)
    before = await all_rows(catalog)
    _, lines = await merged(catalog)
    assert conflicts(lines) == why
    assert await all_rows(catalog) == before


async def test_two_works_of_one_source_are_never_one(catalog: asyncpg.Connection) -> None:
    await write(catalog, MB, *(WorkRecord(id=key, title="Lantern", iswcs=(CODE,)) for key in ("v", "w")))
    await write(catalog, MLC, WorkRecord(id="9", title="LANTERN", iswcs=(CODE,)))
    _, lines = await merged(catalog)
    assert await clusters(catalog, EntityKind.WORK) == {frozenset(("v", "9"))}
    assert conflicts(lines) == ["two of one source would become one"]
