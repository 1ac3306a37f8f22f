"""The canonical genres, and the reading of other catalogues' genre names as ours.

A genre is a main one (ids 100, 200, …) or a subgenre (main + n). A subgenre may bear the name of its main genre
("House" 101 under "House" 100): it is the plain form of the style.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sonograph.catalog.folding import fold
from sonograph.catalog.genre_rules import (
    ALIASES,
    DISCOGS_GENRES,
    DISCOGS_STYLES_BY_GENRE,
    LAST_LETTERS,
    LAST_WORDS,
)


@dataclass(frozen=True, slots=True)
class Genre:
    id: int
    name: str
    parent_id: int | None  # None: a main genre


def _load() -> Iterable[Genre]:
    for main in json.loads(Path(__file__).with_name("genres.json").read_text(encoding="utf-8"))["mains"]:
        yield Genre(main["id"], main["name"], None)
        for sub in main["sub"]:
            yield Genre(sub["id"], sub["name"], main["id"])


GENRES: tuple[Genre, ...] = tuple(_load())


def genre_key(name: str) -> str:
    """What spellings of one genre have in common: "Drum'n'Bass", "drum & bass" and "Drum and Bass" are one."""
    words = [word for word in fold(name).split() if word != "and"]
    return (
        " ".join(words)
        .replace("hip hop", "hiphop")
        .replace("drum n bass", "drum bass")
        .replace("drumnbass", "drum bass")
    )


_MAINS = {genre.name: genre.id for genre in GENRES if genre.parent_id is None}
_SUBS = {genre.name: genre.id for genre in GENRES if genre.parent_id is not None}
# Subgenres win over the main genre of the same name, our own names over aliases.
_IDS = {
    **{genre_key(alias): _SUBS[name] for name, aliases in ALIASES.items() for alias in aliases},
    **{genre_key(name): number for name, number in _MAINS.items()},
    **{genre_key(name): number for name, number in _SUBS.items()},
}
_LAST_WORDS = tuple((f" {genre_key(words)}", _SUBS[name]) for words, name in LAST_WORDS)
_LAST_LETTERS = tuple((letters, _SUBS[name]) for letters, name in LAST_LETTERS)
_DISCOGS_GENRES = {theirs: _MAINS.get(ours) or _SUBS[ours] for theirs, ours in DISCOGS_GENRES.items()}
_DISCOGS_STYLES = {
    style: {genre: _SUBS[ours] for genre, ours in by_genre.items()}
    for style, by_genre in DISCOGS_STYLES_BY_GENRE.items()
}


def canonical(name: str) -> int | None:
    """The id of our genre that another catalogue's name means, None when no rule fits.

    The most specific one: "House" is the subgenre 101, "Metal", which is no subgenre, the main genre 1600.
    """
    key = genre_key(name)
    if found := _IDS.get(key):
        return found
    spaced = f" {key}"
    for words, number in _LAST_WORDS:
        if spaced.endswith(words):
            return number
    return next((number for letters, number in _LAST_LETTERS if key.endswith(letters)), None)


def from_discogs(genres: Sequence[str], styles: Sequence[str]) -> list[int]:
    """Our genres of a Discogs release, each once, in the order of its styles; [] when none is known.

    What the styles mean; when none of them is known, what the genres mean (main genres).
    """
    found = [number for style in styles if (number := _discogs_style(style, genres))]
    found = found or [_DISCOGS_GENRES[genre] for genre in genres if genre in _DISCOGS_GENRES]
    return list(dict.fromkeys(found))


def _discogs_style(style: str, genres: Sequence[str]) -> int | None:
    by_genre = _DISCOGS_STYLES.get(style, {})
    return next((by_genre[genre] for genre in genres if genre in by_genre), None) or canonical(style)
