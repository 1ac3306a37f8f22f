"""The ways in which people and machines write a known recording that the search has to see through."""

import unicodedata
from collections.abc import Callable
from contextlib import suppress
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


def _slip(text: str, random: Random) -> str:
    """One typing error in a text of four letters or more: a letter left out, put in, replaced, or two swapped."""
    places = [n for n, letter in enumerate(text) if letter.isalnum()]
    if len(places) < 4:  # "U2" with an error is another name
        return text
    place, letter = random.choice(places), random.choice("abcdefghijklmnopqrstuvwxyz")
    before, after = text[:place], text[place + 1 :]
    kind = random.randrange(4)
    if kind == 0:
        return before + after
    if kind == 1:
        return before + letter + text[place:]
    if kind == 2 or place + 1 not in places:  # the third of four kinds
        return before + letter + after
    return before + text[place + 1] + text[place] + text[place + 2 :]


def artist_typo(known: Known, random: Random) -> Written:
    return _slip(known.artist, random), known.title


def title_typo(known: Known, random: Random) -> Written:
    return known.artist, _slip(known.title, random)


def typos(known: Known, random: Random) -> Written:
    return _slip(known.artist, random), _slip(known.title, random)


def swapped(known: Known, _: Random) -> Written:
    return known.title, known.artist


def one_field(known: Known, random: Random) -> Written:
    """All in the title, as players and stations show it; the artist is there again, or something else is."""
    artist = random.choice((known.artist, "Unknown Artist", f"{known.artist} - {known.title}"))
    return artist, f"{known.artist} - {known.title}"


def truncated(known: Known, random: Random) -> Written:
    """The title cut off behind two thirds, as on small displays."""
    keep = max(len(known.title) * 2 // 3, min(len(known.title), random.randint(10, 14)))
    return known.artist, known.title[:keep].rstrip()


def joined(known: Known, random: Random) -> Written:
    """A space left out on either side."""
    if " " in known.artist and random.random() < 0.5:
        return known.artist.replace(" ", "", 1), known.title
    return known.artist, known.title.replace(" ", "", 1)


def broadcast(known: Known, random: Random) -> Written:
    """Capitals, braces, a guest and a year, as playout systems write them; or UTF-8 read as Windows-1252."""
    if not (known.artist + known.title).isascii():
        with suppress(UnicodeDecodeError):
            return known.artist.encode().decode("cp1252"), known.title.encode().decode("cp1252")
    noise = random.choice(("{FT SOMEBODY}", "[RADIO EDIT]", "{FEAT SOMEBODY ELSE}", "(REMASTERED 2011)", "(1999)"))
    return known.artist.upper(), f"{known.title.upper()} {noise}"


MESS: dict[str, Callable[[Known, Random], Written]] = {
    "clean": clean,
    "case": case,
    "accents": accents,
    "word order": word_order,
    "feat.": featuring,
    "mix noise": mix_noise,
    "punctuation": punctuation,
    "The, &": the_and,
    "artist typo": artist_typo,
    "title typo": title_typo,
    "both typo": typos,
    "swapped": swapped,
    "one field": one_field,
    "truncated": truncated,
    "joined": joined,
    "broadcast": broadcast,
}
