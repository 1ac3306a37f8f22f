"""Playlists of HLS (RFC 8216), as far as radio needs them."""

import re
from collections import deque
from dataclasses import dataclass, replace

from sonograph.monitoring.source.faults import Fault
from sonograph.monitoring.source.icy import tidy
from sonograph.monitoring.source.playlists import absolute

# Names begin behind a comma alone: tried anywhere, half a megabyte of letters without `=` took minutes.
_ATTRIBUTE = re.compile(r'(?:^|,)[ \t]*([A-Z0-9-]+)=("[^"]*"|[^,]*)')
_QUOTED = re.compile(r'\b(title|artist)="([^"]*)"')
_GOOD_ENOUGH = 64_000  # bit/s: more tells recognition nothing more
_MOST = 500  # pieces of a playlist that are looked at, from its end
_LONGEST = 60.0  # seconds of a piece


@dataclass(frozen=True, slots=True)
class HlsPiece:
    number: int  # its media sequence number
    url: str
    seconds: float
    start: str | None  # the address of what begins its stream, in MP4
    title: str | None
    span: tuple[int, int] | None  # bytes of the file: from, to, both included


@dataclass(frozen=True, slots=True)
class Media:
    """The pieces of the moment."""

    target: float  # seconds, the longest of a piece
    first: int  # number of the first
    pieces: tuple[HlsPiece, ...]
    ended: bool


@dataclass(frozen=True, slots=True)
class Master:
    """Where there are several qualities: the one that is listened to."""

    url: str


def parse(text: str, base: str) -> Master | Media:
    """Raises `Fault` for what is encrypted, holds no sound or makes no sense."""
    lines = [line.strip() for line in text.splitlines()]
    if any(line.startswith("#EXT-X-STREAM-INF") for line in lines):
        return Master(_quality(lines, base))
    return _Reading(base).read(lines)


def _quality(lines: list[str], base: str) -> str:
    """The least that is good enough, rather without a picture."""
    groups: dict[str, str] = {}
    qualities: list[tuple[dict[str, str], str]] = []  # attributes, address
    announced: dict[str, str] | None = None  # attributes of the quality whose address is the next
    for line in lines:
        if line.startswith("#EXT-X-MEDIA:"):
            attributes = _attributes(line)
            if attributes.get("TYPE") == "AUDIO" and "URI" in attributes:
                groups.setdefault(attributes.get("GROUP-ID", ""), attributes["URI"])
        elif line.startswith("#EXT-X-STREAM-INF:"):
            announced = _attributes(line)
        elif line and not line.startswith("#") and announced is not None:
            qualities.append((announced, line))
            announced = None
    found = [one for one in (_offered(attributes, address, groups) for attributes, address in qualities) if not one[0]]
    if not found:
        raise Fault("This is a video, not a radio stream.", lasting=True)
    good = [one for one in found if one[1] >= _GOOD_ENOUGH]
    chosen = min(good, key=lambda one: one[1]) if good else max(found, key=lambda one: one[1])
    chosen_url = absolute(base, chosen[2])
    if chosen_url is None:
        raise Fault("The playlist names no address that can be asked.", lasting=True)
    return chosen_url


def _offered(attributes: dict[str, str], address: str, groups: dict[str, str]) -> tuple[bool, int, str]:
    """With a picture or without, bit/s, address."""
    codecs = attributes.get("CODECS", "")
    picture = "RESOLUTION" in attributes or bool(re.search(r"avc|hvc|hev|vp0?9|av01", codecs))
    digits = re.match(r"\d{1,10}", attributes.get("BANDWIDTH", ""))
    if picture and attributes.get("AUDIO", "") in groups:
        picture, address = False, groups[attributes["AUDIO"]]
    return picture, int(digits[0]) if digits else 0, address


def _attributes(line: str) -> dict[str, str]:
    return {name: value.strip('"') for name, value in _ATTRIBUTE.findall(line.partition(":")[2])}


class _Reading:
    def __init__(self, base: str) -> None:
        self._base = base
        self._target = 10.0
        self._number = self._first = 0
        self._ended = False
        self._start: str | None = None
        self._seconds = 0.0
        self._title: str | None = None
        self._range = ""
        self._span_end = -1
        self._pieces: deque[HlsPiece] = deque(maxlen=_MOST)  # addresses as the playlist writes them

    def read(self, lines: list[str]) -> Media:
        for line in lines:
            if line.startswith("#"):
                self._tag(line)
            elif line:
                self._piece(line)
        pieces = ((piece, absolute(self._base, piece.url)) for piece in self._pieces)
        found = tuple(replace(piece, url=url) for piece, url in pieces if url is not None)
        return Media(self._target, self._first, found, self._ended)

    def _tag(self, line: str) -> None:
        name, _, value = line.partition(":")
        match name:
            case "#EXTINF":
                self._seconds = min(_LONGEST, _number(value))
                self._title = _title(value.partition(",")[2])
            case "#EXT-X-TARGETDURATION":
                self._target = min(_LONGEST, max(0.5, _number(value)))
            case "#EXT-X-MEDIA-SEQUENCE":
                self._number = self._first = int(_number(value))
            case "#EXT-X-ENDLIST":
                self._ended = True
            case "#EXT-X-MAP":
                self._start = absolute(self._base, _attributes(line).get("URI", ""))
                if "BYTERANGE" in _attributes(line):
                    raise Fault("The stream begins within a file, which is not read here.", lasting=True)
            case "#EXT-X-BYTERANGE":
                self._range = value
            case "#EXT-X-KEY" if _attributes(line).get("METHOD") != "NONE":
                raise Fault("The stream is encrypted.", lasting=True)

    def _piece(self, line: str) -> None:
        span = None
        if self._range:
            length, at, start = self._range.partition("@")
            begin = int(_number(start)) if at else self._span_end + 1
            self._span_end = begin + int(_number(length)) - 1
            span = (begin, self._span_end)
        self._pieces.append(HlsPiece(self._number, line, self._seconds, self._start, self._title, span))
        self._number += 1
        self._title, self._range = None, ""


def _number(text: str) -> float:
    match = re.match(r"\s*(\d{1,15}(?:\.\d{1,9})?)", text)
    return float(match[1]) if match else 0.0


def _title(text: str) -> str | None:
    """What stands behind a piece's length: a title, or attributes with one."""
    named = dict(_QUOTED.findall(text))
    if named:
        text = " - ".join(filter(None, (named.get("artist", ""), named.get("title", ""))))
    elif "=" in text:
        return None
    return tidy(text) or None
