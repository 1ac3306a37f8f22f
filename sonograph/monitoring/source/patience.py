"""How long and how much is borne with of a station."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds, unless it says otherwise."""

    answer: float = 10.0  # until the head of an answer is there, of each hop
    silence: float = 20.0  # without a byte
    no_sound: float = 20.0  # from the first byte until something can be decoded
    trickle: float = 60.0  # over which less than `TRICKLE` of the time came as sound
    stale: float = 60.0  # of an HLS playlist that does not change
    shortest_wait: float = 1.0  # before the second try; doubled with each
    longest_wait: float = 30.0  # within the first minutes: most stations are away for less than that
    outage: float = 600.0  # those minutes
    later_wait: float = 120.0  # the longest after them
    lasting_wait: float = 300.0  # the longest where trying again is of little use, as with 401
