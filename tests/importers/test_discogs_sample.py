"""The real excerpt of the Discogs dumps: exact counts, twice, killed half-way, in another order."""

import asyncio
import gzip
import os
import signal
import sys
from pathlib import Path

import asyncpg
import pytest
from lxml import etree

from sonograph.catalog.importers.report import Progress, Report
from sonograph.catalog.importers.run import run_import
from sonograph.errors import Invalid, Unavailable
from tests.importers.conftest import MakeDatabase
from tests.importers.contents import everything, facts, wrongs

SAMPLES = Path(__file__).parents[3] / "shared/data/discogs_samples"
RELEASES = SAMPLES / "discogs_20200806_releases.xml.gz"
OTHERS = [SAMPLES / f"discogs_20200806_{kind}.xml.gz" for kind in ("artists", "labels", "masters")]


async def run(dsn: str, folder: Path, *paths: Path, batch_size: int = 300) -> Report:
    return await run_import(dsn, "catalog", "discogs", paths, data_dir=folder, batch_size=batch_size)


async def dumped(dsn: str) -> dict[str, list[object]]:
    connection = await asyncpg.connect(dsn, server_settings={"search_path": "catalog"})
    try:
        assert await wrongs(connection) == {}
        return await everything(connection)
    finally:
        await connection.close()


async def facts_of(dsn: str) -> dict[str, list[str]]:
    connection = await asyncpg.connect(dsn, server_settings={"search_path": "catalog"})
    try:
        return await facts(connection)
    finally:
        await connection.close()


async def test_counts_are_those_of_the_sample_and_a_second_run_changes_nothing(dsn: str, tmp_path: Path) -> None:
    steps: list[Progress] = []
    report = await run_import(
        dsn, "catalog", "discogs", [RELEASES, *OTHERS], data_dir=tmp_path, progress=steps.append, batch_size=300
    )
    counts = report.counts
    assert {name: counts.read[name] for name in ("releases", "tracks", "headings", "parts")} == {
        "releases": 1000, "tracks": 8932, "headings": 246, "parts": 252,
    }  # fmt: skip
    assert counts.read["barcodes"] == 338
    assert counts.read["barcodes with a wrong check digit"] + counts.read["barcodes of another length"] == 24
    assert counts.rejected == {}
    # 25 releases share their master with another one, and 164 of their tracks are recordings of it.
    assert counts.rows == {"artist": 5152, "label": 1596, "release": 975, "edition": 1000, "track": 8768}
    assert counts.records["release created"] == 1000
    assert steps[-1].finished
    assert steps[-1].bytes_read == steps[-1].bytes_total == OTHERS[-1].stat().st_size
    connection = await asyncpg.connect(dsn, server_settings={"search_path": "catalog"})
    links = "select count(*), count(distinct external_id) from platform_link where source = 5"
    # Every track keeps its Discogs key, merged or not; 11 positions are printed twice in their release.
    assert tuple(await connection.fetchrow(links)) == (8932, 8921)
    undated = await connection.fetchval("select count(*) from edition where release_date is null")
    years = await connection.fetchval("select count(*) from edition where date_precision = 3")
    # 118 have no date and one says 0000; 570 have a year, and 18 one with zeros for month and day.
    assert (undated, years) == (119, 588)
    await connection.close()
    before = await dumped(dsn)
    again = (await run(dsn, tmp_path, RELEASES, *OTHERS)).counts
    assert again.read == counts.read
    assert again.rows == {}
    assert again.records == {
        "release unchanged": 1000, "artist unchanged": 1000, "label unchanged": 1000, "group unchanged": 1000,
    }  # fmt: skip
    assert await dumped(dsn) == before


IMPORT = """
import asyncio, sys
from pathlib import Path
from sonograph.catalog.importers.run import run_import
def show(progress):
    print(progress.counts.read["releases"], flush=True)
asyncio.run(run_import(sys.argv[1], "catalog", "discogs", [Path(sys.argv[3])], data_dir=Path(sys.argv[2]),
    progress=show, batch_size=100))
"""


async def test_killed_import_goes_on_and_ends_like_an_undisturbed_one(
    make_database: MakeDatabase, tmp_path: Path
) -> None:
    whole, killed = await make_database(), await make_database()
    undisturbed = await run(whole, tmp_path / "whole", RELEASES, batch_size=100)
    for stop_after in (1, 3):  # batches of this attempt
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            IMPORT,
            killed,
            str(tmp_path / "killed"),
            str(RELEASES),
            stdout=asyncio.subprocess.PIPE,
        )
        assert process.stdout
        for _ in range(stop_after):
            assert await process.stdout.readline()
        os.kill(process.pid, signal.SIGKILL)
        assert await process.wait() == -signal.SIGKILL
    report = await run(killed, tmp_path / "killed", RELEASES, batch_size=100)
    assert 300 <= report.files[0].resumed_at < 1000
    assert report.files[0].resumed_at % 100 == 0
    assert report.counts.to_json() == undisturbed.counts.to_json()
    assert await dumped(killed) == await dumped(whole)
    rejects = [path.read_text() for name in ("whole", "killed") for path in (tmp_path / name / "rejects").iterdir()]
    assert len(rejects) == 2
    assert rejects[0] == rejects[1]
    assert rejects[0].count("\n") == sum(undisturbed.counts.flagged.values())


