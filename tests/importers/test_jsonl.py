"""JSONL: what is rejected and why, and every member there and back through the database."""

import gzip
import json
import lzma
from pathlib import Path
from typing import Any, get_args

import asyncpg
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sonograph.catalog.importers.jsonl import MAX_LINE, read_jsonl
from sonograph.catalog.importers.run import run_import
from sonograph.catalog.importers.source_file import open_source
from sonograph.catalog.records import AnyRecord, FingerprintRecord
from sonograph.catalog.vocabulary import OriginId
from sonograph.catalog.writer import write_records
from tests.importers.conftest import rolled_back
from tests.importers.contents import wrongs

ARTIST = '{"type": "artist", "id": "1", "name": "One"}'


async def test_bad_lines_are_rejected_with_number_and_reason(dsn: str, tmp_path: Path) -> None:
    path = tmp_path / "file.jsonl"
    lines = [
        "# a comment", "", ARTIST, '{"type": "artist", "id": "2"}', "{", '{"type": "tractor", "id": "3"}',
        '{"type": "artist", "id": "4", "name": "\\u0000"}', "x" * (MAX_LINE + 5),
        '{"type": "track", "id": "5", "title": "T", "artists": [{"artist": {"id": "9"}}]}',
        '{"type": "artist", "id": "6", "name": "Six", "colour": "red"}',
        '{"type": "track", "id": "7", "title": "T", "artists": [{"artist": {"id": "1"}}], "isrcs": ["X"]}',
    ]  # fmt: skip
    path.write_text("\n".join(lines) + "\n\xff")  # no newline at the end
    report = await run_import(dsn, "catalog", "jsonl", [path], data_dir=tmp_path, batch_size=2)
    assert report.counts.read == {"records": 10}
    assert report.counts.records["artist created"] == 1
    assert report.counts.records["track created"] == 1
    assert sum(report.counts.rejected.values()) == 8
    assert report.counts.flagged == {"wrong ISRC": 1}
    rejects_path = report.files[0].rejects
    assert rejects_path is not None
    assert rejects_path.parent == tmp_path / "rejects"
    rejects = [json.loads(line) for line in rejects_path.read_text().splitlines()]
    assert [(reject["line"], reject["kept"], reject["reason"][:24]) for reject in rejects] == [
        (4, False, "not a valid record: Obje"),
        (5, False, "not JSON: Input data was"),
        (6, False, "not a valid record: Inva"),
        (7, False, "text with a NUL characte"),
        (8, False, "line longer than 1 MiB"),
        (9, False, "unknown artist without a"),
        (10, False, "not a valid record: Obje"),
        (11, True, "wrong ISRC: X"),
        (12, False, "not JSON: JSON is malfor"),
    ]
    assert rejects[0]["record"] == lines[3]
    assert rejects[7]["record"]["isrcs"] == ["X"]


async def test_compressed_files_and_a_rejects_path(dsn: str, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(f"{ARTIST}\nbad\n".encode()))
    (tmp_path / "b.jsonl.xz").write_bytes(lzma.compress(ARTIST.encode()))
    chosen = tmp_path / "chosen.jsonl"
    report = await run_import(dsn, "catalog", "jsonl", [tmp_path / "a.jsonl.gz"], data_dir=tmp_path, rejects=chosen)
    assert json.loads(chosen.read_text()) == {
        "line": 2,
        "reason": chosen.read_text().split('"')[5],
        "kept": False,
        "record": "bad",
    }
    again = await run_import(dsn, "catalog", "jsonl", [tmp_path / "b.jsonl.xz"], data_dir=tmp_path)
    assert report.counts.records == {"artist created": 1}
    assert again.counts.records == {"artist unchanged": 1}
    assert again.files[0].rejects is None


