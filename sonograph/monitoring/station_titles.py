"""Whether what a station says is on air names a track of the catalog."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from sonograph.catalog.names import artist_parts, fold, match_keys, query_keys, transliterated
from sonograph.catalog.titles import title_forms

MAX_TITLE = 300  # characters that are read of what a station says
SPLITS = 3  # dashes that may part artist and title
_DASHES = (" - ", " \u2013 ", " \u2014 ", " ~ ", " | ", " / ", ": ")


@dataclass(frozen=True, slots=True)
class TrackName:
    """How the catalog calls a track."""

    artists: Sequence[str]
    title: str


def says(text: str, name: TrackName) -> bool:
    """Whether the text names artist and title, in either order, as the catalog's search would find it.

    Both have to be there: half of the world's titles are words that a slogan or an advertisement may have.
    """
    text = text[:MAX_TITLE]
    stored = match_keys(name.artists, name.title)
    for one, other in _splits(text):
        for artist, title in ((one, other), (other, one)):
            if stored.intersection(chain.from_iterable(query_keys(artist, title))):
                return True
    return any(_holds(said, name) for said in {fold(text), transliterated(text) or ""})


def _splits(text: str) -> Iterator[tuple[str, str]]:
    for dash in _DASHES:
        parts = text.split(dash, SPLITS)
        for at in range(1, len(parts)):
            yield dash.join(parts[:at]), dash.join(parts[at:])


def _holds(said: str, name: TrackName) -> bool:
    """Whether the title stands in it, and an artist in what is left."""
    for title in _in_both(title_forms(name.title).base):
        before, found, after = f" {said} ".partition(f" {title} ")
        rest = f"{before} | {after}"
        artists = chain.from_iterable(map(_in_both, chain.from_iterable(map(artist_parts, name.artists))))
        if found and any(f" {artist} " in rest for artist in artists):
            return True
    return False


def _in_both(key: str) -> list[str]:
    return [form for form in (key, transliterated(key)) if form]
