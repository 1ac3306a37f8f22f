"""Feeds into records: versions, headings or none, cells with all that the format allows, and what is left out."""

import gzip
import sqlite3
from collections import Counter
from pathlib import Path

import pytest

from sonograph.catalog.importers.mlc import read_mlc
from sonograph.catalog.importers.mlc.links import empty_links
from sonograph.catalog.importers.mlc.records import seconds
from sonograph.catalog.importers.mlc.tables import Table, by_headings, table_of
from sonograph.catalog.importers.source_file import open_source
from sonograph.catalog.records import Credit, Ref, TrackRecord, WorkRecord
from sonograph.errors import Invalid, Unavailable
from tests.importers.mlc import feed

RECORDS = [
    WorkRecord(id="W1", title="LANTERN", iswcs=("T0000000010",)),
    WorkRecord(id="W2", title="TIDE"),
    WorkRecord(id="W3", title="UNSUNG", iswcs=("T-000.000.002-1",)),
    TrackRecord(
        id="R1",
        title="Lantern",
        artists=(Credit(artist=Ref(id="name:the paper boats", name="The Paper Boats"), credited_as="The Paper Boats"),),
        duration=215,
        isrcs=("GBABC9900001",),
        works=("W1",),
    ),
    TrackRecord(
        id="R2",
        title="Medley (Live 1999)",
        artists=(Credit(artist=Ref(id="isni:0000000121032683", name="Ola Finch"), credited_as="Ola Finch"),),
        duration=3600,
        isrcs=("GBABC9900002",),
        works=("W1", "W2"),
    ),
    TrackRecord(
        id="R6",
        title="Alone",
        artists=(Credit(artist=Ref(id="name:the paper boats", name="the paper boats"), credited_as="the paper boats"),),
        isrcs=("GBABC9900006",),
    ),
]


def test_feed_by_its_manifest(tmp_path: Path) -> None:
    items = feed.read(feed.standard(tmp_path))
    assert [item.record for item in items if item.record] == RECORDS
    tally: Counter[str] = sum((Counter(item.tally) for item in items), Counter())
    assert tally == {
        "works": 3, "resources": 6, "tracks": 3, "resources without an ISRC": 1, "music videos": 1,
        "durations not understood": 1,
    }  # fmt: skip
    (rejected,) = (item for item in items if item.rejection)
    assert rejected.rejection is not None
    assert (rejected.where, rejected.rejection.reason) == (6, "resource without an artist")
    assert "Nobody's" in rejected.rejection.text


def test_any_of_the_tables_stands_for_the_feed(tmp_path: Path) -> None:
    expected = feed.read(feed.standard(tmp_path))
    for name in ("musicalworks.tsv", "resources.tsv", "workresourcelinks.tsv"):
        assert feed.read(tmp_path / name) == expected


def test_files_may_be_compressed(tmp_path: Path) -> None:
    manifest = feed.standard(tmp_path)
    expected = feed.read(manifest)
    plain = tmp_path / "resources.tsv"
    (tmp_path / "resources.tsv.gz").write_bytes(gzip.compress(plain.read_bytes()))
    plain.unlink()
    assert feed.read(manifest) == expected
    assert feed.read(tmp_path / "resources.tsv.gz") == expected


def test_version_1_names_its_files_and_columns_otherwise(tmp_path: Path) -> None:
    feed.tsv(
        tmp_path / "a.tsv",
        ("#FeedProvidersWorkId", "ISWC", "WorkTitle", "OpusNumber"),
        *((work[0], work[1], work[2], "") for work in feed.WORKS),
    )
    recordings = [(r[0], r[2], r[3], r[5], r[6], r[7], r[8], r[9]) for r in feed.RESOURCES if r[1] != "MusicVideo"]
    headings = (
        "#FeedProvidersRecordingId", "ISRC", "RecordingTitle", "RecordingSubTitle", "DisplayArtistName",
        "DisplayArtistISNI", "PLine", "Duration",
    )  # fmt: skip
    feed.tsv(tmp_path / "b.tsv", headings, *recordings)
    feed.tsv(
        tmp_path / "c.tsv", ("#FeedProvidersLinkId", "FeedProvidersWorkId", "FeedProvidersRecordingId"), *feed.LINKS
    )
    names = {"Works": "a.tsv", "Recordings": "b.tsv", "WorkRecordings": "c.tsv"}
    manifest = feed.manifest(tmp_path, names, version="1.0")
    assert [item.record for item in feed.read(manifest) if item.record] == RECORDS
    for name, table in (("a.tsv", feed.WORKS), ("b.tsv", recordings), ("c.tsv", feed.LINKS)):
        feed.tsv(tmp_path / name, *table)  # without headings
    assert [item.record for item in feed.read(manifest) if item.record] == RECORDS


