"""Threads that listen. Each stream has one, and so its blocks in order; each thread has matchers of its own.

A block is some milliseconds of work: who is slow to send, or has much to search, delays the others by no more.
"""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from sonograph.recognition.index.folder import catalog_folder
from sonograph.recognition.matcher import Matcher

REFRESH_SECONDS = 2.0  # what changed in the index is taken up within

T = TypeVar("T")


class Lane:
    """A thread, and what only it touches."""

    def __init__(self, data_dir: Path, number: int) -> None:
        self.streams = 0  # that have chosen it
        self._data_dir = data_dir
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"hearing-{number}")
        self._matchers: dict[bool, Matcher] = {}
        self._looked = 0.0

    async def run(self, job: Callable[[], T]) -> T:
        """Do it in the thread, after what was asked for before."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, job)

    def matcher(self, *, test: bool) -> Matcher:
        """Of a catalog, as its index is now. For jobs of this lane alone."""
        known = self._matchers.get(test)
        if known is None:
            known = self._matchers[test] = Matcher(catalog_folder(self._data_dir, "sandbox" if test else "catalog"))
        elif time.monotonic() - self._looked >= REFRESH_SECONDS:
            self._looked = time.monotonic()
            for matcher in self._matchers.values():
                matcher.refresh()
        return known

    def close(self) -> None:
        """What is under way is finished, and not waited for."""
        self._thread.shutdown(wait=False, cancel_futures=True)


class Lanes:
    """Of one process."""

    def __init__(self, data_dir: Path, threads: int) -> None:
        self._lanes = [Lane(data_dir, number) for number in range(threads)]

    def choose(self) -> Lane:
        """The one with fewest streams; give it back with `leave`."""
        lane = min(self._lanes, key=lambda one: one.streams)
        lane.streams += 1
        return lane

    @staticmethod
    def leave(lane: Lane) -> None:
        lane.streams -= 1

    def close(self) -> None:
        for lane in self._lanes:
            lane.close()
