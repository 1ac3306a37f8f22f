"""A small seeded catalog with awkward values; the same rows fill the database and the oracle."""

from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from sonograph.catalog.names import artist_key, match_keys, search_text, title_key, transliterated

Row = dict[str, Any]

# Everything that JSON, SQL, base64 or a terminal treats in its own way; no NUL, which PostgreSQL does not store.
WORDS = (
    "Sun",
    "sun",
    "Ночь",
    "夜",
    "l'été",
    'say "hi"',
    "back\\slash",
    "tab\there",
    "line\nbreak",
    "emoji 🎧",
    "50%_off",
    "\u2028sep",
    "\x7fdel",
    "a/b",
    "<b>&",
    "this parent",
    "$1 $2",
    "İzmir",
    "feat. Nobody",
)
DAYS = (None, None, date(1999, 12, 31), date(2024, 2, 29), date(987, 3, 4), date(2020, 1, 1), date(2999, 1, 1))
BPM = (None, 123.0, 123.5, 99.995, 120.1234, 0.005, 0.004, 999.99, 100.125, 87.654999999, 1 / 3)
CAMELOT = {"1A": ("G#m", "6m"), "8B": ("C", "1d"), "10B": ("D", "3d"), "12A": ("C#m", "5m")}
SOCIAL: tuple[dict[str, str] | None, ...] = (
    None,
    {},
    {"x": '@a"b\\', "site": "https://é.example/?a=1&b=<2>"},
    {"bandcamp": "夜\u2028"},
)
ARTISTS, LABELS, RELEASES, EDITIONS, TRACKS, WORKS = 14, 5, 44, 90, 90, 10
MERGED = 1000  # ids from here on are of rows that were merged into others
ALL_TABLES = (
    "origin",
    "artist",
    "label",
    "release",
    "edition",
    "track",
    "work",
    "genre",
    "track_artist",
    "release_track",
    "edition_track",
    "track_genre",
    "isrc",
    "work_recording",
    "iswc",
    "platform_link",
    "track_musical_key",
    "redirect",
    "match_key",
    "artist_key",
    "label_key",
)


@dataclass(slots=True)
class Catalog:
    """Rows by table, each a dict of column to value."""

    tables: dict[str, list[Row]] = field(default_factory=lambda: {name: [] for name in ALL_TABLES})

    def __getitem__(self, table: str) -> list[Row]:
        return self.tables[table]

    def add(self, table: str, **row: Any) -> None:
        self.tables[table].append(row)

    def where(self, table: str, **wanted: Any) -> list[Row]:
        return [row for row in self.tables[table] if all(row[column] == value for column, value in wanted.items())]


def mbid(random: Random) -> str:
    return str(UUID(int=random.getrandbits(128)))


def platform_id(random: Random, platform: int, track: int, number: int) -> str:
    """An id as the platform gives them: a search by anything else finds nothing."""
    if platform in {1, 7}:  # Spotify, YouTube: letters of both cases
        return "".join(random.choices("abcXYZ019", k=22 if platform == 1 else 11))
    if platform == 5:  # Discogs: release and position
        return f"{track}-{'AB'[number]}1"
    return mbid(random) if platform == 6 else str(random.randint(10**6, 10**9))


def catalog(seed: int = 7) -> Catalog:
    """Deterministic for a seed."""
    r, c = Random(seed), Catalog()

    def words() -> str:
        return " ".join(r.choice(WORDS) for _ in range(r.randint(1, 3)))

    c.add("origin", id=1, name="test", licence="CC0-1.0", url=None)
    for number, parent, name in (
        (1, None, "Rock"),
        (2, None, "House"),
        (3, 2, "Deep House"),
        (4, 1, "K\u2060-Pop"),
        (5, 2, "house"),
        (6, None, "Ça va"),
        (7, 1, 'Rock & "Roll"'),
    ):
        c.add("genre", id=number, parent_id=parent, name=name)
    _people(r, c, words)
    _tracks(r, c, words)
    _releases(r, c, words)
    _ties(r, c)
    _counts(c)
    _keys(c)
    return c


