"""What was heard in a few seconds of a stream."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sighting:
    """A reference that is heard. All times are seconds of the stream, as `Hearing` counts them."""

    reference: int
    position: float  # the reference's second at the end of the window
    speed: float  # how fast it runs: 1.02 is two per cent faster
    confidence: float  # that it is this recording, by this window alone
    score: float  # nats, of its peaks
    evidence: float  # standard deviations, of its Chromaprint items; 0 where nothing was compared
    since: float  # from when on it is heard on this line, traced back as far as sound is kept
    until: float  # up to when: before the end of the window if it stopped in it
    begins: float  # when its second 0 was, or would have been
    length: float  # seconds of the reference


@dataclass(frozen=True, slots=True)
class Window:
    """The stream from `start` up to, not including, `end`; windows overlap, and follow each other by their ends."""

    start: float
    end: float
    heard: tuple[Sighting, ...]  # the one that was followed first, then the likeliest
    silent: bool  # nothing to hear in the last seconds
    searched: bool  # landmarks looked all of the index up thoroughly: what is not heard is unknown, or talk


NOTHING: tuple[Sighting, ...] = ()
