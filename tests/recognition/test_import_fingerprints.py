"""Fingerprints out of files: AcoustID's, and those of our own JSONL."""

import gzip
import json
from base64 import b64encode
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import numpy as np
import pytest

from sonograph.catalog.importers.report import Report
from sonograph.catalog.importers.run import run_import
from sonograph.catalog.vocabulary import OriginId
from sonograph.recognition.acoustid import compress
from sonograph.recognition.importers.writers import WRITERS
from sonograph.recognition.landmarks.packing import pack
from sonograph.recognition.landmarks.peaks import Peaks
from sonograph.recognition.references import Stored, seconds_of
from sonograph.recognition.store import read_references
from tests.recognition.indexes import items_of

MBIDS = [f"6b9b2c1e-0000-4000-8000-{number:012}" for number in range(6)]


def _lines(path: Path, documents: Iterable[object]) -> Path:
    text = "".join(json.dumps(one) + "\n" for one in documents).encode()
    path.write_bytes(gzip.compress(text) if path.suffix == ".gz" else text)
    return path


def _track(number: int, *, mbid: str | None = None) -> dict[str, object]:
    links = [{"source": "musicbrainz", "id": mbid}] if mbid else []
    credit = {"artist": {"id": "a", "name": "Somebody"}}
    return {"type": "track", "id": f"t{number}", "title": f"Song {number}", "artists": [credit], "links": links}


async def _import(dsn: str, kind: str, tmp_path: Path, *paths: Path, **options: object) -> Report:
    return await run_import(
        dsn, "catalog", kind, paths, data_dir=tmp_path, write=WRITERS[kind], **options  # type: ignore[arg-type]
    )  # fmt: skip


async def _catalog(dsn: str, tmp_path: Path) -> dict[str, int]:
    """A catalog of recordings that MusicBrainz knows, but for the last one; {title: track}."""
    tracks = [_track(number, mbid=mbid) for number, mbid in enumerate(MBIDS[:-1])]
    await _import(dsn, "jsonl", tmp_path, _lines(tmp_path / "catalog.jsonl", tracks))
    connection = await asyncpg.connect(dsn, server_settings={"search_path": "catalog"})
    rows = await connection.fetch("select title, id from track")
    await connection.close()
    return dict(rows)


async def _stored(dsn: str) -> dict[str, Stored]:
    connection = await asyncpg.connect(dsn, server_settings={"search_path": "catalog"})
    try:
        return {one.external_id: one async for page in read_references(connection) for one in page}
    finally:
        await connection.close()


def _signed(seed: int) -> list[int]:
    return [int(item) for item in items_of(seed).view(np.int32)]


def _fingerprint(number: int, seed: int) -> dict[str, object]:
    created = datetime(2026, 3, 1, tzinfo=UTC).isoformat()
    return {"id": number, "fingerprint": _signed(seed), "length": 240, "created": created}


def _day(folder: Path, day: str, **tables: list[dict[str, object]]) -> list[Path]:
    return [_lines(folder / f"{day}-{name}-update.jsonl.gz", lines) for name, lines in tables.items()]


def _mbid(track: int, number: int, submissions: int = 1, **more: object) -> dict[str, object]:
    return {"track_id": track, "mbid": MBIDS[number], "submission_count": submissions, **more}


