"""Tracklists and editions of a release."""

import pytest

from tests.contract.conftest import Facts
from tests.contract.doors import Door, Json, Refused, Rest
from tests.contract.graphql_door import GraphQL
from tests.contract.shapes import RELEASE, is_shaped

pytestmark = pytest.mark.database

LAST = 10**6  # sorts behind every number


def _positions(body: Json) -> list[tuple[int, int, int]]:
    return [(t["disc_number"] or LAST, t["track_number"] or LAST, t["id"]) for t in body["tracks"]]


def test_tracks_come_in_playing_order_with_unknown_positions_last(rest: Rest, facts: Facts) -> None:
    unknown = 0
    for row in facts["release"]:
        body = rest.release(row["id"])
        assert _positions(body) == sorted(_positions(body))
        assert len(body["tracks"]) == body["track_count"]
        unknown += any(track["track_number"] is None for track in body["tracks"])
    assert unknown


def test_mbids_are_sorted_and_those_of_the_editions(rest: Rest, facts: Facts) -> None:
    several = 0
    for row in facts["release"]:
        body = rest.release(row["id"])
        mine = facts.where("edition", release_id=row["id"], source=6)
        assert body["musicbrainz_release_ids"] == sorted(e["external_id"] for e in mine)
        groups = {e["group_external_id"] for e in mine if e["group_external_id"]}
        assert body["musicbrainz_release_group_ids"] == sorted(groups)
        several += len(mine) > 1
    assert several


def test_at_most_twenty_editions_that_differ(door: Door, facts: Facts) -> None:
    crowded = max(facts["release"], key=lambda row: len(facts.where("edition", release_id=row["id"])))["id"]
    all_of_them = facts.where("edition", release_id=crowded)
    assert len(all_of_them) > 20
    editions = door.release(crowded)["editions"]
    assert 1 < len(editions) <= 20
    kinds = {
        (
            e["source"],
            e["edition_kind"],
            e["format"],
            e["label"],
            e["country"],
            e["track_count"],
            e["official"],
            (e["release_date"] or "")[:4],
        )
        for e in editions
    }
    assert len(kinds) == len(editions)


def test_an_editions_numbering_replaces_the_usual_one(door: Door, facts: Facts) -> None:
    number = facts.titled("release", "Paper Carousel")
    usual = door.release(number)
    assert usual["edition"] is None
    numberings = {tuple(_positions(usual))}
    for edition in usual["editions"]:
        body = door.release(number, edition=edition["id"])
        assert is_shaped(body, RELEASE)
        assert body["edition"] == edition["id"]
        on_it = {t["track_id"]: t for t in facts.where("edition_track", edition_id=edition["id"])}
        assert len(on_it) == edition["tracks_on_row"]
        for track in body["tracks"]:
            place = on_it.get(track["id"], {"disc_number": None, "track_number": None})
            assert (track["disc_number"], track["track_number"]) == (place["disc_number"], place["track_number"])
        assert _positions(body) == sorted(_positions(body))
        assert {t["id"] for t in body["tracks"]} == {t["id"] for t in usual["tracks"]}
        numberings.add(tuple(_positions(body)))
    assert len(numberings) >= 3


def test_an_edition_of_another_release_changes_nothing(door: Door, facts: Facts) -> None:
    number = facts.titled("release", "Paper Carousel")
    stranger = next(e["id"] for e in facts["edition"] if e["release_id"] != number)
    assert door.release(number, edition=stranger) == door.release(number)
    assert door.release(number, edition=2**31 - 1) == door.release(number)


def test_an_edition_that_is_no_number_is_refused(rest: Rest) -> None:
    with pytest.raises(Refused) as caught:
        rest.release(1, edition="one")
    assert caught.value.status == 400
    assert "edition" in caught.value.text


def test_both_doors_number_alike(rest: Rest, graphql: GraphQL, facts: Facts) -> None:
    for edition in facts["edition"][:60]:
        number = edition["release_id"]
        assert rest.release(number, edition=edition["id"]) == graphql.release(number, edition=edition["id"])
