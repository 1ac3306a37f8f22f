"""Artists, and their credits on recordings."""

from datetime import date
from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry.scalars import JSON

from schema.projection.mapping import Connection, Node, column, expr, find, one, row
from schema.types.shared import DATABASE_ID, After, First, stored
from sonograph.catalog import browse
from sonograph.catalog.vocabulary import ArtistRole
from sonograph.postgres.found import Found

if TYPE_CHECKING:
    from schema.types.release import Release
    from schema.types.track import Track

From = Annotated[date | None, strawberry.argument(name="from", description="First day, itself included.")]
Until = Annotated[date | None, strawberry.argument(description="Last day, itself included.")]


@row("artist")
class Artist(Node):
    """A person or group that makes recordings."""

    database_id: int = column("id", description=DATABASE_ID)
    name: str = stored("Name as its source writes it.")
    country: str | None = stored("English name of the country of origin.")
    formation_year: int | None = stored("Year in which a group was formed.")
    formation_date: date | None = stored("Day on which a group was formed, where it is known to the day.")
    social_links: JSON | None = stored("Handles or URLs by platform.")
    wikidata_id: str | None = stored("Wikidata item, `Q…`.")
    musicbrainz_id: str | None = expr("this.musicbrainz_id::text", description="MusicBrainz artist MBID.")
    release_count: int = stored("Releases by this artist.")
    popularity: int = stored("How much this artist is listened to; comparable within the catalog only.")

    @find(Connection[Annotated["Release", strawberry.lazy("schema.types.release")]])
    def releases(first: First = 20, after: After = None, since: From = None, until: Until = None) -> Found:
        """Releases, newest first; undated ones last, and left out when either bound is set."""
        return browse.releases_of_artist(first, after, since, until)

    @find(Connection[Annotated["Track", strawberry.lazy("schema.types.track")]])
    def tracks(first: First = 20, after: After = None) -> Found:
        """Recordings with this artist in any role, most popular first."""
        return browse.tracks_of_artist(first, after)


@row("track_artist", "track_id")
class ArtistCredit:
    """An artist's part in a recording."""

    artist: Artist = one("this.id = parent.artist_id", description="Who it is.")
    artist_database_id: int = column("artist_id", description="The artist's number.")
    artist_name: str = expr(
        "select a.name from artist a where a.id = this.artist_id", description="The artist's own name."
    )
    credited_as: str | None = stored("The name on this recording, where it differs from the artist's own.")
    role: ArtistRole = stored("What the artist did.")
    is_primary: bool = expr("this.role = 0", description="Whether the recording is by this artist.")
    is_remixer: bool = expr("this.role = 2", description="Whether this artist remixed it.")
    join_phrase: str | None = stored("What stands between this name and the next in the full credit.")
