"""Names, ids and codes that the generated dumps share. Everything follows from the seed and the number alone."""

from random import Random
from uuid import UUID

from benchmarks.catalog.draw import Zipf
from benchmarks.catalog.words import FIRST_NAMES, TITLE_WORDS, made_up_words

SEED = 20_261_121


class World:
    """Artists, labels and titles for a number of tracks: one artist for fifteen, as MusicBrainz has."""

    def __init__(self, tracks: int) -> None:
        random = Random(SEED)
        words = made_up_words(random, max(2_000, min(tracks // 20, 100_000)), (2, 2, 3, 3, 4))
        self._surnames = [word.capitalize() for word in words]
        self.artists = max(tracks // 15, 20)
        self.labels = max(tracks // 150, 10)
        self._artist = Zipf(self.artists, 0.8, 10)
        self._word = Zipf(len(TITLE_WORDS), 0.7, 5)

    def artist_name(self, number: int) -> str:
        first = FIRST_NAMES[number % len(FIRST_NAMES)]
        surname = self._surnames[number * 7 % len(self._surnames)]
        return f"The {surname}s {number}" if number % 5 == 0 else f"{first} {surname}{'' if number % 3 else number}"

    def artist(self, random: Random) -> int:
        return self._artist.one(random)

    def title(self, random: Random) -> str:
        words = [TITLE_WORDS[n] for n in self._word.draw(random, random.choice((1, 2, 2, 3, 3, 4, 5)))]
        if random.random() < 0.3:
            words.append(random.choice(self._surnames))
        version = random.random()
        text = " ".join(words).capitalize()
        return f"{text} (live)" if version < 0.05 else f"{text} (radio edit)" if version < 0.1 else text


def mbid(kind: int, number: int) -> str:
    """The same for the same entity, and in no order, as those of MusicBrainz."""
    return str(UUID(int=Random(kind * 1_000_000_007 + number).getrandbits(128), version=4))
