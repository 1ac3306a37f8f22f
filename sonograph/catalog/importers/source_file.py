"""Input files, plain or compressed, with a count of the bytes read of them."""

import bz2
import gzip
import lzma
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, cast

from sonograph.errors import Invalid, Unavailable

_HEAD = 1 << 20
# What the decompressors raise at damaged or cut-off data; OSError covers gzip.BadGzipFile and bz2.
_DAMAGE = (EOFError, zlib.error, lzma.LZMAError, OSError)


_OPENERS: dict[str, Callable[..., object]] = {
    ".gz": partial(gzip.GzipFile, None, "rb", 9),  # name, mode, level: the file object comes fourth
    ".xz": lzma.LZMAFile,
    ".bz2": bz2.BZ2File,
}


class Damaged(Invalid):
    """A file that cannot be read on from some place; what stood before is committed."""


class SourceFile:
    """An open input file: its text decompressed by `.gz`, `.xz` or `.bz2`, its position in compressed bytes."""

    def __init__(self, path: Path, raw: BinaryIO, total: int) -> None:
        self.path = path
        self.total = total
        self._raw = raw
        self._following: SourceFile | None = None
        self._followed = 0  # bytes of files that came before
        opened = _OPENERS.get(path.suffix)
        self._plain = cast("BinaryIO", opened(raw) if opened else raw)

    @property
    def position(self) -> int:
        """Compressed bytes read so far, those of the files that follow included."""
        return self._raw.tell() + self._followed + (self._following.position if self._following else 0)

    def follow(self, paths: Sequence[Path]) -> Iterator["SourceFile"]:
        """Open other files of the same input, one after the other; in position and total they are parts of this one."""
        try:
            self.total += sum(path.stat().st_size for path in paths)
        except OSError as error:
            raise Unavailable(f"{error.filename} cannot be read: {error.strerror}") from error
        for path in paths:
            with open_source(path) as file:
                self._following = file
                yield file
                self._following, self._followed = None, self._followed + file.position

    def read(self, size: int) -> bytes:
        try:
            return self._plain.read(size)
        except _DAMAGE as error:
            raise self.damaged(error) from error

    def readline(self, limit: int) -> bytes:
        try:
            return self._plain.readline(limit)
        except _DAMAGE as error:
            raise self.damaged(error) from error

    def damaged(self, error: Exception) -> Damaged:
        return Damaged(f"{self.path}: damaged or cut off at byte {self.position} of {self.total}: {error}")


@contextmanager
def open_source(path: Path) -> Iterator[SourceFile]:
    try:
        total = path.stat().st_size
        with path.open("rb") as raw:
            yield SourceFile(path, raw, total)
    except (FileNotFoundError, PermissionError, IsADirectoryError) as error:
        raise Unavailable(f"{path} cannot be read: {error.strerror}") from error


def check_files(paths: Sequence[Path]) -> None:
    """Raise Unavailable for the first one that is no file that can be read, before anything of the others is."""
    for path in paths:
        try:
            if path.is_dir():
                raise Unavailable(f"{path} is a folder: name the files in it")
            with path.open("rb"):
                pass
        except OSError as error:
            raise Unavailable(f"{path} cannot be read: {error.strerror}") from error


def file_digest(path: Path) -> str:
    """Tells files apart by name, size and first MiB: dumps of 10 GB are not read twice for it."""
    try:
        with path.open("rb") as raw:
            head = raw.read(_HEAD)
            return sha256(f"{path.name}\0{path.stat().st_size}\0".encode() + head).hexdigest()
    except OSError as error:
        raise Unavailable(f"{path} cannot be read: {error.strerror}") from error
