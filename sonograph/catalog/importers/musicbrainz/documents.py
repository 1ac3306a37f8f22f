"""Documents of the JSON dumps: the members that we read, everything else is passed over.

They are those of the web service (https://musicbrainz.org/doc/MusicBrainz_API), where a member may be null, empty or
missing for the same reason: it is unknown. Structs are not tracked by the garbage collector: a release of a thousand
tracks is fifty thousand objects without a cycle among them.
"""

from msgspec import Struct


class Document(Struct, frozen=True, kw_only=True, rename="kebab", gc=False):
    """Base of documents and their parts."""


class Named(Document, frozen=True):
    """An artist or label where another document speaks of it."""

    id: str | None = None
    name: str | None = None


class ArtistCredit(Document, frozen=True):
    artist: Named | None = None
    name: str | None = None  # as credited
    joinphrase: str | None = None


class Url(Document, frozen=True):
    resource: str | None = None


class Count(Document, frozen=True):
    """A genre and how many have voted for it."""

    name: str | None = None
    count: int | None = None


class WorkRelation(Document, frozen=True):
    """A relation of a work; only those to artists are read."""

    type: str | None = None
    artist: Named | None = None
    target_credit: str | None = None


class Work(Document, frozen=True):
    id: str | None = None
    title: str | None = None
    iswcs: tuple[str | None, ...] | None = None  # None: this document does not say
    relations: tuple[WorkRelation, ...] | None = ()


class Relation(Document, frozen=True):
    """A relation of a recording to an artist, a work or a URL; all others are read as none of these."""

    type: str | None = None
    ended: bool | None = None
    artist: Named | None = None
    target_credit: str | None = None
    url: Url | None = None
    work: Work | None = None


class Recording(Document, frozen=True):
    id: str | None = None
    title: str | None = None
    length: int | None = None  # milliseconds
    artist_credit: tuple[ArtistCredit, ...] | None = ()
    isrcs: tuple[str | None, ...] | None = ()
    relations: tuple[Relation, ...] | None = ()
    genres: tuple[Count, ...] | None = ()


class Track(Document, frozen=True):
    recording: Recording | None = None
    position: int | None = None


class Medium(Document, frozen=True):
    position: int | None = None
    format: str | None = None
    pregap: Track | None = None
    tracks: tuple[Track, ...] | None = ()
    data_tracks: tuple[Track, ...] | None = ()


class LabelInfo(Document, frozen=True):
    label: Named | None = None
    catalog_number: str | None = None


class UrlRelation(Document, frozen=True):
    type: str | None = None
    ended: bool | None = None
    url: Url | None = None


class ReleaseGroup(Document, frozen=True):
    id: str | None = None
    title: str | None = None
    artist_credit: tuple[ArtistCredit, ...] | None = ()
    primary_type: str | None = None
    secondary_types: tuple[str, ...] | None = ()
    first_release_date: str | None = None
    relations: tuple[UrlRelation, ...] | None = ()


class Area(Document, frozen=True):
    name: str | None = None


class ReleaseEvent(Document, frozen=True):
    date: str | None = None
    area: Area | None = None


class Release(Document, frozen=True):
    id: str | None = None
    title: str | None = None
    status: str | None = None
    date: str | None = None
    country: str | None = None
    barcode: str | None = None
    artist_credit: tuple[ArtistCredit, ...] | None = ()
    label_info: tuple[LabelInfo, ...] | None = ()
    release_group: ReleaseGroup | None = None
    release_events: tuple[ReleaseEvent, ...] | None = ()
    media: tuple[Medium, ...] | None = ()
    relations: tuple[UrlRelation, ...] | None = ()


class Alias(Document, frozen=True):
    name: str | None = None


class LifeSpan(Document, frozen=True):
    begin: str | None = None


class Artist(Named, frozen=True):
    type: str | None = None
    country: str | None = None
    aliases: tuple[Alias, ...] | None = ()
    life_span: LifeSpan | None = None
    relations: tuple[UrlRelation, ...] | None = ()


class Label(Named, frozen=True):
    aliases: tuple[Alias, ...] | None = ()
    relations: tuple[UrlRelation, ...] | None = ()
