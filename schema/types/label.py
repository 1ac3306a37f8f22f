"""Labels."""

from datetime import date
from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry.scalars import JSON

from schema.projection.mapping import Connection, Node, column, expr, find, one, row
from schema.types.artist import Artist, From, Until
from schema.types.shared import DATABASE_ID, After, First, stored
from sonograph.catalog import browse
from sonograph.postgres.found import Found

if TYPE_CHECKING:
    from schema.types.release import Release


@row("artist", beside={"label_release_count": "int"})
class LabelArtist:
    """An artist as seen from a label: the count is of the releases on that label alone."""

    artist: Artist = one("this.id = parent.id", description="The artist.")
    database_id: int = column("id", description=DATABASE_ID)
    name: str = stored("Name as its source writes it.")
    country: str | None = stored("English name of the country of origin.")
    formation_year: int | None = stored("Year in which a group was formed.")
    formation_date: date | None = stored("Day on which a group was formed, where it is known to the day.")
    social_links: JSON | None = stored("Handles or URLs by platform.")
    wikidata_id: str | None = stored("Wikidata item, `Q…`.")
    musicbrainz_id: str | None = expr("this.musicbrainz_id::text", description="MusicBrainz artist MBID.")
    release_count: int = column("label_release_count", description="Releases by this artist on this label.")


@row("label")
class Label(Node):
    """A record label."""

    database_id: int = column("id", description=DATABASE_ID)
    name: str = stored("Name as its source writes it.")
    release_count: int = stored("Releases on this label.")
    artist_count: int = expr(
        "select count(distinct r.artist_id)::int from release r where r.label_id = this.id",
        description="Artists with a release on this label.",
    )

    @find(Connection[Annotated["Release", strawberry.lazy("schema.types.release")]])
    def releases(first: First = 20, after: After = None, since: From = None, until: Until = None) -> Found:
        """Releases, newest first; undated ones last, and left out when either bound is set."""
        return browse.releases_of_label(first, after, since, until)

    @find(Connection[LabelArtist])
    def artists(first: First = 20, after: After = None) -> Found:
        """Artists with releases on this label, most releases first."""
        return browse.artists_of_label(first, after)
