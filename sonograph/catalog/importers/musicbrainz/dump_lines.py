"""The documents of a dump file as lines: out of the tar archive as it is published, or of the bare file in it.

Archives are read as a stream, one member after the other, and never unpacked to disk.
"""

import tarfile
from collections.abc import Callable, Iterator
from typing import IO, NamedTuple, cast

from sonograph.catalog.importers.source_file import SourceFile
from sonograph.errors import Invalid

MAX_LINE = 64 << 20  # the longest releases, boxes of a thousand tracks with all credits, are 10 MB or so
_CHUNK = 1 << 20
_BLOCK = 512  # of a tar archive
_MAGIC = slice(257, 262)
_FOLDER = "mbdump/"


class Line(NamedTuple):
    entity: str | None  # what the archive says that it is ("release"); None for a bare file
    text: bytes
    whole: bool = True  # False: longer than MAX_LINE, and cut


def document_lines(file: SourceFile) -> Iterator[Line]:
    """Lines that are not blank. Raises Invalid for an archive without documents."""
    head = file.read(_BLOCK)
    if head[_MAGIC] == b"ustar":
        yield from _of_archive(file, head)
    else:
        yield from _lines(None, _after(head, file))


def _of_archive(file: SourceFile, head: bytes) -> Iterator[Line]:
    found = []
    try:
        with tarfile.open(fileobj=cast("IO[bytes]", _Stream(_after(head, file))), mode="r|") as archive:
            for member in archive:
                name = member.name.removeprefix("./")
                found.append(name)
                stream = archive.extractfile(member) if name.startswith(_FOLDER) else None
                if stream is not None:
                    yield from _lines(name.removeprefix(_FOLDER), stream.read)
    except tarfile.TarError as error:
        raise file.damaged(error) from error
    if not any(name.startswith(_FOLDER) for name in found):
        raise Invalid(
            f"{file.path}: an archive without {_FOLDER}; it holds {', '.join(found[:5]) or 'nothing'}", "path"
        )


class _Stream:
    """What tarfile asks of a stream."""

    def __init__(self, read: Callable[[int], bytes]) -> None:
        self.read = read


def _after(head: bytes, file: SourceFile) -> Callable[[int], bytes]:
    left = [head]
    return lambda size: left.pop() if left else file.read(size)


def _lines(entity: str | None, read: Callable[[int], bytes]) -> Iterator[Line]:
    begun: list[bytes] = []  # a line that is not at its end yet
    length = 0
    while chunk := read(_CHUNK):
        *ended, rest = chunk.split(b"\n")
        for text in ended:
            if begun:
                begun.append(text)
                yield Line(entity, b"".join(begun)[:MAX_LINE], whole=length + len(text) <= MAX_LINE)
                begun, length = [], 0
            elif text.strip():
                yield Line(entity, text)
        if rest:
            length += len(rest)
            if length <= MAX_LINE + _CHUNK:  # of what is longer, the rest is let go
                begun.append(rest)
    if text := b"".join(begun).strip():
        yield Line(entity, text[:MAX_LINE], whole=length <= MAX_LINE)
