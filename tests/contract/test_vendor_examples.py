"""What the vendor's public integration tests ask of a service."""

import pytest
from sonovault import SonoVault, SonoVaultError, paginate

from tests.contract.doors import Door
from tests.contract.shapes import GENRES, ISWCS, LINKS, RECORDINGS, TRACK, is_shaped, page
from tests.service import Service

pytestmark = pytest.mark.database


@pytest.mark.parametrize("title", ["One More Time", "Around the World", "Harder, Better, Faster, Stronger"])
def test_search_finds_the_song(door: Door, title: str) -> None:
    found = door.search_tracks("Daft Punk", title)
    assert is_shaped(found, page(TRACK))
    best = found["results"][0]
    assert best["title"] == title
    assert {"id": 1, "name": "Daft Punk", "is_primary": True, "is_remixer": False} in best["artists"]


def test_isrc_and_id_agree(door: Door) -> None:
    found = door.search_tracks("Daft Punk", "One More Time", limit=1)["results"][0]
    assert found["isrc"] == "GBDUW0000053"
    assert door.track_by_isrc(found["isrc"]) == door.track(found["id"]) == found


def test_links_to_several_platforms(door: Door) -> None:
    found = door.links(isrc="GBDUW0000053")
    assert is_shaped(found, LINKS)
    sources = [link["source"] for link in found["links"]]
    assert "spotify" in sources
    assert len(set(sources)) > 1
    spotify = next(link for link in found["links"] if link["source"] == "spotify")
    assert spotify["external_id"] == "0DiWol3AO6WpXZgp0goxAV"


def test_iswcs_of_a_recording_and_back(door: Door) -> None:
    found = door.iswcs(isrc="GBDUW0000053")
    assert is_shaped(found, ISWCS)
    assert [iswc["iswc"] for iswc in found["iswcs"]] == ["T0710204399"]
    recordings = door.recordings("T0710204399")
    assert is_shaped(recordings, RECORDINGS)
    assert found["sonovault_id"] in [track["id"] for track in recordings["results"]]


def test_more_than_ten_genres(door: Door) -> None:
    found = door.genres()
    assert is_shaped(found, GENRES)
    assert len(found["genres"]) > 10


def test_the_documented_facts(door: Door) -> None:
    track = door.track_by_isrc("GBDUW0000053")
    facts = {name: track[name] for name in ("duration", "genre", "bpm", "key_alphanumeric", "key_musical", "key_open")}
    assert facts == {
        "duration": 320,
        "genre": ["House"],
        "bpm": 123,
        "key_alphanumeric": "10B",
        "key_musical": "D",
        "key_open": "3d",
    }
    assert [(release["title"], release["release_date"]) for release in track["releases"]] == [
        ("Discovery", "2001-03-12")
    ]


def test_a_bad_key_is_an_authentication_error(service: Service) -> None:
    with SonoVault("not-a-key", base_url=service.url) as client, pytest.raises(SonoVaultError) as caught:
        client.genres.list()
    assert caught.value.is_auth_error
    assert str(caught.value) == "Missing or invalid API key"


def test_the_vendors_own_pagination(vendor: SonoVault) -> None:
    found = list(paginate(lambda cursor: vendor.releases.latest(limit=50, cursor=cursor)))
    assert len(found) == len({release["id"] for release in found}) > 100
