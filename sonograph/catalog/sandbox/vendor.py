"""The only real names in the sandbox: what the public examples and tests of the /v1 API's vendor rely on.

Names, dates, codes and MusicBrainz, Wikidata and Spotify ids are facts. Invented are, so that every platform has a
link: the Apple Music, Tidal, Beatport, Discogs, MusicBrainz and YouTube links of "One More Time" (from the ranges of
`invented`, so they lead nowhere); and all popularity figures. Nothing else is said about these artists.

Discovery has 14 tracks, as its edition says; only the four that the examples use exist here.
"""

from sonograph.catalog.records import (
    ArtistRecord,
    Credit,
    EditionRecord,
    LabelRecord,
    Link,
    Place,
    Ref,
    ReleaseRecord,
    Source,
    TrackRecord,
    WorkRecord,
)
from sonograph.catalog.sandbox.invented import link

HOUSE = 100  # the main genre; a subgenre has the same name
ARTIST = ArtistRecord(
    id="daft-punk",
    name="Daft Punk",
    country="France",
    formation_year=1993,
    wikidata_id="Q185828",
    musicbrainz_id="056e4f3e-d505-4dad-8ec1-d04f521cbb56",
    popularity=100_000,
)
LABEL = LabelRecord(id="virgin", name="Virgin", popularity=100_000)
WORK = WorkRecord(id="daft-punk/one-more-time", title="One More Time", iswcs=("T0710204399",))

_CREDITS = (Credit(artist=Ref(id=ARTIST.id)),)
_INVENTED_LINKS: tuple[Source, ...] = ("applemusic", "tidal", "beatport", "discogs", "musicbrainz", "youtube")

DISCOVERY = ReleaseRecord(
    id="discovery",
    title="Discovery",
    artist=Ref(id=ARTIST.id),
    label=Ref(id=LABEL.id),
    release_date="2001-03-12",
    popularity=100_000,
    tracks=(
        Place(
            track=TrackRecord(
                id="one-more-time",
                title="One More Time",
                artists=_CREDITS,
                duration=320,
                isrcs=("GBDUW0000053", "GBDUW0000054"),
                bpm=123,
                key="10B",
                genres=(HOUSE,),
                works=(WORK.id,),
                links=(
                    Link(source="spotify", id="0DiWol3AO6WpXZgp0goxAV"),
                    *(link(source, "one-more-time", "discovery") for source in _INVENTED_LINKS),
                ),
                popularity=100_000,
            ),
            disc=1,
            number=1,
        ),
        Place(
            track=TrackRecord(id="aerodynamic", title="Aerodynamic", artists=_CREDITS, duration=212, popularity=70_000),
            disc=1,
            number=2,
        ),
        Place(
            track=TrackRecord(
                id="harder-better-faster-stronger",
                title="Harder, Better, Faster, Stronger",
                artists=_CREDITS,
                duration=224,
                isrcs=("GBDUW0000059",),
                links=(Link(source="spotify", id="5W3cjX2J3tjhG8zb6u0qHn"),),
                popularity=95_000,
            ),
            disc=1,
            number=4,
        ),
        Place(
            track=TrackRecord(id="veridis-quo", title="Veridis Quo", artists=_CREDITS, popularity=60_000),
            disc=1,
            number=11,
        ),
    ),
    editions=(
        EditionRecord(
            source="musicbrainz",
            id="bd3bb36e-16c8-438f-850e-dfbf4d1478f0",
            group_id="48117b90-a16e-34ca-a514-19c702df1158",
            format="cd",
            release_date="2001-03-12",
            track_count=14,
        ),
    ),
)
HOMEWORK = ReleaseRecord(
    id="homework",
    title="Homework",
    artist=Ref(id=ARTIST.id),
    label=Ref(id=LABEL.id),
    release_date="1997-01-20",
    popularity=90_000,
    tracks=(
        Place(
            track=TrackRecord(
                id="around-the-world",
                title="Around the World",
                artists=_CREDITS,
                duration=429,
                isrcs=("GBDUW0600009",),
                links=(Link(source="spotify", id="1pKYYY0dkg23sQQXi0Q5zN"),),
                popularity=90_000,
            ),
            disc=1,
            number=7,
        ),
    ),
)
RELEASES = (DISCOVERY, HOMEWORK)
