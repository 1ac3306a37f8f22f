"""Codes and platform ids of made-up rows: well-formed, all different, with right check digits."""

import string
from collections.abc import Callable
from random import Random
from uuid import UUID

from sonograph.catalog.codes import gtin_check_digit, iswc_check_digit
from sonograph.catalog.vocabulary import Platform

_BASE36 = string.digits + string.ascii_uppercase
_BASE62 = string.digits + string.ascii_letters
_COUNTRIES = ("US", "GB", "DE", "FR", "ES", "IT", "NL", "SE", "BR", "JP", "CA", "AU", "MX", "AR", "PL", "QZ")
_ISRCS = 36**3 * 10**7  # registrant, year and designation together
_SPREAD = 20_003_999_987  # shares no factor with _ISRCS: neighbours in, distant codes out, none twice
MAX_ISRCS = 4  # of a track

# How many of a hundred recordings each platform has.
SHARES = {
    Platform.SPOTIFY: 0.9,
    Platform.APPLE_MUSIC: 0.75,
    Platform.TIDAL: 0.6,
    Platform.BEATPORT: 0.25,
    Platform.DISCOGS: 0.35,
    Platform.MUSICBRAINZ: 0.4,
    Platform.YOUTUBE: 0.5,
}


def isrc(track_id: int, number: int) -> str:
    """The `number`-th code of a track, from 0."""
    spread = (track_id * MAX_ISRCS + number) * _SPREAD % _ISRCS
    registrant, rest = divmod(spread, 10**7)
    high, low = divmod(registrant, 36)
    return f"{_COUNTRIES[track_id % 16]}{_BASE36[high // 36]}{_BASE36[high % 36]}{_BASE36[low]}{rest:07}"


def iswc(work_id: int) -> str:
    digits = f"{work_id:09}"
    return f"T{digits}{iswc_check_digit(digits)}"


def barcode(edition_id: int) -> str:
    digits = f"{400_000_000_000 + edition_id}"
    return digits + gtin_check_digit(digits)


def mbid(random: Random) -> str:
    return str(UUID(int=random.getrandbits(128), version=4))


_FORMS: dict[Platform, Callable[[int, Random], str]] = {
    Platform.SPOTIFY: lambda _, random: "".join(random.choices(_BASE62, k=22)),
    Platform.APPLE_MUSIC: lambda track_id, _: str(1_000_000_000 + track_id * 13),
    Platform.TIDAL: lambda track_id, _: str(10_000_000 + track_id * 7),
    Platform.BEATPORT: lambda track_id, _: str(1_000_000 + track_id * 3),
    Platform.DISCOGS: lambda track_id, _: f"{2_000_000 + track_id // 8}-{'AB'[track_id % 2]}{track_id % 8 // 2 + 1}",
    Platform.MUSICBRAINZ: lambda _, random: mbid(random),
    Platform.YOUTUBE: lambda _, random: "".join(random.choices(_BASE62, k=11)),
}


def platform_id(platform: Platform, track_id: int, random: Random) -> str:
    return _FORMS[platform](track_id, random)
