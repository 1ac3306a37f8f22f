"""The commands, as they are typed."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli import app
from sonograph.catalog.importers.musicbrainz.documents import Artist, Release, ReleaseGroup, Url, UrlRelation
from sonograph.catalog.importers.musicbrainz.links import same_on_discogs
from sonograph.catalog.importers.musicbrainz.people import artist_record
from sonograph.catalog.records import Same
from tests.merging.conftest import MakeDatabase
from tests.merging.sources import mbid

ISRC = "GBDUW0000053"


def jsonl(*titles: str) -> str:
    return "".join(
        json.dumps(
            {
                "type": "track", "id": f"j{n}", "title": title, "duration": 200, "isrcs": [ISRC],
                "artists": [{"artist": {"id": "a", "name": "Kino"}}],
            }
        )
        + "\n"
        for n, title in enumerate(titles)
    )  # fmt: skip


def release_document() -> str:
    """A document of a MusicBrainz dump with one recording."""
    artist = {"id": mbid(3), "name": "Kino"}
    credit = [{"artist": artist, "name": "Kino", "joinphrase": ""}]
    recording = {"id": mbid(5), "title": "Song", "length": 200_000, "artist-credit": credit, "isrcs": [ISRC]}
    return json.dumps(
        {
            "id": mbid(1), "title": "Album", "artist-credit": credit, "date": "2001",
            "release-group": {"id": mbid(9), "title": "Album", "artist-credit": credit},
            "relations": [{"type": "discogs", "ended": False, "url": {"resource": "https://www.discogs.com/release/7"}}],
            "media": [{"position": 1, "tracks": [{"position": 1, "recording": recording}]}],
        }
    )  # fmt: skip


@pytest.fixture
async def database(make_database: MakeDatabase) -> str:
    return await make_database()


def test_import_merges_and_commands_look_at_it(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SONOGRAPH_DATABASE_URL", database)
    monkeypatch.setenv("SONOGRAPH_DATA_DIR", str(tmp_path / "data"))
    own, dump, lines = tmp_path / "own.jsonl", tmp_path / "release", tmp_path / "merges.jsonl"
    own.write_text(jsonl("Song", "Song (Live)"), encoding="utf-8")
    dump.write_text(release_document() + "\n", encoding="utf-8")

    def run(*words: str, code: int = 0) -> str:
        result = CliRunner().invoke(app, words)
        assert result.exit_code == code, (result.output, result.exception)
        return result.output

    run("import", "jsonl", str(own))
    assert "shared ISRC" not in run("import", "musicbrainz", "--no-merge", str(dump))
    assert "shared ISRC" in run("catalog", "merge", "--dry-run")
    said = run("catalog", "merge", "--report", str(lines))
    assert "track: shared ISRC" in said
    assert [json.loads(line).get("merged") for line in lines.read_text().splitlines()] == ["track", None, None]
    listed = run("catalog", "merges", "--id", "1").splitlines()
    assert [line.split()[1:] for line in listed] == [
        ["track", "1", "<-", "3", "musicbrainz", f"{mbid(5)}:", "leads"],
        ["track", "1", "<-", "1", "jsonl", "j0:", "shared", "ISRC,", "ISRC", ISRC],
    ]
    assert "Apart again" in run("catalog", "unmerge", listed[1].split()[0])
    assert "shared ISRC" not in run("catalog", "merge").partition("Left alone")[0]
    run("catalog", "unmerge", "track", "1", code=1)
    run("catalog", "unmerge", "nonsense", code=1)
    run("catalog", "merges", "--kind", "genre", code=1)


def test_links_of_musicbrainz_to_discogs() -> None:
    def urls(*texts: str, ended: bool = False) -> tuple[UrlRelation, ...]:
        return tuple(UrlRelation(url=Url(resource=text), ended=ended) for text in texts)

    pages = urls(
        "https://www.discogs.com/artist/12", "http://discogs.com/de/artist/13-Name", "https://www.discogs.com/artist/Name",
        "https://www.discogs.com/label/14", "https://discogs.com.evil.example/artist/15", "nonsense",
    )  # fmt: skip
    assert [same.id for same in same_on_discogs("artist", pages)] == ["12", "13"]
    assert [same.id for same in same_on_discogs("label", pages)] == ["14"]
    assert same_on_discogs("artist", urls("https://www.discogs.com/artist/12", ended=True)) == ()
    assert same_on_discogs("master", urls("https://www.discogs.com/master/56")) == (Same(source="discogs", id="m56"),)
    record = artist_record(Artist(id=mbid(1), name="Kino", relations=pages))
    assert record
    assert [same.id for same in record.same_as] == ["12", "13"]
    assert Release().relations == ReleaseGroup().relations == ()
