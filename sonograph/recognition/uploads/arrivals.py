"""Files on their way from callers to disk: never whole in memory, bounded in size, time and number, gone afterwards.

Each process writes into a folder of its own, which it holds a lock on. The kernel drops the lock with the process, also
at kill -9, and whoever starts next, or sweeps, removes what the dead one left.
"""

import asyncio
import os
import shutil
from collections import Counter
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import BinaryIO, Self

import structlog

from sonograph.errors import Unavailable
from sonograph.postgres.folder_lock import open_own, taken
from sonograph.recognition.uploads.faults import TooLarge, TooSlow

MOST_BYTES = 100 * 2**20  # of a file
PLACES = 64  # files that arrive at a time, in a process: each has a buffer and a descriptor
PLACES_EACH = 4  # of one account, so that one with slow lines takes nobody else's place
IDLE_SECONDS = 20.0  # without a byte
WHOLE_SECONDS = 900.0  # for all: 100 MB at 1 Mbit/s
# Bytes gathered for a write, which is done in a thread: a disk that stalls does not stall the service.
BUFFER = 256 * 1024
ROOM = 256 * 2**20  # bytes of the disk that stay free: the database writes there, too
WAIT_SECONDS = 5  # what a caller is told to wait
FOLDER, LOCK = "arriving", "lock"
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Limits:
    """What one process lets arrive."""

    places: int = PLACES
    places_each: int = PLACES_EACH
    idle_seconds: float = IDLE_SECONDS
    whole_seconds: float = WHOLE_SECONDS


@dataclass(frozen=True, slots=True)
class Arrived:
    """A file that is there as long as its block; rename it to keep it."""

    path: Path
    size: int


class Arrivals:
    """The files that arrive in this process. A context manager."""

    def __init__(self, folder: Path, limits: Limits = Limits()) -> None:
        """`folder` is that of all uploads, shared by the processes of a machine."""
        self._all = folder / FOLDER
        self._own = self._all / token_hex(8)
        self._limits = limits
        self._arriving = Counter[int]()  # by account
        self._lock: int | None = None

    def __enter__(self) -> Self:
        self._all.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.sweep()
        # Made under a name that is not swept, and locked before it has its own.
        hidden = self._own.with_name(f".{self._own.name}")
        hidden.mkdir(mode=0o700)
        self._lock = open_own(hidden / LOCK, os.O_RDWR)
        taken(self._lock)
        hidden.rename(self._own)
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._own, ignore_errors=True)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def sweep(self) -> int:
        """Remove what dead processes left; how many folders."""
        swept = 0
        for folder in self._all.iterdir():
            if folder == self._own or folder.name.startswith("."):
                continue
            with suppress(FileNotFoundError):  # another process sweeps, too
                lock = open_own(folder / LOCK, os.O_RDWR)
                try:
                    if taken(lock):
                        shutil.rmtree(folder, ignore_errors=True)
                        swept += 1
                finally:
                    os.close(lock)
        return swept

    @asynccontextmanager
    async def receive(
        self, account_id: int, chunks: AsyncIterator[bytes], *, at_most: int = MOST_BYTES, declared: int | None = None
    ) -> AsyncIterator[Arrived]:
        """The file, whole, for as long as the block; whatever happens it is gone behind it.

        `declared` is what the sender says of its size, who may lie. Raises `TooLarge`, `TooSlow`, what `chunks` raises,
        and `Unavailable` where too many files arrive already or the disk is full.
        """
        check_size(declared, at_most)
        self._check_room(account_id, at_most if declared is None else declared)
        path = self._own / token_hex(16)
        try:
            self._arriving[account_id] += 1
            try:
                size = await self._write(path, chunks, at_most)
            finally:
                self._leave(account_id)
            yield Arrived(path, size)
        finally:
            path.unlink(missing_ok=True)

    async def _write(self, path: Path, chunks: AsyncIterator[bytes], at_most: int) -> int:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb", buffering=0) as file:
            try:
                async with asyncio.timeout(self._limits.whole_seconds):
                    return await self._copy(file, chunks, at_most)
            except TimeoutError:
                raise TooSlow("The audio did not arrive in time") from None
            except OSError as error:
                log.warning("an upload cannot be written", reason=error.strerror)
                raise Unavailable("Files cannot be taken now.", WAIT_SECONDS) from error

    async def _copy(self, file: BinaryIO, chunks: AsyncIterator[bytes], at_most: int) -> int:
        size, buffer = 0, bytearray()
        while True:
            async with asyncio.timeout(self._limits.idle_seconds):
                chunk = await anext(chunks, None)
            if chunk is None or len(buffer) + len(chunk) > BUFFER:
                await _whole(asyncio.to_thread(_write_all, file, bytes(buffer)))
                buffer.clear()
            if chunk is None:
                return size
            size += len(chunk)
            if size > at_most:
                raise _too_large(at_most)
            buffer += chunk

    def _check_room(self, account_id: int, size: int) -> None:
        if self._arriving.total() >= self._limits.places or self._arriving[account_id] >= self._limits.places_each:
            raise Unavailable("Too many files are being sent just now. Try again later.", WAIT_SECONDS)
        if shutil.disk_usage(self._own).free < size + ROOM:
            log.error("uploads are refused: the disk is full", folder=str(self._own))
            raise Unavailable("Files cannot be taken now.", WAIT_SECONDS)

    def _leave(self, account_id: int) -> None:
        if self._arriving[account_id] > 1:
            self._arriving[account_id] -= 1
        else:
            del self._arriving[account_id]


def check_size(declared: int | None, at_most: int = MOST_BYTES) -> None:
    """Refuse what says itself that it is too large; raises `TooLarge`."""
    if declared is not None and declared > at_most:
        raise _too_large(at_most)


def _too_large(at_most: int) -> TooLarge:
    return TooLarge(f"The file is too large: at most {at_most} bytes can be sent")


async def _whole(work: Coroutine[None, None, None]) -> None:
    """Await it to its end, also when cancelled: the file must not be closed while a thread writes to it."""
    task = asyncio.ensure_future(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise


def _write_all(file: BinaryIO, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[file.write(view) :]
