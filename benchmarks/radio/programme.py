"""A show as it is put together: what is on air when, and what is true of it. Times are seconds of the show."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

Bus = Literal["music", "over"]  # what is talked over is turned down; what is over it is not
SHORTEST = 20.0  # seconds of an airing


@dataclass(frozen=True, slots=True)
class SongPart:
    path: Path  # of its recording, as samples
    start: float  # seconds of the song's own
    length: float
    rate: int  # Hz to resample it to, to be played at the mix's rate: faster if lower


@dataclass(frozen=True, slots=True)
class Talk:
    seed: int
    talkers: int


@dataclass(frozen=True, slots=True)
class Bed:
    """Music that is in nobody's index."""

    seed: int


@dataclass(frozen=True, slots=True)
class Jingle:
    number: int  # a station's own are few, and come again and again


@dataclass(frozen=True, slots=True)
class Placed:
    """A sound in its place."""

    at: float
    seconds: float
    source: SongPart | Talk | Bed | Jingle
    bus: Bus
    gain: float  # of full scale for a song, beside its own level; the level for all else
    fade_in: float = 0.0
    fade_out: float = 0.0

    @property
    def end(self) -> float:
        return self.at + self.seconds


@dataclass(frozen=True, slots=True)
class Duck:
    """The music bus is turned down from `start` to `end`."""

    start: float
    end: float
    decibels: float


@dataclass(frozen=True, slots=True)
class Airing:
    """What is to be found: one airing of a track. Tracks have the numbers of their references."""

    track: int
    name: str
    start: float
    end: float
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Talk, advertisements, news, silence, or a song that is in no index (its name)."""

    start: float
    end: float
    kind: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Programme:
    station: str
    seconds: float
    placed: tuple[Placed, ...]  # by their beginnings
    ducks: tuple[Duck, ...]
    levels: tuple[tuple[float, float], ...]  # (second, decibels from there on)
    airings: tuple[Airing, ...]
    others: tuple[Stretch, ...]

    def until(self, seconds: float) -> "Programme":
        """The beginning of it: what is aired in that alone is to be found."""
        return replace(
            self,
            seconds=seconds,
            airings=tuple(
                replace(one, end=min(one.end, seconds)) for one in self.airings if one.start < seconds - SHORTEST
            ),
            others=tuple(one for one in self.others if one.end < seconds),
        )
