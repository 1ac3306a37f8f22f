"""Every shape of the /v1 contract as data: members in their order, with what each may hold."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]
Check = Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class Shape:
    """An object: exactly these members, in this order."""

    members: dict[str, "Kind"]


@dataclass(frozen=True, slots=True)
class Many:
    """A list, never null."""

    of: "Kind"
    at_most: int | None = None


@dataclass(frozen=True, slots=True)
class Optional:
    """A value or null."""

    of: "Kind"


Kind = Shape | Many | Optional | Check


def _whole(value: Any) -> bool:
    return type(value) is int


def _count(value: Any) -> bool:
    return type(value) is int and value >= 0


def _id(value: Any) -> bool:
    return type(value) is int and value > 0


def _text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def _flag(value: Any) -> bool:
    return isinstance(value, bool)


def _matches(pattern: str) -> Check:
    compiled = re.compile(pattern)

    def check(value: Any) -> bool:
        return isinstance(value, str) and compiled.fullmatch(value) is not None

    return check


def _one_of(*values: str) -> Check:
    def check(value: Any) -> bool:
        return isinstance(value, str) and value in values

    return check


def _tempo(value: Any) -> bool:
    return type(value) in {int, float} and 0 < value < 1000 and round(value, 2) == value


def _links(value: Any) -> bool:
    return isinstance(value, dict) and value != {} and all(_text(k) and _text(v) for k, v in value.items())


DATE = _matches(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
MBID = _matches(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
ISRC = _matches(r"[A-Z]{2}[A-Z0-9]{3}\d{7}")
ISWC = _matches(r"T\d{10}")
CAMELOT = _matches(r"([1-9]|1[0-2])[AB]")
OPEN_KEY = _matches(r"([1-9]|1[0-2])[dm]")
MUSICAL = _matches(r"[A-G][#b♯♭]?m?")
PLATFORMS = ("spotify", "applemusic", "tidal", "beatport", "discogs", "musicbrainz", "youtube")

REFERENCE = Shape({"id": _id, "name": _text})
KEY = Shape(
    {
        "source": _text,
        "key_alphanumeric": CAMELOT,
        "key_musical": Optional(MUSICAL),
        "key_open": Optional(OPEN_KEY),
    }
)
CREDIT = Shape({"id": _id, "name": _text, "is_primary": _flag, "is_remixer": _flag})
TRACK_RELEASE = Shape(
    {"id": _id, "title": _text, "artist": REFERENCE, "label": Optional(REFERENCE), "release_date": Optional(DATE)}
)
_MUSIC: dict[str, Kind] = {
    "isrc": Optional(ISRC),
    "duration": Optional(_count),
    "genre": Many(_text),
    "subgenre": Many(_text),
    "bpm": Optional(_tempo),
    "key_alphanumeric": Optional(CAMELOT),
    "key_musical": Optional(MUSICAL),
    "key_open": Optional(OPEN_KEY),
    "keys": Many(KEY),
}
TRACK = Shape({"id": _id, "title": _text, "artists": Many(CREDIT), "releases": Many(TRACK_RELEASE), **_MUSIC})
RELEASE_TRACK = Shape(
    {
        "id": _id,
        "title": _text,
        "artists": Many(CREDIT),
        **_MUSIC,
        "disc_number": Optional(_id),
        "track_number": Optional(_id),
    }
)
ARTIST = Shape(
    {
        "id": _id,
        "name": _text,
        "country": Optional(_text),
        "formation_year": Optional(_whole),
        "formation_date": Optional(DATE),
        "social_links": Optional(_links),
        "wikidata_id": Optional(_matches(r"Q\d+")),
        "musicbrainz_id": Optional(MBID),
        "release_count": _count,
    }
)
LABEL = Shape({"id": _id, "name": _text, "release_count": _count})
LABEL_DETAILS = Shape({**LABEL.members, "artist_count": _count})
ARTIST_RELEASE = Shape(
    {
        "id": _id,
        "title": _text,
        "label": Optional(REFERENCE),
        "release_date": Optional(DATE),
        "catalog_no": Optional(_text),
        "track_count": _count,
    }
)
RELEASE_SUMMARY = Shape(
    {
        "id": _id,
        "title": _text,
        "artist": REFERENCE,
        "label": Optional(REFERENCE),
        "release_date": Optional(DATE),
        "catalog_no": Optional(_text),
        "track_count": _count,
    }
)
EDITION = Shape(
    {
        "id": _id,
        "source": _one_of("spotify", "discogs", "musicbrainz"),
        "external_id": _text,
        "group_external_id": Optional(_text),
        "title": Optional(_text),
        "edition_kind": Optional(
            _one_of("album", "single", "ep", "compilation", "live", "remix", "soundtrack", "other")
        ),
        "format": Optional(_one_of("cd", "vinyl", "cassette", "digital", "dvd", "mixed", "other")),
        "official": Optional(_flag),
        "release_date": Optional(DATE),
        "date_precision": Optional(_one_of("day", "month", "year")),
        "barcode": Optional(_matches(r"\d+")),
        "country": Optional(_text),
        "label": Optional(_text),
        "catalog_no": Optional(_text),
        "medium_count": Optional(_id),
        "track_count": Optional(_id),
        "tracks_on_row": _count,
    }
)
RELEASE = Shape(
    {
        **RELEASE_SUMMARY.members,
        "musicbrainz_release_ids": Many(MBID),
        "musicbrainz_release_group_ids": Many(MBID),
        "tracks": Many(RELEASE_TRACK),
        "editions": Many(EDITION, at_most=20),
        "edition": Optional(_id),
    }
)
LINK = Shape({"source": _one_of(*PLATFORMS), "external_id": _text, "url": Optional(_matches(r"https://\S+"))})
LINKS = Shape({"track_id": _id, "title": _text, "isrc": Optional(ISRC), "links": Many(LINK)})
ISWCS = Shape({"sonovault_id": _id, "isrc": Optional(ISRC), "iswcs": Many(Shape({"iswc": ISWC, "title": _text}))})
RECORDINGS = Shape({"iswc": ISWC, "title": _text, "total": _count, "results": Many(TRACK, at_most=200)})
GENRES = Shape(
    {"genres": Many(Shape({"id": _id, "name": _text, "type": _one_of("main", "subgenre"), "parent": Optional(_text)}))}
)


def page(of: Shape, at_most: int = 100) -> Shape:
    return Shape({"results": Many(of, at_most), "next_cursor": Optional(_text)})


def faults(value: Any, kind: Kind, path: str = "") -> Iterator[str]:  # noqa: C901  # one branch for each kind
    """What is wrong with a value, each with the path to it."""
    if isinstance(kind, Optional):
        if value is not None:
            yield from faults(value, kind.of, path)
    elif isinstance(kind, Many):
        if not isinstance(value, list):
            yield f"{path}: {value!r} is no list"
            return
        if kind.at_most is not None and len(value) > kind.at_most:
            yield f"{path}: {len(value)} of at most {kind.at_most}"
        for index, item in enumerate(value):
            yield from faults(item, kind.of, f"{path}[{index}]")
    elif isinstance(kind, Shape):
        if not isinstance(value, dict) or list(value) != list(kind.members):
            yield f"{path}: members are {list(value) if isinstance(value, dict) else value!r}"
            return
        for name, inner in kind.members.items():
            yield from faults(value[name], inner, f"{path}.{name}")
    elif not kind(value):
        yield f"{path}: {value!r}"


def is_shaped(value: Any, kind: Kind) -> bool:
    """True, or an assertion error that lists what is wrong."""
    found = list(faults(value, kind))
    assert not found, "\n".join(found[:20])
    return True


def leaves(value: Any, kind: Kind, path: str = "") -> Iterator[tuple[str, Any]]:
    """Path (without indices) and value of all that can be empty: members that may be null, and lists."""
    if isinstance(kind, Optional):
        yield path, value
        if value is not None:
            yield from leaves(value, kind.of, path)
    elif isinstance(kind, Many):
        yield path, value or None
        for item in value:
            yield from leaves(item, kind.of, f"{path}[]")
    elif isinstance(kind, Shape):
        for name, inner in kind.members.items():
            yield from leaves(value[name], inner, f"{path}.{name}")
