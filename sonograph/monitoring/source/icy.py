"""Titles between the bytes of the sound, every so many bytes, as SHOUTcast began it."""

import html
import re
from typing import TypeAlias

from sonograph.monitoring.source.faults import Fault
from sonograph.monitoring.source.http import words

INTERVALS = range(1, 1 << 22)  # bytes between titles; 8,192 and 16,000 are usual
LONGEST = 500  # letters of a title
Part: TypeAlias = bytes | str  # sound as it came, or a title between
# Quotes within a title are not marked, so its end is a quote before a semicolon and another name, or before nothing.
_TITLE = re.compile(rb"StreamTitle\s*=\s*'(.*?)'\s*(?:;\s*(?:\w+\s*=|\0|$)|\0|$)", re.DOTALL | re.IGNORECASE)


class Titles:
    """Takes the body, gives the sound and the titles in their order."""

    def __init__(self, interval: int) -> None:
        self._interval = interval
        self._left = interval  # bytes of sound before the next title
        self._block = bytearray()  # a title's length and as much of it as came
        self._seen = False  # a title: the station keeps to its interval
        self._off = False  # the station says that it sends titles, and does not

    def feed(self, data: bytes) -> list[Part]:
        parts: list[Part] = []
        place = 0
        while place < len(data):
            if self._off:
                parts.append(data[place:])
                break
            if self._left:
                piece = data[place : place + self._left]
                parts.append(piece)
                place += len(piece)
                self._left -= len(piece)
                continue
            size = 1 + 16 * (self._block[0] if self._block else data[place])
            piece = data[place : place + size - len(self._block)]
            self._block += piece
            place += len(piece)
            if len(self._block) == size:
                parts += self._read(bytes(self._block))
                self._block.clear()
                self._left = self._interval
        return parts

    def _read(self, block: bytes) -> list[Part]:
        if len(block) == 1:
            return []
        if b"=" in block and b"\0" not in block.rstrip(b"\0"):
            self._seen = True
            text = title_in(block[1:])
            return [text] if text else []
        if self._seen:
            raise Fault("The station's titles are out of step with its sound.")
        self._off = True
        return [block]  # sound after all


def title_in(block: bytes) -> str:
    """`StreamTitle` of a block of metadata; nothing where there is none."""
    match = _TITLE.search(block)
    return tidy(words(match[1])) if match else ""


def tidy(text: str) -> str:
    """A title as people write it: entities and doubled quotes undone; nothing where only a dash is left."""
    text = html.unescape(text).replace("''", "'").strip()[:LONGEST]
    return "" if not text.strip(" -|\N{EN DASH}") else " ".join(text.split())
