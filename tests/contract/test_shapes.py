"""Every row of the sandbox through REST and GraphQL: in the contract's shape, the same facts, and the right ones."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pytest

from tests.contract.conftest import Facts, Row
from tests.contract.doors import Door, Json, Refused, Rest
from tests.contract.graphql_door import GraphQL
from tests.contract.shapes import (
    ARTIST,
    ISWCS,
    LABEL_DETAILS,
    LINKS,
    RELEASE,
    TRACK,
    Shape,
    faults,
    leaves,
)

pytestmark = pytest.mark.database


@dataclass(frozen=True, slots=True)
class Kind:
    """What is asked for each row of a table."""

    table: str
    method: str
    shape: Shape
    by_keyword: bool = False

    def ask(self, door: Door, number: int) -> Json:
        method = getattr(door, self.method)
        body: Json = method(id=number) if self.by_keyword else method(number)
        return body


KINDS = (
    Kind("track", "track", TRACK),
    Kind("track", "links", LINKS, by_keyword=True),
    Kind("track", "iswcs", ISWCS, by_keyword=True),
    Kind("release", "release", RELEASE),
    Kind("artist", "artist", ARTIST),
    Kind("label", "label", LABEL_DETAILS),
)
NEVER_FILLED = {".edition"}  # nobody asked for the numbering of one
NEVER_EMPTY = {
    ".artists",  # a recording is by somebody
    ".tracks[].artists",
    ".links[].url",  # each of the seven platforms has pages
    ".keys[].key_musical",  # a key is known in three notations or not at all
    ".keys[].key_open",
    ".tracks[].keys[].key_musical",
    ".tracks[].keys[].key_open",
}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.method)
def test_every_row(kind: Kind, rest: Rest, graphql: GraphQL, facts: Facts) -> None:
    """In shape, with the same facts through both doors, and every member filled somewhere and empty somewhere."""
    wrong, differing = list[str](), list[int]()
    filled, empty = set[str](), set[str]()
    for number in [row["id"] for row in facts[kind.table]]:
        body = kind.ask(rest, number)
        wrong += faults(body, kind.shape, f"{kind.method} {number}")
        if kind.ask(graphql, number) != body:
            differing.append(number)
        for path, value in leaves(body, kind.shape):
            (empty if value is None else filled).add(path)
    assert not wrong, wrong[:20]
    assert not differing
    assert empty - filled <= NEVER_FILLED
    assert filled - empty <= NEVER_EMPTY


def _newest_last(releases: Iterable[Row]) -> list[int]:
    return [r["id"] for r in sorted(releases, key=lambda r: (r["release_date"] is None, r["release_date"], r["id"]))]


def test_tracks_say_what_the_tables_hold(rest: Rest, facts: Facts) -> None:
    """Against the rows themselves, put together here by other means than the service's."""
    names = {row["id"]: row["name"] for row in facts["artist"]}
    releases = {row["id"]: row for row in facts["release"]}
    genres = {row["id"]: row for row in facts["genre"]}
    for row in facts["track"]:
        number = row["id"]
        codes = sorted(facts.where("isrc", track_id=number), key=lambda c: (not c["preferred"], c["code"]))
        credited = sorted(facts.where("track_artist", track_id=number), key=lambda c: c["position"])
        mine = [genres[g["genre_id"]] for g in facts.where("track_genre", track_id=number)]
        on = [releases[r["release_id"]] for r in facts.where("release_track", track_id=number)]
        body = rest.track(number)
        assert body["id"] == number
        assert body["title"] == row["title"]
        assert body["duration"] == row["duration"]
        assert body["bpm"] == (None if row["bpm"] is None else pytest.approx(row["bpm"], abs=0.005))
        assert body["key_alphanumeric"] == row["camelot"]
        assert body["isrc"] == (codes[0]["code"] if codes else None)
        billed: dict[
            int, set[int]
        ] = {}  # an artist once, in the order of the credit; who wrote or produced it is no part
        for c in (c for c in credited if c["role"] in (0, 1, 2, 6)):
            billed.setdefault(c["artist_id"], set()).add(c["role"])
        assert body["artists"] == [
            {"id": artist, "name": names[artist], "is_primary": 0 in roles, "is_remixer": 2 in roles}
            for artist, roles in billed.items()
        ]
        assert [release["id"] for release in body["releases"]] == _newest_last(on)
        assert sorted(body["genre"]) == sorted(g["name"] for g in mine if g["parent_id"] is None)
        assert sorted(body["subgenre"]) == sorted(g["name"] for g in mine if g["parent_id"] is not None)


def test_artists_and_labels_say_what_the_tables_hold(rest: Rest, facts: Facts) -> None:
    for row in facts["artist"]:
        body = rest.artist(row["id"])
        assert body["name"] == row["name"]
        assert body["release_count"] == len(facts.where("release", artist_id=row["id"]))
    for row in facts["label"]:
        body = rest.label(row["id"])
        mine = facts.where("release", label_id=row["id"])
        assert body["release_count"] == len(mine)
        assert body["artist_count"] == len({release["artist_id"] for release in mine})


def test_genres_are_a_tree(door: Door, facts: Facts) -> None:
    genres = door.genres()["genres"]
    assert len(genres) == len(facts["genre"])
    main = {genre["name"] for genre in genres if genre["type"] == "main"}
    assert all(genre["parent"] is None for genre in genres if genre["type"] == "main")
    assert all(genre["parent"] in main for genre in genres if genre["type"] == "subgenre")


@pytest.mark.parametrize("method", ["track", "artist", "label", "release", "artist_releases", "label_artists"])
@pytest.mark.parametrize("number", [2_000_000, 2**31 - 1, 2**31, 10**30])
def test_an_unknown_number_is_not_found(rest: Rest, method: str, number: int) -> None:
    with pytest.raises(Refused) as caught:
        getattr(rest, method)(number)
    assert (caught.value.status, caught.value.text) == (404, "Not found")


def test_unknown_rows_through_each_door(door: Door) -> None:
    asked: tuple[Any, ...] = (
        lambda: door.track(2_000_000),
        lambda: door.track_by_isrc("XXXXX9900001"),
        lambda: door.iswcs(isrc="XXXXX9900001"),
        lambda: door.links(spotify_id="0000000000000000000000"),
        lambda: door.artist(2_000_000),
        lambda: door.artist_releases(2_000_000),
        lambda: door.label(2_000_000),
        lambda: door.label_artists(2_000_000),
        lambda: door.label_releases(2_000_000),
        lambda: door.release(2_000_000),
    )
    for ask in asked:
        with pytest.raises(Refused) as caught:
            ask()
        assert (caught.value.status, caught.value.text) == (404, "Not found")