def _people(r: Random, c: Catalog, words: Any) -> None:
    for number in range(1, ARTISTS + 1):
        c.add(
            "artist",
            id=number,
            popularity=r.randint(0, 4),
            release_count=0,
            formation_date=r.choice(DAYS),
            formation_year=r.choice((None, 987, 1999)),
            origin_id=1,
            name=words(),
            country=r.choice((None, "Ísland", "Peru")),
            wikidata_id=r.choice((None, f"Q{number}")),
            musicbrainz_id=r.choice((None, mbid(r))),
            social_links=r.choice(SOCIAL),
        )
    for number in range(1, LABELS + 1):
        c.add("label", id=number, popularity=r.randint(0, 3), release_count=0, origin_id=1, name=words())
    for number in range(1, WORKS + 1):
        c.add("work", id=number, origin_id=1, title=words())
        for _ in range(r.randint(0, 3)):
            code = f"T{r.randint(0, 6):010}"
            if not c.where("iswc", work_id=number, code=code):
                c.add("iswc", work_id=number, code=code)


def _credits(r: Random, c: Catalog, track: int, words: Any) -> None:
    parts: set[tuple[int, int]] = set()  # the writer notes an artist once in each role
    for position in range(1, r.choice((0, 1, 1, 2, 3, 7)) + 1):
        part = r.randint(1, ARTISTS), 0 if position == 1 else r.randint(0, 6)
        if position == 3:
            part = next(iter(parts))[0], r.randint(0, 6)
        if part in parts:
            continue
        parts.add(part)
        c.add(
            "track_artist",
            track_id=track,
            artist_id=part[0],
            position=position,
            role=part[1],
            credited_as=r.choice((None, None, words())),
            join_phrase=r.choice((None, " feat. ", " & ", "")),
        )


def _tracks(r: Random, c: Catalog, words: Any) -> None:
    for number in range(1, TRACKS + 1):
        title = words()
        c.add(
            "track",
            id=number,
            popularity=r.choice((0, 1, 1, 1, 2, 2**31 - 1)),
            duration=r.choice((None, 0, 123, 2**31 - 1)),
            released=None,
            bpm=r.choice(BPM),
            origin_id=1,
            camelot=r.choice((None, *CAMELOT, "0X")),  # 0X: no key that anybody knows
            title=title,
            title_key=title_key(title),
            search_text="",
        )
        _credits(r, c, number, words)
        for source in ("discogs", "Analyser", "musicbrainz")[: r.randint(0, 3)]:
            c.add("track_musical_key", track_id=number, source=source, camelot=r.choice((*CAMELOT, "0X")))
        for _ in range(r.randint(0, 3)):
            code = f"GBAYE{r.randint(0, 60):07}"  # some codes are of several tracks
            if not c.where("isrc", track_id=number, code=code):
                c.add("isrc", track_id=number, preferred=r.random() < 0.5, code=code)
        for platform in range(1, 8):
            for n in range(r.choice((0, 0, 1, 2))):
                external = platform_id(r, platform, number, n)
                c.add("platform_link", track_id=number, source=platform, external_id=external)
        for work in sorted(r.sample(range(1, WORKS + 1), r.choice((0, 1, 1, 3)))):
            c.add("work_recording", work_id=work, track_id=number)


