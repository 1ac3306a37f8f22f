"""Processes that listen to files: as many as asked for, each replaced when a file ends it."""

import asyncio
import multiprocessing
import os
import signal
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import msgspec

from sonograph.recognition.importing.sound import Refused, Sound, hear

PATIENCE = 1800.0  # seconds for one file: three hours of audio take five minutes
_LARGEST = 64 << 20  # bytes of an answer
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # for those processes: threads would compete with one another
# Not forks of this process, whose threads would be lost midway, but of a server that has everything loaded:
# numpy, scipy and FFmpeg take 0.9 s of CPU. Windows has no forks.
_SERVED = "forkserver" in multiprocessing.get_all_start_methods()
_context: Any = multiprocessing.get_context("forkserver" if _SERVED else "spawn")
if _SERVED:
    _context.set_forkserver_preload([__name__])
_encoder = msgspec.msgpack.Encoder()
_decoder: "msgspec.msgpack.Decoder[tuple[Sound | None, Refused | None]]" = msgspec.msgpack.Decoder(
    tuple[Sound | None, Refused | None]
)


class Listeners:
    """`hear` in other processes. Made by `listeners`."""

    def __init__(self, jobs: int, *, untagged: bool) -> None:
        self._untagged = untagged
        self._idle: list[_Listener] = []
        self._all: set[_Listener] = set()
        self._threads = ThreadPoolExecutor(jobs, "listen")
        self._places = asyncio.Semaphore(jobs)

    async def hear(self, path: Path) -> Sound | Refused:
        """A file that ends its process is refused."""
        async with self._places:
            listener = self._idle.pop() if self._idle else self._started()
            loop = asyncio.get_running_loop()
            try:
                answer = await loop.run_in_executor(self._threads, listener.ask, path)
            except (EOFError, OSError, msgspec.DecodeError):
                listener.end()
                self._all.discard(listener)
                return Refused("cannot be read", "the decoder crashed on this file, or needed too long for it")
            except BaseException:
                listener.end()
                raise
            self._idle.append(listener)
            return answer

    def _started(self) -> "_Listener":
        listener = _Listener(untagged=self._untagged)
        self._all.add(listener)
        return listener

    def close(self) -> None:
        for listener in self._all:
            listener.end()
        self._threads.shutdown(wait=True, cancel_futures=True)


@asynccontextmanager
async def listeners(jobs: int, *, untagged: bool) -> AsyncIterator[Listeners]:
    """Ready to hear `jobs` files at a time; at the end all processes are ended, whatever they do."""
    found = Listeners(jobs, untagged=untagged)
    try:
        yield found
    finally:
        await asyncio.to_thread(found.close)


class _Listener:
    def __init__(self, *, untagged: bool) -> None:
        self._here, there = _context.Pipe()
        self._process: BaseProcess = _context.Process(target=_listen, args=(there, untagged), daemon=True)
        self._process.start()
        there.close()

    def ask(self, path: Path) -> Sound | Refused:
        self._here.send_bytes(str(path).encode("utf-8", "surrogateescape"))
        if not self._here.poll(PATIENCE):
            raise OSError("too slow")
        sound, refused = _decoder.decode(self._here.recv_bytes(_LARGEST))
        if sound is not None:
            return sound
        if refused is None:
            raise EOFError
        return refused

    def end(self) -> None:
        self._process.kill()  # it holds nothing that could be lost; whoever asks it gets an end of file
        self._process.join()
        self._here.close()


def _listen(pipe: Connection, untagged: bool) -> None:  # noqa: FBT001  (of another process)
    """What a process does, until nobody is there to ask it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # at the terminal it is meant for the command, which then ends us
    while True:
        try:
            path = Path(pipe.recv_bytes().decode("utf-8", "surrogateescape"))
        except (EOFError, OSError):
            return
        heard = hear(path, untagged=untagged)
        answer = (heard, None) if isinstance(heard, Sound) else (None, heard)
        try:
            pipe.send_bytes(_encoder.encode(answer))
        except OSError:  # nobody wants to know any more
            return
