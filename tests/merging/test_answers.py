"""Every id that a client may know of what was merged is answered with the row that is left, by REST and GraphQL."""

from pathlib import Path

import asyncpg
import httpx
import pytest

from sonograph.accounts.store import create_key
from sonograph.catalog.records import ArtistRecord, Link, Same
from tests.merging.conftest import MakeDatabase
from tests.merging.sources import DISCOGS, JSONL, MB, SPOTIFY_ID, mbid, merged, on_discogs, pressing, recording, write
from tests.service import Service

pytestmark = pytest.mark.database


async def test_old_ids_lead_to_what_is_left(make_database: MakeDatabase, open_folder: Path) -> None:
    dsn = await make_database()
    connection = await asyncpg.connect(dsn, server_settings={"search_path": "catalog"})
    links = (Link(source="musicbrainz", id=mbid(5)),)
    await write(
        connection, MB, ArtistRecord(id="kino", name="Кино", same_as=(Same(source="discogs", id="kino"),)),
        recording(mbid(5), isrcs=("GBDUW0000053",), links=links),
        pressing(mbid(1), mbid(5), source="musicbrainz", group=mbid(9), same_as=(Same(source="discogs", id="7"),)),
    )  # fmt: skip
    await write(connection, DISCOGS, on_discogs("7", ("Song", 201)))
    await write(
        connection, JSONL,
        recording("j", "Song (Radio Edit)", isrcs=("GBDUW0000053",), links=(Link(source="spotify", id=SPOTIFY_ID),)),
    )  # fmt: skip
    ids = {
        kind: [row["id"] for row in await connection.fetch(f"select id from {kind} order by id")]
        for kind in ("track", "artist", "release")
    }
    await merged(connection)
    await connection.close()
    assert [len(ids[kind]) for kind in ("track", "artist", "release")] == [3, 3, 2]
    key = await create_key(dsn, "merging@test.invalid", "scale", test=False, name="")
    service = Service(open_folder / "merging", database_url=dsn)
    try:
        service.wait_until_ready(within=180)
        with httpx.Client(base_url=service.url, headers={"x-api-key": key}, timeout=30) as client:
            _check(client, ids)
    finally:
        service.kill()


def _check(client: httpx.Client, ids: dict[str, list[int]]) -> None:
    track, artist, release = (min(ids[kind]) for kind in ("track", "artist", "release"))
    assert {client.get(f"/v1/tracks/{old}").json()["id"] for old in ids["track"]} == {track}
    assert {client.get(f"/v1/artists/{old}").json()["id"] for old in ids["artist"][:2]} == {artist}
    assert {client.get(f"/v1/releases/{old}").json()["id"] for old in ids["release"]} == {release}
    assert client.get("/v1/tracks/isrc/GBDUW0000053").json()["id"] == track
    named = {"spotify_id": SPOTIFY_ID, "discogs_id": "7-1", "musicbrainz_id": mbid(5)}
    for param, value in named.items():
        answer = client.get("/v1/tracks/links", params={param: value}).json()
        assert {link["source"] for link in answer["links"]} == {"spotify", "discogs", "musicbrainz"}
    for kind, lines in (("sonovault_id", ids["track"]), *((name, [value]) for name, value in named.items())):
        body = {"input_type": kind, "items": lines}
        found = client.post("/v1/tracks/resolve", json=body).json()["results"]
        assert {line["track"]["id"] for line in found} == {track}, kind
    aliased = " ".join(f"t{old}: track(by: {{databaseId: {old}}}) {{ databaseId title }}" for old in ids["track"])
    data = client.post("/graphql", json={"query": f"{{ {aliased} }}"}).json()["data"]
    assert {(found["databaseId"], found["title"]) for found in data.values()} == {(track, "Song")}
    # As each source spells it.
    for name, title in (("Кино", "Song"), ("Kino", "Song"), ("Kino", "Song (Radio Edit)")):
        found = client.get("/v1/tracks/search", params={"artist": name, "title": title}).json()["results"]
        assert [hit["id"] for hit in found] == [track], (name, title)
