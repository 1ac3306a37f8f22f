"""A part of the made-up catalog: 10,000 tracks with their releases, works, codes and search keys, as rows of tables.

Densities are those of the mix of sources that the catalog is meant for: 1.2 ISRCs, 3.7 links and 2 genres a track,
every fourth track on a second release, guests on 13 % and remixers on 10 %.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from random import Random
from typing import Any

from benchmarks.catalog import codes
from benchmarks.catalog.world import STANDARDS, VARIOUS, World
from sonograph.catalog.genre_names import GENRES
from sonograph.catalog.keys import KEYS
from sonograph.catalog.names import match_keys, search_text, title_key
from sonograph.catalog.vocabulary import (
    ArtistRole,
    DatePrecision,
    EditionFormat,
    EditionKind,
    OriginId,
    Platform,
)
from sonograph.catalog.writer.track_keys import recording_signature
from sonograph.catalog.writer.tracks import Billing, searched_names

PART = 10_000  # tracks
ORIGIN = OriginId.JSONL
LAST_DAY = date(2026, 9, 30)
MIXES = (
    "Original Mix", "Original Mix", "Extended Mix", "Extended Mix", "Radio Edit", "Live", "Acoustic", "Instrumental",
    "Remastered", "2011 Remaster",
)  # fmt: skip

Row = tuple[Any, ...]
_SUBGENRES = {main.id: [g.id for g in GENRES if g.parent_id == main.id] for main in GENRES if main.parent_id is None}
_MAINS = list(_SUBGENRES)


@dataclass(slots=True)
class Part:
    """Rows by table, and how many releases each artist and label has in it."""

    rows: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    artist_releases: Counter[int] = field(default_factory=Counter)
    label_releases: Counter[int] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class _Release:
    """What the tracks of a release take from it."""

    id: int
    artist_id: int
    released: date | None
    genres: tuple[int, ...]


class _Maker:
    """Makes one part; ids of releases, works and editions are taken from ranges that no other part uses."""

    def __init__(self, world: World, number: int) -> None:
        self.world, self.random = world, world.random("part", number)
        self.tracks = range(number * PART + 1, min((number + 1) * PART, world.tracks) + 1)
        self.part = Part()
        self.release_ids: Iterator[int] = count(number * PART * 2 + 1)
        self.edition_ids: Iterator[int] = count(number * PART * 4 + 1)
        self.work_ids: Iterator[int] = count(STANDARDS + number * PART + 1)
        self.compiled: dict[int, date] = {}  # when a track was first on a compilation

    def make(self) -> Part:
        on_compilations = len(self.tracks) // 4
        while on_compilations > 0:
            size = min(self.random.randint(10, 25), len(self.tracks))
            self.compilation(sorted(self.random.sample(self.tracks, size)))
            on_compilations -= size
        made = 0
        while made < len(self.tracks):
            size = min(self.release_size(), len(self.tracks) - made)
            self.release(self.tracks[made : made + size])
            made += size
        return self.part

    def add(self, table: str, *row: Any) -> None:
        self.part.rows[table].append(row)

    def release_size(self) -> int:
        kind = self.random.random()
        low, high = (1, 2) if kind < 0.48 else (3, 6) if kind < 0.68 else (8, 15)
        return self.random.randint(low, high)

    def artist(self) -> int:
        return self.world.artist.one(self.random) + 2

    def day(self) -> date | None:
        """Most releases are of the last years; 4 % have no date."""
        if self.random.random() < 0.04:
            return None
        return LAST_DAY - timedelta(days=min(int(self.random.expovariate(1 / 3000)), 24_000))

    def release(self, tracks: range) -> None:
        artist_id, day = self.artist(), self.day()
        # A few genres have most of the tracks.
        main = _MAINS[min(int(self.random.expovariate(0.35)), len(_MAINS) - 1)]
        subs = self.random.sample(_SUBGENRES[main], min(len(_SUBGENRES[main]), 1 + (self.random.random() < 0.2)))
        made = _Release(next(self.release_ids), artist_id, day, (main, *(subs if self.random.random() < 0.9 else ())))
        title = self.world.song_title(self.random)
        self.release_rows(made, title, list(tracks))
        for track_id in tracks:
            self.track(track_id, made)

    def compilation(self, tracks: list[int]) -> None:
        made = _Release(next(self.release_ids), VARIOUS, self.day(), ())
        if (day := made.released) is not None:
            self.compiled.update((track_id, min(day, self.compiled.get(track_id, day))) for track_id in tracks)
        self.release_rows(made, f"{self.world.title(self.random)} {self.random.randint(1, 40)}", tracks)

    def release_rows(self, release: _Release, title: str, tracks: list[int]) -> None:
        random, label_id = self.random, self.world.label.one(self.random) + 1
        self.part.artist_releases[release.artist_id] += 1
        self.part.label_releases[label_id] += 1
        popularity = int(self.world.popularity(release.artist_id) * random.lognormvariate(-1, 0.8))
        precision = None if release.released is None else DatePrecision.DAY
        catalog_no = f"CAT{release.id % 100_000:05}"
        self.add(
            "release", release.id, release.artist_id, label_id, release.released, popularity, len(tracks), ORIGIN,
            precision, title, title_key(title), catalog_no, ORIGIN,
        )  # fmt: skip
        for place, track_id in enumerate(tracks, 1):
            self.add("release_track", release.id, track_id, 1, place)
        group, official = codes.mbid(random), True
        for _ in range(1 if random.random() < 0.8 else random.randint(2, 4)):
            edition_id = next(self.edition_ids)
            source, external_id = (
                (Platform.MUSICBRAINZ, codes.mbid(random)) if random.random() < 0.5
                else (Platform.DISCOGS, str(edition_id))
            )  # fmt: skip
            self.add(
                "edition", edition_id, release.id, release.released, 1, len(tracks), source,
                random.choice(list(EditionKind)), random.choice(list(EditionFormat)), precision, ORIGIN, official,
                external_id, group if source is Platform.MUSICBRAINZ else None, None,
                codes.barcode(edition_id) if random.random() < 0.6 else None, None,
                random.choice(("Germany", "United States", "United Kingdom", "Japan", None)),
                self.world.labels[label_id - 1], catalog_no,
            )  # fmt: skip
            for place, track_id in enumerate(tracks, 1):
                self.add("edition_track", edition_id, track_id, 1, place)

    def track(self, track_id: int, release: _Release) -> None:
        random = self.random
        released = min(filter(None, (release.released, self.compiled.get(track_id))), default=None)
        artist_id = release.artist_id if random.random() < 0.9 else self.artist()
        base = self.work(track_id)
        title, credited = self.version(base, artist_id)
        popularity = int(self.world.popularity(artist_id) * 10 * random.lognormvariate(-2, 1.2))
        names = searched_names(
            [Billing(self.world.artists[artist - 1], None, role, join) for artist, role, join in credited]
        )
        camelot = random.choice(KEYS).alphanumeric if random.random() < 0.6 else None
        self.add(
            "track", track_id, popularity, max(30, int(random.gauss(215, 60))), released,
            round(random.uniform(60, 180), 1) if random.random() < 0.7 else None, ORIGIN, camelot, title,
            title_key(title), search_text(names, title), ORIGIN,
        )  # fmt: skip
        signature = recording_signature(title)
        for position, (artist, role, join) in enumerate(credited):
            self.add("track_artist", track_id, artist, position, role, None, join, signature)
        for key in sorted(match_keys(names, title)):
            self.add("match_key", key, popularity, track_id)
        for genre_id in release.genres:
            self.add("track_genre", track_id, genre_id, released)
        if camelot:
            for source in ("beatport", "rekordbox")[: random.randint(1, 2)]:
                self.add("track_musical_key", track_id, source, camelot)
        self.names(track_id, random)

    def work(self, track_id: int) -> str:
        """The title of the song; six of ten tracks are of a known work, two of a hundred of a standard."""
        random, kind = self.random, self.random.random()
        if kind < 0.02:
            standard = self.world.standard.one(random)
            self.add("work_recording", standard + 1, track_id)
            return self.world.standards[standard]
        title = self.world.song_title(random)
        if kind < 0.6:
            work_id = next(self.work_ids)
            self.add("work", work_id, ORIGIN, title)
            self.add("work_recording", work_id, track_id)
            if random.random() < 0.9:
                self.add("iswc", work_id, codes.iswc(work_id))
        return title

    def version(self, title: str, artist_id: int) -> tuple[str, list[tuple[int, ArtistRole, str | None]]]:
        """The title as written and who is credited: (artist, role, join phrase)."""
        random = self.random
        credited: list[tuple[int, ArtistRole, str | None]] = [(artist_id, ArtistRole.PRIMARY, None)]
        if random.random() < 0.13 and (guest := self.artist()) != artist_id:
            credited = [(artist_id, ArtistRole.PRIMARY, " feat. "), (guest, ArtistRole.FEATURED, None)]
            if random.random() < 0.5:
                title += f" (feat. {self.world.artists[guest - 1]})"
        kind = random.random()
        if kind < 0.24:
            title += f" ({random.choice(MIXES)})"
        elif kind < 0.34 and (remixer := self.artist()) not in {artist for artist, _, _ in credited}:
            title += f" ({self.world.artists[remixer - 1]} Remix)"
            credited.append((remixer, ArtistRole.REMIXER, None))
        return title, credited

    def names(self, track_id: int, random: Random) -> None:
        """ISRCs and links: what other catalogs call the track."""
        kind = random.random()
        for number in range(0 if kind < 0.05 else 1 if kind < 0.83 else 2 if kind < 0.97 else 3):
            self.add("isrc", track_id, number == 0, codes.isrc(track_id, number))
        for platform, share in codes.SHARES.items():
            if random.random() < share:
                self.add("platform_link", track_id, platform, codes.platform_id(platform, track_id, random))


def parts(world: World) -> int:
    return -(-world.tracks // PART)


def make_part(world: World, number: int) -> Part:
    """The `number`-th part, from 0: the same rows whichever process makes it."""
    return _Maker(world, number).make()


def standards(world: World) -> dict[str, list[Row]]:
    """Rows of the works that all parts record."""
    works = list(enumerate(world.standards, 1))
    return {
        "work": [(work_id, ORIGIN, title) for work_id, title in works],
        "iswc": [(work_id, codes.iswc(work_id)) for work_id, _ in works],
    }


def artists(world: World, releases: Counter[int]) -> Iterator[Row]:
    """Rows of `artist`."""
    random = world.random("facts of artists")
    countries = ("United States", "United Kingdom", "Germany", "France", "Japan", "Brazil", None)
    for artist_id, name in enumerate(world.artists, 1):
        year = random.randint(1950, 2024) if random.random() < 0.5 else None
        mbid = codes.mbid(random) if random.random() < 0.4 else None
        wikidata = f"Q{1_000_000 + artist_id}" if random.random() < 0.1 else None
        yield (
            artist_id, world.popularity(artist_id), releases[artist_id], None, year, ORIGIN, name,
            random.choice(countries), wikidata, mbid, None, ORIGIN,
        )  # fmt: skip


def labels(world: World, releases: Counter[int]) -> Iterator[Row]:
    """Rows of `label`."""
    for label_id, name in enumerate(world.labels, 1):
        yield label_id, world.popularity(label_id), releases[label_id], ORIGIN, name
