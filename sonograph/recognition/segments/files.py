"""Files that are there whole or not at all."""

import os
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import IO

PARTIAL = ".partial"


def replace(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    """Writes a file under another name, and gives it its own once it is on the disk."""
    partial = path.with_name(path.name + PARTIAL)
    with partial.open("w+b") as file:
        write(file)
        file.flush()
        os.fsync(file.fileno())
    partial.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def checksum(file: IO[bytes], size: int, start: int = 0) -> int:
    """CRC-32 of a part of a file."""
    file.seek(start)
    crc = 0
    while size:
        piece = file.read(min(size, 1 << 22))
        if not piece:
            break
        size -= len(piece)
        crc = zlib.crc32(piece, crc)
    return crc
