"""How rows are looked up: inputs with exactly one member."""

from collections.abc import Callable
from typing import Any

import strawberry

from sonograph.catalog import lookup
from sonograph.catalog.vocabulary import EntityKind, Platform
from sonograph.postgres.found import Found

UNSET: Any = strawberry.UNSET


def _id(description: str = "Global id.") -> Any:
    return strawberry.field(default=UNSET, description=description)


NUMBER = "The number that the REST API calls `id`."


@strawberry.input(one_of=True, description="One way to name a track.")
class TrackBy:
    id: strawberry.ID | None = _id()
    database_id: int | None = _id(NUMBER)
    isrc: str | None = _id("Any ISRC of it; separators and lower case are fine.")
    spotify_id: str | None = _id("Spotify track id.")
    apple_music_id: str | None = _id("Apple Music song id.")
    tidal_id: str | None = _id("Tidal track id.")
    beatport_id: str | None = _id("Beatport track id.")
    discogs_id: str | None = _id("Discogs track key: release id and position, `2844-A`.")
    musicbrainz_id: str | None = _id("MusicBrainz recording MBID.")
    youtube_id: str | None = _id("YouTube video id.")


@strawberry.input(one_of=True, description="One way to name an artist.")
class ArtistBy:
    id: strawberry.ID | None = _id()
    database_id: int | None = _id(NUMBER)
    musicbrainz_id: str | None = _id("MusicBrainz artist MBID.")
    wikidata_id: str | None = _id("Wikidata item, `Q…`.")


@strawberry.input(one_of=True, description="One way to name a label.")
class LabelBy:
    id: strawberry.ID | None = _id()
    database_id: int | None = _id(NUMBER)


@strawberry.input(one_of=True, description="One way to name a release.")
class ReleaseBy:
    id: strawberry.ID | None = _id()
    database_id: int | None = _id(NUMBER)
    barcode: str | None = _id("Barcode of any edition.")
    musicbrainz_release_id: str | None = _id("MusicBrainz MBID of any edition.")
    musicbrainz_release_group_id: str | None = _id("MusicBrainz MBID of the release group.")
    discogs_release_id: str | None = _id("Discogs id of any edition.")
    discogs_master_id: str | None = _id("Discogs id of the master.")


@strawberry.input(one_of=True, description="One way to name a work.")
class WorkBy:
    id: strawberry.ID | None = _id()
    database_id: int | None = _id(NUMBER)
    iswc: str | None = _id("Any ISWC of it; separators are fine.")


Lookup = Callable[[Any], Found]


def _platform(platform: Platform) -> Lookup:
    return lambda external_id: lookup.track_by_platform(platform, external_id)


def _kind(kind: EntityKind) -> dict[str, Lookup]:
    return {
        "id": lambda text: lookup.row_by_global_id(kind, text),
        "database_id": lambda number: lookup.row_by_number(kind, number),
    }


LOOKUPS: dict[type, dict[str, Lookup]] = {
    TrackBy: {
        **_kind(EntityKind.TRACK),
        "isrc": lookup.track_by_isrc,
        "spotify_id": _platform(Platform.SPOTIFY),
        "apple_music_id": _platform(Platform.APPLE_MUSIC),
        "tidal_id": _platform(Platform.TIDAL),
        "beatport_id": _platform(Platform.BEATPORT),
        "discogs_id": _platform(Platform.DISCOGS),
        "musicbrainz_id": _platform(Platform.MUSICBRAINZ),
        "youtube_id": _platform(Platform.YOUTUBE),
    },
    ArtistBy: {
        **_kind(EntityKind.ARTIST),
        "musicbrainz_id": lookup.artist_by_musicbrainz_id,
        "wikidata_id": lookup.artist_by_wikidata_id,
    },
    LabelBy: _kind(EntityKind.LABEL),
    ReleaseBy: {
        **_kind(EntityKind.RELEASE),
        "barcode": lookup.release_by_barcode,
        "musicbrainz_release_id": lambda text: lookup.release_by_edition(Platform.MUSICBRAINZ, text),
        "musicbrainz_release_group_id": lambda text: lookup.release_by_group(Platform.MUSICBRAINZ, text),
        "discogs_release_id": lambda text: lookup.release_by_edition(Platform.DISCOGS, text),
        "discogs_master_id": lambda text: lookup.release_by_group(Platform.DISCOGS, text),
    },
    WorkBy: {**_kind(EntityKind.WORK), "iswc": lookup.work_by_iswc},
}


def found(by: Any) -> Found:
    """The find of whichever member is set; GraphQL has seen to it that exactly one is."""
    lookups = LOOKUPS[type(by)]
    return next(find(value) for name, find in lookups.items() if (value := getattr(by, name)) is not UNSET)
