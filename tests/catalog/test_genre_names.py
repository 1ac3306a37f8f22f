import gzip
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from sonograph.catalog.genre_names import GENRES, canonical, from_discogs, genre_key
from sonograph.catalog.genre_rules import (
    ALIASES,
    DISCOGS_GENRES,
    DISCOGS_STYLES_BY_GENRE,
    LAST_LETTERS,
    LAST_WORDS,
)

DATA = Path(__file__).parents[3] / "shared" / "data"
NAMES = {genre.id: genre.name for genre in GENRES}
SUBS = {genre.name for genre in GENRES if genre.parent_id}


def named(genre: int | None) -> str | None:
    return None if genre is None else NAMES[genre]


def test_the_genres_are_those_of_the_proposal() -> None:
    mains = json.loads((DATA / "genres.json").read_text(encoding="utf-8"))["mains"]
    assert [(g.id, g.name) for g in GENRES if g.parent_id is None] == [(m["id"], m["name"]) for m in mains]
    assert [(g.id, g.name, g.parent_id) for g in GENRES if g.parent_id] == [
        (sub["id"], sub["name"], main["id"]) for main in mains for sub in main["sub"]
    ]
    assert all(g.id // 100 * 100 == g.parent_id for g in GENRES if g.parent_id)
    assert len(SUBS) == 288


def test_the_rules_contradict_neither_the_genres_nor_each_other() -> None:
    aliases = Counter(genre_key(alias) for names in ALIASES.values() for alias in names)
    assert [alias for alias, count in aliases.items() if count > 1] == []
    assert aliases.keys() & {genre_key(name) for name in NAMES.values()} == set()
    targets = [*ALIASES, *(name for _, name in (*LAST_WORDS, *LAST_LETTERS))]
    targets += [name for styles in DISCOGS_STYLES_BY_GENRE.values() for name in styles.values()]
    assert set(targets) <= SUBS
    assert {genre for styles in DISCOGS_STYLES_BY_GENRE.values() for genre in styles} <= set(DISCOGS_GENRES)


def test_no_rule_hides_a_later_one() -> None:
    endings = [f" {genre_key(words)}" for words, _ in LAST_WORDS]
    assert [(a, b) for n, a in enumerate(endings) for b in endings[n + 1 :] if b.endswith(a)] == []


@pytest.mark.parametrize(
    ("beatport", "expected"),
    [
        ("140 - Deep / Dubstep / Grime", "Dubstep"),
        ("Amapiano", "Amapiano"),
        ("Afro House", "Afro House"),
        ("Ambient / Experimental", "Ambient"),
        ("Bass / Club", "Bass Music"),
        ("Bass House", "Bass House"),
        ("Brazilian Funk", "Brazilian Funk"),
        ("Breaks / Breakbeat / UK Bass", "Breakbeat"),
        ("Dance / Pop", "Dance-Pop"),
        ("Deep House", "Deep House"),
        ("Downtempo", "Downtempo"),
        ("Drum & Bass", "Drum & Bass"),
        ("Dubstep", "Dubstep"),
        ("Electro / Classic / Detroit / Modern", "Electro"),
        ("Electronica", "Electronica"),
        ("Funky House", "Funky House"),
        ("Hard Dance / Hardcore / Neo-Rave", "Hardcore"),
        ("Hard Techno", "Hard Techno"),
        ("House", "House"),
        ("Indie Dance", "Indie Dance"),
        ("Jackin House", "Jackin House"),
        ("Mainstage", "Mainstage"),
        ("Melodic House & Techno", "Melodic House"),
        ("Minimal / Deep / Tech", "Minimal House"),
        ("Nu-Disco / Disco", "Nu-Disco"),
        ("Organic House", "Organic House"),
        ("Progressive House", "Progressive House"),
        ("Psy-Trance", "Psytrance"),
        ("Tech House", "Tech House"),
        ("Techno (Peak-time / Driving)", "Peak Time Techno"),
        ("Techno (Raw / Deep / Hypnotic)", "Raw Techno"),
        ("Trance (Main Floor)", "Uplifting Trance"),
        ("Trance (Raw / Deep / Hypnotic)", "Trance"),
        ("Trap / Future Bass", "Future Bass"),
        ("UK Garage / Bassline", "UK Garage"),
    ],
)
def test_beatport(beatport: str, expected: str) -> None:
    assert named(canonical(beatport)) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("hip hop", "Hip-Hop"),
        ("HIP-HOP", "Hip-Hop"),
        ("Drum'n'Bass", "Drum & Bass"),
        ("drum and bass", "Drum & Bass"),
        ("synth-pop", "Synth-Pop"),
        ("Musique Concrète", "Avant-Garde"),
        ("melodic death metal", "Death Metal"),
        ("swedish death metal", "Death Metal"),
        ("funk metal", "Heavy Metal"),
        ("deathcore", "Metalcore"),
        ("terrorcore", "Hardcore"),
        ("blackgaze", "Shoegaze"),
        ("Dubstep & Bass", "Dubstep & Bass"),
        ("Metal", "Metal"),
        ("Instrumental", None),
        ("qwerty", None),
        ("", None),
        ("!!!", None),
    ],
)
def test_other_spellings(name: str, expected: str | None) -> None:
    assert named(canonical(name)) == expected