def test_files_without_headings_and_with_windows_line_ends(tmp_path: Path) -> None:
    manifest = feed.standard(tmp_path)
    expected = [item.record for item in feed.read(manifest)]
    feed.tsv(tmp_path / "musicalworks.tsv", *feed.WORKS, ending="\r\n")
    feed.tsv(tmp_path / "resources.tsv", *feed.RESOURCES, ending="\r\n")
    feed.tsv(tmp_path / "workresourcelinks.tsv", *feed.LINKS, ending="\r\n")
    assert [item.record for item in feed.read(manifest)] == expected


def test_headings_need_no_hash(tmp_path: Path) -> None:
    manifest = feed.standard(tmp_path)
    expected = [item.record for item in feed.read(manifest)]
    for name in ("musicalworks", "resources", "workresourcelinks"):
        path = tmp_path / f"{name}.tsv"
        path.write_text(path.read_text(encoding="utf-8").removeprefix("#"), encoding="utf-8")
    assert [item.record for item in feed.read(manifest)] == expected


@pytest.mark.parametrize(
    "headings", [("WorkKey", "ISWC", "Name"), ("SongId", "Code", "Caption"), ("Key", "Code", "WorkTitle")]
)
def test_headings_that_are_not_known_are_no_record(tmp_path: Path, headings: tuple[str, ...]) -> None:
    manifest = feed.standard(tmp_path)
    feed.tsv(tmp_path / "musicalworks.tsv", headings, *feed.WORKS)
    with pytest.raises(Invalid, match=f"columns of works are missing; it has: {', '.join(headings)}"):
        feed.read(manifest)


@pytest.mark.parametrize("first", [("W7", "", "Title"), ("ABC", "", "Lantern"), ("77", "T0000000010", "WorkTitle")])
def test_a_first_record_is_not_taken_for_headings(tmp_path: Path, first: tuple[str, ...]) -> None:
    manifest = feed.standard(tmp_path, resources=(), links=())
    feed.tsv(tmp_path / "musicalworks.tsv", first)
    (item,) = feed.read(manifest)
    assert isinstance(item.record, WorkRecord)
    assert (item.record.id, item.record.title) == (first[0], first[2])


def test_reading_goes_on_behind_what_was_read(tmp_path: Path) -> None:
    manifest = feed.standard(tmp_path)
    items = feed.read(manifest)
    for skip in range(len(items) + 1):
        assert feed.read(manifest, skip) == items[skip:]


def test_position_and_total_count_all_files(tmp_path: Path) -> None:
    manifest = feed.standard(tmp_path)
    sizes = [manifest.stat().st_size]
    sizes += [(tmp_path / f"{name}.tsv").stat().st_size for name in ("musicalworks", "resources", "workresourcelinks")]
    with open_source(manifest) as file:
        positions = [file.position for _ in read_mlc(file, 0)]
        assert positions == sorted(positions)
        assert (file.position, file.total) == (sum(sizes), sum(sizes))


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("Lantern", "Lantern"),
        (r"Lantern \\\ Tide", "Lantern \\ Tide"),
        (r"Lantern \\| Tide", "Lantern | Tide"),
        ("Lantern \\\tTide", "Lantern  Tide"),
        ('"Lantern" \'', '"Lantern" \''),
        ("#1 Lantern", "#1 Lantern"),
        ("  Lantern ", "Lantern"),
    ],
)
def test_cells(tmp_path: Path, written: str, title: str) -> None:
    manifest = feed.standard(tmp_path, works=[("W1", "", written, "", "")], resources=(), links=())
    (item,) = feed.read(manifest)
    assert item.record == WorkRecord(id="W1", title=title)


def test_several_artists_stand_between_pipes(tmp_path: Path) -> None:
    row = ("R1", "SoundRecording", "GBABC9900001", "x", "", "", r"Ola Finch|The \\| Band|Ola Finch", "0000000121032683")
    (item,) = feed.read(feed.standard(tmp_path, works=(), resources=[row], links=()))
    assert isinstance(item.record, TrackRecord)
    assert [(c.artist.id, c.artist.name, c.join_phrase) for c in item.record.artists] == [
        ("name:ola finch", "Ola Finch", ", "),
        ("name:the band", "The | Band", None),
    ]


