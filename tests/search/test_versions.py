"""A version that is not there as it was asked for: the song's other recordings answer, the most alike first."""

import asyncpg
import pytest

from sonograph.catalog.resolve import ResolveBy, resolve
from tests.search.conftest import Ask

SEARCH = """query ($artist: String!, $title: String!) { searchTracks(artist: $artist, title: $title) {
  edges { match { tier score } node { title } } } }"""
SONG = "Renegade Master"
REMIX = "Renegade Master (Fatboy Slim Remix)"
EDIT = "Renegade Master (Fatboy Slim Old Skool Edit)"
FUTURE = "Believe (Club 69 Future Mix)"

# (artist, title, titles in the order of the answer)
ALIKE = [
    ("Wildchild", f"{SONG} (Fat Boy Slim Remix)", [REMIX, EDIT, SONG]),
    ("Wildchild", f"{SONG} (FatboySlim Remix)", [REMIX, EDIT, SONG]),
    ("Wildchild", f"{SONG} (Fatboy Slim's Remix)", [REMIX, EDIT, SONG]),
    ("Wildchild", f"{SONG} (Fatboy Slim Mix)", [REMIX, EDIT, SONG]),
    ("Wildchild", f"{SONG} - Fatboy Slm Old Skol Edit", [EDIT, REMIX, SONG]),
    ("Wildchild", f"{SONG} (Norman Cook Remix)", [SONG, EDIT, REMIX]),
    ("Wildchild", f"{SONG} (Acoustic)", [SONG, EDIT, REMIX]),
    ("Cher", "Believe (Club 69 Futur Mix)", [FUTURE, "Believe"]),
    ("Cher", "Believe (Club 69 Mix)", [FUTURE, "Believe"]),
    ("Cher", "Believe (Xenomania Remix)", ["Believe", FUTURE]),
    ("Adele", "Hello", ["Hello (Live)"]),
    ("Adele", "Hello (Acoustic)", ["Hello (Live)"]),
    ("Adele", "Hello (Live at Home)", ["Hello (Live)"]),
]
ABSENT = [("Adelle Nobody", "Hello"), ("Adele", "Hell (Live)"), ("Cher", "Hello (Live)"), ("Cher", "Hello")]


@pytest.mark.parametrize(("artist", "title", "found"), ALIKE)
async def test_versions_are_ordered_by_how_alike_they_are(ask: Ask, artist: str, title: str, found: list[str]) -> None:
    edges = (await ask(SEARCH, artist=artist, title=title))["searchTracks"]["edges"]
    got = [edge["node"]["title"] for edge in edges if edge["match"]["tier"] in {"EXACT", "SONG"}]
    assert (got[0], sorted(got)) == (found[0], sorted(found))
    if SONG in found:
        assert (got.index(SONG) == 0) == (found.index(SONG) == 0)


@pytest.mark.parametrize(("artist", "title", "found"), ALIKE)
async def test_bulk_resolve_and_one_field_say_the_same(
    ask: Ask, catalog: asyncpg.Connection, artist: str, title: str, found: list[str]
) -> None:
    line = f"{artist} - {title}"
    answer = resolve(ResolveBy.TRACK_NAME, [line, "Nobody Known - Nothing"], 2)
    rows = await catalog.fetch(
        f"select t.title from (select this.* {answer.sql}) r left join track t on t.id = r.track_id order by r.n",
        *answer.params,
    )
    assert [row[0] for row in rows] == [found[0], None]
    first, *_ = (await ask(SEARCH, artist=line, title=line))["searchTracks"]["edges"]
    assert (first["node"]["title"], first["match"]["tier"]) == (found[0], "SPLIT")


@pytest.mark.parametrize(("artist", "title"), ABSENT)
async def test_a_song_that_is_not_there_has_no_versions(ask: Ask, artist: str, title: str) -> None:
    edges = (await ask(SEARCH, artist=artist, title=title))["searchTracks"]["edges"]
    assert [edge["match"]["tier"] for edge in edges if edge["match"]["tier"] == "SONG"] == []


async def test_the_version_that_was_asked_for_stays_exact(ask: Ask) -> None:
    edges = (await ask(SEARCH, artist="Wildchild", title=EDIT))["searchTracks"]["edges"]
    assert [(edge["node"]["title"], edge["match"]["tier"]) for edge in edges] == [
        (EDIT, "EXACT"), (REMIX, "SONG"), (SONG, "SONG"),
    ]  # fmt: skip


async def test_a_title_that_goes_on_is_nearer_when_less_is_missing(ask: Ask) -> None:
    edges = (await ask(SEARCH, artist="WILDCHILD", title="RENEGADE MASTER (FATBOY SLIM)"))["searchTracks"]["edges"]
    assert [edge["node"]["title"] for edge in edges][:2] == [REMIX, EDIT]


@pytest.mark.parametrize("text", ["Believe - Cher", "Cher Believe"])
async def test_words_put_the_song_before_its_remixes(ask: Ask, text: str) -> None:
    edges = (await ask(SEARCH, artist=text, title=text))["searchTracks"]["edges"]
    assert {edge["match"]["tier"] for edge in edges} == {"WORDS"}
    assert [edge["node"]["title"] for edge in edges] == ["Believe", "Believe in Me", FUTURE]


async def test_words_of_a_version_put_it_first(ask: Ask) -> None:
    text = "Cher Club 69 Future Mix Believe"
    edges = (await ask(SEARCH, artist=text, title=text))["searchTracks"]["edges"]
    assert edges[0]["node"]["title"] == FUTURE