def test_a_name_that_is_both_is_the_subgenre() -> None:
    assert canonical("House") == 101
    assert canonical("Metal") == 1600


@pytest.mark.parametrize(
    ("genres", "styles", "expected"),
    [
        (["Electronic"], ["House", "Techno"], ["House", "Techno"]),
        (["Electronic"], ["Deep House", "Tech House", "Deep House"], ["Deep House", "Tech House"]),
        (["Rock"], ["Hardcore"], ["Hardcore Punk"]),
        (["Electronic"], ["Hardcore"], ["Hardcore"]),
        (["Electronic", "Rock"], ["Hardcore"], ["Hardcore"]),
        (["Hip Hop"], ["Instrumental"], ["Instrumental Hip-Hop"]),
        (["Jazz"], ["Vocal"], ["Jazz"]),
        (["Jazz", "Rock"], ["Fusion"], ["Fusion"]),
        (["Classical"], ["Experimental"], ["Avant-Garde"]),
        (["Rock"], ["Instrumental"], ["Rock"]),
        (["Electronic"], [], ["Electronica"]),
        (["Funk / Soul"], [], ["R&B & Soul"]),
        (["Non-Music", "Children's"], [], ["Spoken & Other", "Children's"]),
        (["Something"], ["Unheard-of"], []),
        ([], [], []),
    ],
)
def test_discogs(genres: list[str], styles: list[str], expected: list[str]) -> None:
    assert [NAMES[number] for number in from_discogs(genres, styles)] == expected


def test_discogs_genres_alone_are_main_genres() -> None:
    assert from_discogs(["Electronic", "Hip Hop"], []) == [800, 1700]


def sample(kind: str) -> Iterator[tuple[list[str], list[str]]]:
    with gzip.open(DATA / "discogs_samples" / f"discogs_20200806_{kind}s.xml.gz") as file:
        for _, item in etree.iterparse(file, tag=kind):
            genres = [node.text or "" for node in item.findall("genres/genre")]
            yield genres, [node.text or "" for node in item.findall("styles/style")]


@pytest.mark.parametrize("kind", ["release", "master"])
def test_every_style_but_one_of_the_real_samples_is_known(kind: str) -> None:
    items = list(sample(kind))
    assert len(items) == 1000
    assert {style for _, styles in items for style in styles if canonical(style) is None} <= {"Instrumental"}
    assert all(from_discogs(genres, styles) for genres, styles in items)


@given(st.text())
def test_any_text_is_a_genre_or_none(text: str) -> None:
    assert canonical(text) in {None, *NAMES}
