"""Feeds into the database."""

from pathlib import Path

import asyncpg
import pytest

from sonograph.catalog.importers.report import Progress
from sonograph.catalog.importers.run import run_import
from sonograph.catalog.records import AnyRecord
from sonograph.catalog.vocabulary import OriginId
from sonograph.catalog.writer import write_records
from tests.importers.contents import everything, wrongs
from tests.importers.mlc import feed


def records(path: Path) -> list[AnyRecord]:
    return [item.record for item in feed.read(path) if isinstance(item.record, AnyRecord)]


async def works_by_isrc(catalog: asyncpg.Connection) -> list[tuple[str, str, str | None]]:
    rows = await catalog.fetch(
        "select i.code, w.title, c.code as iswc from isrc i join work_recording r on r.track_id = i.track_id "
        "join work w on w.id = r.work_id left join iswc c on c.work_id = w.id order by 1, 2"
    )
    return [tuple(row) for row in rows]


async def test_isrcs_lead_to_iswcs(catalog: asyncpg.Connection, tmp_path: Path) -> None:
    outcome = await write_records(catalog, OriginId.MLC, records(feed.standard(tmp_path)))
    assert outcome.problems == []
    assert await wrongs(catalog) == {}
    assert await works_by_isrc(catalog) == [
        ("GBABC9900001", "LANTERN", "T0000000010"),
        ("GBABC9900002", "LANTERN", "T0000000010"),
        ("GBABC9900002", "TIDE", None),
    ]
    artists = await catalog.fetch("select name from artist order by id")
    assert [row["name"] for row in artists] == ["The Paper Boats", "Ola Finch"]
    assert await catalog.fetchval("select distinct licence from track join origin o on o.id = origin_id") is not None


async def test_links_that_went_away_are_gone_with_the_next_feed(catalog: asyncpg.Connection, tmp_path: Path) -> None:
    await write_records(catalog, OriginId.MLC, records(feed.standard(tmp_path)))
    await write_records(catalog, OriginId.MLC, records(feed.standard(tmp_path, links=feed.LINKS[:1])))
    assert await wrongs(catalog) == {}
    assert await works_by_isrc(catalog) == [("GBABC9900002", "TIDE", None)]


async def test_interrupted_import_goes_on_and_ends_like_one_in_one_piece(dsn: str, tmp_path: Path) -> None:
    manifest = feed.standard(tmp_path)

    class StoppedError(Exception):
        pass

    def stop(progress: Progress) -> None:
        assert progress.bytes_read <= progress.bytes_total
        if progress.counts.read["works"] == 3 and progress.counts.read["tracks"] == 1:
            raise StoppedError

    with pytest.raises(StoppedError):
        await run_import(dsn, "catalog", "mlc", [manifest], data_dir=tmp_path, batch_size=1, progress=stop)
    report = await run_import(dsn, "catalog", "mlc", [manifest], data_dir=tmp_path, batch_size=1)
    assert report.files[0].resumed_at == 4
    assert report.counts.read == {
        "works": 3, "resources": 6, "tracks": 3, "resources without an ISRC": 1, "music videos": 1,
        "durations not understood": 1,
    }  # fmt: skip
    assert report.counts.rejected == {"resource without an artist": 1}
    connection = await asyncpg.connect(dsn, server_settings={"search_path": "catalog"})
    assert await wrongs(connection) == {}
    assert len(await works_by_isrc(connection)) == 3
    before = await everything(connection)
    again = await run_import(dsn, "catalog", "mlc", [manifest], data_dir=tmp_path)
    assert set(again.counts.records) == {"work unchanged", "track unchanged"}
    assert await everything(connection) == before
    await connection.close()
