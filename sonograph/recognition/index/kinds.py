"""The two kinds of fingerprint that are indexed: where each stands in the database, and what segments take of it."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from sonograph.errors import Invalid
from sonograph.recognition.references import from_bytes
from sonograph.recognition.segments.build import ITEMS
from sonograph.recognition.segments.kind import Kind, Part
from sonograph.recognition.segments.landmark_build import LANDMARKS, landmarks_part

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Indexed:
    """A kind of fingerprint: the name of its folder, its column in `audio_reference`, its segments."""

    name: str
    column: str
    kind: Kind
    _part: Callable[[Sequence[int], Sequence[bytes]], Part]

    def part(self, ids: Sequence[int], contents: Sequence[bytes]) -> Part:
        """What a segment takes of these references. Those that no program of ours has written are left out."""
        try:
            return self._part(ids, contents)
        except Invalid:
            pairs = [(one, content) for one, content in zip(ids, contents, strict=True) if self._fits(one, content)]
            return self._part([one for one, _ in pairs], [content for _, content in pairs])

    def _fits(self, one: int, content: bytes) -> bool:
        try:
            self._part([one], [content])
        except Invalid as error:
            _log.warning("reference %d is left out of the index: %s", one, error.message)
            return False
        return True


def _items_part(ids: Sequence[int], contents: Sequence[bytes]) -> Part:
    if any(len(one) % 4 for one in contents):
        raise Invalid("chromaprint: the last item is cut off", "chromaprint")
    sizes = np.array([len(one) // 4 for one in contents], np.int64)
    return np.asarray(ids, np.int64), sizes, from_bytes(b"".join(contents))


KINDS = (
    Indexed("items", "chromaprint", ITEMS, _items_part),
    Indexed("landmarks", "landmarks", LANDMARKS, landmarks_part),
)
