"""Changes the index: adds, removes, merges. One process writes at a time; a lock file sees to it.

Each change is small files and one new manifest. What was added makes a segment of its own; `merge` makes larger ones of
them, in the background, while references come and go. Whatever dies in the middle leaves the index as it was, and files
that the next writer removes.
"""

import os
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import chain, count
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sonograph.errors import Unavailable
from sonograph.postgres.folder_lock import open_own, taken
from sonograph.recognition.segments.kind import Kind, Part, Segment
from sonograph.recognition.segments.manifest import Entry, Manifest, read_gone, write_gone

FACTOR = 4  # that many segments are merged, if none is larger than the smaller ones together by this factor


class Writer:
    def __init__(self, folder: Path, kind: Kind) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._kind = kind
        self._lock = open_own(folder / "lock", os.O_RDWR)
        if not taken(self._lock):
            os.close(self._lock)
            raise Unavailable(f"Another process writes to {folder}.")
        self._changing = threading.Lock()  # add, remove and the ends of merges, one after the other
        self._merging = threading.Lock()
        self._manifest = Manifest.read(folder)
        self._names = count(1 + max((int(e.segment.split(".")[0]) for e in self._manifest.entries), default=0))
        self._tidy()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        os.close(self._lock)

    def add(self, parts: Iterable[Part]) -> int:
        """Adds references, which take the place of those with the same ids; returns how many.

        A segment's worth of them (all, usually) is findable from one moment on. Memory is bounded by the largest part.
        """
        rest = _Rest(parts, self._kind.extent)
        added = 0
        while rest.more():
            name = self._name()
            layout = self._kind.build(self._folder / name, rest.up_to(self._kind.largest))
            if not layout.references:
                (self._folder / name).unlink()
                continue
            added += layout.references
            self._take_in(Entry(name, layout.extent, layout.references))
        return added

    def _take_in(self, entry: Entry) -> None:
        added = self._kind.open(self._folder / entry.segment)
        ids, last = np.unique(added.ids[::-1], return_index=True)
        gone = np.ones(entry.references, bool)
        gone[entry.references - 1 - last] = False  # of references with one id, the last one counts
        with self._changing:
            self._publish((*self._without(self._manifest.entries, ids), self._with_gone(entry, added, gone)))

    def remove(self, ids: ArrayLike) -> None:
        """References that are to be found no more; those that are not there are no error."""
        with self._changing:
            self._publish(self._without(self._manifest.entries, np.unique(np.asarray(ids, np.int64))))

    def merge(self) -> bool:
        """Makes one segment of several if that is due; whether it was. Takes up to a minute; call it in a thread."""
        with self._merging:
            inputs = _due(self._manifest.entries, self._kind.largest, self._kind.crowd)
            if not inputs:
                return False
            segments = [self._kind.open(self._folder / entry.segment) for entry in inputs]
            before = [self._gone(entry) for entry in inputs]
            name = self._name()
            living = chain.from_iterable(s.alive(gone) for s, gone in zip(segments, before, strict=True))
            layout = self._kind.build(self._folder / name, living)
            with self._changing:
                self._exchange(inputs, before, Entry(name, layout.extent, layout.references))
            return True

    def adopt(self, folder: Path) -> None:
        """Takes what another folder has in the place of its own, from one moment on; the other one stays as it is."""
        with self._merging, self._changing:
            self._publish(tuple(self._taken_over(folder, entry) for entry in Manifest.read(folder).entries))

    def _taken_over(self, folder: Path, entry: Entry) -> Entry:
        name = self._name()
        gone = f"{name}.gone-{self._manifest.generation + 1}" if entry.gone else None
        for theirs, ours in ((entry.segment, name), (entry.gone, gone)):
            if theirs and ours:
                os.link(folder / theirs, self._folder / ours)  # what it is about lies on the disk; no copy is made
        return replace(entry, segment=name, gone=gone)

    def _exchange(self, inputs: tuple[Entry, ...], before: list[NDArray[np.bool_]], merged: Entry) -> None:
        """Puts a merged segment in the place of its inputs; what was removed meanwhile stays removed."""
        names = {entry.segment for entry in inputs}
        now = {entry.segment: self._gone(entry) for entry in self._manifest.entries if entry.segment in names}
        gone = np.concatenate([now[entry.segment][~old] for entry, old in zip(inputs, before, strict=True)])
        others = tuple(entry for entry in self._manifest.entries if entry.segment not in names)
        if merged.references:
            others = (self._with_gone(merged, self._kind.open(self._folder / merged.segment), gone), *others)
        self._publish(others)

    def _without(self, entries: tuple[Entry, ...], ids: NDArray[np.int64]) -> tuple[Entry, ...]:
        """The entries, with these references gone."""
        changed = []
        for entry in entries:
            segment = self._kind.open(self._folder / entry.segment)
            gone = self._gone(entry) | np.isin(segment.ids, ids)
            changed.append(self._with_gone(entry, segment, gone) if gone.sum() > entry.gone_references else entry)
        return tuple(changed)

    def _with_gone(self, entry: Entry, segment: Segment, gone: NDArray[np.bool_]) -> Entry:
        if not gone.any():
            return entry
        name = f"{entry.segment}.gone-{self._manifest.generation + 1}"
        write_gone(self._folder / name, gone)
        extent = int(segment.sizes()[gone].sum())
        return replace(entry, gone=name, gone_references=int(gone.sum()), gone_extent=extent)

    def _gone(self, entry: Entry) -> NDArray[np.bool_]:
        if entry.gone is None:
            return np.zeros(entry.references, bool)
        return read_gone(self._folder / entry.gone, entry.references)

    def _publish(self, entries: tuple[Entry, ...]) -> None:
        if entries == self._manifest.entries:
            return
        manifest = Manifest(self._manifest.generation + 1, entries)
        manifest.write(self._folder)
        dropped = self._manifest.files() - manifest.files()
        self._manifest = manifest
        for name in dropped:  # who has them open keeps them
            (self._folder / name).unlink(missing_ok=True)

    def _tidy(self) -> None:
        """Removes what a writer that died has left."""
        wanted = {"lock", *self._manifest.files()}
        for path in self._folder.iterdir():
            if path.name not in wanted:
                path.unlink()

    def _name(self) -> str:
        return f"{next(self._names):08}.{self._kind.suffix}"


