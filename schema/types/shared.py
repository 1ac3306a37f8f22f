"""What many types share: page arguments, plain columns, enums."""

from enum import Enum, IntEnum
from typing import Annotated, Any

import strawberry

from sonograph.catalog.vocabulary import ArtistRole, DatePrecision, EditionFormat, EditionKind, Platform

First = Annotated[int, strawberry.argument(description="How many rows, 1 to 100.")]
After = Annotated[str | None, strawberry.argument(description="Cursor of the row to go on behind.")]


def stored(description: str) -> Any:
    """A field that is the column of its name."""
    return strawberry.field(description=description)


DATABASE_ID = "The number that the REST API calls `id`."
INTERNAL_ID = "The number behind the global id, as commands and the audit log show it; the REST API has no such things."


class GenreType(IntEnum):
    """Main genre or subgenre."""

    MAIN = 1
    SUBGENRE = 2


def describe(enum: type[Enum], description: str, values: dict[str, str]) -> None:
    """Make a domain enum a GraphQL one, with a sentence for each value."""
    strawberry.enum(enum, description=description)
    for value in enum.__strawberry_definition__.values:  # type: ignore[attr-defined]  # set by strawberry.enum
        value.description = values[value.name]


describe(
    Platform,
    "A service or database that knows recordings by ids of its own.",
    {
        "SPOTIFY": "Spotify.",
        "APPLE_MUSIC": "Apple Music.",
        "TIDAL": "Tidal.",
        "BEATPORT": "Beatport.",
        "DISCOGS": "Discogs: release id and position.",
        "MUSICBRAINZ": "MusicBrainz.",
        "YOUTUBE": "YouTube.",
    },
)
describe(
    ArtistRole,
    "What an artist did on a recording.",
    {
        "PRIMARY": "The recording is by this artist.",
        "FEATURED": "Guest of the primary artist.",
        "REMIXER": "Made this version of it.",
        "PRODUCER": "Produced it.",
        "COMPOSER": "Wrote the work.",
        "CONDUCTOR": "Conducted it.",
        "PERFORMER": "Performed on it.",
    },
)
describe(
    EditionKind,
    "What sort of release an edition is.",
    {
        "ALBUM": "Album.",
        "SINGLE": "Single.",
        "EP": "Extended play: longer than a single, shorter than an album.",
        "COMPILATION": "Tracks from elsewhere.",
        "LIVE": "Recorded live.",
        "REMIX": "Remixes.",
        "SOUNDTRACK": "Music of a film, play or game.",
        "OTHER": "Something else.",
    },
)
describe(
    EditionFormat,
    "What an edition was published on.",
    {
        "CD": "Compact disc.",
        "VINYL": "Record of any size and speed.",
        "CASSETTE": "Cassette.",
        "DIGITAL": "Files or a stream.",
        "DVD": "DVD or Blu-ray.",
        "MIXED": "Media of several kinds.",
        "OTHER": "Something else.",
    },
)
describe(
    DatePrecision,
    "How much of a date is known: the first day stands for a whole month or year.",
    {"DAY": "All of it.", "MONTH": "Month and year.", "YEAR": "The year."},
)
describe(GenreType, "Main genre or subgenre.", {"MAIN": "A main genre.", "SUBGENRE": "A subgenre of a main genre."})