async def test_order_of_files_and_of_releases_does_not_matter(make_database: MakeDatabase, tmp_path: Path) -> None:
    chosen = list(etree.fromstring(gzip.decompress(RELEASES.read_bytes())))[-400:]  # with most of the shared masters
    for name, order in (("forward", chosen), ("backward", chosen[::-1])):
        text = b"".join(etree.tostring(element, encoding="utf-8", with_tail=False) for element in order)
        (tmp_path / f"{name}.xml").write_bytes(b"<releases>" + text + b"</releases>")
    # Two artists are spelt in two ways here, and until its own record is read an artist bears the first one.
    artists = etree.Element("artists")
    for source_id in {found.findtext("id") for release in chosen for found in release.iter("artist")} - {None, "194"}:
        artist = etree.SubElement(artists, "artist")
        etree.SubElement(artist, "id").text = source_id
        etree.SubElement(artist, "name").text = f"Artist {source_id}"
    (tmp_path / "artists.xml").write_bytes(etree.tostring(artists))
    files = [tmp_path / "forward.xml", tmp_path / "artists.xml", OTHERS[1], OTHERS[2]]
    one, other = await make_database(), await make_database()
    await run(one, tmp_path, *files)
    await run(other, tmp_path, *files[:0:-1], tmp_path / "backward.xml", batch_size=37)
    assert await facts_of(one) == await facts_of(other)
    await dumped(one)
    await dumped(other)


async def test_cut_off_file_is_read_to_where_it_is_whole(dsn: str, tmp_path: Path) -> None:
    path = tmp_path / "cut.xml.gz"
    path.write_bytes(RELEASES.read_bytes()[:400_000])
    with pytest.raises(
        Invalid, match=r"cut\.xml\.gz: damaged or cut off at byte 400000 of 400000: Compressed file ended"
    ):
        await run(dsn, tmp_path, path)
    connection = await asyncpg.connect(dsn, server_settings={"search_path": "catalog"})
    releases = await connection.fetchval("select count(*) from edition")
    row = await connection.fetchrow("select position, finished_at from import_run")
    await connection.close()
    assert 400 < releases == row["position"] < 600
    assert row["finished_at"] is None
    report = await run(dsn, tmp_path, RELEASES)  # the whole file has another digest: it starts at the beginning
    assert report.files[0].resumed_at == 0
    assert report.counts.records["release unchanged"] == releases
    await dumped(dsn)


async def test_broken_xml_names_the_place(dsn: str, tmp_path: Path) -> None:
    path = tmp_path / "broken.xml"
    path.write_text("<labels><label><id>1</id><name>One</name></label><label><id>2</id></wrong></labels>")
    with pytest.raises(Invalid, match=r"broken\.xml: damaged .*mismatch"):
        await run(dsn, tmp_path, path)
    connection = await asyncpg.connect(dsn, server_settings={"search_path": "catalog"})
    assert await connection.fetchval("select name from label") == "One"
    await connection.close()


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.xml", b"<html></html>", "begins with <html>"),
        ("b.xml", b"not xml", "not XML"),
        ("c.xml", b"", "no XML element"),
        ("d.xml.gz", b"no gzip", "damaged"),
        (
            "e.xml",
            b'<!DOCTYPE releases [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]><releases>&b;</releases>',
            "document type",
        ),
    ],
)
async def test_other_files_are_refused(dsn: str, tmp_path: Path, name: str, content: bytes, reason: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(Invalid, match=reason):
        await run(dsn, tmp_path, tmp_path / name)


async def test_missing_file_and_unknown_kind(dsn: str, tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="No such file"):
        await run(dsn, tmp_path, tmp_path / "missing.xml")
    with pytest.raises(Invalid, match="no importer 'napster'"):
        await run_import(dsn, "catalog", "napster", [], data_dir=tmp_path)


async def test_second_import_at_the_same_time_is_refused(
    dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sonograph.catalog.importers.run.LOCK_WAIT_S", 1)
    connection = await asyncpg.connect(dsn, server_settings={"search_path": "catalog"})
    await connection.execute("select pg_advisory_lock(hashtext('sonograph import ' || current_schema()))")
    try:
        with pytest.raises(Unavailable, match="an import into catalog is running"):
            await run(dsn, tmp_path, OTHERS[0])
        await run_import(dsn, "sandbox", "discogs", [OTHERS[0]], data_dir=tmp_path)  # has a lock of its own
    finally:
        await connection.close()
