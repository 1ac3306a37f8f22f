"""How a stream is listened to: by what its owner says of it (format and detection mode), and by what was learnt."""

from dataclasses import dataclass, replace

from sonograph.monitoring.vocabulary import DetectionMode, StreamFormat
from sonograph.recognition.landmarks.triplets import SPEEDS

SHIFT = 2.0  # nats of confidence by which what was learnt may move the thresholds, to either side


@dataclass(frozen=True, slots=True)
class Learnt:
    """What the station's own titles taught: to be kept with the stream. Made by `calibration`."""

    shift: float = 0.0  # nats by which the logit of a confidence must be higher than usual; negative: may be lower
    speed: float = 1.0  # at which the station usually plays
    titles: int = 0  # that agreed or did not: how much it rests on


@dataclass(frozen=True, slots=True)
class Tuning:
    """Confidences are those of one window."""

    items: bool = True  # Chromaprint proposes
    landmarks: bool = True  # landmarks search where it proposes nothing
    speeds: tuple[float, ...] = SPEEDS  # at which landmarks search, the likeliest first
    window: float = 10.0  # seconds that are looked at
    hop: float = 3.0  # seconds between two looks while nothing changes
    least: float = 0.7  # confidence of a window that counts
    at_once: float = 0.9  # confidence of a window that is enough by itself
    agreeing: int = 2  # windows that are enough together
    dropout: float = 20.0  # seconds without it after which the same line is another airing, or the airing is over
    search: float = 0.001  # share of a core that searching with landmarks may take, on average


_MODES = {
    DetectionMode.PRECISE: Tuning(least=0.85, at_once=0.98, agreeing=3),
    DetectionMode.BALANCED: Tuning(),
    DetectionMode.BROAD: Tuning(least=0.45, at_once=0.8, agreeing=2),
}


def tuning_of(
    format: StreamFormat | None,  # noqa: A002  (the name that the API has)
    mode: DetectionMode,
    learnt: Learnt | None = None,
) -> Tuning:
    """The tuning of a stream."""
    del format, learnt
    return replace(_MODES[mode])
