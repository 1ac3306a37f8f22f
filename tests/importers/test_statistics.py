"""What a catalog holds: counted where it is small, estimated where it is not, and shown by the command."""

import asyncio
import json
from pathlib import Path

import asyncpg
import pytest
from typer.testing import CliRunner

from api.cli import app
from sonograph.catalog.importers.run import run_import
from sonograph.catalog.records import Credit, Link, Place, Ref, ReleaseRecord, TrackRecord, WorkRecord
from sonograph.catalog.statistics import store
from sonograph.catalog.statistics.store import Number, statistics
from sonograph.catalog.vocabulary import EntityKind, OriginId
from sonograph.catalog.writer import write_records


def release(number: int) -> ReleaseRecord:
    """With four tracks, of which one has an ISRC and a work, two a link and three a duration."""
    credited = (Credit(artist=Ref(id="a", name="Artist")),)
    tracks = [
        TrackRecord(
            id=f"{number}-{n}",
            title=f"Song {n}",
            artists=credited,
            isrcs=(f"GBDUW{n:07}",) if n == 0 else (),
            works=("w",) if n == 0 else (),
            links=(Link(source="tidal", id=str(number * 4 + n + 1)),) if n < 2 else (),
            duration=100 if n < 3 else None,
            popularity=5 if n == 3 else None,
        )
        for n in range(4)
    ]
    places = tuple(Place(track=track) for track in tracks)
    return ReleaseRecord(id=str(number), title="R", artist=Ref(id="a"), label=Ref(id="l", name="L"), tracks=places)


async def test_numbers_of_a_small_catalog_are_exact(catalog: asyncpg.Connection) -> None:
    await write_records(catalog, OriginId.JSONL, [WorkRecord(id="w", title="Work"), *map(release, range(5))])
    await write_records(catalog, OriginId.DISCOGS, [release(9)])
    found = await statistics(catalog)
    assert found.kinds == {
        "track": Number(24), "artist": Number(2), "label": Number(2), "release": Number(6), "edition": Number(0),
        "work": Number(2),
    }  # fmt: skip
    assert [(o.origin, o.rows) for o in found.origins if o.kind == "track"] == [
        ("jsonl", Number(20)), ("discogs", Number(4)),
    ]  # fmt: skip
    assert (found.tracks.looked_at, found.tracks.sampled) == (24, False)
    shares = found.tracks.percent
    assert {name: shares[name] for name in ("isrc", "work", "duration", "popularity", "genre", "mbid")} == {
        "isrc": 25.0, "work": 25.0, "duration": 75.0, "popularity": 25.0, "genre": 0.0, "mbid": 0.0,
    }  # fmt: skip
    assert found.tracks.popularity_of == {"listenbrainz": 0.0, "estimate": 0.0, "its source": 25.0}
    assert {name: share for name, share in found.tracks.links.items() if share} == {"tidal": 50.0}
    assert found.total_bytes == sum(size.table_bytes + size.index_bytes for size in found.sizes)
    assert found.bytes_a_track == round(found.total_bytes / 24)


async def test_a_large_catalog_is_estimated_and_says_so(
    catalog: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    await write_records(catalog, OriginId.JSONL, [WorkRecord(id="w", title="Work"), *map(release, range(500))])
    await catalog.execute("analyze")
    monkeypatch.setattr(store, "COUNTED_BYTES", 0)
    monkeypatch.setattr(store, "SAMPLED_ROWS", 1000)
    found = await statistics(catalog)
    assert found.kinds["track"] == Number(2000, estimated=True)
    assert found.tracks.sampled
    assert 0 < found.tracks.looked_at < 2000
    assert found.tracks.percent["duration"] == pytest.approx(75, abs=10)
    assert [(o.origin, o.rows) for o in found.origins if o.kind == "track"] == [
        ("jsonl", Number(2000))
    ]  # fewer than are sampled for it


async def test_merges_of_a_small_catalog_are_counted_and_of_a_large_one_estimated(
    catalog: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    await catalog.execute(
        """insert into merged ("row", member, kind, origin_id, reason, merged_at, external_id, evidence, body)
           select n - n % 4, n, case when n < 8000 then $1::int else $2::int end, $3, 1, now(), n::text, '', 'x'
           from generate_series(0, 9999) n""",
        EntityKind.TRACK, EntityKind.WORK, OriginId.JSONL,
    )  # fmt: skip
    await catalog.execute("analyze")
    works, tracks = sorted((await statistics(catalog)).merges, key=lambda merges: merges.members.value)
    assert (tracks.kind, tracks.rows, tracks.members) == ("track", Number(2000), Number(8000))
    assert (works.kind, works.rows, works.members) == ("work", Number(500), Number(2000))
    monkeypatch.setattr(store, "COUNTED_BYTES", 0)
    monkeypatch.setattr(store, "SAMPLED_ROWS", 300)
    for merges in (await statistics(catalog)).merges:
        assert merges.rows.estimated
        assert merges.members.estimated
        assert merges.rows.value == pytest.approx(merges.members.value / 4, rel=0.1)
        assert merges.members.value == pytest.approx(8000 if merges.kind == "track" else 2000, rel=0.5)


async def test_an_empty_catalog_divides_nothing_by_zero(catalog: asyncpg.Connection) -> None:
    found = await statistics(catalog)
    assert found.kinds["track"] == Number(0)
    assert found.bytes_a_track is None
    assert set(found.tracks.percent.values()) == {0.0}


async def test_commands(dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.jsonl"
    credited = [{"artist": {"id": "a", "name": "Artist"}}]
    links = [{"source": "tidal", "id": "1"}, {"source": "beatport", "id": "2"}]
    path.write_text(json.dumps({"type": "track", "id": "1", "title": "S", "artists": credited, "links": links}))
    await run_import(dsn, "catalog", "jsonl", [path], data_dir=tmp_path)
    monkeypatch.setenv("SONOGRAPH_DATABASE_URL", dsn)
    monkeypatch.setenv("SONOGRAPH_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr("api.logs.configure", lambda _: None)  # it would keep the runner's stderr

    async def command(*words: str) -> str:
        ended = await asyncio.to_thread(CliRunner().invoke, app, ["catalog", *words])
        assert ended.exception is None, ended.output
        return ended.stdout

    assert await command("estimate-popularity") == (
        "track: popularity of 1 rows set\nartist: popularity of 0 rows set\n"
    )
    found = json.loads(await command("stats", "--json"))
    assert found["kinds"]["track"] == {"value": 1, "estimated": False}
    assert found["tracks"]["popularity_of"]["estimate"] == 100.0
    assert [(run["kind"], run["items"], run["records"]) for run in found["imports"]] == [
        ("jsonl", 1, {"track created": 1})
    ]
    shown = await command("stats")
    assert "track of jsonl (as agreed with whoever supplied the file)" in shown
    assert "with popularity" in shown
    assert str(path) in shown
