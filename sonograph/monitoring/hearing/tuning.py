"""How a stream is listened to: by what its owner says of it (format and detection mode), and by what was learnt."""

from dataclasses import dataclass, replace
from math import exp, log

from sonograph.monitoring.calibration import EASIER, HARDER, Learnt
from sonograph.monitoring.vocabulary import DetectionMode, StreamFormat
from sonograph.recognition.landmarks.triplets import SPEEDS

# At which landmarks search, the likeliest first. DJs play up to 6 % beside a record's speed, and landmarks look 1 %
# around each; nobody changes the tempo of classical music, but orchestras' recordings were copied at odd speeds.
_WIDE = (1.0, 0.98, 1.02, 0.96, 1.04, 0.94, 1.06)
_NARROW = (1.0, 0.985, 1.015)


@dataclass(frozen=True, slots=True)
class Tuning:
    """Confidences are those of one window."""

    items: bool = True  # Chromaprint proposes
    landmarks: bool = True  # landmarks search where it proposes nothing
    speeds: tuple[float, ...] = SPEEDS  # at which landmarks search, the likeliest first
    window: float = 10.0  # seconds that are looked at
    hop: float = 3.0  # seconds between two looks while nothing changes
    least: float = 0.7  # confidence of a window that counts
    at_once: float = 0.92  # confidence of a window that is enough by itself
    agreeing: int = 2  # windows that are enough together
    lasting: float = 0.0  # seconds that windows must have counted for without a break, however sure they are
    dropout: float = 20.0  # seconds without it after which an airing is over
    heard: float = 8.0  # nats of a window in which a line is heard
    search: float = 0.001  # share of a core that searching with landmarks may take, on average


_FORMATS = {
    None: Tuning(),
    StreamFormat.POP: Tuning(),
    # Two records at a time, at speeds of their own: landmarks search more often
    StreamFormat.ELECTRONIC: Tuning(speeds=_WIDE, search=0.0015),
    # Few peaks in quiet passages, which may be long
    StreamFormat.CLASSICAL: Tuning(speeds=_NARROW, window=13.0, dropout=30.0),
}


@dataclass(frozen=True, slots=True)
class _Mode:
    """What a mode asks for: see Tuning. Where nothing is said it is balanced."""

    least: float = 0.7
    at_once: float = 0.92
    agreeing: int = 2
    lasting: float = 0.0
    heard: float = 8.0
    searches: float = 1.0  # times what the format spends


_BALANCED = _Mode()
_MODES = {
    # Songs that share a theme with another one sound like it for some seconds, and beyond doubt: only time tells
    DetectionMode.PRECISE: _Mode(least=0.9, at_once=0.98, agreeing=3, lasting=9.0),
    DetectionMode.BALANCED: _BALANCED,
    # Where reception is bad: weaker lines are followed, more is searched, and what is likelier than chance counts
    DetectionMode.BROAD: _Mode(least=0.2, at_once=0.6, heard=5.0, searches=3.0),
}


def tuning_of(
    format: StreamFormat | None,  # noqa: A002  (the name that the API has)
    mode: DetectionMode,
    learnt: Learnt | None = None,
) -> Tuning:
    """The tuning of a stream."""
    base, asked = _FORMATS[format], _MODES[mode]
    shift = min(HARDER, max(EASIER, learnt.shift)) if learnt is not None else 0.0
    return replace(
        base,
        least=_shifted(asked.least, _BALANCED.least, shift),
        at_once=_shifted(asked.at_once, _BALANCED.at_once, shift),
        agreeing=asked.agreeing,
        lasting=asked.lasting,
        heard=asked.heard,
        search=base.search * asked.searches,
    )


def _shifted(own: float, balanced: float, shift: float) -> float:
    """What a mode asks for, moved in log-odds. How far down was learnt from what balanced asks for, not from below."""
    moved = _moved(own, shift)
    return moved if shift >= 0 else max(moved, min(own, _moved(balanced, shift)))


def _moved(confidence: float, shift: float) -> float:
    return 1 / (1 + exp(-(log(confidence / (1 - confidence)) + shift)))
