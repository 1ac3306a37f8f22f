"""Searches survive what people type."""

# ruff: noqa: RUF001  # letters that look like others are the point
from collections.abc import Callable

import pytest
from anyascii import anyascii

from tests.contract.conftest import Facts
from tests.contract.doors import Door, Json, Refused
from tests.contract.graphql_door import GraphQL

pytestmark = pytest.mark.database


@pytest.mark.parametrize(
    ("artist", "title"),
    [
        ("DAFT PUNK", "ONE MORE TIME"),
        ("daft punk", "one more time"),
        ("Dáft Pünk", "Óne Möre Tîme"),
        ("Punk, Daft", "Time More One"),
        ("Daft Punk", "One More Time (Original Mix)"),
        ("Daft Punk", "One More Time - Radio Edit"),
        ("Daft Punk", "One More Time (feat. Romanthony)"),
        ("Daft Punk feat. Romanthony", "One More Time"),
        ("Daft Punk ft Romanthony", "One  More   Time!!!"),
        ("  Daft  Punk ", " One More Time "),
        ("Ｄａｆｔ Ｐｕｎｋ", "Ｏｎｅ Ｍｏｒｅ Ｔｉｍｅ"),
        ("Daft\u200bPunk".replace("\u200b", "\u00a0"), "One\u2003More\tTime"),
    ],
)
def test_one_more_time(door: Door, artist: str, title: str) -> None:
    found = door.search_tracks(artist, title, limit=3)["results"]
    assert found
    assert found[0]["title"] == "One More Time"
    assert found[0]["artists"][0]["name"] == "Daft Punk"


@pytest.mark.parametrize(
    "title", ["Harder Better Faster Stronger", "harder,better,faster,stronger", "HARDER/BETTER/FASTER/STRONGER"]
)
def test_punctuation_does_not_matter(door: Door, title: str) -> None:
    assert door.search_tracks("daft punk", title)["results"][0]["title"] == "Harder, Better, Faster, Stronger"


def test_names_in_other_scripts_by_themselves_and_transliterated(door: Door, facts: Facts) -> None:
    foreign = [
        row
        for row in facts["artist"]
        if row["release_count"] and sum(c.isalpha() and ord(c) > 0x300 for c in row["name"]) > 2
    ]
    assert len(foreign) >= 8
    for artist in foreign:
        for written in (artist["name"], artist["name"].lower(), anyascii(artist["name"])):
            assert artist["id"] in [a["id"] for a in door.search_artists(written)["results"]], written
        own = [c["track_id"] for c in facts.where("track_artist", artist_id=artist["id"], role=0)]
        track = next(t for t in facts["track"] if t["id"] in own)
        for name, title in (
            (artist["name"], track["title"]),
            (anyascii(artist["name"]), anyascii(track["title"])),
        ):
            assert track["id"] in [t["id"] for t in door.search_tracks(name, title)["results"]], (name, title)


def test_every_track_finds_itself_by_artist_and_title(graphql: GraphQL, facts: Facts) -> None:
    """Among the first twenty: titles such as "Intro" have namesakes."""
    missed = []
    names = {row["id"]: row["name"] for row in facts["artist"]}
    search = "searchTracks(artist: $a, title: $t, first: 20) { nodes { databaseId } }"
    query = f"query($a: String!, $t: String!) {{ found: {search} }}"
    for track in facts["track"]:
        first = min(facts.where("track_artist", track_id=track["id"]), key=lambda c: c["position"])
        found = graphql.ask(query, a=names[first["artist_id"]], t=track["title"])["found"]["nodes"]
        if track["id"] not in [row["id"] for row in found]:
            missed.append(track["title"][:60])
    assert not missed


def test_every_release_label_and_artist_finds_itself(graphql: GraphQL, facts: Facts) -> None:
    missed = []
    for table, field, argument in (
        ("artist", "searchArtists", "name"),
        ("label", "searchLabels", "name"),
        ("release", "searchReleases", "title"),
    ):
        query = f"query($q: String!) {{ found: {field}({argument}: $q, first: 20) {{ nodes {{ databaseId }} }} }}"
        for row in facts[table]:
            found = graphql.ask(query, q=row[argument])["found"]["nodes"]
            if row["id"] not in [hit["id"] for hit in found]:
                missed.append((table, row[argument][:60]))
    assert not missed


def test_releases_by_an_artist(door: Door) -> None:
    assert [r["title"] for r in door.search_releases("discovery", artist="DAFT PUNK")["results"]] == ["Discovery"]
    assert door.search_releases("discovery", artist="Nobody at All")["results"] == []


@pytest.mark.parametrize(
    "text", ["love", "the", "a", "🎵", "%", "_", "'", '"', "\\", "-", "&", "x" * 5000, "the " * 1200]
)
def test_awkward_texts_are_answered(door: Door, text: str) -> None:
    for found in (
        door.search_tracks(text, text),
        door.search_artists(text),
        door.search_labels(text),
        door.search_releases(text),
        door.search_releases(text, artist=text),
    ):
        assert isinstance(found["results"], list)


@pytest.mark.parametrize("text", ["", " ", "\t"])
def test_empty_texts_are_refused(door: Door, text: str) -> None:
    asked: tuple[Callable[[], Json], ...] = (
        lambda: door.search_tracks(text, "x"),
        lambda: door.search_artists(text),
        lambda: door.search_releases(text),
    )
    for ask in asked:
        with pytest.raises(Refused) as caught:
            ask()
        assert caught.value.status == 400
