"""Every /v1 route in one table: a route is a row, its answer a stored document of schema/documents/v1."""

from dataclasses import dataclass

from compat_rest.v1 import identify, report, resolve, streams, suggestions
from compat_rest.v1.params import OneOf, Param
from compat_rest.v1.takes import Pour, Serve, Takes

NO_CONTENT = 204
LIMIT = Param("limit", "int", "How many results, 1 to 100.", 20, default=20, maximum=100)
CURSOR = Param("cursor", "text", "`next_cursor` of the page before.")
FROM = Param("from", "date", "First release date, itself included; undated releases are left out.", "2001-01-01")
UNTIL = Param("until", "date", "Last release date, itself included; undated releases are left out.", "2001-12-31")


def row_id(of: str) -> Param:
    return Param("id", "row", f"Id of the {of}.", 1, in_path=True, required=True)


@dataclass(frozen=True, slots=True)
class Route:
    """A stored document. `answer` is the path of the body in its data; `around` wraps the text found.

    What takes a body is a POST if not said otherwise: it takes variables from the body, and may do something before the
    document is read. `own` documents read what is the account's, by the executor; the others are plain reads of the
    catalog. Without a body, `serve` gives the whole answer, and `pour` one that is too large for memory.
    """

    path: str
    operation: str
    answer: tuple[str, ...]
    summary: str
    params: tuple[Param, ...] = ()
    one_of: OneOf | None = None
    paid: bool = False
    needs_any: tuple[str, ...] = ()
    around: tuple[str, str] | None = None
    tag: str = "Tracks"
    takes: Takes | None = None
    own: bool = False
    credits: int = 1  # of a request; 0 where it costs nothing, or the route charges what it does
    verb: str = ""
    status: int = 200
    serve: Serve | None = None
    pour: Pour | None = None

    @property
    def method(self) -> str:
        return self.verb or ("POST" if self.takes else "GET")

    @property
    def reads(self) -> bool:
        """Whether a stored document gives its answer."""
        return self.status != NO_CONTENT and self.pour is None

    @property
    def key(self) -> str:
        """What usage and examples call it."""
        return f"{self.method} {self.path}"


TRACK_NAMES = (
    Param("id", "row", "Track id.", 1, variable="databaseId"),
    Param("isrc", "isrc", "Any ISRC of the track.", "GBDUW0000053"),
    Param("spotify_id", "text", "Spotify track id.", "0DiWol3AO6WpXZgp0goxAV", variable="spotifyId"),
    Param("beatport_id", "text", "Beatport track id.", variable="beatportId"),
    Param("discogs_id", "text", "Discogs track key: release id and position, `2844-A`.", variable="discogsId"),
    Param("musicbrainz_id", "text", "MusicBrainz recording MBID.", variable="musicbrainzId"),
    Param("applemusic_id", "text", "Apple Music song id.", variable="appleMusicId"),
    Param("tidal_id", "text", "Tidal track id.", variable="tidalId"),
    Param("youtube_id", "text", "YouTube video id.", variable="youtubeId"),
)

STREAMS = (
    Route(
        "/v1/streams",
        "StreamCreate",
        ("viewer", "stream"),
        "Watch a radio stream; its URL is listened to first. With test keys, streams are simulated.",
        paid=True,
        tag="Streams",
        takes=streams.CREATE,
        own=True,
        credits=0,
        status=201,
    ),
    Route(
        "/v1/streams",
        "Streams",
        ("viewer", "page"),
        "All streams, active and stopped, newest first.",
        paid=True,
        tag="Streams",
        own=True,
        credits=0,
        serve=streams.every,
    ),
    Route(
        "/v1/streams/report",
        "StreamReport",
        (),
        "What streams played between two moments: one row an airing, by when it began.",
        report.PARAMS,
        paid=True,
        tag="Streams",
        own=True,
        credits=0,
        pour=report.pour,
    ),
    Route(
        "/v1/streams/{id}",
        "StreamById",
        ("viewer", "stream"),
        "A stream with what is going on with it, and what plays now; that is null in talk and silence.",
        (streams.STREAM_ID,),
        paid=True,
        tag="Streams",
        own=True,
        credits=0,
    ),
    Route(
        "/v1/streams/{id}",
        "StreamUpdate",
        ("viewer", "stream"),
        "Change a stream, which keeps its id and history; in force within a minute. Members that are left out stay.",
        (streams.STREAM_ID,),
        paid=True,
        tag="Streams",
        takes=streams.UPDATE,
        own=True,
        credits=0,
        verb="PATCH",
    ),
    Route(
        "/v1/streams/{id}",
        "StreamStop",
        (),
        "Watch a stream no longer; its history stays. Once more does no harm.",
        (streams.STREAM_ID,),
        paid=True,
        tag="Streams",
        own=True,
        credits=0,
        verb="DELETE",
        status=204,
        serve=streams.stop,
    ),
    Route(
        "/v1/streams/{id}/history",
        "StreamHistory",
        ("viewer", "stream", "plays"),
        "What was heard on a stream, newest first: each row an airing.",
        (streams.STREAM_ID, streams.SINCE, LIMIT, CURSOR),
        paid=True,
        tag="Streams",
        own=True,
        credits=0,
    ),
)

