"""Lines of a bulk resolve."""

from strawberry.scalars import JSON

from schema.projection.mapping import column, find, many, one, row
from schema.types.match import Match
from schema.types.shared import describe, stored
from schema.types.track import PlatformLink, Track
from sonograph.catalog.resolve import ResolveBy, ResolveStatus, match_of_line
from sonograph.postgres.found import Found

describe(
    ResolveBy,
    "What the lines of a bulk resolve are.",
    {
        "TRACK_NAME": "Artist and title.",
        "ISRC": "ISRCs.",
        "SONOVAULT_ID": "Numbers of tracks, `databaseId`.",
        "SPOTIFY_ID": "Spotify ids, URIs or addresses.",
        "APPLE_MUSIC_ID": "Apple Music ids or addresses.",
        "TIDAL_ID": "Tidal ids or addresses.",
        "BEATPORT_ID": "Beatport ids or addresses.",
        "DISCOGS_ID": "Discogs track keys, `2844-A`.",
        "MUSICBRAINZ_ID": "MusicBrainz MBIDs or addresses.",
        "YOUTUBE_ID": "YouTube ids or addresses.",
    },
)
describe(
    ResolveStatus,
    "What became of a line.",
    {
        "MATCHED": "A track was found.",
        "NOT_FOUND": "No track fits, or the line is malformed.",
        "SKIPPED_NO_CREDITS": "Not looked up: the month's credits were spent before this line.",
    },
)


@row("", beside={"n": "int", "input": "json", "status": "int", "track_id": "int", "_tier": "int", "_score": "int"})
class ResolvedTrack:
    """A line and what was found for it."""

    input: JSON | None = stored("The line as it was given.")
    status: ResolveStatus = stored("What became of it.")
    track_database_id: int | None = column("track_id", description="Number of the track.")
    track: Track | None = one("this.id = parent.track_id", description="The track.")

    @find(Match | None)
    def match() -> Found:
        """How well the track fits artist and title: null for lines that are codes or ids, and where nothing fits."""
        return match_of_line()

    links: list[PlatformLink] = many(
        "this.track_id = parent.track_id",
        order='this.source, this.external_id collate "C"',
        description="What platforms call the track.",
    )