FULL: list[dict[str, Any]] = [
    {
        "type": "artist", "id": "a", "name": "Artist", "aliases": ["Other Name"], "country": "France",
        "formation_year": 1993, "formation_date": "1993-04-05", "social_links": {"instagram": "artist"},
        "wikidata_id": "Q1", "musicbrainz_id": "056e4f3e-d505-4dad-8ec1-d04f521cbb56", "popularity": 5,
        "same_as": [{"source": "discogs", "id": "12"}],
    },
    {"type": "label", "id": "l", "name": "Label", "aliases": ["Label Records"], "popularity": 4,
     "same_as": [{"source": "discogs", "id": "34"}]},
    {"type": "work", "id": "w", "title": "Work", "iswcs": ["T0710204399"]},
    {
        "type": "release", "id": "r", "title": "Release", "artist": {"id": "a"}, "group": "g", "main": True,
        "label": {"id": "l", "name": "Label"}, "release_date": "2001-03-12", "catalog_no": "C 1", "popularity": 3,
        "tracks": [
            {
                "disc": 2, "number": 7,
                "track": {
                    "type": "track", "id": "t", "title": "Title", "duration": 320, "bpm": 123.5, "key": "10B",
                    "artists": [
                        {"artist": {"id": "a"}, "credited_as": "A.", "join_phrase": " feat. "},
                        {"artist": {"id": "b", "name": "Guest"}, "role": "featured"},
                    ],
                    "isrcs": ["GBDUW0000053", "GBDUW0000054"], "keys": [{"source": "beatport", "key": "Bm"}],
                    "genres": ["Deep House", 101], "works": ["w"], "popularity": 2,
                    "links": [
                        {"source": "spotify", "id": "0DiWol3AO6WpXZgp0goxAV"}, {"source": "applemusic", "id": "1"},
                        {"source": "tidal", "id": "2"}, {"source": "beatport", "id": "3"},
                        {"source": "discogs", "id": "4-A"}, {"source": "youtube", "id": "FGBhQbmPwH8"},
                        {"source": "musicbrainz", "id": "056e4f3e-d505-4dad-8ec1-d04f521cbb56"},
                    ],
                },
            }
        ],
        "editions": [
            {
                "source": "discogs", "id": "1", "group_id": "2", "title": "Edition", "kind": "album", "format": "cd",
                "official": True, "release_date": "2001", "barcode": "4006381333931", "country": "UK",
                "label": "Label / Other", "catalog_no": "C 1 / O 2", "medium_count": 2, "track_count": 9,
                "tracks": [{"track": "t", "disc": 1, "number": 3}],
            }
        ],
        "same_as": [{"source": "discogs", "id": "2844"}],
    },
    {"type": "group", "id": "g", "release_date": "1999", "genres": ["House"],
     "same_as": [{"source": "discogs", "id": "m56"}]},
    {"type": "track", "id": "t2", "title": "Twice", "artists": [{"artist": {"id": "a"}}]},
    {"type": "redirect", "kind": "track", "id": "t2", "into": "t"},
]  # fmt: skip


def _members(decoded: Any) -> set[str]:
    """Type and name of every member that is set anywhere in a record."""
    if isinstance(decoded, msgspec.Struct):
        names = {
            f"{type(decoded).__name__}.{field.name}"
            for field in msgspec.structs.fields(decoded)
            if getattr(decoded, field.name) != field.default
        }
        values = [getattr(decoded, name) for name in decoded.__struct_fields__]
        return names.union(*map(_members, values))
    return set[str]().union(*map(_members, decoded)) if isinstance(decoded, tuple) else set()


async def test_every_member_arrives_in_the_database(catalog: asyncpg.Connection) -> None:
    records: list[Any] = [msgspec.json.decode(json.dumps(record), type=AnyRecord) for record in FULL]
    said = set[str]().union(*map(_members, records))
    kinds = {
        name.split(".")[0]: next(r for r in _structs(records) if type(r).__name__ == name.split(".")[0])
        for name in said
    }
    every = {f"{name}.{field.name}" for name, struct in kinds.items() for field in msgspec.structs.fields(struct)}
    assert said == every, "the example leaves members out"
    outcome = await write_records(catalog, OriginId.JSONL, records)
    assert outcome.problems == []
    assert await wrongs(catalog) == {}

    async def row(sql: str) -> tuple[Any, ...]:
        return tuple(map(str, await catalog.fetchrow(sql)))

    assert await row(
        "select name, country, formation_year, formation_date, social_links, wikidata_id, musicbrainz_id, popularity, "
        "release_count, array(select key from artist_key k where k.artist_id = a.id order by 1) "
        "from artist a where name = 'Artist'"
    ) == (
        "Artist", "France", "1993", "1993-04-05", '{"instagram": "artist"}', "Q1",
        "056e4f3e-d505-4dad-8ec1-d04f521cbb56", "5", "1", "['artist', 'other name']",
    )  # fmt: skip
    assert await row(
        "select name, popularity, release_count, array(select key from label_key order by 1) from label"
    ) == ("Label", "4", "1", "['label', 'label records']")
    assert await row("select title, code from work w join iswc c on c.work_id = w.id") == ("Work", "T0710204399")
    assert await row(
        "select title, release_date, date_precision, catalog_no, popularity, track_count, label_id, "
        "(select name from artist where id = artist_id) from release"
    ) == ("Release", "2001-03-12", "1", "C 1", "3", "1", "1", "Artist")
    assert await row(
        "select t.title, duration, bpm, camelot, popularity, released, disc_number, track_number, "
        "array(select source || camelot from track_musical_key), array(select code || preferred from isrc order by 1), "
        "array(select genre_id from track_genre order by 1), (select count(*) from work_recording), "
        "array(select source from platform_link order by 1) "
        "from track t join release_track rt on rt.track_id = t.id"
    ) == (
        "Title", "320", "123.5", "10B", "2", "2001-03-12", "2", "7", "['beatport10A']",
        "['GBDUW0000053true', 'GBDUW0000054false']", "[100, 101, 102]", "1", "[1, 2, 3, 4, 5, 6, 7]",
    )  # fmt: skip
    assert [tuple(credit) for credit in await catalog.fetch(
        "select a.name, role, credited_as, join_phrase from track_artist ta join artist a on a.id = ta.artist_id "
        "order by position"
    )] == [("Artist", 0, "A.", " feat. "), ("Guest", 1, None, None)]  # fmt: skip
    assert await row(
        "select source, external_id, group_external_id, title, kind, format, official, release_date, date_precision, "
        "barcode, unverified_barcode, country, label, catalog_no, medium_count, e.track_count, "
        "disc_number, track_number "
        "from edition e join edition_track et on et.edition_id = e.id"
    ) == (
        "5", "1", "2", "Edition", "1", "1", "True", "2001-01-01", "3", "4006381333931", "None", "UK", "Label / Other",
        "C 1 / O 2", "2", "9", "1", "3",
    )  # fmt: skip
    assert await row("select kind from redirect") == ("4",)
    said = await catalog.fetch(
        "select kind, external_id, target_origin, target_id from same_as order by kind, target_id"
    )
    assert [tuple(same) for same in said] == [
        (1, "a", OriginId.MUSICBRAINZ, "056e4f3e-d505-4dad-8ec1-d04f521cbb56"), (1, "a", OriginId.DISCOGS, "12"),
        (2, "l", OriginId.DISCOGS, "34"), (3, "r", OriginId.DISCOGS, "2844"), (7, "g", OriginId.DISCOGS, "m56"),
    ]  # fmt: skip


