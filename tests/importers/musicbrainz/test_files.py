"""Dump files: as published and unpacked, of every kind, cut off, damaged and not what they should be."""

import bz2
import gzip
import lzma
import os
import tarfile
from pathlib import Path

import pytest

from sonograph.catalog.importers.items import Item
from sonograph.catalog.importers.musicbrainz import dump_lines, read_musicbrainz
from sonograph.catalog.importers.source_file import Damaged, open_source
from sonograph.errors import Invalid
from tests.importers.musicbrainz import dump

DOCUMENTS = [dump.release(dump.mbid(n), title=f"Edition {n} \u2028") for n in range(100, 160)]


def test_plain_compressed_and_archived_are_the_same(tmp_path: Path) -> None:
    text = dump.lines(DOCUMENTS)
    expected = dump.read(dump.plain(tmp_path / "release", *DOCUMENTS))
    assert len(expected) == len(DOCUMENTS)
    for ending, pack in ((".xz", lzma.compress), (".gz", gzip.compress), (".bz2", bz2.compress)):
        path = tmp_path / f"release{ending}"
        path.write_bytes(pack(text))
        assert dump.read(path) == expected
    assert dump.read(dump.archive(tmp_path / "release.tar.xz", "release", *DOCUMENTS)) == expected
    unpacked = tmp_path / "release.tar"
    unpacked.write_bytes(lzma.decompress((tmp_path / "release.tar.xz").read_bytes()))
    assert dump.read(unpacked) == expected


def test_reading_goes_on_behind_what_was_read(tmp_path: Path) -> None:
    path = dump.archive(tmp_path / "release.tar.xz", "release", *DOCUMENTS)
    assert dump.read(path, skip=25) == dump.read(path)[25:]
    assert dump.read(path, skip=len(DOCUMENTS)) == []


@pytest.mark.parametrize(
    ("document", "counted"),
    [
        (dump.release(), "releases"),
        (dump.artist(), "artists"),
        (dump.label(), "labels"),
        (dump.work(), "works"),
        (dump.recording(), "recordings"),
        (dump.group(), "release groups"),
    ],
)
def test_kind_is_found_from_the_content(tmp_path: Path, document: dict[str, object], counted: str) -> None:
    (item,) = dump.read(dump.plain(tmp_path / "anything", document))
    assert item.tally[counted] == 1


def test_other_files_are_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="holds documents of event; imported are: release, artist"):
        dump.read(dump.archive(tmp_path / "event.tar.xz", "event", {"id": "x"}))
    with pytest.raises(Invalid, match="holds no documents of a MusicBrainz dump"):
        dump.read(dump.plain(tmp_path / "other", {"id": "x"}))
    with pytest.raises(Invalid, match="no documents in it"):
        dump.read(dump.plain(tmp_path / "empty"))
    with tarfile.open(tmp_path / "other.tar", "w") as tar:
        tar.addfile(tarfile.TarInfo("README"))
    with pytest.raises(Invalid, match="an archive without mbdump/; it holds README"):
        dump.read(tmp_path / "other.tar")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{", "not JSON"),
        (b'{"title": "\xff"}', "not JSON"),
        (b'{"x": ' + b"[" * 100_000, "not JSON"),
        (b"[]", "not a document of release"),
        (b'{"id": 1}', "not a document of release"),
        (b"{}", "release without an id"),
        (b'{"id": "x", "media": []}', "release without an artist"),
        (
            b'{"id": "x", "artist-credit": [{"name": "x", "artist": {"id": "", "name": "x"}}]}',
            "release without an artist",
        ),
        (b'{"id": "x", "artist-credit": [{"name": "x", "artist": null}]}', "release without an artist"),
    ],
)
def test_bad_documents_are_rejected_and_the_rest_is_read(tmp_path: Path, line: bytes, reason: str) -> None:
    path = tmp_path / "release"
    path.write_bytes(dump.lines(DOCUMENTS[:1]) + line + b"\n\n" + dump.lines(DOCUMENTS[1:2]))
    first, bad, last = dump.read(path)
    assert (first.rejection, last.rejection) == (None, None)
    assert bad.rejection is not None
    assert (bad.rejection.reason, bad.where, bad.record, len(bad.rejection.text) <= 2000) == (reason, 2, None, True)
    assert bad.tally == {"releases": 1}


def test_tracks_that_cannot_be_read_are_flagged(tmp_path: Path) -> None:
    nobody = dump.recording(**{"artist-credit": []})
    media = [{"position": 1, "tracks": [{"position": 1, "recording": None}, dump.track(2, nobody)]}]
    said = dump.release(media=media, **{"artist-credit": []})
    (item,) = dump.read(dump.plain(tmp_path / "release", said))
    assert [flag.reason for flag in item.flags] == ["track without a recording", "recording without an artist"]
    assert item.tally == {"releases": 1, "tracks": 0}


def test_documents_longer_than_the_limit_are_rejected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dump_lines, "MAX_LINE", 1 << 20)
    long = dump.release(title="x" * (5 << 20))
    path = dump.plain(tmp_path / "release", DOCUMENTS[0], long, DOCUMENTS[1], long)
    reasons = [item.rejection and item.rejection.reason for item in dump.read(path)]
    assert reasons == [None, "document of more than 64 MiB"] * 2


@pytest.mark.parametrize("share", [0.3, 0.6, 0.99])
def test_archives_that_are_cut_off_are_read_up_to_there(tmp_path: Path, share: float) -> None:
    whole = dump.archive(tmp_path / "whole.tar.xz", "release", *DOCUMENTS)
    text = lzma.decompress(whole.read_bytes())
    for path, cut in (
        (tmp_path / "cut.tar", text[: int(len(dump.lines(DOCUMENTS)) * share)]),
        (tmp_path / "cut.tar.xz", whole.read_bytes()[: int(whole.stat().st_size * share)]),
    ):
        path.write_bytes(cut)
        found: list[Item] = []
        with open_source(path) as file, pytest.raises(Damaged, match="damaged or cut off"):
            found.extend(read_musicbrainz(file, 0))
        assert len(found) < len(DOCUMENTS)
        assert all(item.rejection is None for item in found)


def test_real_documents(tmp_path: Path) -> None:
    """Answers of the web service, such as stand in the source archive of Picard under test/data/ws_data."""
    folder = os.environ.get("SONOGRAPH_MUSICBRAINZ_DOCUMENTS")
    if not folder:
        pytest.skip("SONOGRAPH_MUSICBRAINZ_DOCUMENTS names no folder")
    read = 0
    for path in sorted(Path(folder).glob("*.json")):
        if path.stem.endswith("_null"):
            continue  # made up for Picard's own tests: every member is null
        line = tmp_path / path.name
        line.write_text(path.read_text(encoding="utf-8").replace("\n", " "), encoding="utf-8")
        try:
            items = dump.read(line, tags=True)
        except Invalid:
            continue  # a part of a document
        assert all(item.rejection is None or "without an artist" in item.rejection.reason for item in items), path
        read += 1
    assert read > 10