@pytest.mark.parametrize("name", ["!!!", "x" * 900, "Бумажные кораблики", "ﬁnch"])
def test_ids_made_of_names_fit(tmp_path: Path, name: str) -> None:
    row = ("R1", "SoundRecording", "GBABC9900001", "x", "", "", name)
    (item,) = feed.read(feed.standard(tmp_path, works=(), resources=[row], links=()))
    assert isinstance(item.record, TrackRecord)
    (credit,) = item.record.artists
    assert credit.artist.name == name
    assert len("name:") < len(credit.artist.id) <= 200


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (b"\t\tx\n", "musical work without an id"),
        (b"W1\n", "musical work without a title"),
        (b"W1\t\t\\N\n", "musical work without a title"),
        (b"W1\t\t\xff\n", "not UTF-8"),
        (b"W" * 201 + b"\t\tx\n", "musical work with an id of more than 200 characters"),
        (b"W1\t\t" + b"x" * (3 << 20) + b"\n", "record of more than 1 MiB"),
    ],
)
def test_rows_that_cannot_be_read_are_rejected_and_the_rest_is_read(tmp_path: Path, row: bytes, reason: str) -> None:
    manifest = feed.standard(tmp_path, resources=(), links=())
    head = "\t".join(feed.WORKS_2).encode()
    good = b"W9\t\tGood\n"
    (tmp_path / "musicalworks.tsv").write_bytes(b"\xef\xbb\xbf" + head + b"\n" + good + b"\n# a note\n" + row + good)
    first, bad, last = feed.read(manifest)
    assert first.record == last.record == WorkRecord(id="W9", title="Good")
    assert bad.rejection is not None
    assert (bad.rejection.reason, bad.where) == (reason, 5)
    assert len(bad.rejection.text) <= 2000


def test_what_is_no_feed_is_refused(tmp_path: Path) -> None:
    manifest = feed.standard(tmp_path)
    with pytest.raises(Invalid, match="no manifest of a BWARM feed"):
        feed.read(tmp_path / "parties.tsv")
    feed.tsv(tmp_path / "resources.tsv", ("#ResourceRecordId", "Name"), ("R1", "x"))
    with pytest.raises(Invalid, match="columns of resources are missing; it has: #ResourceRecordId, Name"):
        feed.read(manifest)
    (tmp_path / "resources.tsv").unlink()
    with pytest.raises(Unavailable, match=r"resources\.tsv cannot be read"):
        feed.read(manifest)


def test_files_are_taken_from_beside_the_manifest_only(tmp_path: Path) -> None:
    inside, outside = tmp_path / "feed", tmp_path / "musicalworks.tsv"
    inside.mkdir()
    feed.tsv(outside, feed.WORKS_2, *feed.WORKS)
    with pytest.raises(Unavailable, match=r"feed/musicalworks\.tsv cannot be read"):
        feed.read(feed.manifest(inside, {"MusicalWorks": "../musicalworks.tsv"}))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("PT3M35S", 215), ("PT215S", 215), ("PT1H2M3S", 3723), ("PT3M35.5S", 215), ("PT3M", 180),
        ("3:35", 215), ("00:03:35", 215), ("1:02:03", 3723), ("03:35.120", 215),
        ("PT0S", None), ("PT", None), ("P", None), ("", None), ("215", None), ("3m35s", None),
        ("PT" + "9" * 20 + "S", None),
    ],
)  # fmt: skip
def test_durations(text: str, expected: int | None) -> None:
    assert seconds(text) == expected


def test_tables_and_headings_are_known_whatever_their_spelling() -> None:
    assert table_of("MusicalWorks") is table_of("musicalworks.tsv") is table_of("Works") is Table.WORKS
    assert table_of("WorkResourceLinks") is Table.LINKS
    assert table_of("UnmatchedResources") is table_of("AlternativeResourceTitles") is table_of("Releases") is None
    assert by_headings(Table.LINKS, ("#Link Record Id", "Musical WorkId", "resourcerecordid")) == {
        "work": 1,
        "resource": 2,
    }


def test_links_are_kept_on_disk() -> None:
    with empty_links() as links:
        links.fill((f"R{n % 1000}", f"W{n}") for n in range(200_000))
        assert links.works("R7") == tuple(sorted(f"W{n}" for n in range(7, 200_000, 1000)))
        assert links.works("R1000") == ()
        path = Path(links._connection.execute("pragma database_list").fetchone()[2])
        assert path.stat().st_size > 1_000_000
    assert not path.exists()
    with pytest.raises(sqlite3.ProgrammingError):
        links.works("R7")