async def test_acoustid_files_of_a_day(dsn: str, tmp_path: Path) -> None:
    """In whatever order they are named: fingerprints of recordings that the catalog has, and no others."""
    tracks = await _catalog(dsn, tmp_path)
    paths = _day(
        tmp_path,
        "2026-03-01",
        fingerprint=[_fingerprint(number, number) for number in range(11, 17)],
        track_fingerprint=[{"track_id": number + 100, "fingerprint_id": number} for number in range(11, 16)],
        track_mbid=[
            _mbid(111, 0),
            _mbid(112, 1, 2),
            _mbid(112, 2, 9),  # most people say this one
            _mbid(112, 5, 50),  # the catalog does not know it
            _mbid(113, 5),
            _mbid(114, 3),
            _mbid(114, 4, 20, disabled=True),
        ],
        track=[{"id": 111, "gid": "0c3ad2e1-0000-4000-8000-000000000001"}],
        meta=[{"id": 5, "track": "Song", "artist": "Somebody"}],
    )
    report = await _import(dsn, "acoustid", tmp_path, *paths)
    stored = await _stored(dsn)
    assert {name: one.track_id for name, one in stored.items()} == {
        "11": tracks["Song 0"],
        "12": tracks["Song 2"],
        "14": tracks["Song 3"],
    }
    assert stored["11"].origin is OriginId.ACOUSTID
    assert np.array_equal(stored["11"].items if stored["11"].items is not None else (), items_of(11))
    assert stored["11"].seconds == pytest.approx(seconds_of(items_of(11)))
    counts = report.counts
    assert counts.read["fingerprints"] == 6
    assert counts.records["fingerprint created"] == 3
    assert counts.notes["fingerprints left out: of no recording in the catalog"] == 2
    assert counts.notes["fingerprints left out: of a track that no file read so far tells"] == 1
    assert not counts.rejected


async def test_acoustid_files_of_later_days_move_fingerprints(dsn: str, tmp_path: Path) -> None:
    """Tracks that became others, recordings that were taken back, and the same files again."""
    tracks = await _catalog(dsn, tmp_path)
    first = _day(
        tmp_path,
        "2026-03-01",
        fingerprint=[_fingerprint(number, number) for number in (11, 12, 13)],
        track_fingerprint=[{"track_id": number + 100, "fingerprint_id": number} for number in (11, 12, 13)],
        track_mbid=[_mbid(111, 0), _mbid(112, 1), _mbid(113, 2), _mbid(113, 3)],
    )
    await _import(dsn, "acoustid", tmp_path, *first)
    again = await _import(dsn, "acoustid", tmp_path, *first)
    assert again.counts.records == {"fingerprint created": 0, "fingerprint updated": 0, "fingerprint unchanged": 3}
    later = _day(
        tmp_path,
        "2026-03-02",
        track=[{"id": 111, "gid": "0c3ad2e1-0000-4000-8000-000000000001", "new_id": 150}],
        track_fingerprint=[{"track_id": 151, "fingerprint_id": 13}],
        track_mbid=[_mbid(112, 1, disabled=True), _mbid(113, 2, disabled=True), _mbid(150, 4, 5), _mbid(151, 3)],
    )
    for path in later:  # one after the other: what a fingerprint is of may be unknown in between
        await _import(dsn, "acoustid", tmp_path, path)
    assert {name: one.track_id for name, one in (await _stored(dsn)).items()} == {
        "11": tracks["Song 4"],
        "13": tracks["Song 3"],
    }


async def test_acoustid_lines_that_cannot_be_read_are_told(dsn: str, tmp_path: Path) -> None:
    """Each with its number and a reason; a dry run tells the same and writes nothing."""
    await _catalog(dsn, tmp_path)
    maps = _day(
        tmp_path,
        "2026-03-01",
        track_fingerprint=[{"track_id": 1, "fingerprint_id": number} for number in (1, 2, 3)],
        track_mbid=[_mbid(1, 0), {"track_id": 1, "mbid": "no id"}],
    )
    lines = [
        {"id": 1, "fingerprint": compress(items_of(1)), "length": 100.5},
        {"id": 2, "fingerprint": "AQAA", "length": 100},
        {"id": 3, "fingerprint": [1 << 40], "length": 100},
        {"id": 3, "fingerprint": [1], "length": -1},
        {"id": 1 << 40, "fingerprint": [1], "length": 1},
        {"something": "else"},
        ["no object"],
    ]
    path = _lines(tmp_path / "2026-03-01-fingerprint-update.jsonl", lines)
    with path.open("ab") as file:
        file.write(b"{broken\n")
    for dry_run in (True, False):
        rejects = tmp_path / f"rejects-{dry_run}"
        rejects.mkdir()
        report = await _import(dsn, "acoustid", tmp_path, *maps, path, rejects=rejects, dry_run=dry_run)
        assert report.counts.records["fingerprint created"] == 1
        assert report.counts.rejected == {
            "wrong MBID": 1,
            "not a fingerprint": 2,
            "fingerprint without number or length": 1,
            "impossible number": 1,
            "no line of AcoustID": 2,
            "not JSON": 1,
        }
        (file_of_rejects,) = rejects.glob("*01-fingerprint-update.jsonl-*")
        told = [json.loads(line) for line in file_of_rejects.read_text().splitlines()]
        assert [one["line"] for one in told] == [2, 3, 4, 5, 6, 7, 8]
        assert len(await _stored(dsn)) == (0 if dry_run else 1)


