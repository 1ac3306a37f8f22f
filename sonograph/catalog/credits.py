"""Keys of artist names and of credits that name several artists in one text."""

import re
from collections.abc import Iterator
from functools import lru_cache

from sonograph.catalog.folding import compatible, cut, fold, symbols

MAX_ARTIST_KEY = 120
MAX_PARTS = 8

# Coarse to fine, so that "Earth, Wind & Fire feat. The Emotions" is taken apart at "feat." first. For `lowered` text:
# there are single spaces only, so no pattern repeats a space and matching stays linear.
# \u00d7 is the multiplication sign, \u3001 the ideographic comma.
_FEATURING = re.compile(r" [(\[{]?(?:feat|ft|featuring)(?:[.:] ?| )")
_LIST = re.compile(r" ?[,;/\u00d7\u3001] ?| (?:x|vs|with)(?:\. ?| )")
_PAIR = re.compile(r" ?[&+] ?| and ")
_LEVELS = (_FEATURING, _LIST, _PAIR)


def lowered(text: str) -> str:
    """The text as the patterns here and in `titles` expect it: bounded, NFKC, single spaces, lower case."""
    return compatible(text).lower()


def artist_key(name: str) -> str:
    """The folded name without "the" in front or ", The" behind; a name of symbols ("!!!") is its symbols.

    "" only for text without any letter, digit or symbol. At most `MAX_ARTIST_KEY` characters.
    """
    key = fold(name)
    if key.startswith("the "):
        key = key[4:]
    elif key.endswith(" the") and name.rstrip()[-5:].lower() == ", the":
        key = key[:-4]
    return cut(key or symbols(name), MAX_ARTIST_KEY)


def artist_parts(credit: str) -> list[str]:
    """Keys of a whole credit and of the artists in it, the most specific first, at most `MAX_PARTS`.

    "Simon & Garfunkel" gives itself, "simon" and "garfunkel": whether `&` joins two artists or stands in one name
    cannot be told from the text.
    """
    return list(_artist_parts(lowered(credit)))


@lru_cache(8192)  # importers meet an artist again and again: 15 recordings each in MusicBrainz
def _artist_parts(text: str) -> tuple[str, ...]:
    keys = [artist_key(" ".join(split_featured(text))), *_parts(text)]
    return tuple(key for key in dict.fromkeys(keys) if key)[:MAX_PARTS]


def split_featured(text: str) -> list[str]:
    """What stands before, between and after "feat." and its like in `lowered` text; at least one part, maybe ""."""
    return _FEATURING.split(text)


def featured_names(text: str) -> tuple[str, ...]:
    """The folded names in a list of guests (`lowered` text): "a, b & c" is three of them."""
    pieces = [text]
    for level in _LEVELS:
        pieces = [part for piece in pieces for part in level.split(piece)]
    names = (cut(fold(piece), MAX_ARTIST_KEY) for piece in pieces)
    return tuple(name for name in dict.fromkeys(names) if name)[:MAX_PARTS]


def _parts(text: str) -> Iterator[str]:
    """Keys of the parts at each level that splits anything."""
    pieces = [text]
    for level in _LEVELS:
        split = [part for piece in pieces for part in level.split(piece)]
        if len(split) > len(pieces):
            # A part of symbols alone is no artist, nor is the second one of "Beatles, The".
            yield from (artist_key(piece) for piece in split if fold(piece) not in ("", "the"))
        pieces = split
