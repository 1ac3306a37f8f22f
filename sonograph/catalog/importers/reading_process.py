"""Reading a file in a process of its own, which gives an import a second core.

The process holds nothing that matters: when either of the two is killed, the next import goes on at the last commit. It
ends by itself when nobody reads from it any more. Batches go through a pipe, each with its length in front.
"""

import signal
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

import msgspec
from msgspec import structs

from sonograph.catalog.importers.batches import Batch, PreparedItem, Task, read_batches
from sonograph.catalog.importers.items import Rejection
from sonograph.errors import Unavailable

_LENGTH = struct.Struct(">Q")
_decode = msgspec.msgpack.Decoder(Batch).decode
_encode = msgspec.msgpack.Encoder().encode


@contextmanager
def reading_process(task: Task) -> Iterator[Iterator[Batch]]:
    """The batches of a file, read elsewhere. Raises Unavailable if the other process is killed."""
    with subprocess.Popen(
        [sys.executable, "-m", "sonograph.catalog.importers.reading_process"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        try:
            if process.stdin is None or process.stdout is None:
                raise Unavailable("the process that reads the file has no pipes")
            process.stdin.write(msgspec.json.encode(task))
            process.stdin.close()
            yield _received(process.stdout)
        finally:
            process.kill()  # it has ended, or nobody waits for what it reads


def _received(pipe: IO[bytes]) -> Iterator[Batch]:
    ended = False
    while not ended:
        head = pipe.read(_LENGTH.size)
        text = pipe.read(_LENGTH.unpack(head)[0]) if len(head) == _LENGTH.size else b""
        if not text:
            raise Unavailable("the process that reads the file has ended early; what it read before is imported")
        batch = _decode(text)
        ended = batch.ended
        yield batch


def main() -> None:
    """Read the task from standard input, write batches to standard output."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches both; the import itself ends this process
    task = msgspec.json.decode(sys.stdin.buffer.read(), type=Task)
    out = sys.stdout.buffer
    try:
        for batch in read_batches(task):
            text = _packed(batch)
            out.write(_LENGTH.pack(len(text)))
            out.write(text)
            out.flush()
    except BrokenPipeError:  # the import was stopped
        sys.stderr.close()  # Python would complain about what is left in the buffer


def _packed(batch: Batch) -> bytes:
    try:
        return _encode(batch)
    except UnicodeEncodeError:  # a lone surrogate in an id: MessagePack holds no such text
        return _encode(structs.replace(batch, items=[_plain(item) for item in batch.items]))


def _plain(item: PreparedItem) -> PreparedItem:
    def plain(text: str) -> str:
        return text.encode("utf-8", "backslashreplace").decode()

    def rejection(said: Rejection) -> Rejection:
        return Rejection(plain(said.reason), plain(said.message), plain(said.text))

    return structs.replace(
        item,
        where=item.where if isinstance(item.where, int) else plain(item.where),
        rejection=rejection(item.rejection) if item.rejection else None,
        flags=tuple(map(rejection, item.flags)),
    )


if __name__ == "__main__":
    main()
