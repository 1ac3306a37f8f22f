"""Processes that recognise, for the event loop of the service: started when needed, bounded, replaced when they die.

Recognition is numpy from end to end, which holds the GIL for milliseconds at a time: in threads of the service it would
stop every other request.
"""

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from math import ceil
from typing import Self

import structlog

from sonograph.errors import Unavailable
from sonograph.recognition.jobs import LARGEST, SIZE, Job, Reply, packed, reply_decoder

MODULE = "sonograph.recognition.recognising"
GRACE = 5.0  # seconds in which a process that was told to end must do so
_USUAL = 1.0  # seconds a job takes, as long as none was measured
_WEIGHT = 0.2  # of a new measurement in the mean
_LONGEST_RETRY = 60
log = structlog.get_logger()


class Processes:
    """`count` jobs run at a time and `waiting` more may wait; a job that takes more than `seconds` is ended."""

    def __init__(self, arguments: Sequence[str], *, count: int, waiting: int, seconds: float) -> None:
        self._arguments = arguments
        self._count = count
        self._most = count + waiting
        self._seconds = seconds
        self._places = asyncio.Semaphore(count)
        self._asked = 0  # jobs that run or wait
        self._usual = _USUAL
        self._idle: list[_Process] = []
        self._running: set[_Process] = set()
        self._jobs: set[asyncio.Task[Reply]] = set()
        self._closed = False

    async def run(self, job: Job) -> Reply:
        """Raises `Unavailable`: too many wait (it says when to ask again), the process died, or it took too long."""
        if self._closed:
            raise _ending()
        if self._asked >= self._most:
            raise self._busy()
        self._asked += 1
        try:
            await asyncio.wait_for(self._places.acquire(), self._seconds)
        except BaseException as error:
            self._asked -= 1
            if isinstance(error, TimeoutError):
                raise self._busy() from None
            raise
        # Who asked may stop waiting; the process has to come to its end before it can do anything else.
        task = asyncio.create_task(self._done(job))
        self._jobs.add(task)
        task.add_done_callback(self._ended)
        return await asyncio.shield(task)

    async def close(self) -> None:
        """Ends every process; jobs that run fail with `Unavailable`."""
        self._closed = True
        for process in self._running:
            process.kill()
        await asyncio.gather(*self._jobs, return_exceptions=True)
        await asyncio.gather(*(process.end() for process in self._idle))
        self._idle.clear()

    def _busy(self) -> Unavailable:
        """By then all that wait now will be done, if they take as long as those before them."""
        seconds = max(1, min(_LONGEST_RETRY, ceil(self._usual * self._most / self._count)))
        return Unavailable("Too much audio is being identified just now. Try again later.", seconds)

    async def _done(self, job: Job) -> Reply:
        began = time.monotonic()
        process = await self._free()
        self._running.add(process)
        try:
            reply = await asyncio.wait_for(process.ask(job), self._seconds)
        except BaseException as error:
            process.kill()
            await process.end()
            if isinstance(error, TimeoutError):
                log.warning("recognition took too long", seconds=self._seconds)
                raise Unavailable("Identifying this took too long. Try again later, or with less audio.") from None
            if isinstance(error, OSError | EOFError) and self._closed:
                raise _ending() from None
            if isinstance(error, OSError | EOFError):
                log.warning("a process of recognition died", status=process.status)
                raise Unavailable("Identifying was interrupted. Try again.") from None
            raise
        finally:
            self._running.discard(process)
        self._idle.append(process)
        self._usual += _WEIGHT * (time.monotonic() - began - self._usual)
        return reply

    async def _free(self) -> "_Process":
        while self._idle:
            process = self._idle.pop()
            if process.status is None:
                return process
            await process.end()
        process = await _Process.start(self._arguments)
        if self._closed:  # meanwhile
            process.kill()
            await process.end()
            raise _ending()
        return process

    def _ended(self, task: asyncio.Task[Reply]) -> None:
        self._jobs.discard(task)
        self._asked -= 1
        self._places.release()
        if not task.cancelled():
            task.exception()  # seen, even if nobody waits for it any more


class _Process:
    def __init__(
        self, process: subprocess.Popen[bytes], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._process = process
        self._reader = reader
        self._writer = writer

    @classmethod
    async def start(cls, arguments: Sequence[str]) -> Self:
        ours, theirs = socket.socketpair()
        with theirs:
            process = await asyncio.to_thread(_started, theirs.fileno(), arguments)
        reader, writer = await asyncio.open_connection(sock=ours, limit=LARGEST)
        return cls(process, reader, writer)

    @property
    def status(self) -> int | None:
        """How it ended; None while it runs."""
        return self._process.poll()

    @property
    def pid(self) -> int:
        return self._process.pid

    async def ask(self, job: Job) -> Reply:
        self._writer.write(packed(job))
        await self._writer.drain()
        (size,) = SIZE.unpack(await self._reader.readexactly(SIZE.size))
        return reply_decoder.decode(await self._reader.readexactly(size))

    def kill(self) -> None:
        self._process.kill()

    async def end(self) -> None:
        """It ends by itself when nobody is left to ask it."""
        self._writer.close()
        with suppress(OSError):
            await self._writer.wait_closed()
        try:
            await asyncio.to_thread(self._process.wait, GRACE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            await asyncio.to_thread(self._process.wait)


def _ending() -> Unavailable:
    return Unavailable("The service is shutting down.")


def _started(descriptor: int, arguments: Sequence[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603  (our own module)
        [sys.executable, "-m", MODULE, str(descriptor), *arguments],
        pass_fds=(descriptor,),
        stdin=subprocess.DEVNULL,
        start_new_session=True,  # an interrupt at the terminal is for the service, which then closes us
        # A thread for each core would compete with the other processes; and secrets of the service stay there
        env={
            "OPENBLAS_NUM_THREADS": "1",
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
            **{name: os.environ[name] for name in ("TMPDIR", "LANG") if name in os.environ},
        },
    )