def _releases(r: Random, c: Catalog, words: Any) -> None:
    for number in range(1, RELEASES + 1):
        day, title = r.choice(DAYS), words()
        c.add(
            "release",
            id=number,
            artist_id=r.randint(1, ARTISTS - 1),  # the last artist has none
            label_id=r.choice((None, r.randint(1, LABELS))),
            release_date=day,
            popularity=r.randint(0, 2),
            track_count=0,
            origin_id=1,
            date_precision=None if day is None else r.randint(1, 3),
            title=title,
            title_key=title_key(title),
            catalog_no=r.choice((None, "CAT 001", "")),
        )
        for track in r.sample(range(1, TRACKS - 4), r.choice((0, 1, 4, 12))):  # the last five are on no release
            c.add(
                "release_track",
                release_id=number,
                track_id=track,
                disc_number=r.choice((None, 1, 2)),
                track_number=r.choice((None, 1, 2, 3)),
            )
    for number in range(1, EDITIONS + 1):
        day = r.choice(DAYS)
        release = (
            1 if number <= 30 else r.randint(1, RELEASES - 1)
        )  # the first has more than 20 editions, the last none
        c.add(
            "edition",
            id=number,
            release_id=release,
            release_date=day,
            medium_count=r.choice((None, 1, 2)),
            track_count=r.choice((None, 10)) if number > 30 else number % 25,
            source=r.choice((1, 5, 6)),
            kind=r.choice((None, *range(1, 9))),
            format=r.choice((None, *range(1, 8))),
            date_precision=None if day is None else r.randint(1, 3),
            origin_id=1,
            official=r.choice((None, True, False)),
            external_id=mbid(r),
            group_external_id=r.choice((None, f"{release}", mbid(r))),
            title=r.choice((None, words())),
            barcode=r.choice((None, f"40{r.randint(0, 30):011}")),
            unverified_barcode=r.choice((None, "123")),
            country=r.choice((None, "Peru")),
            label=r.choice((None, words())),
            catalog_no=r.choice((None, "X-1")),
        )
        for row in c.where("release_track", release_id=release):
            if r.random() < 0.6:
                c.add(
                    "edition_track",
                    edition_id=number,
                    track_id=row["track_id"],
                    disc_number=r.choice((None, 1, 2)),
                    track_number=r.choice((None, 1, 2, 3)),
                )


def _ties(r: Random, c: Catalog) -> None:
    """Copies of release dates, genres with theirs, and merged ids."""
    day_of = {row["id"]: row["release_date"] for row in c["release"]}
    for track in c["track"]:
        days = [day_of[row["release_id"]] for row in c.where("release_track", track_id=track["id"])]
        track["released"] = min((day for day in days if day is not None), default=None)
        for genre in sorted(r.sample(range(1, 8), r.choice((0, 1, 2, 3)))):
            c.add("track_genre", track_id=track["id"], genre_id=genre, released=track["released"])
    for kind, size in ((1, ARTISTS), (2, LABELS), (3, RELEASES), (4, TRACKS), (5, WORKS)):
        for old in range(MERGED, MERGED + 5):
            c.add("redirect", kind=kind, old_id=old, new_id=r.randint(1, size))


def _counts(c: Catalog) -> None:
    for artist in c["artist"]:
        artist["release_count"] = len(c.where("release", artist_id=artist["id"]))
    for label in c["label"]:
        label["release_count"] = len(c.where("release", label_id=label["id"]))
    for release in c["release"]:
        release["track_count"] = len(c.where("release_track", release_id=release["id"]))


def _keys(c: Catalog) -> None:
    """What the search reads."""
    names = {artist["id"]: artist["name"] for artist in c["artist"]}
    for track in c["track"]:
        credited = [
            row["credited_as"] or names[row["artist_id"]] for row in c.where("track_artist", track_id=track["id"])
        ]
        track["search_text"] = search_text(credited, track["title"])
        for hashed in sorted(match_keys(credited, track["title"])):
            c.add("match_key", key=hashed, popularity=track["popularity"], track_id=track["id"])
    for table, weight in (("artist", "popularity"), ("label", "release_count")):
        for row in c[table]:
            key = str(artist_key(row["name"]))
            for spelling in sorted({key, transliterated(key) or key}):
                c.add(f"{table}_key", **{f"{table}_id": row["id"], weight: row[weight], "key": spelling})


async def fill(connection: asyncpg.Connection, schema: str, rows: Catalog) -> None:
    """Copy the rows into the migrated tables of a schema, whatever stood in them."""
    await connection.execute("truncate " + ", ".join(f"{schema}.{table}" for table in ALL_TABLES))
    for table, values in rows.tables.items():
        columns = list(values[0])
        records = [
            tuple(orjson.dumps(v).decode() if isinstance(v, dict) else v for v in row.values()) for row in values
        ]
        await connection.copy_records_to_table(table, records=records, columns=columns, schema_name=schema)
    await connection.execute("analyze")
