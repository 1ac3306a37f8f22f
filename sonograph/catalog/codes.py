"""Codes of recordings, works, releases and artists: what people paste in, one canonical form out.

The check digits are three formulas of one line each. python-stdnum was considered: it knows no ISWC, refuses ISRCs of
registrants that are newer than its list, and takes none of the spellings below, so nothing of it would be left.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

_MAX_TEXT = 200  # a URL with a code in it is shorter; more is no code
# Spaces, hyphens and dashes, dots, underscores and invisible characters that come along with a copied code.
_SEPARATING = r"\s.\-_\u00ad\u2010-\u2015\u2212\u200b-\u200f\u202a-\u202e\u2060\ufeff"
_SEPARATORS = re.compile(f"[{_SEPARATING}]+")
# All but GTIN and MBID are matched after the separators are gone, in URLs too: MUSICBRAINZORG.
_MUSICBRAINZ = r"(?:HTTPS?://)?(?:BETA|WWW)?MUSICBRAINZORG/"
_ISRC = re.compile(rf"(?:{_MUSICBRAINZ}ISRC/|(?:URN:)?ISRC:?)?([A-Z]{{2}}[A-Z0-9]{{3}}[0-9]{{7}})/?")
_ISWC = re.compile(rf"(?:{_MUSICBRAINZ}ISWC/|(?:URN:)?ISWC:?)?(T?[0-9]{{10}})/?")
_GTIN = re.compile(
    r"(?:URN:)?(?:\(01\)|(?:GTIN|EAN|UPC|JAN|BARCODE)(?:[-\u2010\s]?(?:A|8|12|13|14)(?=[:#\s]))?[:#\s]*)?"
    rf"([0-9{_SEPARATING}]+)"
)
_GTIN_LENGTHS = (8, 12, 13, 14)
_MBID = re.compile(
    r"(?:(?:https?://)?(?:[a-z]+\.)?(?:musicbrainz|listenbrainz)\.org/(?P<entity>(?:[a-z-]+/)+)|urn:uuid:|mbid:)?\{?"
    r"(?P<id>[0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12})\}?(?:[/?#].*)?"
)
_ISNI = re.compile(r"(?:(?:HTTPS?://)?(?:WWW)?ISNI(?:ORG)?/(?:ISNI/|PAGE/)?|(?:URN:)?ISNI:?)?([0-9]{15}[0-9X])/?")


@dataclass(frozen=True, slots=True)
class Code:
    """A well-formed code in canonical form; `valid` says whether its check digit is right."""

    text: str
    valid: bool


def parse_isrc(text: str) -> str | None:
    """The ISRC as 12 characters (`GBDUW0000053`), None for what is none. It has no check digit (ISO 3901)."""
    return _found(_ISRC, _compact(text))


def parse_iswc(text: str) -> Code | None:
    """The ISWC as T and 10 digits (`T0710204399`), None for what is none (ISO 15707).

    Ten digits without the T are one only if the last of them is right.
    """
    found = _found(_ISWC, _compact(text))
    if found is None or found.startswith("T"):
        return _checked(found, iswc_check_digit)
    code = _checked(f"T{found}", iswc_check_digit)
    return code if code and code.valid else None


def parse_gtin(text: str) -> Code | None:
    """The 8, 12, 13 or 14 digits of an EAN, UPC or GTIN as they were given, None for another number of digits."""
    digits = _SEPARATORS.sub("", _found(_GTIN, _plain(text)) or "")
    return _checked(digits, gtin_check_digit) if len(digits) in _GTIN_LENGTHS else None


def parse_isni(text: str) -> Code | None:
    """The ISNI as 15 digits and its check character (`0000000121032683`), None for what is none (ISO 27729)."""
    return _checked(_found(_ISNI, _compact(text)), isni_check_digit)


def parse_mbid(text: str, *entities: str) -> str | None:
    """The MusicBrainz id in lower case with hyphens, from an id or a URL; None for what is none.

    A URL is one of these entities (`artist`, `release-group`), or of any.
    """
    match = _MBID.fullmatch(_plain(text).lower())
    if not match or (entities and match["entity"] and match["entity"].split("/")[-2] not in entities):
        return None
    return str(UUID(match["id"]))


def iswc_check_digit(digits: str) -> str:
    """The tenth digit: 1 + the sum of each digit times its position, to the next multiple of ten.

    It does not notice every wrong digit: positions 2, 4, 5, 6 and 8 share a factor with ten.
    """
    return str(-(1 + sum(position * int(digit) for position, digit in enumerate(digits.lstrip("T"), 1))) % 10)


def gtin_check_digit(digits: str) -> str:
    """The last digit: weights 3 and 1 in turn from the right, to the next multiple of ten."""
    return str(-sum(int(digit) * (1 if n % 2 else 3) for n, digit in enumerate(reversed(digits))) % 10)


def isni_check_digit(digits: str) -> str:
    """The sixteenth character, 0-9 or X: ISO 7064 MOD 11-2."""
    total = 0
    for digit in digits:
        total = (total + int(digit)) * 2
    remainder = (12 - total % 11) % 11
    return "X" if remainder == 10 else str(remainder)  # noqa: PLR2004 - X is the digit ten


def _plain(text: str) -> str:
    """Upper-case ASCII (full-width digits included), "" for what cannot be a code."""
    if len(text) > _MAX_TEXT:
        return ""
    text = unicodedata.normalize("NFKC", text).strip()
    return text.upper() if _SEPARATORS.sub("", text).isascii() else ""


def _compact(text: str) -> str:
    return _SEPARATORS.sub("", _plain(text))


def _found(pattern: re.Pattern[str], text: str) -> str | None:
    match = pattern.fullmatch(text)
    return match[1] if match else None


def _checked(text: str | None, check_digit: Callable[[str], str]) -> Code | None:
    return Code(text, valid=check_digit(text[:-1]) == text[-1]) if text else None
