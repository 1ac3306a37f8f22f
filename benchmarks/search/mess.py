"""The ways in which people write a known recording that the exact tier of the search has to see through."""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

Written = tuple[str, str]  # artist, title


@dataclass(frozen=True, slots=True)
class Known:
    """A recording of the catalog: what is asked for, and which answers are right."""

    track_id: int
    artist: str
    title: str
    same: frozenset[int]  # tracks of this artist with this title key: nobody can tell them apart by name


def clean(known: Known, _: Random) -> Written:
    return known.artist, known.title


def case(known: Known, random: Random) -> Written:
    if random.random() < 0.5:
        return known.artist.upper(), known.title.lower()
    return known.artist.lower(), known.title.upper()


def accents(known: Known, random: Random) -> Written:
    """Accents left out, or one put on a vowel."""
    if random.random() < 0.5:
        return _without_marks(known.artist), _without_marks(known.title)
    return known.artist.replace("e", "é", 1).replace("a", "ä", 1), known.title.replace("o", "ö", 1).replace("i", "í", 1)


def _without_marks(text: str) -> str:
    """Of Latin letters alone: elsewhere a mark makes another letter, and nobody leaves it out."""
    bare = (unicodedata.normalize("NFD", character)[0] for character in text)
    return "".join(base if base.isascii() else character for base, character in zip(bare, text, strict=True))


def word_order(known: Known, random: Random) -> Written:
    words = known.artist.split()
    random.shuffle(words)
    if "(" in known.title:
        return " ".join(words), known.title
    titles = known.title.split()
    random.shuffle(titles)
    return " ".join(words), " ".join(titles)


def featuring(known: Known, random: Random) -> Written:
    """A guest that the catalog may know nothing of, on either side."""
    joined = random.choice(("feat.", "ft.", "featuring"))
    if random.random() < 0.5:
        return f"{known.artist} {joined} Somebody Else", known.title
    return known.artist, f"{known.title} ({joined} Somebody Else)"


def mix_noise(known: Known, random: Random) -> Written:
    noise = random.choice(
        ("(Original Mix)", "[Official Video]", "(Remastered 2011)", "(Official Audio)", "[HD]", "- 2009 Remaster")
    )
    return known.artist, f"{known.title} {noise}"


def punctuation(known: Known, random: Random) -> Written:
    """Marks between words that mean nothing, inside and around."""
    mark = random.choice((", ", " - ", "... ", "! ", " · ", "_"))
    title = known.title if "(" in known.title else known.title.replace(" ", mark) + random.choice("!?.")
    return f'"{known.artist.replace(" ", "-")}"', title


def the_and(known: Known, _: Random) -> Written:
    """The article left out or put before, `&` spelled out."""
    artist = known.artist.replace(" & ", " and ")
    return (artist[4:] if artist.startswith("The ") else f"The {artist}"), known.title


MESS: dict[str, Callable[[Known, Random], Written]] = {
    "clean": clean,
    "case": case,
    "accents": accents,
    "word order": word_order,
    "feat.": featuring,
    "mix noise": mix_noise,
    "punctuation": punctuation,
    "The, &": the_and,
}
