"""What listening to a stream gives, in the order in which it is on air. All times are unix seconds."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Connected:
    """Sound comes: a new connection, or another codec within one. What follows need not continue what came before."""

    at: float  # of the first sample that follows
    codec: str  # as FFmpeg names it: mp3, aac, vorbis, opus, flac
    bitrate: int | None  # kbit/s as the station says, which may be wrong
    name: str | None  # of the station, as it says


@dataclass(frozen=True, slots=True)
class Sound:
    """Half a second to a second, mono at 11,025 Hz; within a connection each block continues the one before.

    `at` is when its first sample was on air, as well as arrival tells: the burst at the beginning of a connection lies
    in the past, the end of what is there by now is now. It never runs back. From block to block it grows by the length
    of the block, give or take a little for clocks that differ; by more only where the stream stood still.
    """

    at: float
    pcm: NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class DeadAir:
    """Nothing to hear since `since`: said after ten seconds, and every minute while it lasts. Its samples come too."""

    at: float
    since: float


@dataclass(frozen=True, slots=True)
class SoundAgain:
    """The dead air that began at `since` is over."""

    at: float
    since: float


@dataclass(frozen=True, slots=True)
class Title:
    """What the station says it plays, from `at` on. Said once for each change; never empty."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """There is no sound for now, for a reason in words for the stream's owner. Asks again in `retry_in` seconds."""

    at: float
    reason: str
    retry_in: float


Item: TypeAlias = Connected | Sound | DeadAir | SoundAgain | Title | Trouble
