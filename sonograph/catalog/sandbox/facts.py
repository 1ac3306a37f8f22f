"""What is drawn for one recording or edition: codes, tempo, key, genres, links; each of them sometimes unknown."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sonograph.catalog.records import Credit, EditionRecord, Format, Kind, Place, Ref, Source, SourcedKey, TrackRecord
from sonograph.catalog.sandbox import invented
from sonograph.catalog.sandbox.draw import Draw
from sonograph.catalog.sandbox.styles import Style

# (alphanumeric, musical, open): the same key in the three notations
KEYS = (
    ("1A", "G#m", "6m"), ("2A", "D# minor", "7m"), ("3A", "A#m", "8m"), ("4A", "F minor", "9m"), ("5A", "Cm", "10m"),
    ("6A", "G minor", "11m"), ("7A", "Dm", "12m"), ("8A", "A minor", "1m"), ("9A", "Em", "2m"), ("10A", "Bm", "3m"),
    ("11A", "F#m", "4m"), ("12A", "C# minor", "5m"), ("1B", "B", "6d"), ("2B", "F# major", "7d"), ("3B", "Db", "8d"),
    ("4B", "Ab major", "9d"), ("5B", "Eb", "10d"), ("6B", "Bb", "11d"), ("7B", "F major", "12d"), ("8B", "C", "1d"),
    ("9B", "G major", "2d"), ("10B", "D", "3d"), ("11B", "A major", "4d"), ("12B", "E", "5d"),
)  # fmt: skip
KEY_SOURCES = ("beatport", "tidal", "analysis")
LINKED: tuple[tuple[Source, int], ...] = (  # how many of a hundred tracks each platform knows
    ("spotify", 70), ("applemusic", 55), ("tidal", 40), ("beatport", 20), ("discogs", 35), ("musicbrainz", 45),
    ("youtube", 40),
)  # fmt: skip
# How editions write down the place of a track; %d is its number, %s the disc.
DISCOGS_POSITIONS = ("%(number)d", "A%(number)d", "%(disc)d-%(number)d", "CD%(disc)d-%(number)d", "B%(number)d")
COUNTRIES = ("United Kingdom", "United States", "Germany", "Japan", "France", "Netherlands", "Brazil", "Europe")
YEAR_LENGTH, MONTH_LENGTH = len("2001"), len("2001-03")


def credit(artist: str, *, join: str | None = None) -> Credit:
    return Credit(artist=Ref(id=artist), join_phrase=join)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a recording comes from: a track of that number on a release, or nothing of the kind."""

    style: Style
    year: int | None
    release: str = ""
    number: int = 1


def recording(
    key: str, title: str, artists: Sequence[Credit], origin: Origin, works: Sequence[str] = ()
) -> TrackRecord:
    """A track as such tracks are: about one in ten lacks any one of its facts."""
    draw, style = Draw(f"track/{key}"), origin.style
    song = Draw(f"song/{works[0] if works else key}/{style.main}")  # its versions share tempo and key
    tempo = song.number(*style.bpm) if style.bpm else 0
    camelot, musical, open_key = song.pick(KEYS)
    bpm = tempo + draw.pick((0, 0, 0, 0, 0.5, 0.02, -0.02, 0.33)) if tempo and draw.chance(0.75) else None
    position = draw.pick(DISCOGS_POSITIONS) % {"number": origin.number, "disc": 1}
    return TrackRecord(
        id=key,
        title=title,
        artists=tuple(artists),
        duration=draw.number(*style.seconds) if draw.chance(0.93) else None,
        isrcs=tuple(invented.isrc(f"{key}/{n}", origin.year) for n in range(draw.pick((0, 1, 1, 1, 1, 1, 1, 2, 2, 3)))),
        bpm=bpm,
        key=draw.pick((camelot, musical, open_key)) if draw.chance(0.6) else None,
        keys=tuple(
            SourcedKey(source=source, key=draw.pick(draw.pick(((camelot, musical, open_key), KEYS[0], KEYS[-1]))))
            for source in KEY_SOURCES
            if draw.chance(0.3)
        ),
        genres=_genres(draw, style),
        works=tuple(works),
        links=tuple(
            invented.link(source, key, origin.release, position) for source, share in LINKED if draw.chance(share / 100)
        ),
        popularity=draw.popularity() if draw.chance(0.9) else None,
    )


