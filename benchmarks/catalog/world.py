"""What all parts of the made-up catalog share: artists, labels, titles that recur, and standards that all cover."""

from dataclasses import dataclass
from functools import cached_property
from random import Random

from benchmarks.catalog.draw import Zipf
from benchmarks.catalog.words import (
    FIRST_NAMES,
    SINGLE_WORD_TITLES,
    TITLE_WORDS,
    in_cyrillic,
    in_kana,
    made_up_words,
)

VARIOUS = 1  # id of the artist of compilations
STANDARDS = 100  # works that everybody records: ids 1 to 100
VOCABULARY = 40_000
SURNAMES = 60_000
TITLE_LENGTHS, TITLE_LENGTH_WEIGHTS = (1, 2, 3, 4, 5, 6), (20, 32, 24, 14, 7, 3)


@dataclass(frozen=True)
class World:
    """Deterministic in `tracks` and `seed`, so that every process can make its own."""

    tracks: int
    seed: int

    def random(self, *subject: object) -> Random:
        """The stream of random numbers of one subject: parts can be made in any order, by any process."""
        return Random(f"{self.seed} {self.tracks} {subject}")

    @cached_property
    def vocabulary(self) -> list[str]:
        """Title words, the most common first."""
        made_up = made_up_words(self.random("vocabulary"), VOCABULARY, (1, 2, 2, 3, 3, 4))
        return [word.capitalize() for word in dict.fromkeys((*TITLE_WORDS, *made_up))]

    @cached_property
    def _word(self) -> Zipf:
        return Zipf(len(self.vocabulary), 0.98, 2.5)

    @cached_property
    def surnames(self) -> list[str]:
        return [word.capitalize() for word in made_up_words(self.random("surnames"), SURNAMES, (2, 2, 3, 3, 4))]

    @cached_property
    def _surname(self) -> Zipf:
        return Zipf(len(self.surnames), 0.7, 20)

    @cached_property
    def artists(self) -> list[str]:
        """Names; the id of an artist is its place + 1, which is also its rank, but for Various Artists."""
        random, count = self.random("artists"), max(1000, self.tracks // 8)
        return ["Various Artists", *(self._artist(random) for _ in range(count - 1))]

    @cached_property
    def artist(self) -> Zipf:
        """By rank among all but Various Artists: an artist's id is the rank + 2."""
        return Zipf(len(self.artists) - 1, 0.72, 30)

    @cached_property
    def labels(self) -> list[str]:
        """Names; the id of a label is its place + 1 and its rank + 1."""
        random = self.random("labels")
        return [self._label(random) for _ in range(max(200, self.tracks // 150))]

    @cached_property
    def label(self) -> Zipf:
        return Zipf(len(self.labels), 1.05, 6)

    @cached_property
    def shared_titles(self) -> list[str]:
        """Titles that several songs have."""
        random = self.random("titles")
        return [self.title(random) for _ in range(max(1000, self.tracks // 10))]

    @cached_property
    def shared_title(self) -> Zipf:
        return Zipf(len(self.shared_titles), 0.45, 15)

    @cached_property
    def standards(self) -> list[str]:
        """Titles of the works with ids 1 to `STANDARDS`."""
        random = self.random("standards")
        return [self.title(random) for _ in range(STANDARDS)]

    @cached_property
    def standard(self) -> Zipf:
        return Zipf(STANDARDS, 1.0, 3)

    def title(self, random: Random) -> str:
        """A new title; 3 % are not in Latin letters."""
        if random.random() < 0.02:
            return random.choice(SINGLE_WORD_TITLES)
        if random.random() < 0.03:
            return in_kana(random) if random.random() < 0.5 else " ".join(map(in_cyrillic, self._words(random, 2)))
        (length,) = random.choices(TITLE_LENGTHS, TITLE_LENGTH_WEIGHTS)
        words = self._words(random, length)
        return ", ".join(words) if length > 2 and random.random() < 0.03 else " ".join(words)

    def song_title(self, random: Random) -> str:
        """Half of all songs have a title that others have, too."""
        return self.shared_titles[self.shared_title.one(random)] if random.random() < 0.5 else self.title(random)

    def popularity(self, artist_id: int) -> int:
        return int(100_000 / (artist_id + 1) ** 0.55)

    def _words(self, random: Random, count: int) -> list[str]:
        return [self.vocabulary[rank] for rank in self._word.draw(random, count)]

    def _name(self, random: Random) -> str:
        return self.surnames[self._surname.one(random)]

    def _artist(self, random: Random) -> str:  # noqa: PLR0911  # one return for each way to call oneself
        kind = random.random()
        if kind < 0.34:
            return f"{random.choice(FIRST_NAMES)} {self._name(random)}"
        if kind < 0.42:
            return f"The {' '.join(self._words(random, 2))}s"
        if kind < 0.46:
            return f"The {self._name(random)}s"
        if kind < 0.53:
            return f"DJ {self._name(random)}"
        if kind < 0.70:
            return " ".join(self._words(random, 2))
        if kind < 0.84:
            return self._name(random)
        if kind < 0.90:
            return f"{self._name(random)} & {self._name(random)}"
        if kind < 0.95:
            return f"{self._words(random, 1)[0]} {self._name(random)}"
        if kind < 0.97:
            return self._words(random, 1)[0].upper()
        return in_kana(random) if kind < 0.985 else f"{in_cyrillic(self._name(random))} {in_cyrillic('lena')}"

    def _label(self, random: Random) -> str:
        kind = random.random()
        if kind < 0.5:
            return f"{self._words(random, 1)[0]} Records"
        if kind < 0.75:
            return f"{self._name(random)} Music"
        return f"{' '.join(self._words(random, 2))} Recordings"