def _structs(value: Any) -> list[Any]:
    if isinstance(value, msgspec.Struct):
        return [value, *(s for name in value.__struct_fields__ for s in _structs(getattr(value, name)))]
    return [s for part in value for s in _structs(part)] if isinstance(value, tuple | list) else []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
MEMBERS = sorted(
    {name for record in FULL for name in record} | set(FULL[3]["tracks"][0]["track"]) | {"artist", "track"}
)
NEARLY = st.builds(
    lambda record, name, value: json.dumps({**record, name: value}),
    st.sampled_from(FULL),
    st.sampled_from(MEMBERS),
    JSON | st.sampled_from([member for record in FULL for member in record.values()]),
)  # fmt: skip
LINES = st.lists(
    st.binary(max_size=40)
    | st.builds(lambda text: text.encode("utf-8", "surrogatepass"), st.builds(json.dumps, JSON) | NEARLY)
    | st.sampled_from([json.dumps(record).encode() for record in FULL]),
    max_size=8,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=LINES)
async def test_no_file_crashes_the_import_or_is_written_by_halves(
    catalog: asyncpg.Connection, tmp_path: Path, lines: list[bytes]
) -> None:
    path = tmp_path / "garbage.jsonl"
    path.write_bytes(b"\n".join(lines))
    with open_source(path) as file:
        items = list(read_jsonl(file, 0))
    with open_source(path) as file:
        assert list(read_jsonl(file, 2)) == items[2:]
    async with rolled_back(catalog):
        records = [item.record for item in items if isinstance(item.record, AnyRecord)]
        outcome = await write_records(catalog, OriginId.JSONL, records)
        assert sum(outcome.verdicts.values()) == len(records)
        assert await wrongs(catalog) == {}


@pytest.mark.parametrize("size", [MAX_LINE - 1, MAX_LINE, MAX_LINE + 1, 3 * MAX_LINE])
def test_long_lines_do_not_shift_the_next(tmp_path: Path, size: int) -> None:
    path = tmp_path / "long.jsonl"
    path.write_bytes(b" " * (size - 1) + b"x\n" + ARTIST.encode() + b"\n")
    with open_source(path) as file:
        long, artist = read_jsonl(file, 0)
    assert long.rejection
    assert long.rejection.reason == ("not JSON" if size <= MAX_LINE else "line longer than 1 MiB")
    assert (artist.where, artist.record is not None) == (2, True)


def test_reference_page_shows_every_record_and_member() -> None:
    page = (Path(__file__).parents[2] / "docs/reference/jsonl.md").read_text()
    example = page.split("```json\n")[1].split("```")[0]
    records: list[Any] = [
        msgspec.json.decode(line, type=AnyRecord | FingerprintRecord) for line in example.splitlines()
    ]
    assert {type(record) for record in records} == {*get_args(AnyRecord), FingerprintRecord}
    said = set[str]().union(*map(_members, records))
    structs = {type(struct).__name__: struct for struct in _structs(records)}
    assert said == {f"{name}.{f.name}" for name, struct in structs.items() for f in msgspec.structs.fields(struct)}
