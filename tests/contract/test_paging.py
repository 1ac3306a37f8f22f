"""Lists that page: every row once, in order, to the end; the same pages through every door."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.contract.conftest import Facts
from tests.contract.doors import Door, Json, Refused, Rest
from tests.contract.graphql_door import GraphQL
from tests.contract.shapes import ARTIST, ARTIST_RELEASE, LABEL, RELEASE_SUMMARY, TRACK, Shape, is_shaped, page

pytestmark = pytest.mark.database

List = Callable[[Door, Facts, dict[str, Any]], Json]


def _most(facts: Facts, table: str) -> int:
    """The label or artist with the most releases."""
    number: int = max(facts[table], key=lambda row: row["release_count"])["id"]
    return number


LISTS: dict[str, tuple[Shape, List]] = {
    "tracks/search": (TRACK, lambda door, _, options: door.search_tracks("DJ Kettledrift", "Slow Elevator", **options)),
    "artists/search": (ARTIST, lambda door, _, options: door.search_artists("the", **options)),
    "artists/releases": (
        ARTIST_RELEASE,
        lambda door, facts, options: door.artist_releases(_most(facts, "artist"), **options),
    ),
    "labels/search": (LABEL, lambda door, _, options: door.search_labels("records", **options)),
    "labels/artists": (ARTIST, lambda door, facts, options: door.label_artists(_most(facts, "label"), **options)),
    "labels/releases": (
        RELEASE_SUMMARY,
        lambda door, facts, options: door.label_releases(_most(facts, "label"), **options),
    ),
    "releases/search": (RELEASE_SUMMARY, lambda door, _, options: door.search_releases("the", **options)),
    "releases/new": (RELEASE_SUMMARY, lambda door, _, options: door.new_releases(**options)),
}
each_list = pytest.mark.parametrize("name", LISTS)


def all_pages(door: Door, facts: Facts, name: str, limit: int) -> list[Json]:
    shape, ask = LISTS[name]
    rows, cursor = list[Json](), None
    for _ in range(2000):
        body = ask(door, facts, {"limit": limit} | ({"cursor": cursor} if cursor else {}))
        assert is_shaped(body, page(shape, limit))
        rows += body["results"]
        cursor = body["next_cursor"]
        if cursor is None:
            return rows
        assert len(body["results"]) == limit, "a page that is not the last one is full"
    raise AssertionError("no end")


@each_list
def test_each_row_comes_once_whatever_the_size_of_a_page(rest: Rest, facts: Facts, name: str) -> None:
    whole = all_pages(rest, facts, name, 100)
    numbers = [row["id"] for row in whole]
    assert len(numbers) == len(set(numbers)) > 1
    assert [row["id"] for row in all_pages(rest, facts, name, 1)] == numbers
    assert all_pages(rest, facts, name, 7) == whole


@each_list
def test_pages_and_cursors_are_the_same_through_each_door(door: Door, rest: Rest, facts: Facts, name: str) -> None:
    ask = LISTS[name][1]
    first = ask(door, facts, {"limit": 1})
    assert first == ask(rest, facts, {"limit": 1})
    if first["next_cursor"]:
        options = {"limit": 3, "cursor": first["next_cursor"]}
        assert ask(door, facts, options) == ask(rest, facts, options)


@each_list
def test_a_page_is_of_twenty_by_default(door: Door, facts: Facts, name: str) -> None:
    ask = LISTS[name][1]
    assert ask(door, facts, {}) == ask(door, facts, {"limit": 20})


@each_list
@pytest.mark.parametrize("limit", [0, 101, -1])
def test_sizes_out_of_bounds_are_refused(door: Door, facts: Facts, name: str, limit: int) -> None:
    with pytest.raises(Refused) as caught:
        LISTS[name][1](door, facts, {"limit": limit})
    assert caught.value.status == 400
    assert caught.value.text.startswith("first" if isinstance(door, GraphQL) else "limit")


@each_list
@pytest.mark.parametrize("cursor", ["x", "e30=", "bnVsbA==", "WyIxIl0=", "WzFd", "A" * 5000])
def test_forged_cursors_are_refused(door: Door, facts: Facts, name: str, cursor: str) -> None:
    with pytest.raises(Refused) as caught:
        LISTS[name][1](door, facts, {"cursor": cursor})
    assert caught.value.status == 400
    assert caught.value.text.startswith("after" if isinstance(door, GraphQL) else "cursor")


def test_a_cursor_of_another_list_is_refused(rest: Rest, facts: Facts) -> None:
    cursor = rest.search_artists("the", limit=1)["next_cursor"]
    with pytest.raises(Refused, match="cursor"):
        rest.artist_releases(_most(facts, "artist"), cursor=cursor)


def _by_date(rows: list[dict[str, Any]]) -> list[int]:
    dated = sorted((r for r in rows if r["release_date"]), key=lambda r: (r["release_date"], r["id"]), reverse=True)
    undated = sorted((r for r in rows if not r["release_date"]), key=lambda r: r["id"], reverse=True)
    return [r["id"] for r in dated + undated]


@pytest.mark.parametrize("table", ["artist", "label"])
def test_releases_are_newest_first_and_undated_last(door: Door, facts: Facts, table: str) -> None:
    for number in [row["id"] for row in facts[table]]:
        mine = facts.where("release", **{f"{table}_id": number})
        ask = door.artist_releases if table == "artist" else door.label_releases
        assert [r["id"] for r in ask(number, limit=100)["results"]] == _by_date(mine)


@pytest.mark.parametrize("table", ["artist", "label"])
def test_bounds_are_inclusive_and_leave_undated_releases_out(door: Door, facts: Facts, table: str) -> None:
    owner = next(
        row["id"]
        for row in sorted(facts[table], key=lambda row: row["release_count"], reverse=True)
        if any(r["release_date"] is None for r in facts.where("release", **{f"{table}_id": row["id"]}))
    )
    mine = facts.where("release", **{f"{table}_id": owner})
    ask = door.artist_releases if table == "artist" else door.label_releases
    dates = sorted({r["release_date"] for r in mine if r["release_date"]})
    early, late = dates[len(dates) // 3], dates[-1]
    for given in ({"from": early}, {"until": early}, {"from": early, "until": late}, {"from": early, "until": early}):
        expected = [
            r
            for r in mine
            if r["release_date"]
            and given.get("from", r["release_date"]) <= r["release_date"] <= given.get("until", r["release_date"])
        ]
        options = {name: day.isoformat() for name, day in given.items()}
        assert [r["id"] for r in ask(owner, limit=100, **options)["results"]] == _by_date(expected)
        assert expected


def test_new_releases_are_out_and_newest_first(rest: Rest, facts: Facts) -> None:
    found = all_pages(rest, facts, "releases/new", 100)
    dates = [release["release_date"] for release in found]
    assert dates == sorted(dates, reverse=True)
    assert None not in dates


def test_artists_of_a_label_count_releases_on_it_alone(door: Door, facts: Facts) -> None:
    scoped_differently = False
    for label in facts["label"]:
        found = door.label_artists(label["id"], limit=100)["results"]
        mine = facts.where("release", label_id=label["id"])
        counts = {a["id"]: a["release_count"] for a in found}
        assert counts == {
            number: len([r for r in mine if r["artist_id"] == number]) for number in {r["artist_id"] for r in mine}
        }
        assert [(-a["release_count"], a["id"]) for a in found] == sorted((-a["release_count"], a["id"]) for a in found)
        everywhere = {row["id"]: row["release_count"] for row in facts["artist"]}
        scoped_differently |= any(counts[number] != everywhere[number] for number in counts)
    assert scoped_differently
