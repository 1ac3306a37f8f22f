"""What the sandbox station airs at any time: the same on every machine, for all time, and nothing but a calculation.

A slot is a minute, from one full minute to the next: talk, a jingle, one song from its beginning, and talk until
the slot ends; in every tenth one there is silence after the song. So a play starts in every minute. All songs are aired
in an order of chance before one comes again, and no song follows itself.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Final

from sonograph.catalog.sandbox.draw import Draw
from sonograph.recognition.sandbox.load import shipped

SLOT: Final = 60  # seconds
SHORTEST, LONGEST = 40, 48  # seconds of a song that are aired; its reference has a minute
TALK_SHORTEST, TALK_LONGEST = 4, 6  # seconds before the jingle
JINGLE: Final = 2
SILENT_EVERY: Final = 10  # slots
SILENCE: Final = 8  # at most what a slot of the shortest song leaves: 60 - 40 - 6 - 2 = 12


class Kind(Enum):
    SONG = "song"
    TALK = "talk"
    JINGLE = "jingle"
    SILENCE = "silence"


@dataclass(frozen=True, slots=True)
class Item:
    """One thing on air. `track_key`, of songs alone: id of the record in the sandbox. Times in unix seconds, whole."""

    kind: Kind
    track_key: str | None
    started_at: float
    ends_at: float


def on_air(at: float) -> Item:
    """What is on air at that moment: started_at <= at < ends_at."""
    return next(item for item in _slot(int(at // SLOT)) if at < item.ends_at)


def items(since: float, until: float) -> Iterator[Item]:
    """Everything that is on air at some moment of [since, until), in order."""
    for number in range(int(since // SLOT), int(-(-until // SLOT))):
        for item in _slot(number):
            if item.ends_at > since and item.started_at < until:
                yield item


@lru_cache(maxsize=1)
def track_keys() -> Sequence[str]:
    """The songs that are aired, in the order of the catalog."""
    return tuple(song.track for song in shipped().songs)


@lru_cache(maxsize=256)
def _slot(number: int) -> Sequence[Item]:
    """The items of a slot; slot 0 begins with the unix epoch."""
    draw = Draw(f"station/slot/{number}")
    is_silent = number % SILENT_EVERY == 0
    song = SHORTEST if is_silent else draw.number(SHORTEST, LONGEST)
    talk = draw.number(TALK_SHORTEST, TALK_LONGEST)
    parts = [(Kind.TALK, talk), (Kind.JINGLE, JINGLE), (Kind.SONG, song)]
    if is_silent:
        parts.append((Kind.SILENCE, SILENCE))
    parts.append((Kind.TALK, SLOT - sum(length for _, length in parts)))
    found, at = [], number * SLOT
    for kind, length in parts:
        key = _song(number) if kind is Kind.SONG else None
        found.append(Item(kind, key, float(at), float(at + length)))
        at += length
    return tuple(found)


def _song(number: int) -> str:
    turn, place = divmod(number, len(track_keys()))
    return _order(turn)[place]


@lru_cache(maxsize=8)
def _order(turn: int) -> Sequence[str]:
    """The songs in the order in which they are aired in a turn; the first is not the one that ended the turn before."""
    order = _drawn(turn)
    if order[0] == _drawn(turn - 1)[-1]:
        order[0], order[1] = order[1], order[0]
    return tuple(order)


def _drawn(turn: int) -> list[str]:
    return Draw(f"station/turn/{turn}").some(track_keys(), len(track_keys()))
