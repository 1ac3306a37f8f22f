"""What the writer must know of a kind of segment. There are two: `ITEMS` (`build`), `LANDMARKS` (`landmark_build`)."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from sonograph.recognition.segments.layout import Layout

# References: their ids, how much content each has, and the content of all end to end
Part: TypeAlias = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[Any]]


class Segment(Protocol):
    name: str
    path: Path
    inode: tuple[int, int]
    ids: NDArray[np.int64]
    layout: Layout

    def sizes(self) -> NDArray[np.int64]:
        """How far each reference extends on the axis."""
        ...

    def alive(self, gone: NDArray[np.bool_]) -> Iterator[Part]:
        """The references that are left, some at a time."""
        ...

    def intact(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Kind:
    suffix: str  # of the files' names
    largest: int  # extent of a segment that is merged no further
    crowd: int  # more small segments are not left standing, for each costs a query its time
    extent: Callable[[Part], int]
    build: Callable[[Path, Iterable[Part]], Layout]
    open: Callable[[Path], Segment]
