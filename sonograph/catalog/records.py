"""What importers say about the world: the records of our JSONL format, which every other importer is translated into.

One JSON object a line; `type` says which record it is. Ids are text, scoped to the origin that is imported: the same
id in a later line or run speaks of the same thing. Members left out are unknown. Reference: docs/reference/jsonl.md.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

Id = Annotated[str, Meta(min_length=1, max_length=200)]
Name = Annotated[str, Meta(min_length=1, max_length=1000)]
Text = Annotated[str, Meta(max_length=1000)]
Count = Annotated[int, Meta(ge=0, le=2**31 - 1)]
Position = Annotated[int, Meta(ge=0, le=32767)]
PartialDateText = Annotated[str, Meta(max_length=20)]  # 2001-03-12, 2001-03 or 2001
KeyText = Annotated[str, Meta(max_length=20)]  # 10B, D major, 3d …

Role = Literal["primary", "featured", "remixer", "producer", "composer", "conductor", "performer"]
Source = Literal["spotify", "applemusic", "tidal", "beatport", "discogs", "musicbrainz", "youtube"]
Kind = Literal["album", "single", "ep", "compilation", "live", "remix", "soundtrack", "other"]
Format = Literal["cd", "vinyl", "cassette", "digital", "dvd", "mixed", "other"]


class Record(
    Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True, gc=False, tag_field="type"
):
    """Base of the records that a line may hold. Frozen, so in no cycle: the garbage collector need not look at them."""


class Part(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True, gc=False):
    """Base of what stands inside records."""


class Ref(Part, frozen=True):
    """An artist or label by its id; with a name, it is made when it is not known yet."""

    id: Id
    name: Name | None = None


class Same(Part, frozen=True):
    """The record of another source that speaks of the same thing: its id there, as our importer of it names it."""

    source: Literal["discogs", "musicbrainz"]
    id: Id


class ArtistRecord(Record, frozen=True, tag="artist"):
    id: Id
    name: Name
    aliases: tuple[Name, ...] = ()
    country: Text | None = None  # English name
    formation_year: Annotated[int, Meta(ge=0, le=9999)] | None = None
    formation_date: PartialDateText | None = None
    social_links: dict[str, str] | None = None  # platform: handle or URL
    wikidata_id: Annotated[str, Meta(pattern="^Q[0-9]+$", max_length=20)] | None = None
    musicbrainz_id: Text | None = None
    popularity: Count | None = None
    same_as: tuple[Same, ...] = ()


class LabelRecord(Record, frozen=True, tag="label"):
    id: Id
    name: Name
    aliases: tuple[Name, ...] = ()
    popularity: Count | None = None
    same_as: tuple[Same, ...] = ()


class WorkRecord(Record, frozen=True, tag="work"):
    id: Id
    title: Name
    iswcs: tuple[Text, ...] = ()


class Credit(Part, frozen=True):
    """An artist on a recording. join_phrase stands between this name and the next (" feat. ")."""

    artist: Ref
    role: Role = "primary"
    credited_as: Name | None = None
    join_phrase: Text | None = None


class SourcedKey(Part, frozen=True):
    source: Name
    key: KeyText


class Link(Part, frozen=True):
    source: Source
    id: Id


class TrackRecord(Record, frozen=True, tag="track"):
    """A recording. The first ISRC is the preferred one. Genres are canonical names or ids, or names we can map."""

    id: Id
    title: Name
    artists: Annotated[tuple[Credit, ...], Meta(min_length=1, max_length=100)]
    duration: Annotated[int, Meta(ge=0, le=2**31 - 1)] | None = None  # seconds
    isrcs: tuple[Text, ...] = ()
    bpm: Annotated[float, Meta(gt=0, lt=1000)] | None = None
    key: KeyText | None = None
    keys: tuple[SourcedKey, ...] = ()
    genres: tuple[str | int, ...] = ()
    works: tuple[Id, ...] = ()  # ids of work records; several for a medley
    links: tuple[Link, ...] = ()
    popularity: Count | None = None


class Place(Part, frozen=True):
    """Where a track stands on a release or edition: a track record, or the id of one."""

    track: TrackRecord | Id
    disc: Position | None = None
    number: Position | None = None


class EditionRecord(Part, frozen=True):
    """One published edition as one source lists it. Without tracks it carries all tracks of the release."""

    source: Literal["spotify", "discogs", "musicbrainz"]
    id: Id
    group_id: Id | None = None  # the source's own group: Discogs master, MusicBrainz release group
    title: Name | None = None
    kind: Kind | None = None
    format: Format | None = None
    official: bool | None = None
    release_date: PartialDateText | None = None
    barcode: Text | None = None
    country: Text | None = None
    label: Text | None = None
    catalog_no: Text | None = None
    medium_count: Position | None = None
    track_count: Position | None = None
    tracks: tuple[Place, ...] = ()


class ReleaseRecord(Record, frozen=True, tag="release"):
    """A release with its tracks. Records of the same `group` are editions of one release, whatever their ids."""

    id: Id
    title: Name
    artist: Ref
    group: Id | None = None
    main: bool = False  # of its group: its title, artist and numbering stand for all (otherwise the earliest one's)
    label: Ref | None = None
    release_date: PartialDateText | None = None
    catalog_no: Text | None = None
    popularity: Count | None = None
    tracks: tuple[Place, ...] = ()
    editions: tuple[EditionRecord, ...] = ()
    same_as: tuple[Same, ...] = ()  # releases of other sources, not groups


class GroupRecord(Record, frozen=True, tag="group"):
    """What is known of a group as a whole. It makes no release by itself; it stands in where records say nothing."""

    id: Id
    release_date: PartialDateText | None = None
    genres: tuple[str | int, ...] = ()  # of tracks that have none
    same_as: tuple[Same, ...] = ()  # groups of other sources


class RedirectRecord(Record, frozen=True, tag="redirect"):
    """`id` was merged into `into`: both ids answer with the same row from now on."""

    kind: Literal["artist", "label", "release", "track", "work"]
    id: Id
    into: Id


class FingerprintRecord(Record, frozen=True, tag="fingerprint"):
    """The sound of a track, by which it is recognised: an id of its own, and the track that it is of."""

    id: Id
    track: Id | Link | None = None  # a track record's id, or what a platform calls the recording
    seconds: Annotated[float, Meta(gt=0, le=25_200)] | None = None  # that the fingerprints are of
    chromaprint: Annotated[str, Meta(min_length=1)] | None = None  # AcoustID's text form
    landmarks: Annotated[bytes, Meta(min_length=1)] | None = None  # base64 in the file
    removed: bool = False  # it is to be forgotten


class AcoustidFingerprint(Struct, frozen=True, gc=False, tag="acoustid fingerprint"):
    """Items as bytes (little-endian), or in AcoustID's text form. `length` is that of the whole file in seconds."""

    id: int
    length: float
    items: bytes | None = None
    text: str | None = None


class AcoustidTrack(Struct, frozen=True, gc=False, tag="acoustid track"):
    """Which of AcoustID's tracks a fingerprint is of."""

    fingerprint: int
    track: int


class AcoustidRecording(Struct, frozen=True, gc=False, tag="acoustid recording"):
    """A recording of MusicBrainz that a track is, as so many people say; as none does any more: -1."""

    track: int
    mbid: str
    submissions: int


class AcoustidRedirect(Struct, frozen=True, gc=False, tag="acoustid redirect"):
    """A track that became another one."""

    track: int
    into: int


AnyRecord = ArtistRecord | LabelRecord | WorkRecord | TrackRecord | ReleaseRecord | GroupRecord | RedirectRecord
AcoustidRecord = AcoustidFingerprint | AcoustidTrack | AcoustidRecording | AcoustidRedirect
