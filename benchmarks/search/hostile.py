"""Queries that are cheap to ask and may be dear to answer: single letters, the commonest words, noise, huge texts."""

from itertools import product
from random import Random

from benchmarks.catalog.words import SINGLE_WORD_TITLES, TITLE_WORDS

COMMON = TITLE_WORDS[:24]
TEXTS = (
    *"aeijsxz1",
    *COMMON,
    *SINGLE_WORD_TITLES,
    "the the", "the of and to a in", "i you me my we", " ".join(TITLE_WORDS[:12]), " ".join(TITLE_WORDS[:60]),
    "love me", "the love of my life", "dj", "records", "music", "recordings", "remix", "original mix", "live", "feat",
    "john", "maria", "various artists", "various",
    "\N{FIRE}", "\N{FIRE} love", "\N{FAMILY}\N{ZERO WIDTH JOINER}\N{BOY}",
    "!!!", "?", "*", "%", "_", "%a%", "l%", "_ove", "a*",
    "love:*", "love & the", "love | the", "!love", "<->", "'", "''", "\\", '"', "$1", "{}", "\0", "\x01",
    "a" * 5000, "love " * 1000, "the " * 1250, " ".join(f"w{n}" for n in range(700)), "ア" * 5000, "\u0301" * 5000,
    " ".join("abcdefghijklmnopqrstuvwxyz"),
)  # fmt: skip


def names() -> list[str]:
    """Texts for a search by one name."""
    return [text for text in TEXTS if text.strip()]


def pairs(count: int = 0) -> list[tuple[str, str]]:
    """Texts for a search by two: the worst ones, and at least `count` of them with random pairs."""
    each = [(text, text) for text in names()]
    common = list(
        product(("a", "the", "love", "dj", "john", "various artists"), ("the", "love", "i", "you", "intro", "a"))
    )
    mixed = [("the", text) for text in names()[-40:]] + [(text, "the") for text in names()[-40:]]
    random, texts = Random(1), names()
    drawn = [(random.choice(texts), random.choice(texts)) for _ in range(count - len(each) - len(common) - len(mixed))]
    return [*each, *common, *mixed, *drawn]
