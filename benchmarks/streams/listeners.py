"""A process that listens, for `benchmarks.streams`: says what it cost, each time it is asked by a line."""

import argparse
import asyncio
import gc
import json
import os
import resource
import sys
import time
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import aclosing
from ipaddress import ip_network
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sonograph.monitoring.hearing.hearing import Hearing
from sonograph.monitoring.hearing.tuning import Tuning
from sonograph.monitoring.source.items import Sound, Trouble
from sonograph.monitoring.source.reader import listen
from sonograph.recognition.chromaprint import Fingerprinter
from sonograph.recognition.landmarks.finder import PeakFinder
from sonograph.recognition.matcher import Matcher

LOOPBACK = (ip_network("127.0.0.0/8"),)


class Ear(Protocol):
    def feed(self, pcm: NDArray[np.int16]) -> object: ...


class Prints:
    """Both fingerprints, compared with nothing."""

    def __init__(self) -> None:
        self._items, self._peaks = Fingerprinter(), PeakFinder()

    def feed(self, pcm: NDArray[np.int16]) -> object:
        return self._items.feed(pcm), self._peaks.feed(pcm)


class Listeners:
    def __init__(self, threads: int, matcher: Matcher | None, *, prints: bool) -> None:
        self._pool: Executor = ThreadPoolExecutor(threads)
        self._matcher, self._prints = matcher, prints
        self._tasks: list[asyncio.Task[None]] = []
        self.sound = 0.0  # seconds
        self.troubles: list[str] = []
        self.late: list[float] = []  # seconds of each block's end behind its arrival here

    def add(self, url: str) -> None:
        self._tasks.append(asyncio.create_task(self._one(url)))

    async def _one(self, url: str) -> None:
        ear: Ear | None = Prints() if self._prints else None
        if self._matcher is not None:
            ear = Hearing(self._matcher, Tuning())
        loop = asyncio.get_running_loop()
        async with aclosing(listen(url, allowed=LOOPBACK)) as items:
            async for item in items:
                if isinstance(item, Sound):
                    seconds = len(item.pcm) / 11_025
                    self.sound += seconds
                    self.late.append(time.time() - item.at - seconds)
                    if ear is not None:
                        await loop.run_in_executor(self._pool, ear.feed, item.pcm)
                elif isinstance(item, Trouble):
                    self.troubles.append(item.reason)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def _resident() -> int:
    """Bytes of this process's memory."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _said(listeners: Listeners) -> None:
    gc.collect()
    usage = resource.getrusage(resource.RUSAGE_SELF)
    late = sorted(listeners.late)
    listeners.late.clear()
    print(
        json.dumps(
            {
                "cpu": usage.ru_utime + usage.ru_stime,
                "sound": listeners.sound,
                "memory": _resident(),
                "troubles": listeners.troubles[:5],
                "late": [late[len(late) // 2], late[len(late) * 99 // 100]] if late else [0.0, 0.0],
            }
        ),
        flush=True,
    )


async def main() -> None:
    """Reads lines: an address to listen to, or nothing, which asks what it cost so far."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--prints", action="store_true")
    parser.add_argument("--index", type=Path)
    asked = parser.parse_args()
    listeners = Listeners(asked.threads, Matcher(asked.index) if asked.index else None, prints=asked.prints)
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := (await reader.readline()).decode():
        if line.strip():
            listeners.add(line.strip())
        else:
            _said(listeners)
    await listeners.close()


if __name__ == "__main__":
    asyncio.run(main())
