"""The segments of a folder as they are now: what both searchers look at."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from sonograph.errors import Unavailable
from sonograph.recognition.segments.kind import Segment
from sonograph.recognition.segments.manifest import Manifest, read_gone, stamp

_TRIES = 5

S = TypeVar("S", bound=Segment)


@dataclass(frozen=True, slots=True)
class Part(Generic[S]):
    """A segment, and which of its references are gone."""

    segment: S
    gone: NDArray[np.bool_] | None


class View(Generic[S]):
    """The segments that a folder's manifest names; follows changes when asked to. Threads may share it."""

    def __init__(self, folder: Path, open_segment: Callable[[Path], S]) -> None:
        self._folder = folder
        self._open = open_segment
        self._stamp: tuple[int, int, int] | None = None
        self._parts: tuple[Part[S], ...] = ()
        self.refresh()

    def refresh(self) -> bool:
        """Takes up changes; whether there were any. Without any it is one system call: do it before every query."""
        seen = stamp(self._folder)
        if seen == self._stamp:
            return False
        for tries_left in reversed(range(_TRIES)):
            try:
                self._parts = self._opened(Manifest.read(self._folder))
                break
            except FileNotFoundError as missing:  # merged away meanwhile: there is a newer manifest
                if not tries_left:
                    raise Unavailable(f"{missing.filename} is missing: build the index anew.") from None
                seen = stamp(self._folder)
        self._stamp = seen
        return True

    def _opened(self, manifest: Manifest) -> tuple[Part[S], ...]:
        known = {part.segment.inode: part.segment for part in self._parts}  # names come again in an index built anew
        parts = []
        for entry in manifest.entries:
            path = self._folder / entry.segment
            of = path.stat()
            segment = known.get((of.st_dev, of.st_ino)) or self._open(path)
            parts.append(Part(segment, read_gone(self._folder / entry.gone, entry.references) if entry.gone else None))
        return tuple(parts)

    @property
    def references(self) -> int:
        return sum(len(p.segment.ids) - (int(p.gone.sum()) if p.gone is not None else 0) for p in self._parts)