class _Rest:
    """Parts that are still to come."""

    def __init__(self, parts: Iterable[Part], extent: Callable[[Part], int]) -> None:
        self._parts = iter(parts)
        self._extent = extent
        self._take()

    def _take(self) -> None:
        self._next = next(self._parts, None)
        self._far = self._extent(self._next) if self._next is not None else 0

    def more(self) -> bool:
        return self._next is not None

    def up_to(self, extent: int) -> Iterator[Part]:
        """At least one part."""
        while self._next is not None:
            extent -= self._far
            yield self._next
            self._take()
            if self._far > extent:
                return


def _due(entries: tuple[Entry, ...], largest: int, crowd: int) -> tuple[Entry, ...]:
    """Which segments to merge: several of about one size, or the smallest ones where there are too many."""
    small = sorted((entry for entry in entries if _left(entry) < largest), key=_left)
    for first in range(len(small)):
        run: list[Entry] = []
        total = 0
        for entry in small[first:]:
            if (run and _left(entry) > FACTOR * total) or total + _left(entry) > largest:
                break
            run.append(entry)
            total += _left(entry)
        if len(run) >= FACTOR:
            return tuple(run)
    if len(small) > crowd and _left(small[0]) + _left(small[1]) <= largest:
        return tuple(small[:2])
    return tuple(entry for entry in entries if entry.gone_extent * FACTOR > entry.extent)[:1]


def _left(entry: Entry) -> int:
    return entry.extent - entry.gone_extent
