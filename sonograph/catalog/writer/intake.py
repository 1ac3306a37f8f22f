"""Records on their way in: checked, digested, and their codes in canonical form."""

import zlib
from dataclasses import dataclass
from hashlib import blake2b
from typing import Generic, TypeVar

import msgspec
from msgspec import structs

from sonograph.catalog.codes import parse_gtin, parse_isrc, parse_iswc, parse_mbid
from sonograph.catalog.dates import parse_date
from sonograph.catalog.genre_names import GENRES, canonical
from sonograph.catalog.keys import parse_key
from sonograph.catalog.platform_ids import parse_platform_id
from sonograph.catalog.records import (
    AnyRecord,
    ArtistRecord,
    EditionRecord,
    GroupRecord,
    Link,
    Place,
    ReleaseRecord,
    SourcedKey,
    TrackRecord,
    WorkRecord,
)
from sonograph.catalog.vocabulary import Platform
from sonograph.catalog.writer.outcome import Outcome
from sonograph.catalog.writer.source_ids import MENTIONED, MERGED
from sonograph.catalog.writer.track_keys import Foreseen

# Part of every digest. Raise it when records are to be read anew although their files did not change, because the rules
# by which we translate them did.
RULES = b"1"

NOT_VALID = "not a valid record"

PLATFORMS = {platform.name.lower().replace("_", ""): platform for platform in Platform}
_PARENTS = {genre.id: genre.parent_id for genre in GENRES}
_DECODER: msgspec.json.Decoder[AnyRecord] = msgspec.json.Decoder(AnyRecord)
_ENCODER = msgspec.json.Encoder()


R_co = TypeVar("R_co", bound=AnyRecord, covariant=True)


@dataclass(frozen=True, slots=True)
class Entry(Generic[R_co]):
    """A record of the batch, with the digest by which it is told whether it changed."""

    index: int
    record: R_co
    digest: int


def type_of(record: msgspec.Struct) -> str:
    return str(record.__struct_config__.tag)


def digest(encoded: bytes) -> int:
    """64 bits that are neither MENTIONED nor MERGED."""
    number = int.from_bytes(blake2b(encoded, digest_size=8, person=RULES).digest(), "big", signed=True)
    return number if number not in (MENTIONED, MERGED) else 1