ROUTES = (
    Route(
        "/v1/tracks/search",
        "TrackSearch",
        ("page",),
        "Find tracks by artist and title; case, accents, word order, guests and mix names do not matter.",
        (
            Param("artist", "text", "Artist, as written anywhere.", "Daft Punk", required=True),
            Param("title", "text", "Title, as written anywhere.", "One More Time", required=True),
            LIMIT,
            CURSOR,
        ),
    ),
    Route(
        "/v1/tracks/isrc/{isrc}",
        "TrackByIsrc",
        ("track",),
        "A track by any of its ISRCs; hyphens and lower case are fine.",
        (Param("isrc", "isrc", "The ISRC.", "GBDUW0000053", in_path=True, required=True),),
    ),
    Route(
        "/v1/tracks/iswc",
        "TrackIswcs",
        ("track",),
        "The compositions behind a recording.",
        one_of=OneOf((TRACK_NAMES[1], TRACK_NAMES[0]), "by"),
    ),
    Route(
        "/v1/tracks/iswc/{iswc}",
        "TracksByIswc",
        ("iswc",),
        "The recordings of a composition, most popular first; `total` counts them all.",
        (
            Param("iswc", "iswc", "The ISWC; separators are fine.", "T0710204399", in_path=True, required=True),
            Param("limit", "int", "How many results, 1 to 200.", 50, default=50, maximum=200),
        ),
    ),
    Route(
        "/v1/tracks/links",
        "TrackLinks",
        ("track",),
        "What every platform calls a track, from any platform's id.",
        one_of=OneOf(TRACK_NAMES, "by"),
    ),
    Route(
        "/v1/tracks/resolve",
        "TracksResolve",
        ("results",),
        "Resolve 1 to 100 names, codes or ids in one request; answers come in order, one credit a line.",
        takes=resolve.TAKES,
    ),
    Route(
        "/v1/tracks/identify",
        "TracksIdentify",
        ("tracks",),
        "Recognise audio; a fingerprint costs 10 credits, a file 10 and one more for each megabyte (2^20 bytes) begun.",
        identify.PARAMS,
        paid=True,
        tag="Recognition",
        takes=identify.TAKES,
        credits=0,
    ),
    Route(
        "/v1/tracks/browse",
        "TrackBrowse",
        ("page", "nodes"),
        "At most 20 tracks that fit, newest first; or a sample of the most popular ones.",
        (
            Param("labelId", "row", "Tracks on releases of this label.", 1),
            Param("artistId", "row", "Tracks of this artist, in any role."),
            Param("genre", "text", "Name of a genre or subgenre.", "House"),
            Param("genreId", "row", "Id of a genre or subgenre."),
            Param("year", "int", "Year of the first release.", 2001, maximum=9999),
            Param("randomize", "flag", "Sample 20 of the 1,000 most popular.", default=False),
        ),
        paid=True,
        needs_any=("labelId", "artistId", "genre", "genreId", "year"),
        around=('{"results":', ',"next_cursor":null}'),
    ),
    Route(
        "/v1/tracks/{id}/suggestions",
        "SuggestionCreate",
        ("viewer", "suggestion"),
        "Suggest a genre for a track; reviewers approve or reject it. At most 100 a day.",
        (row_id("track"),),
        paid=True,
        tag="Suggestions",
        takes=suggestions.TAKES,
        own=True,
    ),
    Route(
        "/v1/suggestions",
        "Suggestions",
        ("viewer", "page"),
        "The account's genre suggestions, newest first.",
        (LIMIT, CURSOR),
        paid=True,
        tag="Suggestions",
        own=True,
    ),
    Route("/v1/tracks/{id}", "TrackById", ("track",), "A track by its id.", (row_id("track"),)),
    Route(
        "/v1/artists/search",
        "ArtistSearch",
        ("page",),
        "Find artists by name.",
        (Param("name", "text", "Name, as written anywhere.", "Daft Punk", required=True), LIMIT, CURSOR),
        tag="Artists",
    ),
    Route("/v1/artists/{id}", "ArtistById", ("artist",), "An artist by id.", (row_id("artist"),), tag="Artists"),
    Route(
        "/v1/artists/{id}/releases",
        "ArtistReleases",
        ("artist", "releases"),
        "An artist's releases, newest first.",
        (row_id("artist"), LIMIT, CURSOR, FROM, UNTIL),
        tag="Artists",
    ),
    Route(
        "/v1/labels/search",
        "LabelSearch",
        ("page",),
        "Find labels by name; by relevance, then by number of releases.",
        (Param("name", "text", "Name, as written anywhere.", "Virgin", required=True), LIMIT, CURSOR),
        tag="Labels",
    ),
    Route("/v1/labels/{id}", "LabelById", ("label",), "A label by id.", (row_id("label"),), tag="Labels"),
    Route(
        "/v1/labels/{id}/artists",
        "LabelArtists",
        ("label", "artists"),
        "Artists of a label, most releases on it first; `release_count` counts those alone.",
        (row_id("label"), LIMIT, CURSOR),
        tag="Labels",
    ),
    Route(
        "/v1/labels/{id}/releases",
        "LabelReleases",
        ("label", "releases"),
        "A label's releases, newest first.",
        (row_id("label"), LIMIT, CURSOR, FROM, UNTIL),
        tag="Labels",
    ),
    Route(
        "/v1/releases/search",
        "ReleaseSearch",
        ("page",),
        "Find releases by title.",
        (
            Param("title", "text", "Title, as written anywhere.", "Discovery", required=True),
            Param("artist", "text", "Releases by this artist only.", "Daft Punk"),
            LIMIT,
            CURSOR,
        ),
        tag="Releases",
    ),
    Route(
        "/v1/releases/new",
        "ReleasesNew",
        ("page",),
        "What came out, newest first.",
        (LIMIT, CURSOR),
        tag="Releases",
    ),
    Route(
        "/v1/releases/{id}",
        "ReleaseById",
        ("release",),
        "A release with its tracks and editions.",
        (row_id("release"), Param("edition", "row", "Number the tracks as this edition does.")),
        tag="Releases",
    ),
    Route("/v1/genres", "Genres", (), "All genres and subgenres.", tag="Genres"),
    *STREAMS,
)