def _genres(draw: Draw, style: Style) -> tuple[str | int, ...]:
    match draw.number(1, 12):
        case 1:
            return ()
        case 2:
            return (style.main,)
        case 3 | 4 | 5:
            return (style.main, *draw.some(style.subgenres, 2))
        case 6:
            return tuple(draw.some(style.subgenres, 2))
        case _:
            return (style.main, draw.pick(style.subgenres))


def release_date(draw: Draw, year: int | None) -> str | None:
    """A day for most, a month or the year alone for some, nothing for a few."""
    if year is None or draw.chance(0.06):
        return None
    day = f"{year}-{draw.number(1, 12):02}-{draw.number(1, 28):02}"
    return draw.pick((day, day, day, day, day[:MONTH_LENGTH], day[:YEAR_LENGTH]))


def barcode(draw: Draw, key: str) -> str | None:
    """Right ones, printed ones, wrong ones."""
    match draw.number(1, 8):
        case 1 | 2 | 3:
            return invented.barcode(key)
        case 4:
            return invented.barcode(key, 12)
        case 5:
            digits = invented.barcode(key)
            return f"{digits[0]} {digits[1:7]} {digits[7:]}"
        case 6:
            return invented.barcode(key, wrong=True)
        case _:
            return None


def numbered(tracks: Sequence[str], discs: int = 1, first_disc: int = 1) -> tuple[Place, ...]:
    """The tracks spread evenly over the discs; numbers start anew on each."""
    size = -(-len(tracks) // discs)
    return tuple(
        Place(track=track, disc=first_disc + index // size, number=1 + index % size)
        for index, track in enumerate(tracks)
    )


@dataclass(frozen=True, slots=True)
class Published:
    """What the editions of a release have in common; `tracks` are ids."""

    key: str
    kind: Kind
    year: int | None
    label: str | None
    tracks: Sequence[str]


def editions(release: Published) -> tuple[EditionRecord, ...]:
    """No to three editions: a CD without the last (bonus) track, vinyl on two records, a digital one with all."""
    draw = Draw(f"editions/{release.key}")
    media = draw.some(("cd", "vinyl", "digital", "cassette", ""), draw.pick((0, 0, 1, 1, 2, 3)))
    return tuple(edition(release, medium) for medium in media)


def edition(release: Published, medium: str) -> EditionRecord:
    """One edition; medium "" is one of unknown format."""
    key, tracks, year = f"{release.key}/{medium or 'unknown'}", release.tracks, release.year
    draw = Draw(f"edition/{key}")
    mediums: dict[str, Format] = {"cd": "cd", "vinyl": "vinyl", "digital": "digital", "cassette": "cassette"}
    long = len(tracks) > 5  # noqa: PLR2004  # an album: it fills two records, and has a bonus track to leave out
    discs = 2 if medium == "vinyl" and long else 1
    held = list(tracks[:-1]) if medium == "cd" and long else list(tracks)
    source, external, group_id = _identified(key, release.key, medium)
    return EditionRecord(
        source=source,
        id=external,
        group_id=group_id,
        title=draw.pick((None, None, "Deluxe Edition", "Anniversary Edition")) if medium == "digital" else None,
        kind=release.kind if draw.chance(0.8) else None,
        format=mediums.get(medium),
        official=draw.pick((True, True, True, False, None)),
        release_date=release_date(draw, year + draw.pick((0, 0, 0, 1, 10)) if year else None),
        barcode=barcode(draw, key),
        country=draw.pick(COUNTRIES) if draw.chance(0.7) else None,
        label=release.label if draw.chance(0.7) else None,
        catalog_no=f"{draw.pick('ABCX')}-{draw.number(100, 9999)}" if draw.chance(0.6) else None,
        medium_count=discs if draw.chance(0.7) else None,
        track_count=len(held) if draw.chance(0.7) else None,
        tracks=numbered(held, discs) if medium in ("cd", "vinyl") or draw.chance(0.5) else (),
    )


def _identified(
    key: str, group: str, medium: str
) -> tuple[Literal["spotify", "discogs", "musicbrainz"], str, str | None]:
    """(source, its id of the edition, its id of the group)."""
    match medium:
        case "digital":
            return "spotify", invented.spotify_id("album", key), None
        case "vinyl":
            return "discogs", invented.discogs_number("release", key), invented.discogs_number("master", group)
        case "cassette":
            return "discogs", invented.discogs_number("release", key), None
    return "musicbrainz", invented.musicbrainz_id("release", key), invented.musicbrainz_id("release-group", group)