class Prepared(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A record as it crosses from the process that reads a file to the one that writes rows."""

    type: str
    encoded: bytes  # JSON; of a record that cannot be written, its text for people
    digest: int = 0
    problem: tuple[str, str] | None = None  # (reason, value) of one that cannot be written
    foreseen: tuple[Foreseen, ...] = ()


def prepare(record: msgspec.Struct) -> Prepared:
    """Encode and digest a record, and look for what PostgreSQL refuses: it would take the whole batch with it."""
    name = type_of(record)
    try:
        encoded = _ENCODER.encode(record)
    except UnicodeEncodeError as error:  # a lone surrogate
        return Prepared(name, _ENCODER.encode(ascii(record)), problem=(NOT_VALID, str(error)))
    if b"\\u0000" in encoded and _has_nul(msgspec.to_builtins(record)):
        return Prepared(name, encoded, problem=("text with a NUL character", encoded.decode()))
    return Prepared(name, encoded, digest(encoded))


def check(index: int, prepared: Prepared, outcome: Outcome) -> Entry[AnyRecord] | None:
    """The record with its digest, None (and a rejection) if it breaks a rule of its members.

    JSONL was checked when it was decoded; records that an importer made were not.
    """
    if prepared.problem:
        outcome.reject(index, prepared.type, *prepared.problem)
        return None
    try:
        record = _DECODER.decode(prepared.encoded)
    except msgspec.ValidationError as error:
        outcome.reject(index, prepared.type, NOT_VALID, str(error))
        return None
    return Entry(index, record, prepared.digest)


def _has_nul(value: object) -> bool:
    if isinstance(value, dict):
        return any(_has_nul(part) for pair in value.items() for part in pair)
    if isinstance(value, list | tuple):
        return any(map(_has_nul, value))
    return isinstance(value, str) and "\0" in value


def pack(record: ReleaseRecord | GroupRecord) -> bytes:
    """A record as `release_record` keeps it. Level 6: 1,000 Discogs releases take 0.9 MB instead of 4.9."""
    return zlib.compress(_ENCODER.encode(record))


def unpack(body: bytes) -> AnyRecord:
    return _DECODER.decode(zlib.decompress(body))


def clean_artist(entry: Entry[ArtistRecord], outcome: Outcome) -> ArtistRecord:
    record = entry.record
    mbid = parse_mbid(record.musicbrainz_id) if record.musicbrainz_id else None
    if record.musicbrainz_id and mbid is None:
        outcome.flag(entry.index, "wrong MusicBrainz id", record.musicbrainz_id)
    date = _date(entry.index, record.formation_date, outcome)
    return structs.replace(record, musicbrainz_id=mbid, formation_date=date)


def clean_work(entry: Entry[WorkRecord], outcome: Outcome) -> WorkRecord:
    codes = dict[str, None]()
    for text in entry.record.iswcs:
        code = parse_iswc(text)
        if code is not None and code.valid:
            codes[code.text] = None
        else:
            outcome.flag(entry.index, "wrong ISWC", text)
    return structs.replace(entry.record, iswcs=tuple(codes))


def clean_track(index: int, record: TrackRecord, outcome: Outcome) -> TrackRecord:
    """The record with canonical codes, genre ids for names, keys in alphanumeric form; what is wrong is left out."""
    key = parse_key(record.key) if record.key else None
    if record.key and key is None:
        outcome.flag(index, "wrong key", record.key)
    return structs.replace(
        record,
        isrcs=_isrcs(index, record, outcome) if record.isrcs else (),
        key=key,
        keys=_keys(index, record, outcome) if record.keys else (),
        genres=clean_genres(index, record.genres, outcome) if record.genres else (),
        links=_links(index, record, outcome) if record.links else (),
        works=tuple(dict.fromkeys(record.works)),
    )


def _isrcs(index: int, record: TrackRecord, outcome: Outcome) -> tuple[str, ...]:
    codes = dict[str, None]()
    for text in record.isrcs:
        if code := parse_isrc(text):
            codes[code] = None
        else:
            outcome.flag(index, "wrong ISRC", text)
    return tuple(codes)


def _keys(index: int, record: TrackRecord, outcome: Outcome) -> tuple[SourcedKey, ...]:
    keys = dict[str, SourcedKey]()
    for said in record.keys:
        if key := parse_key(said.key):
            keys[said.source] = SourcedKey(source=said.source, key=key)
        else:
            outcome.flag(index, "wrong key", said.key)
    return tuple(keys.values())


def _links(index: int, record: TrackRecord, outcome: Outcome) -> tuple[Link, ...]:
    links = dict[tuple[str, str], Link]()
    for link in record.links:
        if found := parse_platform_id(PLATFORMS[link.source], link.id):
            links[link.source, found] = Link(source=link.source, id=found)
        else:
            outcome.flag(index, f"wrong {link.source} id", link.id)
    return tuple(links.values())


def clean_genres(index: int, genres: tuple[str | int, ...], outcome: Outcome) -> tuple[int, ...]:
    """Ids of the genres, each subgenre with its main genre: what is Deep House is House, too."""
    ids = dict[int, None]()
    for genre in genres:
        found = canonical(genre) if isinstance(genre, str) else genre
        if found in _PARENTS:
            if main := _PARENTS[found]:
                ids[main] = None
            ids[found] = None
        else:
            outcome.flag(index, "unknown genre", genre)
    return tuple(ids)


def clean_release(entry: Entry[ReleaseRecord], outcome: Outcome) -> ReleaseRecord:
    index, record = entry.index, entry.record
    return structs.replace(
        record,
        release_date=_date(index, record.release_date, outcome),
        tracks=_places(index, record.tracks, outcome),
        editions=tuple(_edition(index, edition, outcome) for edition in record.editions),
    )


def clean_group(entry: Entry[GroupRecord], outcome: Outcome) -> GroupRecord:
    index, record = entry.index, entry.record
    date = _date(index, record.release_date, outcome)
    return structs.replace(record, release_date=date, genres=clean_genres(index, record.genres, outcome))


def _edition(index: int, edition: EditionRecord, outcome: Outcome) -> EditionRecord:
    barcode = parse_gtin(edition.barcode) if edition.barcode else None
    if edition.barcode and (barcode is None or not barcode.valid):
        outcome.flag(index, "wrong barcode (kept as unverified)", edition.barcode)
    return structs.replace(
        edition,
        release_date=_date(index, edition.release_date, outcome),
        tracks=_places(index, edition.tracks, outcome),
    )


def _places(index: int, places: tuple[Place, ...], outcome: Outcome) -> tuple[Place, ...]:
    return tuple(
        place
        if isinstance(place.track, str)
        else structs.replace(place, track=clean_track(index, place.track, outcome))
        for place in places
    )


def _date(index: int, text: str | None, outcome: Outcome) -> str | None:
    if text is None or parse_date(text) is not None:
        return text
    outcome.flag(index, "not a date", text)
    return None