async def test_fingerprints_in_jsonl(dsn: str, tmp_path: Path) -> None:
    """Of tracks of the same file or of what a platform calls them; written again, taken back, and wrong ones."""
    peaks = pack(Peaks(np.array([1.0, 5.0]), np.array([60, 70], np.float32), np.zeros(2, np.uint8)))
    text, packed = compress(items_of(1)), b64encode(peaks).decode()
    linked = {"source": "musicbrainz", "id": MBIDS[0].upper()}
    lines = [
        _track(1),
        {"type": "fingerprint", "id": "f1", "track": "t1", "chromaprint": text, "landmarks": packed, "seconds": 31.5},
        _track(2, mbid=MBIDS[0]),
        {"type": "fingerprint", "id": "f2", "track": linked, "chromaprint": text},
        {"type": "fingerprint", "id": "f3", "track": "t9", "chromaprint": text},
        {"type": "fingerprint", "id": "f4", "track": "t1", "chromaprint": "AAAA"},
        {"type": "fingerprint", "id": "f5", "track": "t1", "landmarks": packed},
        {"type": "fingerprint", "id": "f6", "track": "t1"},
        {"type": "fingerprint", "id": "f7", "chromaprint": text},
    ]
    rejects = tmp_path / "rejected.jsonl"
    path = _lines(tmp_path / "mine.jsonl", lines)
    report = await _import(dsn, "jsonl", tmp_path, path, rejects=rejects)
    stored = await _stored(dsn)
    assert set(stored) == {"f1", "f2"}
    assert (stored["f1"].seconds, stored["f1"].landmarks) == (31.5, peaks)
    assert stored["f1"].track_id != stored["f2"].track_id
    assert stored["f2"].seconds == pytest.approx(seconds_of(items_of(1)))
    assert report.counts.records["fingerprint created"] == 2
    assert report.counts.records["fingerprint rejected"] == 5
    told = [json.loads(line) for line in rejects.read_text().splitlines()]
    assert [(one["line"], one["record"]["id"]) for one in told] == [(n, f"f{n - 2}") for n in (5, 6, 7, 8, 9)]
    again = _lines(
        tmp_path / "later.jsonl",
        [
            {"type": "fingerprint", "id": "f1", "track": "t2", "chromaprint": text},
            {"type": "fingerprint", "id": "f2", "removed": True},
        ],
    )
    report = await _import(dsn, "jsonl", tmp_path, again)
    assert report.counts.records["fingerprint updated"] == 2
    stored = await _stored(dsn)
    assert set(stored) == {"f1"}
    assert stored["f1"].landmarks is None
    report = await _import(dsn, "jsonl", tmp_path, again)
    assert report.counts.records["fingerprint unchanged"] == 2


async def test_the_example_of_the_reference_page_is_imported(dsn: str, tmp_path: Path) -> None:
    """Fingerprints included: of a track by its id, and of what MusicBrainz calls it, if there is such a track."""
    page = (Path(__file__).parents[2] / "docs/reference/jsonl.md").read_text()
    example = page.split("```json\n")[1].split("```")[0]
    linked = _track(7, mbid="056e4f3e-d505-4dad-8ec1-d04f521cbb56")
    path = tmp_path / "example.jsonl"
    path.write_text(json.dumps(linked) + "\n" + example)
    report = await _import(dsn, "jsonl", tmp_path, path)
    assert not report.counts.rejected
    stored = await _stored(dsn)
    assert set(stored) == {"f1", "f2"}
    assert (stored["f1"].landmarks is None, stored["f2"].landmarks is None) == (False, True)
