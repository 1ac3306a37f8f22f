"""Closed lists of the field, stored as small integers: never renumber a member, never re-use a number.

The GraphQL name is the member's name; /v1 writes it in lower case (`APPLE_MUSIC` is `applemusic`).
"""

from enum import Enum, IntEnum


class Platform(IntEnum):
    """A service or database that knows a recording or release by an id of its own."""

    SPOTIFY = 1
    APPLE_MUSIC = 2
    TIDAL = 3
    BEATPORT = 4
    DISCOGS = 5
    MUSICBRAINZ = 6
    YOUTUBE = 7


class ArtistRole(IntEnum):
    """What an artist did on a recording."""

    PRIMARY = 0
    FEATURED = 1
    REMIXER = 2
    PRODUCER = 3
    COMPOSER = 4
    CONDUCTOR = 5
    PERFORMER = 6


# Those whom a listener would name for a recording, and by whose names people look for it; a composer has thousands.
BILLED_ROLES = (ArtistRole.PRIMARY, ArtistRole.FEATURED, ArtistRole.REMIXER, ArtistRole.PERFORMER)


class EditionKind(IntEnum):
    """What sort of release an edition is."""

    ALBUM = 1
    SINGLE = 2
    EP = 3
    COMPILATION = 4
    LIVE = 5
    REMIX = 6
    SOUNDTRACK = 7
    OTHER = 8


class EditionFormat(IntEnum):
    """What an edition was published on; MIXED when its media differ."""

    CD = 1
    VINYL = 2
    CASSETTE = 3
    DIGITAL = 4
    DVD = 5
    MIXED = 6
    OTHER = 7


class DatePrecision(IntEnum):
    """How much of a date is known: a year-only date is stored as 1 January of it."""

    DAY = 1
    MONTH = 2
    YEAR = 3


class EntityKind(IntEnum):
    """Kinds of catalog rows, in redirects and in the references of importers."""

    ARTIST = 1
    LABEL = 2
    RELEASE = 3
    TRACK = 4
    WORK = 5
    EDITION = 6
    RELEASE_GROUP = 7  # what a source groups its editions by; its row is the release


class OriginId(IntEnum):
    """Ids of the rows of `origin`: where a row comes from."""

    SANDBOX = 1
    JSONL = 2
    DISCOGS = 3
    MUSICBRAINZ = 4
    MUSICBRAINZ_TAGS = 5  # rows of MusicBrainz that hold genres made of its tags, which are under another licence
    MLC = 6
    LISTENBRAINZ = 7  # of listen counts; it makes no rows
    ESTIMATE = 8  # of popularity that we worked out ourselves, where nobody counted
    ACOUSTID = 9  # of fingerprints; it makes no rows of the catalog
    AUDIO = 10  # files that the operator has, and what was worked out from their sound


class MergeReason(IntEnum):
    """Why a row became one with those that came before it in its cluster."""

    LEADER = 0  # the one whose facts come first
    ISRC = 1
    PLATFORM_ID = 2
    RELATION = 3  # a source says so itself, or both recordings stand in the same place of releases of which it does
    NAME = 4  # name, duration and version
    ISWC = 5  # of works


_REST_NAMES = {"APPLE_MUSIC": "applemusic"}


def rest_name(member: Enum) -> str:
    """The member as /v1 and our JSONL write it: in lower case, but for the one that the contract joins."""
    return _REST_NAMES.get(member.name, member.name.lower())
