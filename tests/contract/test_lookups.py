"""One row by any name it has: codes, ids of platforms, ids that were merged away."""

import pytest

from tests.contract.conftest import Facts
from tests.contract.doors import Door, Refused, Rest
from tests.contract.graphql_door import GraphQL
from tests.contract.shapes import LINKS, RECORDINGS, is_shaped

pytestmark = pytest.mark.database

NAMES = {
    1: "spotify_id",
    2: "applemusic_id",
    3: "tidal_id",
    4: "beatport_id",
    5: "discogs_id",
    6: "musicbrainz_id",
    7: "youtube_id",
}


@pytest.mark.parametrize("isrc", ["GBDUW0000053", "gbduw0000053", "GB-DUW-00-00053", "gb-DUW-0000053"])
def test_isrcs_in_any_spelling(door: Door, isrc: str) -> None:
    assert door.track_by_isrc(isrc)["title"] == "One More Time"
    assert door.iswcs(isrc=isrc)["isrc"] == "GBDUW0000053"
    assert door.links(isrc=isrc)["track_id"] == 1


def test_every_isrc_of_a_track_finds_it(rest: Rest, facts: Facts) -> None:
    """The older track, where two recordings claim one code."""
    oldest: dict[str, int] = {}
    for row in sorted(facts["isrc"], key=lambda row: row["track_id"], reverse=True):
        oldest[row["code"]] = row["track_id"]
    assert {code: rest.iswcs(isrc=code)["sonovault_id"] for code in oldest} == oldest


@pytest.mark.parametrize(
    "iswc", ["T0710204399", "t0710204399", "T-071.020.439-9", "T 071 020 439 9", "0710204399", "071.020.439-9"]
)
def test_iswcs_in_any_spelling(door: Door, iswc: str) -> None:
    body = door.recordings(iswc)
    assert is_shaped(body, RECORDINGS)
    assert (body["iswc"], body["title"], body["total"]) == ("T0710204399", "One More Time", 1)


def test_recordings_of_a_work_are_all_counted_and_most_popular_first(door: Door, facts: Facts) -> None:
    work = facts.titled("work", "The Ferryman's Waltz")
    code = facts.where("iswc", work_id=work)[0]["code"]
    mine = {row["track_id"] for row in facts.where("work_recording", work_id=work)}
    tracks = [row for row in facts["track"] if row["id"] in mine]
    expected = [t["id"] for t in sorted(tracks, key=lambda t: (t["popularity"], t["id"]), reverse=True)]
    assert len(expected) > 20
    whole = door.recordings(code)
    assert [t["id"] for t in whole["results"]] == expected
    assert whole["total"] == len(expected)
    first = door.recordings(code, limit=3)
    assert [t["id"] for t in first["results"]] == expected[:3]
    assert first["total"] == len(expected)
    assert door.recordings(code, limit=200)["total"] == len(expected)


def test_medleys_have_several_iswcs(door: Door, facts: Facts) -> None:
    works = [row["track_id"] for row in facts["work_recording"]]
    medley = max(set(works), key=works.count)
    assert len(door.iswcs(id=medley)["iswcs"]) > 1


def test_every_iswc_counts_its_recordings(rest: Rest, facts: Facts) -> None:
    for code in {row["code"] for row in facts["iswc"]}:
        works = {row["work_id"] for row in facts.where("iswc", code=code)}
        recordings = {row["track_id"] for row in facts["work_recording"] if row["work_id"] in works}
        body = rest.recordings(code, limit=1)
        assert body["total"] == len(recordings)
        assert len(body["results"]) == min(1, len(recordings))


@pytest.mark.parametrize("source", NAMES)
def test_links_by_the_id_of_each_platform(door: Door, facts: Facts, source: int) -> None:
    """The older track, where one video shows two recordings."""
    mine = facts.where("platform_link", source=source)
    for link in mine[:: max(1, len(mine) // 10)]:
        same = facts.where("platform_link", source=source, external_id=link["external_id"])
        owner = min(row["track_id"] for row in same)
        body = door.links(**{NAMES[source]: link["external_id"]})
        assert is_shaped(body, LINKS)
        assert body["track_id"] == owner
        assert body == door.links(id=owner)


def test_a_bare_discogs_release_matches_nothing(door: Door, facts: Facts) -> None:
    key = facts.where("platform_link", source=5)[0]["external_id"]
    with pytest.raises(Refused) as caught:
        door.links(discogs_id=key.partition("-")[0])
    assert caught.value.status == 404


def test_discogs_keys_as_people_write_them(door: Door, facts: Facts) -> None:
    mine = facts.where("platform_link", source=5)
    key = next(row["external_id"] for row in mine if row["external_id"].lower() != row["external_id"])
    release, _, position = key.partition("-")
    expected = door.links(discogs_id=key)
    for text in (f"r{key}", f"[r{release}]-{position}", f"{release} - {position}", key.lower(), f"R{key.lower()}"):
        assert door.links(discogs_id=text) == expected


@pytest.mark.parametrize("entity", ["artist", "release", "release-group", "work", "label"])
def test_the_address_of_something_else_is_no_recording(door: Door, facts: Facts, entity: str) -> None:
    mbid = facts.where("platform_link", source=6)[0]["external_id"]
    assert door.links(musicbrainz_id=f"https://musicbrainz.org/recording/{mbid}")
    with pytest.raises(Refused) as caught:
        door.links(musicbrainz_id=f"https://musicbrainz.org/{entity}/{mbid}")
    assert caught.value.status == 404


def test_merged_ids_lead_on(door: Door, facts: Facts) -> None:
    methods = {1: door.artist, 2: door.label, 3: door.release, 4: door.track}
    redirects = [row for row in facts["redirect"] if row["kind"] in methods]
    assert {row["kind"] for row in redirects} == set(methods)
    for row in redirects:
        assert methods[row["kind"]](row["old_id"]) == methods[row["kind"]](row["new_id"])
    artist = next(row for row in redirects if row["kind"] == 1)
    assert door.artist_releases(artist["old_id"]) == door.artist_releases(artist["new_id"])
    label = next(row for row in redirects if row["kind"] == 2)
    assert door.label_artists(label["old_id"]) == door.label_artists(label["new_id"])
    track = next(row for row in redirects if row["kind"] == 4)
    assert door.links(id=track["old_id"]) == door.links(id=track["new_id"])


def test_nodes_by_global_id(graphql: GraphQL) -> None:
    """`node` has no route in /v1."""
    track = graphql.ask("{ track(by: { databaseId: 1 }) { id } }")["track"]
    answer = graphql.client.post(
        "/graphql",
        json={
            "query": 'query($a: ID!) { node(id: $a) { id ... on Track { title } } nodes(ids: [$a, "x"]) { id } }',
            "variables": {"a": track["id"]},
        },
    ).json()["data"]
    assert answer["node"] == {"id": track["id"], "title": "One More Time"}
    assert answer["nodes"] == [{"id": track["id"]}, None]
