"""Positions as Discogs prints them ("B2", "CD2-5", "1.03") as disc and track numbers."""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

_MAX = 32767
# With a medium in front or not: disc and track ("2-05", "CD2-5", "1.03"), a track alone ("7", "CD-3", "DVD4"), or the
# side of a record or cassette with a track or without ("A", "B2", "LP-A1", "A.9"). What follows (a letter, brackets)
# tells apart parts of one number.
_NUMBERED = re.compile(
    r"(?P<medium>[A-Z]{2,}(?:-R|\+R)?)?[ -]?(?P<disc>\d{1,4})[-.:](?P<track>\d{1,5})(?:\D.*)?", re.ASCII
)
_OTHER_ON_DISC = re.compile(r"(?P<medium>[A-Z]{2,})[ -]?(?P<disc>\d{1,4})[-.:]\D.*", re.ASCII)
_SINGLE = re.compile(r"(?P<medium>[A-Z]{2,})?[ -]?(?P<track>\d{1,5})(?:[^\d].*)?", re.ASCII)
_SIDED = re.compile(
    r"(?:(?P<medium>[A-Z]{2,})-)?(?P<side>([A-Z])\3|A[A-Z]|[A-Z])(?:[-. ]{0,2}(?P<track>\d{1,4})(?:\D.*)?|[ (.-].*)?",
    re.ASCII,
)
_ROMAN = re.compile(r"[IVXL]+")
_MEDIA = frozenset(("CD", "CDR", "DVD", "LP", "EP", "SACD", "BD", "MC", "VHS", "BR", "CASS", "VINYL", "DISC", "FILE"))


class Number(NamedTuple):
    disc: int | None
    track: int | None


class _Parsed(NamedTuple):
    medium: str  # "" when none is named
    disc: int | None  # as printed
    side: str | None
    track: int | None


def numbers(positions: Sequence[str]) -> list[Number]:
    """Disc and track of each position of one release, in its order.

    Sides of a record count on: A and B are disc 1, C and D disc 2, and B1 follows the last of A. Where several media
    are named, or sides stand beside numbered discs, discs are counted in the order in which they appear. Numbers as
    printed are kept where they rise within a disc, otherwise tracks are counted. (None, None): not understood.
    """
    if "I" in positions and all(map(_ROMAN.fullmatch, positions)):
        return [Number(1, count) for count in range(1, len(positions) + 1)]
    parsed = [_parse(position) for position in positions]
    sides = list(dict.fromkeys(p.side for p in parsed if p and p.side))
    keys = [_disc_key(p, sides) if p else None for p in parsed]
    order = list(dict.fromkeys(key for key in keys if key))
    as_printed = len({(medium, sided) for medium, sided, _ in order}) == 1
    discs = [None if key is None else key[2] if as_printed else order.index(key) + 1 for key in keys]
    counted = _tracks(parsed, discs)
    return [
        Number(disc, track) if disc is not None and 0 < disc <= _MAX else Number(None, None)
        for disc, track in zip(discs, counted, strict=True)
    ]


def _parse(position: str) -> _Parsed | None:
    text = " ".join(position.upper().split())
    for pattern in (_NUMBERED, _OTHER_ON_DISC, _SINGLE):
        match = pattern.fullmatch(text)
        if match:
            found = match.groupdict()
            if found.get("medium") and found["medium"].rstrip("+-R") not in _MEDIA and pattern is _SINGLE:
                break  # "AA1" is a side
            disc, track = found.get("disc"), found.get("track")
            return _Parsed(found["medium"] or "", int(disc) if disc else None, None, int(track) if track else None)
    if match := _SIDED.fullmatch(text):
        track = match["track"]
        return _Parsed(match["medium"] or "", None, match["side"], int(track) if track else None)
    return None


def _disc_key(parsed: _Parsed, sides: Sequence[str]) -> tuple[str, bool, int]:
    """(medium, whether it has sides, disc of that medium)."""
    if parsed.side is None:
        return parsed.medium, False, parsed.disc or 1
    # "AA" is the other side of "A", unless the sides have run through the alphabet: then it follows Z.
    if len(parsed.side) == 1:
        number = ord(parsed.side) - ord("A")
    elif parsed.side == "AA" and "Z" not in sides:
        number = 1
    else:
        number = 26 + ord(parsed.side[1]) - ord("A") if "Z" in sides else sides.index(parsed.side)
    return parsed.medium, True, number // 2 + 1


def _tracks(parsed: Sequence[_Parsed | None], discs: Sequence[int | None]) -> list[int | None]:
    by_disc: dict[int, list[int]] = {}
    for index, disc in enumerate(discs):
        if disc is not None:
            by_disc.setdefault(disc, []).append(index)
    found: list[int | None] = [None] * len(parsed)
    for indexes in by_disc.values():
        tracks = [p for index in indexes if (p := parsed[index])]
        printed = [p.track for p in tracks if p.side is None and p.track]
        rising = all(a < b for a, b in pairwise(printed))
        as_printed = len(printed) == len(indexes) and rising
        for count, index in enumerate(indexes, start=1):
            track = parsed[index]
            number = track.track if as_printed and track else count
            found[index] = number if number is not None and number <= _MAX else None
    return found
