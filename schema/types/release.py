"""Releases and their editions."""

from datetime import date
from typing import TYPE_CHECKING, Annotated

import strawberry

from schema.projection.mapping import Connection, Node, column, expr, find, one, row
from schema.types.artist import Artist
from schema.types.label import Label
from schema.types.shared import DATABASE_ID, After, First, stored
from sonograph.catalog import browse
from sonograph.catalog.vocabulary import DatePrecision, EditionFormat, EditionKind, Platform
from sonograph.postgres.found import Found

if TYPE_CHECKING:
    from schema.types.track import ReleaseTrack

EditionNumber = Annotated[
    int | None, strawberry.argument(description="`databaseId` of an edition of this release: number by it.")
]
TrackCount = Annotated[int, strawberry.argument(description="How many tracks, 1 to 1,000.")]


@row("edition")
class Edition:
    """One published pressing, file or box of a release, as one source lists it."""

    database_id: int = column("id", description=DATABASE_ID)
    source: Platform = stored("Who lists it.")
    external_id: str = stored("The source's id of the edition.")
    group_external_id: str | None = stored("The source's own group: MusicBrainz release group, Discogs master.")
    title: str | None = stored("Title, where it differs from the release's.")
    kind: EditionKind | None = stored("What sort of release it is.")
    format: EditionFormat | None = stored("What it was published on.")
    official: bool | None = stored("Whether the rights holder published it.")
    release_date: date | None = stored("When it came out, see `datePrecision`.")
    date_precision: DatePrecision | None = stored("How much of the date is known.")
    barcode: str | None = stored("Digits of the barcode, with a right check digit.")
    unverified_barcode: str | None = stored("Digits as printed whose check digit is wrong.")
    country: str | None = stored("Where it was published.")
    label: str | None = stored("The label that issued this edition.")
    catalog_no: str | None = stored("That label's catalogue number.")
    medium_count: int | None = stored("Discs, cassettes or the like.")
    track_count: int | None = stored("Tracks by the source's own count.")
    tracks_on_row: int = expr(
        "select count(*)::int from edition_track et where et.edition_id = this.id",
        description="Tracks of the release that are on this edition.",
    )


@row("release")
class Release(Node):
    """One record that groups every edition of an album, single or compilation."""

    database_id: int = column("id", description=DATABASE_ID)
    title: str = stored("Title.")
    artist: Artist = one("this.id = parent.artist_id", description="Who it is by.")
    label: Label | None = one("this.id = parent.label_id", description="The label of its first edition.")
    release_date: date | None = stored("When its first edition came out, see `datePrecision`.")
    date_precision: DatePrecision | None = stored("How much of the date is known.")
    catalog_no: str | None = stored("Catalogue number of its first edition.")
    track_count: int = stored("Tracks on all its editions, each recording once.")
    popularity: int = stored("How much it is listened to; comparable within the catalog only.")
    musicbrainz_release_ids: list[str] = expr(
        "array(select e.external_id from edition e where e.release_id = this.id and e.source = 6 order by 1)",
        description="MusicBrainz MBIDs of its editions, sorted.",
    )
    musicbrainz_release_group_ids: list[str] = expr(
        "array(select distinct e.group_external_id from edition e where e.release_id = this.id and e.source = 6 "
        "and e.group_external_id is not null order by 1)",
        description="MusicBrainz release groups of its editions, sorted.",
    )

    @find(list[Annotated["ReleaseTrack", strawberry.lazy("schema.types.track")]])
    def tracks(first: TrackCount = 200, edition: EditionNumber = None) -> Found:
        """Tracks in playing order, unknown positions last."""
        return browse.tracks_of_release(edition, first)

    @find(int | None)
    def numbered_by(edition: EditionNumber = None) -> Found:
        """The `databaseId` of the edition whose numbering `tracks` shows: null for the default, and for a stranger."""
        return browse.edition_shown(edition)

    @find(Connection[Edition])
    def editions(first: First = 20, after: After = None) -> Found:
        """All editions, oldest first."""
        return browse.editions_of_release(first, after)

    @find(list[Edition])
    def distinct_editions() -> Found:
        """At most 20 editions that are genuinely different, oldest first."""
        return browse.distinct_editions_of_release()
