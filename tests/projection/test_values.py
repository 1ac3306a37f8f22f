"""Values that clients send: what cannot be stored, what is no exactly one, what is null."""

from typing import Any

import pytest

from tests.projection.data import MERGED
from tests.projection.world import World

BAD_INPUT = "BAD_USER_INPUT"
# Every String and ID argument, as a variable.
BY_STRING = [
    f"query ($v: {kind}!) {{ {field}(by: {{{member}: $v}}) {{ id }} }}"
    for field, members in {
        "track": "id:ID isrc:String spotifyId:String discogsId:String musicbrainzId:String youtubeId:String",
        "artist": "id:ID musicbrainzId:String wikidataId:String",
        "label": "id:ID",
        "release": "id:ID barcode:String musicbrainzReleaseId:String musicbrainzReleaseGroupId:String "
        "discogsReleaseId:String discogsMasterId:String",
        "work": "id:ID iswc:String",
    }.items()
    for member, kind in (pair.split(":") for pair in members.split())
] + [
    "query ($v: ID!) { node(id: $v) { id } }",
    "query ($v: ID!) { nodes(ids: [$v]) { id } }",
    "query ($v: String!) { iswc(code: $v) { iswc } }",
    "query ($v: String!) { browseTracks(genre: $v) { totalCount } }",
    "query ($v: String!) { newReleases(after: $v) { nextCursor } }",
    "query ($v: String!) { searchTracks(artist: $v, title: $v) { totalCount } }",
    "query ($v: String!) { searchArtists(name: $v) { totalCount } }",
    "query ($v: String!) { searchLabels(name: $v) { totalCount } }",
    "query ($v: String!) { searchReleases(title: $v, artist: $v) { totalCount } }",
]


@pytest.mark.parametrize("text", BY_STRING)
@pytest.mark.parametrize(
    "value", ["a\0b", "\0", "\ud800", "x\udfffy", "", " ", "\U0010ffff", "%", "'", "\\", "$1", "9" * 5000, "夜" * 5000]
)
async def test_no_text_is_an_accident(world: World, text: str, value: str) -> None:
    """An answer, or the caller's mistake; never an error of ours."""
    got = await world.ask(text, {"v": value})
    assert {e["extensions"]["code"] for e in got.get("errors", ())} <= {BAD_INPUT}, got


@pytest.mark.parametrize("value", ["a\0b", "\ud800"])
async def test_what_the_database_cannot_take_is_the_callers_mistake(world: World, value: str) -> None:
    got = await world.ask(
        "query ($v: String!) { a: genres { id } b: browseTracks(genre: $v) { totalCount } }", {"v": value}
    )
    assert [(e["path"], e["extensions"]["code"]) for e in got["errors"]] == [(["b"], BAD_INPUT)]


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"isrc": None},
        {"isrc": "GBAYE0000003", "databaseId": 1},
        {"isrc": "GBAYE0000003", "databaseId": None},
        {"unknown": "x"},
        {"databaseId": 2**31},
        {"databaseId": "1"},
        {"databaseId": True},
        {"isrc": 5},
        [],
        None,
        "x",
    ],
)
async def test_exactly_one_member_of_a_lookup_that_comes_as_a_variable(world: World, value: Any) -> None:
    sent = world.pool.sent
    got = await world.ask("query ($by: TrackBy!) { track(by: $by) { id } }", {"by": value})
    assert {e["extensions"]["code"] for e in got["errors"]} == {BAD_INPUT}, got
    assert world.pool.sent == sent


@pytest.mark.parametrize(
    "text",
    [
        "{ track(by: {}) { id } }",
        '{ track(by: {isrc: "x", databaseId: 1}) { id } }',
        "{ track(by: {isrc: null}) { id } }",
        "query ($i: String) { track(by: {isrc: $i}) { id } }",
        "query ($i: String!, $n: Int!) { track(by: {isrc: $i, databaseId: $n}) { id } }",
    ],
)
def test_exactly_one_member_of_a_lookup_that_is_written_out(world: World, text: str) -> None:
    assert world.plans.get(text).errors


@pytest.mark.parametrize(
    ("declared", "variables"),
    [
        ("$n: Int", {"n": None}),
        ("$n: Int = 5", {"n": None}),
        ("$n: Int!", {}),
        ("$n: Int!", {"n": "5"}),
        ("$n: Int!", {"n": 1.5}),
        ("$n: Int!", {"n": True}),
        ("$n: Int!", {"n": 2**40}),
    ],
)
async def test_wrong_variables_are_the_callers_mistake(world: World, declared: str, variables: dict[str, Any]) -> None:
    text = f"query ({declared}) {{ newReleases(first: $n) {{ totalCount }} }}"
    got = await world.ask(text, variables)
    assert got["errors"][0]["extensions"] == {"code": BAD_INPUT}
    assert got == await world.execute(text, variables)


