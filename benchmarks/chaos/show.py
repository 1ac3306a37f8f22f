"""The show: songs of the sandbox with a little hiss between them, and when each was on air."""

from dataclasses import dataclass
from random import Random

from benchmarks.chaos.station import FRAME, encoded, hiss, song
from sonograph.recognition.sandbox.synthesis import SECONDS
from sonograph.recognition.sandbox.tunes import tunes

SHORTEST = 46  # seconds of a song: longer than it takes to notice that a monitor was killed, to take over, and to hear
PAUSES = (3, 6)  # seconds


@dataclass(frozen=True, slots=True)
class Song:
    """Of the show. Seconds from its beginning."""

    key: str  # id of the record in the sandbox
    start: float
    end: float


def show_of(seconds: float, random: Random) -> tuple[list[bytes], list[Song]]:
    """(MP3 frames, songs) of at least so many seconds; no song comes again before all others have."""
    tracks = [tune.track for tune in tunes()]
    frames: list[bytes] = []
    songs: list[Song] = []
    order: list[int] = []
    while len(frames) * FRAME < seconds:
        order = order or random.sample(range(len(tracks)), len(tracks))
        number, length = order.pop(), random.randint(SHORTEST, int(SECONDS))
        begin = len(frames) * FRAME
        frames += encoded([song(number, 0, length), hiss(random.randint(*PAUSES))])
        songs.append(Song(tracks[number], begin, begin + length))
    return frames, songs
