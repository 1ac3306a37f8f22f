"""References: audio by which recordings are known, as fingerprints. `store` keeps them in the database."""

from dataclasses import dataclass
from math import isfinite

import numpy as np

from sonograph.catalog.vocabulary import OriginId
from sonograph.errors import Invalid
from sonograph.recognition.acoustid import MOST_ITEMS
from sonograph.recognition.chromaprint import FRAME, HOP, RATE, SECONDS_PER_ITEM, SMOOTH, WIDTH, Items
from sonograph.recognition.landmarks.packing import unpack

LONGEST_NAME = 500  # bytes of an external id: an entry of PostgreSQL's index has room for 2,700
MOST_SECONDS = 7 * 3600.0
_FIRST_ITEM = (FRAME + (SMOOTH + WIDTH - 2) * HOP) / RATE  # seconds that one item looks at
MOST_BYTES = 8 << 20  # of packed landmarks: ten hours have some 4 MB


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """The fingerprints of one recording's audio, under the name that its origin has for it.

    What is written under a name again takes the place of what was there. Raises `Invalid` for what cannot be stored.
    """

    track_id: int
    origin: OriginId
    external_id: str
    seconds: float  # of the audio that the fingerprints are of
    items: Items | None = None  # Chromaprint, algorithm 1
    landmarks: bytes | None = None  # packing.pack() of the peaks of a reference

    def __post_init__(self) -> None:
        if not 1 <= len(self.external_id.encode("utf-8", "replace")) <= LONGEST_NAME or not _storable(self.external_id):
            raise Invalid(f"the name of a reference has 1 to {LONGEST_NAME} bytes of UTF-8, no NUL", "external_id")
        if not isfinite(self.seconds) or not 0 < self.seconds <= MOST_SECONDS:
            raise Invalid(f"a reference has more than 0 and at most {MOST_SECONDS:.0f} seconds", "seconds")
        if self.items is not None and not 1 <= len(self.items) <= MOST_ITEMS:
            raise Invalid(f"a fingerprint has 1 to {MOST_ITEMS} items", "items")
        if self.landmarks is not None and not 1 <= len(self.landmarks) <= MOST_BYTES:
            raise Invalid(f"packed landmarks have 1 to {MOST_BYTES} bytes", "landmarks")
        if self.landmarks is not None:
            unpack(self.landmarks)  # 0.1 ms for three minutes: a row that cannot be read would be in nobody's index
        if self.items is None and self.landmarks is None:
            raise Invalid("a reference has at least one fingerprint", "items")


@dataclass(frozen=True, slots=True)
class Stored:
    """A reference as it stands in the database."""

    id: int
    track_id: int  # as it was written: `store.tracks_of` leads on from merged tracks
    origin: OriginId
    external_id: str
    seconds: float
    gone: bool
    items: Items | None
    landmarks: bytes | None


@dataclass(frozen=True, slots=True)
class Written:
    """What became of references: the numbers, and their ids in the order in which they were given."""

    added: int
    changed: int
    unchanged: int
    ids: tuple[int, ...]


def _storable(text: str) -> bool:
    return not any(letter == "\0" or "\ud800" <= letter <= "\udfff" for letter in text)


def to_bytes(items: Items) -> bytes:
    """Items as the database holds them: four bytes each, little-endian."""
    return items.astype("<u4", copy=False).tobytes()


def from_bytes(content: bytes) -> Items:
    """Items out of the database; the array shares their memory and cannot be written."""
    return np.frombuffer(content, "<u4")


def seconds_of(items: Items) -> float:
    """Of how much audio these items are."""
    return _FIRST_ITEM + max(0, len(items) - 1) * SECONDS_PER_ITEM
