"""Files in three steps: ask for a URL, send the bytes there, name the upload in what uses it.

The URL is a secret of its own: whoever sends the bytes needs no key, and cannot do anything else with it.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from secrets import token_urlsafe
from typing import Self

import asyncpg
import structlog

from sonograph import clock
from sonograph.errors import Conflict, Invalid, LimitReached, Misconfigured, NotFound, Unavailable
from sonograph.postgres.trouble import TROUBLE
from sonograph.recognition.uploads import store
from sonograph.recognition.uploads.arrivals import MOST_BYTES, Arrivals, Arrived, Limits, check_size
from sonograph.recognition.uploads.store import Upload

LIFE = timedelta(minutes=15)  # of a URL; and of the file, from its arrival
MOST_OPEN = 20  # of an account, sent or not, that have not expired
GRACE = timedelta(minutes=10)  # for what has begun to read a file when it expires
# A file older than this has no row any more: it was left by a crash, or by a row that went with its account.
ORPHANED = 2 * LIFE + GRACE + timedelta(minutes=5)
SWEEP_SECONDS = 60.0
SECRET_BYTES, SECRET_LENGTH = 24, 32  # as bytes, and as text
KEPT = "kept"
EXPIRED = "This upload has expired, or there is none of this address"
DATABASE_ERRORS = (*TROUBLE, Unavailable)
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Created:
    """A new upload, and the secret part of its URL, which nobody else ever sees again."""

    upload: Upload
    secret: str


class Uploads:
    """The uploads of a data folder, which the processes of a machine share. An async context manager: it sweeps."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        folder: Path,
        limits: Limits = Limits(),  # noqa: B008  (frozen)
        now: clock.Clock = clock.now,
    ) -> None:
        """`pool` is `Engine.accounts`."""
        self.arrivals = Arrivals(folder, limits)
        self._pool, self._kept, self._now = pool, folder / KEPT, now
        self._loop: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        try:
            self._kept.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.arrivals.__enter__()
        except OSError as error:
            raise Misconfigured(f"SONOGRAPH_DATA_DIR: {error.filename} cannot be written: {error.strerror}") from error
        self._loop = asyncio.create_task(self._sweep_always())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._loop is not None:
            self._loop.cancel()
            await asyncio.wait([self._loop])
        self.arrivals.__exit__()

    async def create(
        self, account_id: int, *, test: bool, size: int | None = None, at_most: int = MOST_BYTES
    ) -> Created:
        """A place for a file. `size` is what the caller expects, if it says so.

        Raises `TooLarge`, `Invalid`, and `LimitReached` with too many of the account's at a time.
        """
        if size is not None and size < 1:
            raise Invalid("size: at least 1", "size")
        check_size(size, at_most)
        secret, now = token_urlsafe(SECRET_BYTES), self._now()
        upload = await store.insert(
            self._pool,
            account_id,
            test=test,
            token=_hash(secret),
            at_most=at_most,
            now=now,
            expires_at=now + LIFE,
            most=MOST_OPEN,
        )
        if upload is None:
            raise LimitReached(f"At most {MOST_OPEN} uploads at a time; each ends after {LIFE.seconds // 60} minutes.")
        return Created(upload, secret)

    async def receive(self, secret: str, chunks: AsyncIterator[bytes], declared: int | None = None) -> Upload:
        """The bytes of an upload. Raises what `Arrivals.receive` does, `NotFound`, and `Conflict` for a second file."""
        upload = None
        if len(secret) == SECRET_LENGTH:
            upload = await store.by_token(self._pool, _hash(secret), self._now())
        if upload is None:
            raise NotFound(EXPIRED)
        if upload.size is not None:
            raise Conflict("This upload has its file already")
        async with self.arrivals.receive(
            upload.account_id, chunks, at_most=upload.at_most, declared=declared
        ) as arrived:
            if not arrived.size:
                raise Invalid("The file is empty")
            return await self._keep(upload, arrived)

    @asynccontextmanager
    async def received(self, account_id: int, number: int, *, test: bool) -> AsyncIterator[Arrived]:
        """The file of the account's own upload, as often as wanted until it expires. Raises `Invalid`."""
        upload = await store.by_id(self._pool, number, account_id, test=test, now=self._now())
        if upload is None:
            raise Invalid("uploadId: there is no such upload of this account, or it has expired", "uploadId")
        if upload.size is None:
            raise Invalid("uploadId: its file has not been sent yet", "uploadId")
        path = self._path(upload.token)
        if not path.exists():
            log.error("an upload's file is missing", upload=upload.id, folder=str(self._kept))
            raise Unavailable("The file of this upload is not on this machine.")
        yield Arrived(path, upload.size)

    async def sweep(self) -> int:
        """Remove what has expired, and what crashes have left; how many files."""
        expired = await store.delete_expired(self._pool, self._now() - GRACE)
        return await asyncio.to_thread(self._sweep_files, expired, (self._now() - ORPHANED).timestamp())

    def _sweep_files(self, expired: Sequence[bytes], before: float) -> int:
        """In a thread: what a crash has left may be gigabytes, which a disk takes seconds to free."""
        for token in expired:
            self._path(token).unlink(missing_ok=True)
        self.arrivals.sweep()
        return sum(1 for path in self._kept.iterdir() if _removed(path, before))

    async def _keep(self, upload: Upload, arrived: Arrived) -> Upload:
        """The file has its name before the row says that it is there; a crash between leaves a file to sweep."""
        path = self._path(upload.token)
        try:
            path.hardlink_to(arrived.path)
        except FileExistsError:
            raise Conflict("This upload has its file already") from None
        try:
            kept = await store.arrived(self._pool, upload.id, arrived.size, self._now() + LIFE)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        if kept is None:
            path.unlink(missing_ok=True)
            raise NotFound(EXPIRED)
        return kept

    def _path(self, token: bytes) -> Path:
        return self._kept / token.hex()

    async def _sweep_always(self) -> None:
        while True:
            try:
                await self.sweep()
            except DATABASE_ERRORS as error:
                log.warning("uploads were not swept", reason=str(error))
            await asyncio.sleep(SWEEP_SECONDS)


def _hash(secret: str) -> bytes:
    return sha256(secret.encode()).digest()


def _removed(path: Path, before: float) -> bool:
    with suppress(FileNotFoundError):
        if path.stat().st_mtime < before:
            path.unlink()
            return True
    return False
