"""Root fields that read the catalog."""

from typing import Annotated

import strawberry
from strawberry.scalars import JSON

from schema.projection.mapping import Connection, Node, find
from schema.types import by as lookups
from schema.types.artist import Artist
from schema.types.context import resolved
from schema.types.genre import Genre
from schema.types.label import Label
from schema.types.match import MatchConnection
from schema.types.release import Release
from schema.types.resolved import ResolvedTrack
from schema.types.shared import After, First
from schema.types.track import Track
from schema.types.viewer import Viewer
from schema.types.work import Iswc, Work
from sonograph.accounts.principal import Principal
from sonograph.catalog import browse, lookup, search
from sonograph.catalog.resolve import ResolveBy, resolve
from sonograph.errors import Invalid, PlanRequired
from sonograph.postgres.found import MAX_PAGE, Found


def _text(description: str) -> object:
    return strawberry.argument(description=description)


@strawberry.type(description="Reads.")
class Query:
    @resolved("Who is asking.")
    def viewer(self) -> Viewer:
        return Viewer()

    @find(Node | None)
    def node(id: Annotated[strawberry.ID, _text("Global id.")]) -> Found:
        """Any object by its global id."""
        return lookup.references([id])

    @find(list[Node | None])
    def nodes(ids: Annotated[list[strawberry.ID], _text("Global ids, at most 100.")]) -> Found:
        """Objects by their global ids, in the order asked for, null where there is none."""
        if len(ids) > MAX_PAGE:
            raise Invalid(f"ids: at most {MAX_PAGE}", "ids")
        return lookup.references(ids)

    @find(Track | None)
    def track(by: Annotated[lookups.TrackBy, _text("What names it.")]) -> Found:
        """A track by any id that names it."""
        return lookups.found(by)

    @find(Artist | None)
    def artist(by: Annotated[lookups.ArtistBy, _text("What names it.")]) -> Found:
        """An artist by any id that names it."""
        return lookups.found(by)

    @find(Label | None)
    def label(by: Annotated[lookups.LabelBy, _text("What names it.")]) -> Found:
        """A label by any id that names it."""
        return lookups.found(by)

    @find(Release | None)
    def release(by: Annotated[lookups.ReleaseBy, _text("What names it.")]) -> Found:
        """A release by any id that names it or one of its editions."""
        return lookups.found(by)

    @find(Work | None)
    def work(by: Annotated[lookups.WorkBy, _text("What names it.")]) -> Found:
        """A work by any id that names it."""
        return lookups.found(by)

    @find(Iswc | None)
    def iswc(code: Annotated[str, _text("The ISWC; separators are fine.")]) -> Found:
        """A composition's code with every recording behind it."""
        return lookup.iswc(code)

    @find(Genre | None)
    def genre(database_id: Annotated[int, _text("Number of the genre.")]) -> Found:
        """A genre by its number."""
        return lookup.genre_by_number(database_id)

    @find(list[Genre])
    def genres() -> Found:
        """All genres, each main one before its subgenres."""
        return browse.genres()

    @find(MatchConnection[Track])
    def search_tracks(
        artist: Annotated[
            str, _text('Artist, as written anywhere. If all you have is one text ("Artist - Title"), put it into both.')
        ],
        title: Annotated[str, _text("Title, as written anywhere; or the same text as `artist`.")],
        first: First = 20,
        after: After = None,
    ) -> Found:
        """Tracks by artist and title, best match first, then by popularity."""
        return search.tracks(artist, title, first, after)

    @find(Connection[Artist])
    def search_artists(
        name: Annotated[str, _text("Name, as written anywhere.")], first: First = 20, after: After = None
    ) -> Found:
        """Artists by name, best match first, then by popularity."""
        return search.artists(name, first, after)

    @find(Connection[Label])
    def search_labels(
        name: Annotated[str, _text("Name, as written anywhere.")], first: First = 20, after: After = None
    ) -> Found:
        """Labels by name, best match first, then by number of releases."""
        return search.labels(name, first, after)

    @find(Connection[Release])
    def search_releases(
        title: Annotated[str, _text("Title, as written anywhere.")],
        artist: Annotated[str | None, _text("Releases by this artist only.")] = None,
        first: First = 20,
        after: After = None,
    ) -> Found:
        """Releases by title, best match first, then by popularity."""
        return search.releases(title, artist, first, after)

    @find(Connection[Track])
    def browse_tracks(  # noqa: PLR0913, PLR0917  # GraphQL arguments are named
        label_id: Annotated[int | None, _text("`databaseId` of a label.")] = None,
        artist_id: Annotated[int | None, _text("`databaseId` of an artist.")] = None,
        genre: Annotated[str | None, _text("Name of a genre or subgenre.")] = None,
        genre_id: Annotated[int | None, _text("`databaseId` of a genre or subgenre.")] = None,
        year: Annotated[int | None, _text("Year of the first release.")] = None,
        randomize: Annotated[bool, _text("Sample the 1,000 most popular instead of the newest first.")] = False,  # noqa: FBT002  # GraphQL arguments are named
        first: First = 20,
        after: After = None,
        viewer: Principal | None = None,
    ) -> Found:
        """Tracks that fit all of the conditions, of which one is needed; newest first. For paid plans."""
        if viewer is not None and not viewer.paid:
            raise PlanRequired("Browsing needs a paid plan.")
        return browse.tracks(
            label_id=label_id,
            artist_id=artist_id,
            genre=genre,
            genre_id=genre_id,
            year=year,
            first=first,
            after=after,
            randomize=randomize,
        )

    @find(list[ResolvedTrack])
    def resolve_tracks(
        by: Annotated[ResolveBy, _text("What the lines are.")],
        items: Annotated[
            list[JSON | None],
            _text('1 to 100 lines: a code or id, "Artist - Title", or an object with artist and title.'),
        ],
        at_most: Annotated[int | None, _text("Look up the first so many lines, skip the others.")] = None,
    ) -> Found:
        """Tracks of up to 100 lines in one request, answered in order; a bad line never fails the others."""
        return resolve(by, items, len(items) if at_most is None else at_most)

    @find(Connection[Release])
    def new_releases(first: First = 20, after: After = None) -> Found:
        """Releases that are out, newest first, then by popularity."""
        return browse.new_releases(first, after)
