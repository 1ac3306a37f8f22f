"""What recognition answers."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

By: TypeAlias = Literal["chromaprint", "landmarks", "both"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A reference that is heard in a clip. Places are in seconds since the beginning of the clip, or the reference."""

    reference: int
    confidence: float  # how likely it is right, 0 to 1
    clip_start: float
    clip_end: float
    reference_start: float
    reference_end: float
    speed: float  # of the clip: 1.02 plays 2 % faster than the reference
    bit_error: float | None  # share of Chromaprint's bits that differ; None where it was not compared
    score: float  # log-likelihood of the peaks that landmarks found at their places; 0 without audio
    by: By


@dataclass(frozen=True, slots=True, kw_only=True)
class Found(Heard):
    """A track that is heard: the surest of its references."""

    track_id: int
