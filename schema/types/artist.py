"""Artists, and their credits on recordings."""

from datetime import date
from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry.scalars import JSON

from schema.projection.mapping import Connection, Node, column, expr, find, one, row
from schema.types.shared import DATABASE_ID, After, First, stored
from sonograph.catalog import browse
from sonograph.catalog.vocabulary import BILLED_ROLES, ArtistRole
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


# Who is named to a listener: not those who wrote or produced it. An artist with several of these roles is billed once,
# as primary where that is one of them: 3,080 of the 8,768 tracks of a Discogs excerpt credit somebody twice.
_BILLED_ROLES = ", ".join(str(int(role)) for role in BILLED_ROLES)
BILLED = f"""this.track_id = parent.id and (this.role = {ArtistRole.PRIMARY} or this.role in ({_BILLED_ROLES})
  and not exists (select from track_artist better where better.track_id = this.track_id
    and better.artist_id = this.artist_id and better.role in ({_BILLED_ROLES}) and better.role < this.role))"""


@row("track_artist", "track_id")
class BilledArtist:
    """An artist whom a listener would name for a recording."""

    artist: Artist = one("this.id = parent.artist_id", description="Who it is.")
    artist_database_id: int = column("artist_id", description="The artist's number.")
    artist_name: str = expr(
        "select a.name from artist a where a.id = this.artist_id", description="The artist's own name."
    )
    is_primary: bool = expr(f"this.role = {ArtistRole.PRIMARY}", description="Whether the recording is by this artist.")
    is_remixer: bool = expr(
        f"""this.role = {ArtistRole.REMIXER} or this.role < {ArtistRole.REMIXER} and exists (
          select from track_artist remix where remix.track_id = this.track_id
            and remix.artist_id = this.artist_id and remix.role = {ArtistRole.REMIXER})""",
        description="Whether this artist remixed it.",
    )