async def test_defaults_of_variables_and_of_arguments(world: World) -> None:
    for declared, variables, rows in (
        ("$n: Int", {}, 20),
        ("$n: Int = 3", {}, 3),
        ("$n: Int = 3", {"n": 2}, 2),
        ("$n: Int! = 3", {"n": 1.0}, 1),
    ):
        text = f"query ({declared}) {{ browseTracks(genreId: 2, first: $n) {{ nodes {{ id }} totalCount }} }}"
        got = (await world.ask(text, variables))["data"]["browseTracks"]
        assert len(got["nodes"]) == rows < got["totalCount"]


async def test_browse_needs_a_condition_and_samples_within_it(world: World) -> None:
    wrong = (
        "{ browseTracks { totalCount } }",
        '{ browseTracks(genre: "House", genreId: 2) { totalCount } }',
        "{ browseTracks(year: 0) { totalCount } }",
    )
    for text in wrong:
        got = await world.ask(text)
        assert got["errors"][0]["extensions"]["code"] == BAD_INPUT
    fits = {
        track["id"]
        for track in world.rows["track"]
        if world.rows.where("track_genre", track_id=track["id"], genre_id=2)
    }
    text = "{ browseTracks(genreId: 2, randomize: true, first: 5) { nodes { databaseId } } }"
    samples = [
        tuple(n["databaseId"] for n in (await world.ask(text))["data"]["browseTracks"]["nodes"]) for _ in range(8)
    ]
    assert all(len(set(sample)) == 5 and set(sample) <= fits for sample in samples)
    assert len(set(samples)) > 1, "eight samples of five in the same order"


async def test_merged_ids_lead_on(world: World) -> None:
    for kind, field in ((1, "artist"), (2, "label"), (3, "release"), (4, "track"), (5, "work")):
        (row,) = world.rows.where("redirect", kind=kind, old_id=MERGED)
        text = f"query ($n: Int!) {{ {field}(by: {{databaseId: $n}}) {{ databaseId id }} }}"
        got = (await world.ask(text, {"n": MERGED}))["data"][field]
        assert got["databaseId"] == row["new_id"]
        assert got == (await world.ask(text, {"n": row["new_id"]}))["data"][field]


async def test_a_browse_follows_merged_ids(world: World) -> None:
    text = "query ($n: Int!) { browseTracks(%s: $n) { nodes { databaseId } totalCount } }"
    seen = 0
    for kind, field in ((1, "artistId"), (2, "labelId")):
        for old in range(MERGED, MERGED + 5):
            (row,) = world.rows.where("redirect", kind=kind, old_id=old)
            got = await world.ask(text % field, {"n": old})
            assert got == await world.ask(text % field, {"n": row["new_id"]})
            seen += got["data"]["browseTracks"]["totalCount"]
    assert seen


async def test_counts_are_bounded(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "{ browseTracks(genreId: 2, first: 9) { nodes { id } totalCount } }"
    whole = (await world.ask(text))["data"]["browseTracks"]
    assert whole["totalCount"] > 7
    monkeypatch.setattr("schema.projection.writing.MAX_COUNT", 7)
    again = (await world.ask(text + " # planned anew"))["data"]["browseTracks"]
    assert again == whole | {"totalCount": 7}


async def test_an_mbid_is_found_in_any_form(world: World) -> None:
    edition = world.rows.where("edition", source=6)[0]
    text = "query ($v: String!) { release(by: {musicbrainzReleaseId: $v}) { databaseId } }"
    mbid = edition["external_id"]
    for form in (mbid, mbid.upper(), f" https://musicbrainz.org/release/{mbid} "):
        assert (await world.ask(text, {"v": form}))["data"] == {"release": {"databaseId": edition["release_id"]}}, form


async def test_search_finds_a_track_as_it_is_written(world: World) -> None:
    """A search by a track's own artist and title has it among the best matches, whatever is in the names."""
    names = {artist["id"]: artist["name"] for artist in world.rows["artist"]}
    text = (
        "query ($artist: String!, $title: String!) { "
        "searchTracks(artist: $artist, title: $title, first: 100) { nodes { databaseId } } }"
    )
    asked = 0
    for track in world.rows["track"]:
        credits_ = [row for row in world.rows.where("track_artist", track_id=track["id"]) if row["position"] == 1]
        if credits_:
            artist = credits_[0]["credited_as"] or names[credits_[0]["artist_id"]]
            got = await world.ask(text, {"artist": artist, "title": track["title"]})
            assert {"databaseId": track["id"]} in got["data"]["searchTracks"]["nodes"], (artist, track["title"])
            asked += 1
    assert asked > 50


async def test_search_finds_names_as_they_are_written(world: World) -> None:
    for table, field, argument in (
        ("artist", "searchArtists", "name"),
        ("label", "searchLabels", "name"),
        ("release", "searchReleases", "title"),
    ):
        text = f"query ($v: String!) {{ {field}({argument}: $v, first: 100) {{ nodes {{ databaseId }} }} }}"
        for row in world.rows[table]:
            got = await world.ask(text, {"v": row[argument]})
            assert {"databaseId": row["id"]} in got["data"][field]["nodes"], row[argument]
