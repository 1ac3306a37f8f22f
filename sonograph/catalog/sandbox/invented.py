"""Identifiers of the right shape, from ranges that the real registries do not give out.

ISRC            XXFIC…               XX is not among the prefixes of the ISRC agency (ZZ and QZ are)
ISWC            T-599…               far above the blocks in use, though nobody reserves it
EAN, UPC        29…, 2…, 4…          GS1 keeps them for numbers used inside one company
MusicBrainz     version 5 UUIDs      MusicBrainz makes versions 3 and 4
Wikidata        Q99 and nine digits  Wikidata has about nine digits in all
Spotify         0FictionSonograph…   spells what it is
YouTube         Fic-_…               spells what it is, as far as eleven characters go
Apple Music, Tidal, Beatport, Discogs: 99…, many times the highest number that each has reached

All are derived from the id of our record, so that adding a record changes no other.
"""

from hashlib import sha256
from uuid import NAMESPACE_URL, uuid5

from sonograph.catalog.codes import gtin_check_digit, iswc_check_digit
from sonograph.catalog.records import Link, Source

BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def _number(kind: str, key: str, below: int) -> int:
    return int.from_bytes(sha256(f"{kind}:{key}".encode()).digest()[:8]) % below


def _base62(number: int, length: int) -> str:
    text = ""
    for _ in range(length):
        number, digit = divmod(number, 62)
        text += BASE62[digit]
    return text


def isrc(key: str, year: int | None) -> str:
    return f"XXFIC{(year or 2000) % 100:02}{_number('isrc', key, 100_000):05}"


def iswc(key: str) -> str:
    digits = f"599{_number('iswc', key, 1_000_000):06}"
    return f"T{digits}{iswc_check_digit(digits)}"


def barcode(key: str, length: int = 13, *, wrong: bool = False) -> str:
    """EAN-13, UPC-A (12) or EAN-8 with its check digit, or with another one."""
    prefix = {13: "29", 12: "4", 8: "2"}[length]
    room = length - len(prefix) - 1
    digits = f"{prefix}{_number('barcode', key, 10**room):0{room}}"
    check_digit = int(gtin_check_digit(digits))
    return f"{digits}{(check_digit + 3) % 10 if wrong else check_digit}"


def musicbrainz_id(kind: str, key: str) -> str:
    return str(uuid5(NAMESPACE_URL, f"https://sonograph.invalid/sandbox/{kind}/{key}"))


def wikidata_id(key: str) -> str:
    return f"Q99{_number('wikidata', key, 10**9):09}"


def spotify_id(kind: str, key: str) -> str:
    """22 characters of base 62, like the real ones."""
    return f"0FictionSonograph{_base62(_number(f'spotify {kind}', key, 62**5), 5)}"


def discogs_number(kind: str, key: str) -> str:
    """Of a release or master."""
    return f"99{_number(f'discogs {kind}', key, 1_000_000):06}"


def youtube_id(key: str) -> str:
    return f"Fic-_{_base62(_number('youtube', key, 62**6), 6)}"


def link(source: Source, key: str, release: str = "", position: str = "1") -> Link:
    """The link of track `key` on one platform; Discogs names a track by release and position."""
    match source:
        case "spotify":
            external = spotify_id("track", key)
        case "applemusic" | "tidal" | "beatport":
            external = f"99{_number(source, key, 10**8):08}"
        case "discogs":
            external = f"{discogs_number('release', release or key)}-{position}"
        case "musicbrainz":
            external = musicbrainz_id("recording", key)
        case "youtube":
            external = youtube_id(key)
    return Link(source=source, id=external)
